"""The steps that the self-checks are made of. A step that fails raises CheckFailed.

Messages say what was got and what was expected, and name the first wrong query and key.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import numpy as np
from numpy import ndarray

import drawing
from checks import progress

OWN_FOLDER = Path(__file__).parent


class CheckFailed(AssertionError):  # noqa: N818 - students read this name; it is no crash
    """What a self-check found. Jupyter shows the message alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"\x1b[1mNot right yet:\x1b[0m {self}"]  # bold: red is faint on Jupyter's pink


def self_check(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """A check whose own steps stay out of the traceback, when the student's code raises."""

    exercise = check.__name__.removeprefix("check_").replace("_", "-")

    @functools.wraps(check)
    def run(answer: Any) -> None:
        __tracebackhide__ = True  # for IPython: this frame is not shown either
        progress.record(exercise, progress.WRONG)
        try:
            check(answer)
            progress.record(exercise, progress.PASSES)
        except CheckFailed:
            raise
        except Exception as error:
            if isinstance(error, NotImplementedError):
                progress.record(exercise, progress.UNWRITTEN)
            traceback = error.__traceback__
            while traceback and _is_own(traceback):
                traceback = traceback.tb_next
            raise error.with_traceback(traceback) from None

    return run


def _is_own(traceback: TracebackType) -> bool:
    return Path(traceback.tb_frame.f_code.co_filename).parent == OWN_FOLDER


def fail(*lines: str | None) -> NoReturn:
    raise CheckFailed("\n".join(line for line in lines if line))


def require(condition: Any, *lines: str | None) -> None:
    if not condition:
        fail(*lines)


def passed(looked_at: str) -> None:
    print(f"Good: {looked_at}. The hidden check tries more sizes.")


def require_defined(value: Any, name: str) -> None:
    require(callable(value), f"{name} is {value!r}; run the cell that defines it first.")


def require_pair(value: Any, name: str) -> tuple[Any, Any]:
    """The value, once it is known to be a tuple of two."""
    what = f"{name} must return two things, (output, weights)"
    require(isinstance(value, tuple), f"{what}; got a {type(value).__name__}.")
    require(len(value) == 2, f"{what}; got {len(value)}.")
    return value


def require_int(got: Any, expected: int, what: str, nudge: str | None = None) -> None:
    is_int = isinstance(got, int | np.integer) and not isinstance(got, bool)
    require(is_int, f"{what}: got {got!r}, a {type(got).__name__}; expected an int.")
    require(got == expected, f"{what}: got {got}, expected {expected}.", nudge)


def require_array(
    value: Any, what: str, shape: tuple[int, ...], dtype: Any = None, nudge: str | None = None
) -> None:
    kind = type(value).__name__
    require(value is not None, f"{what}: got None, expected a NumPy array. Is a return missing?")
    require(isinstance(value, ndarray), f"{what}: got a {kind}, expected a NumPy array.")
    require(value.shape == shape, f"{what}: got shape {value.shape}, expected {shape}.")
    if dtype is not None:
        expected = np.dtype(dtype)
        require(value.dtype == expected, f"{what}: got {value.dtype}, expected {expected}.", nudge)


def require_close(got: ndarray, expected: Any, what: str, nudge: str) -> None:
    """Arrays of one shape are equal, but for rounding."""
    expected = np.asarray(expected)
    wrong = np.argwhere(~np.isclose(got, expected, rtol=1e-6, atol=1e-9))
    if not len(wrong):
        return
    index = tuple(int(i) for i in wrong[0])
    names = ("query", "key") if what.startswith("weights") else ("position", "feature")
    where = ", ".join(
        f"{name} {i}" for name, i in zip(names[-len(index) :], index[-2:], strict=True)
    )
    if len(index) > 2:
        where = f"at {list(index[:-2])}, {where}"
    lines = [f"{what}: {where}: got {got[index]:.4g}, expected {expected[index]:.4g}.", nudge]
    if expected.size <= 25:
        lines += ["got", _rounded(got), "expected", _rounded(expected)]
    fail(*lines)


def require_mask(
    got: Any,
    expected: str | ndarray,
    call: str,
    *,
    global_positions: tuple[int, ...] = (),
    nudge: str | None = None,
) -> None:
    """A bool mask (n, n) equals the expected one, which may be a drawing. If not, show both."""
    if isinstance(expected, str):
        expected = drawing.parse_mask(expected)
    bool_nudge = "A comparison of arrays gives bool; 0 and 1 are not the same as False and True."
    require_array(got, call, expected.shape, bool, bool_nudge)
    wrong = got != expected
    if not wrong.any():
        return
    drawing.show_difference(got, expected, call)
    query, key = (int(i) for i in np.argwhere(wrong)[0])
    words = {False: "False (open)", True: "True (blocked)"}
    if nudge is None and wrong.all() and wrong.size > 1:
        nudge = "Every cell is the other way round: True means blocked."
    elif query == key and not expected[query, key] and key not in global_positions:
        nudge = "A query always sees itself."
    fail(
        f"{call}: {wrong.sum()} of {wrong.size} cells are wrong.",
        f"First wrong cell: query {query}, key {key}: "
        f"got {words[bool(got[query, key])]}, expected {words[bool(expected[query, key])]}.",
        nudge or _about_cell(query, key, got, global_positions),
        _side_by_side(got, expected),
    )


def require_refusal(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    name: str,
    value: Any,
    why: str | None = None,
) -> None:
    """The call raises a ValueError that names the argument and its value (or its shape)."""
    what = f"{name} {'of shape' if isinstance(value, tuple) else '='} {value}"
    try:
        function(*arguments)
    except ValueError as error:
        message = str(error)
        require(
            name in message and str(value).strip("(),") in message,
            f"{what} raises a ValueError, as it should, but its message is {message!r}.",
            f"Name the argument, {name}, and what it is, {value}: that helps whoever reads it.",
        )
    except (ArithmeticError, AssertionError, LookupError, TypeError) as error:
        fail(f"{what} raises {type(error).__name__}({error}); expected a ValueError.", why)
    else:
        fail(f"{what} is accepted; expected a ValueError that names {name} and its value.", why)


@contextmanager
def in_place_of(name: str, function: Callable[..., Any], stand_in: Callable[..., Any]) -> Iterator:
    """Where the student's function looks up this name, let it find the stand-in for a while."""
    namespace = function.__globals__
    had_own, own = name in namespace, namespace.get(name)
    namespace[name] = stand_in
    try:
        yield
    finally:
        if had_own:
            namespace[name] = own
        else:
            del namespace[name]


def _about_cell(query: int, key: int, got: ndarray, global_positions: tuple[int, ...]) -> str:
    """Why a cell of a mask is wrong."""
    if query in global_positions:
        return f"Position {query} is global: it sees every key, so its whole row is open."
    if key in global_positions:
        return f"Position {key} is global: every query sees it, so its whole column is open."
    if global_positions and not got[query].any():
        return f"Row {query} is open as if position {query} were global; it is not."
    if key > query:
        return f"Key {key} comes after query {query}: a window looks back only."
    reach = "is too short here" if got[query, key] else "reaches too far"
    return f"The window {reach}. It ends at the query, which counts, and cannot begin before 0."


def _side_by_side(got: ndarray, expected: ndarray) -> str:
    """Both masks as text, with the wrong cells of the first in brackets."""
    lines = [f"{'yours':<{3 * len(got)}}     expected     (. open, # blocked, [ ] wrong)"]
    for mine, right in zip(got, expected, strict=True):
        cells = "".join(
            f"[{_cell(a)}]" if a != b else f" {_cell(a)} " for a, b in zip(mine, right, strict=True)
        )
        lines.append(f"{cells}    {''.join(f' {_cell(b)} ' for b in right)}")
    return "\n".join(lines)


def _cell(blocked: bool) -> str:
    return "#" if blocked else "."


def _rounded(array: ndarray) -> str:
    return np.array2string(array, precision=3, suppress_small=True)
