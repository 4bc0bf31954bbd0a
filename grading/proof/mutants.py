"""Mutants of right answers: one small change each, of which the grader must see the effect.

A mutant that behaves as its original does on every input that is promised is equivalent; the lab
names each one in an equivalent.py, with the reason.
"""

import ast
import re
from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

from grading.proof.operators import other_operators
from grading.proof.slips import Change, other_results, own_nodes, slips


@dataclass(frozen=True)
class Mutant:
    """A right answer with one change. `definition` is where, at the top of its text.

    place: the node of its text that has another one put in its place.
    beside: what is run first, for the names that the answer uses.
    """

    definition: str
    change: str
    text: ast.Module
    place: ast.AST
    other: ast.AST
    beside: tuple[CodeType, ...] = ()

    def __str__(self) -> str:
        return f"{self.definition}: {self.change}"

    def names(self) -> dict[str, Any]:
        """What is defined when the changed answer has been run, as after a restart."""
        names: dict[str, Any] = {"__name__": "mutant"}
        for code in self.beside:
            exec(code, names)
        exec(self._code, names)
        return names

    @cached_property
    def _code(self) -> CodeType:
        """Of the changed answer, which is run once for each thing that is asked of it."""
        return compile(_with(self.text, self.place, self.other), "<mutant>", "exec")


def mutants(
    source: str, asked: Collection[str], beside: tuple[CodeType, ...] = ()
) -> Iterator[Mutant]:
    """Every mutant of a text, in its order; none twice.

    asked: the names that are asked for; what they return may have another form.
    """
    original = ast.parse(source)
    passed_over, named = _passed_over(original), _named(original, asked)
    known = set()
    for definition in original.body:
        if isinstance(definition, ast.FunctionDef | ast.ClassDef):
            statements = _statements(definition)
            results = _results(definition) if definition.name in named else ()
            for node, change in (*_changes(definition, passed_over), *results):
                before, after = (
                    _first_line(each)
                    for each in (statements[node], _with(statements[node], node, change))
                )
                told = f"{before} → {after}"
                if before != after and (definition.name, told) not in known:
                    known.add((definition.name, told))
                    yield Mutant(definition.name, told, original, node, change, beside)


def _changes(definition: ast.stmt, passed_over: set[ast.AST]) -> Iterator[Change]:
    """Nodes, and what may stand in their places."""
    for node in ast.walk(definition):
        if node not in passed_over:
            yield from ((node, change) for change in other_operators(node))
            yield from (
                (place, change) for place, change in slips(node) if place not in passed_over
            )


def _results(definition: ast.FunctionDef | ast.ClassDef) -> Iterator[Change]:
    """Returns of a function, or of the methods of a class that others call."""
    inner = definition.body if isinstance(definition, ast.ClassDef) else [definition]
    for function in inner:
        if isinstance(function, ast.FunctionDef) and not re.match("_(?!_)", function.name):
            for node in own_nodes(function):
                yield from other_results(node)


def _named(module: ast.Module, asked: Collection[str]) -> set[str]:
    """What is asked for, and what it is called where it is defined."""
    named = set(asked)
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=own)) if name in asked:
                named.add(own)
    return named


def _passed_over(module: ast.Module) -> set[ast.AST]:
    """What no mark should depend on: annotations, decorators, docstrings, messages."""
    roots: list[ast.AST | None] = []
    for node in ast.walk(module):
        match node:
            case ast.arg(annotation=annotation):
                roots.append(annotation)
            case ast.FunctionDef(returns=annotation, decorator_list=decorators):
                roots += [annotation, *decorators]
            case ast.keyword(arg="strict"):  # of zip: a habit, which finds what is ruled out
                roots.append(node)
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


def _with(tree: Any, node: ast.AST, other: ast.AST) -> Any:
    """The tree with another node in the place of one. What does not hold it is shared."""
    if tree is node:
        return ast.fix_missing_locations(other)
    if isinstance(tree, list):
        each = [_with(item, node, other) for item in tree]
        return each if any(a is not b for a, b in zip(each, tree, strict=True)) else tree
    if not isinstance(tree, ast.AST):
        return tree
    changed = {name: _with(value, node, other) for name, value in ast.iter_fields(tree)}
    if all(changed[name] is value for name, value in ast.iter_fields(tree)):
        return tree
    fresh = copy(tree)
    vars(fresh).update(changed)
    return fresh


def _first_line(statement: ast.AST) -> str:
    return ast.unparse(statement).splitlines()[0]
