"""Let the code of an answer find something else in the place of a function that it calls.

For self-checks, and for the grader: the text of this file also runs beside the code that is graded,
so it needs nothing but Python.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from types import CodeType, FunctionType
from typing import Any

MISSING = object()
WRAPS = ("__wrapped__", "__func__", "func", "fget")  # where a wrapper keeps what it wraps


@contextmanager
def in_place_of(
    name: str,
    answer: Any,
    stand_in: Callable[..., Any],
    notebook: dict[str, Any] | None = None,
) -> Iterator[None]:
    """Where the code of an answer calls the function of this name, let the stand-in be called.

    However it comes by that function: by another name, from a list, in a class. Arguments may be
    given by the names that its own parameters have.

    notebook: the namespace in which the answer stands; without one, that of the running program.
    """
    behind = list(_functions(answer))
    notebook = vars(sys.modules["__main__"]) if notebook is None else notebook
    spaces = {id(space): space for space in (notebook, *(f.__globals__ for f in behind))}
    with ExitStack() as undo:
        for space in spaces.values():
            own = space.get(name, MISSING)
            part = _called_as(own, stand_in)
            if isinstance(own, FunctionType) and own not in behind:
                _replace_code(own, part, undo)
            else:
                _replace_names(name, own, part, space, undo)
                _replace_attributes(own, part, answer, undo)
        yield


def _called_as(own: Any, stand_in: Callable[..., Any]) -> Callable[..., Any]:
    """The stand-in, for calls that give arguments by the names of the function's own parameters."""
    try:
        signature = inspect.signature(own)
    except (TypeError, ValueError):
        return stand_in
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    in_order = [each for each in signature.parameters.values() if each.kind in kinds]

    def part(*arguments: Any, **options: Any) -> Any:
        try:
            given = signature.bind(*arguments, **options).arguments
        except TypeError:
            return stand_in(*arguments, **options)  # which says what it was not given
        last = max((place for place, p in enumerate(in_order, 1) if p.name in given), default=0)
        by_place = [given.get(each.name, each.default) for each in in_order[:last]]
        for each in in_order:
            options.pop(each.name, None)
        return stand_in(*by_place, *arguments[len(in_order) :], **options)

    return part


def _replace_code(own: FunctionType, part: Callable[..., Any], undo: ExitStack) -> None:
    """Let a function run other code, so that whoever has got hold of it calls the stand-in."""
    hidden = f"_in_place_of_{id(own)}"
    for attribute in ("__code__", "__defaults__", "__kwdefaults__"):
        undo.callback(setattr, own, attribute, getattr(own, attribute))
    own.__code__ = _code_calling(hidden, own.__code__.co_freevars)
    own.__defaults__ = own.__kwdefaults__ = None
    _put(hidden, part, own.__globals__, undo)


@cache
def _code_calling(name: str, free: tuple[str, ...]) -> CodeType:
    """Code of a function that hands all on to a global name; free: the variables of the function
    that is to get this code, which must have as many, and uses none of them."""
    lines = ["def make():", *(f"    {variable} = None" for variable in free)]
    lines += ["    def code(*arguments, **options):", *(f"        if 0: {v}" for v in free)]
    lines += [f"        return {name}(*arguments, **options)", "    return code"]
    made: dict[str, Any] = {}
    exec("\n".join(lines), made)
    code: CodeType = made["make"]().__code__
    return code


def _replace_names(
    name: str, own: Any, part: Callable[..., Any], space: dict[str, Any], undo: ExitStack
) -> None:
    """Let a namespace have the stand-in by this name, and by all others for the same thing."""
    for entry in {name, *(entry for entry, value in space.items() if value is own)}:
        _put(entry, part, space, undo)


def _replace_attributes(own: Any, part: Callable[..., Any], answer: Any, undo: ExitStack) -> None:
    """The same for what the answer's class has."""
    for owner in _classes(answer):
        for entry, value in [*vars(owner).items()]:
            is_static = isinstance(value, staticmethod)
            if (value.__func__ if is_static else value) is own:
                undo.callback(setattr, owner, entry, value)
                setattr(owner, entry, staticmethod(part) if is_static else part)


def _put(entry: str, value: Any, space: dict[str, Any], undo: ExitStack) -> None:
    if entry in space:
        undo.callback(space.__setitem__, entry, space[entry])
    else:
        undo.callback(space.pop, entry, None)
    space[entry] = value


def _classes(answer: Any) -> tuple[type, ...]:
    """The class that it is, or is an object of, and the parents of that."""
    return (answer if isinstance(answer, type) else type(answer)).__mro__[:-1]


def _functions(answer: Any) -> Iterator[FunctionType]:
    """The plain functions behind it: the methods of a class, and what a wrapper wraps."""
    todo = [answer, *(part for owner in _classes(answer) for part in vars(owner).values())]
    seen: list[Any] = []
    while todo:
        part = todo.pop()
        if any(part is other for other in seen):
            continue
        seen.append(part)
        if isinstance(part, FunctionType):
            yield part
        todo += [getattr(part, link) for link in WRAPS if hasattr(part, link)]
