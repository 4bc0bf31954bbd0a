"""Mutants of the reference: one small change each, of which the grader must see the effect.

The operators are those of every mutation tester: other comparisons, other arithmetic, numbers one
off, negated conditions, dropped statements. A mutant that behaves as the reference does on every
input is equivalent; the lab names each one in an equivalent.py, with the reason.
"""

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from types import ModuleType
from typing import Any

COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}


@dataclass(frozen=True)
class Mutant:
    """A module of the reference with one change. `definition` is where, at the module's top."""

    definition: str
    change: str
    module: ast.Module

    def __str__(self) -> str:
        return f"{self.definition}: {self.change}"

    def load(self) -> ModuleType:
        """The changed module, as if it had been imported."""
        loaded = ModuleType("mutant")
        exec(compile(ast.fix_missing_locations(self.module), "<mutant>", "exec"), vars(loaded))
        return loaded


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text."""
    original = ast.parse(source)
    passed_over = _passed_over(original)
    for definition in original.body:
        if isinstance(definition, ast.FunctionDef | ast.ClassDef):
            statements = _statements(definition)
            for node in ast.walk(definition):
                if node not in passed_over:
                    for change in _changes(node):
                        before, after = statements[node], _replace(statements[node], node, change)
                        told = f"{_first_line(before)} → {_first_line(after)}"
                        yield Mutant(definition.name, told, _replace(original, node, change))


def _passed_over(module: ast.Module) -> set[ast.AST]:
    """What does nothing that a mark should depend on: annotations, docstrings, messages."""
    roots: list[ast.AST | None] = []
    for node in ast.walk(module):
        match node:
            case ast.arg(annotation=annotation):
                roots.append(annotation)
            case ast.FunctionDef(returns=annotation):
                roots.append(annotation)
            case ast.JoinedStr() | ast.Expr(value=ast.Constant()):
                roots.append(node)
    return {node for root in roots if root for node in ast.walk(root)}


def _statements(definition: ast.stmt) -> dict[ast.AST, ast.stmt]:
    """The innermost statement of every node."""
    found: dict[ast.AST, ast.stmt] = {}

    def visit(node: ast.AST, statement: ast.stmt) -> None:
        found[node] = statement
        for child in ast.iter_child_nodes(node):
            visit(child, child if isinstance(child, ast.stmt) else statement)

    visit(definition, definition)
    return found


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=right):
            for comparison in COMPARISONS[type(op)]:
                yield ast.Compare(left, [comparison()], right)
        case ast.BinOp(left=left, op=op, right=right):
            for arithmetic in ARITHMETIC.get(type(op), ()):
                yield ast.BinOp(left, arithmetic(), right)
        case ast.AugAssign(target=target, op=op, value=value):
            for arithmetic in ARITHMETIC.get(type(op), ()):
                yield ast.AugAssign(target, arithmetic(), value)
            yield ast.Pass()
        case ast.BoolOp(op=op, values=values):
            yield from (ast.BoolOp(logic(), values) for logic in ARITHMETIC[type(op)])
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.If(test=test, body=body, orelse=orelse) if not isinstance(test, ast.Compare):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Assign() | ast.Raise() | ast.Expr():
            yield ast.Pass()


def _replace(tree: Any, node: ast.AST, other: ast.AST) -> Any:
    """A copy of the tree with another node in the place of one."""
    place = next(i for i, each in enumerate(ast.walk(tree)) if each is node)
    copy = deepcopy(tree)
    target = next(each for i, each in enumerate(ast.walk(copy)) if i == place)

    class Replace(ast.NodeTransformer):
        def visit(self, each: ast.AST) -> ast.AST:
            return deepcopy(other) if each is target else self.generic_visit(each)

    return Replace().visit(copy)


def _first_line(statement: ast.AST) -> str:
    return ast.unparse(statement).splitlines()[0]
