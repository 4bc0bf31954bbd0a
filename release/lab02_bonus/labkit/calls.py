"""How the self-checks call what a student wrote."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from labkit.steps import require, require_defined


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
