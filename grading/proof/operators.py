"""The changes that every mutation tester makes: one operator, number or statement."""

import ast
from collections.abc import Iterator

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


def other_operators(node: ast.AST) -> Iterator[ast.AST]:
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
