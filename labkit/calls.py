"""How the self-checks call what a student wrote, and put a stand-in beside it."""

import copy
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FunctionType
from typing import Any

import numpy as np
from numpy import ndarray

from labkit.steps import require, require_defined

MISSING = object()
WRAPS = ("__wrapped__", "__func__", "func", "fget")  # where a wrapper keeps what it wraps


def watched(function: Any, call: str, *, may_change: tuple[str, ...] = ()) -> Callable[..., Any]:
    """The function, to be called as ever by position, once it is known to be one.

    When it raises, the error says what it was called with. When it changes what it was given, that
    is said, too. NumPy's warnings are left out: a check says more than they do.

    call: how the exercise writes it, as in "shares(counts, low)".
    """
    name, _, inside = call.rstrip(")").partition("(")
    names = inside.split(", ")
    require_defined(function, name)

    def run(*arguments: Any, **options: Any) -> Any:
        given = dict(zip(names, arguments, strict=False))
        before = copy.deepcopy(given)
        try:
            with np.errstate(all="ignore"):
                result = function(*arguments, **options)
        except Exception as error:
            error.add_note(f"{name} was called with {_told(before | options)}.")
            raise
        for argument in set(given) - set(may_change):
            require(
                _same(given[argument], before[argument]),
                f"{name} changed {argument}, which it was given. Use new arrays: an operator such "
                "as /= or |=, or an assignment to a part of an array, writes into the array.",
            )
        return result

    return run


def method_of(thing: Any, call: str) -> Callable[..., Any]:
    """One of its methods, watched."""
    name = call.partition("(")[0]
    require(hasattr(thing, name), f"{type(thing).__name__} has no method {name}.")
    return watched(getattr(thing, name), call)


def _same(value: Any, before: Any) -> bool:
    """Whether it is as it was; nan is as nan was."""
    if isinstance(value, ndarray):
        is_number = value.dtype.kind in "fc"
        return np.array_equal(value, before, equal_nan=is_number)
    return bool(value == before) if isinstance(value, list) else True


def _told(given: dict[str, Any]) -> str:
    """What was handed over, as in "counts of shape (4,) and low 2"."""
    parts = [
        f"{name} of shape {value.shape}" if isinstance(value, ndarray) else f"{name} {value!r}"
        for name, value in given.items()
    ]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:]))) or "nothing"


@contextmanager
def in_place_of(name: str, answer: Any, stand_in: Callable[..., Any]) -> Iterator[None]:
    """Where the code of an answer looks up this name, let it find the stand-in for a while.

    So it does by other names for the same function, in the notebook and in the answer's class.
    """
    with ExitStack() as undo:
        originals = []
        for namespace in _namespaces(answer):
            own = namespace.get(name, MISSING)
            originals.append(own)
            for entry in {name, *(entry for entry, value in namespace.items() if value is own)}:
                undo.callback(_put, namespace, entry, namespace.get(entry, MISSING))
                namespace[entry] = stand_in
        for owner in _classes(answer):
            for entry, value in [*vars(owner).items()]:
                is_static = isinstance(value, staticmethod)
                if any((value.__func__ if is_static else value) is own for own in originals):
                    undo.callback(setattr, owner, entry, value)
                    setattr(owner, entry, staticmethod(stand_in) if is_static else stand_in)
        yield


def _put(namespace: dict[str, Any], entry: str, value: Any) -> None:
    if value is MISSING:
        del namespace[entry]
    else:
        namespace[entry] = value


def _namespaces(answer: Any) -> list[dict[str, Any]]:
    """Where its code may look up a name: in the notebook, and in modules that it came from."""
    notebook = vars(sys.modules["__main__"])
    found = {id(notebook): notebook}
    for function in _functions(answer):
        found[id(function.__globals__)] = function.__globals__
    return list(found.values())


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
