"""The slips that people make when they compute with arrays, as changes of a program."""

import ast
from collections.abc import Iterator

Change = tuple[ast.AST, ast.AST]  # a node, and what stands in its place

# Calls that are easily forgotten: what they are made on stands in their place.
FORGOTTEN = {"copy", "array", "asarray", "astype", "swapaxes", "transpose", "moveaxis", "reshape"}
FORGOTTEN |= {"abs", "sqrt", "broadcast_to"}
DROPPED = (ast.Sub, ast.Div, ast.Mult, ast.FloorDiv, ast.Add, ast.Mod, ast.BitOr, ast.BitAnd)
EITHER = (ast.Mult, ast.Add, ast.BitOr, ast.BitAnd)  # of which the left may be dropped as well
BLOCKED_WITH = (0, -100, -1e4)  # in place of minus infinity
LIMITS = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}
RANGES = {"range", "arange"}
IN_PLACE = {
    ast.Add: "np.add",
    ast.Sub: "np.subtract",
    ast.Mult: "np.multiply",
    ast.Div: "np.divide",
}
OTHER_FORMS = (
    "list({})",
    "np.squeeze({})",
    "np.float32({})",
    "np.float64({})",
    "np.asarray({}).astype(int)",
)


def slips(node: ast.AST) -> Iterator[Change]:
    """All that begin at a node."""
    match node:
        case ast.FunctionDef():
            yield from _kept_from_call_to_call(node)
            yield from _done_in_place(node)
        case ast.Slice(lower=lower, upper=upper):
            yield from ((node, ast.Slice(other, upper)) for other in _other_ends(lower))
            yield from ((node, ast.Slice(lower, other)) for other in _other_ends(upper))
        case ast.Call():
            yield from ((node, change) for change in _other_calls(node))
        case ast.expr():
            yield from ((node, change) for change in _other_terms(node))


def other_results(node: ast.AST) -> Iterator[Change]:
    """What a function may return that has the right numbers in another form, or some of them."""
    match node:
        case ast.Return(value=ast.Tuple(elts=[first, second])):
            pairs = [(second, first)]
            pairs += [(other, second) for other in _other_forms(first)]
            pairs += [(first, other) for other in _other_forms(second)]
            yield node, ast.Return(first)
            yield from ((node, ast.Return(ast.Tuple(list(pair), ast.Load()))) for pair in pairs)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield from ((node, ast.Return(other)) for other in _other_forms(value))


def _other_terms(node: ast.expr) -> Iterator[ast.expr]:
    """What is left of a term, or blocks with a number, or is true where it should be there."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            if isinstance(op, DROPPED):
                yield left
            if isinstance(op, EITHER):
                yield right
            if isinstance(op, ast.Pow):
                yield _of("np.floor({})", node)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Attribute(attr="inf")):
            yield from map(ast.Constant, BLOCKED_WITH)
        case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            yield _of("not {}", left)
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            yield left
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.UnaryOp()):
            for axis in range(3):  # counted from the front, where batches are
                yield ast.Subscript(node.value, ast.Constant(axis), ast.Load())


def _other_calls(call: ast.Call) -> Iterator[ast.expr]:
    """A call with an argument less, another end or limit, or what is left when it is forgotten."""
    func, args, keywords = call.func, call.args, call.keywords
    name = getattr(func, "attr", getattr(func, "id", ""))
    for place, keyword in enumerate(keywords):
        if keyword.arg not in (None, "strict"):
            yield ast.Call(func, args, keywords[:place] + keywords[place + 1 :])
    if isinstance(func, ast.Name) and len(args) > 1:
        yield ast.Call(func, args[:-1], keywords)
    match func:
        case ast.Attribute(value=ast.Name(id="np")) if name in FORGOTTEN:
            yield args[0]
        case ast.Attribute(value=value) if name in FORGOTTEN:
            yield value
    if name == "sqrt":
        yield _of("np.floor({})", call)
    if name in LIMITS and len(args) == 2:
        yield from args
        yield _of(ast.unparse(func).replace(name, LIMITS[name]) + "({}, {})", *args)
    if name == "where" and len(args) == 3:
        yield _of("np.where({}, {}, {})", args[0], args[2], args[1])
    if name in RANGES and args:
        first, last, *step = args if len(args) > 1 else (ast.Constant(0), *args)
        ends = ((_plus(first, 1), last), (first, _plus(last, 1)), (first, _plus(last, -1)))
        yield from (ast.Call(func, [*both, *step], keywords) for both in ends)


def _other_forms(value: ast.expr) -> Iterator[ast.expr]:
    return (_of(form, value) for form in OTHER_FORMS)


def _other_ends(end: ast.expr | None) -> list[ast.expr | None]:
    return [_plus(end, 1), _plus(end, -1), None] if end else []


def _kept_from_call_to_call(function: ast.FunctionDef) -> Iterator[Change]:
    """What a function computes first it keeps, in itself or in the object that it belongs to."""
    parameters = [each.arg for each in function.args.args]
    keeper = "self" if parameters[:1] == ["self"] else function.name
    for node in own_nodes(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() | ast.BinOp() as value):
                kept = _of(f"vars({keeper}).setdefault('{name}', {{}})", value)
                yield node, ast.Assign(node.targets, kept)


def _done_in_place(function: ast.FunctionDef) -> Iterator[Change]:
    """Arithmetic that writes its result into an argument."""
    parameters = {each.arg for each in function.args.args}
    for node in own_nodes(function):
        match node:
            case ast.BinOp(left=ast.Name(id=name) as left, op=op, right=right):
                if name in parameters and type(op) in IN_PLACE:
                    yield node, _of(f"{IN_PLACE[type(op)]}({{}}, {{}}, out={name})", left, right)


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Those of a function that are in none of the functions inside it."""
    inner = [n for n in ast.walk(function) if isinstance(n, ast.FunctionDef) and n is not function]
    hidden = {node for each in inner for node in ast.walk(each)}
    return (node for node in ast.walk(function) if node not in hidden)


def _plus(number: ast.expr, more: int) -> ast.expr:
    return ast.BinOp(number, ast.Add() if more > 0 else ast.Sub(), ast.Constant(abs(more)))


def _of(form: str, *terms: ast.expr) -> ast.expr:
    """An expression of a form, with terms in its places."""
    return ast.parse(form.format(*(f"({ast.unparse(term)})" for term in terms)), mode="eval").body
