"""The steps that the self-checks are made of. A step that fails raises CheckFailed.

Messages say what was got and what was expected, and where the first wrong number is.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import numpy as np
from numpy import ndarray

from labkit import drawing, progress, text

OWN_FOLDER = Path(__file__).parent
NEARLY = 2e-3  # half precision is that exact
NEARLY_RIGHT = (
    "All numbers are nearly right: something on the way rounds them, has a smaller dtype, or adds "
    "a little."
)
NEARLY_ZERO = (
    "All numbers are nearly right, but some that must be 0 are not: what should have no share has "
    "a little."
)


class CheckFailed(AssertionError):  # noqa: N818 - students read this name; it is no crash
    """What a self-check found. Jupyter shows the message alone, without a traceback.

    twin: the picture as text, which stands in its place wherever no picture is shown.
    """

    def __init__(
        self, message: str, twin: str = "", picture: Callable[[], None] | None = None
    ) -> None:
        super().__init__("\n".join(filter(None, (message, twin))))
        self.message, self.picture, self.is_drawn = message, picture, False

    def _render_traceback_(self) -> list[str]:
        shown = str(self)
        if self.picture and drawing.are_shown():
            shown = self.message
            if not self.is_drawn:  # Jupyter asks twice
                drawing.after_the_cell(self.picture)
                self.is_drawn = True
        return [
            text.wrapped(f"\x1b[1mNot right yet:\x1b[0m {shown}")
        ]  # bold: red is faint on Jupyter's pink


class NotWritten(NotImplementedError):  # noqa: N818 - as above
    """What is checked is as it was handed out. Shown as a message alone, too."""

    def _render_traceback_(self) -> list[str]:
        return [text.wrapped(f"\x1b[1mNot written yet:\x1b[0m {self}")]


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
        except NotImplementedError as error:
            progress.record(exercise, progress.UNWRITTEN)
            raise NotWritten(
                f"{_raised_in(error)} still says raise NotImplementedError(). Write your code in "
                "place of that line and of # YOUR CODE HERE, and run both cells."
            ) from None
        except Exception as error:
            own = {OWN_FOLDER, Path(check.__code__.co_filename).parent}
            traceback = error.__traceback__
            while traceback and _file(traceback).parent in own:
                traceback = traceback.tb_next
            raise error.with_traceback(traceback) from None

    return run


def _raised_in(error: Exception) -> str:
    """The name of the function that raised it: a class with a dot and its method, if it is one."""
    traceback = error.__traceback__
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_qualname if traceback else "the answer"


def _file(traceback: TracebackType) -> Path:
    return Path(traceback.tb_frame.f_code.co_filename)


def fail(*lines: str | None, twin: str = "", picture: Callable[[], None] | None = None) -> NoReturn:
    raise CheckFailed("\n".join(line for line in lines if line), twin, picture)


def require(condition: Any, *lines: str | None) -> None:
    if not condition:
        fail(*lines)


def passed(looked_at: str) -> None:
    print(text.wrapped(f"Good: {looked_at}. The hidden check tries more sizes."))


def require_defined(value: Any, name: str) -> None:
    require(callable(value), f"{name} is {value!r}; run the cell that defines it first.")


def require_tuple(value: Any, call: str, *names: str) -> tuple[Any, ...]:
    """The value, once it is known to be a tuple (or a list) of these things."""
    what = f"{call} must return {len(names)} things, ({', '.join(names)})"
    require(isinstance(value, tuple | list), f"{what}; got a {type(value).__name__}.")
    require(len(value) == len(names), f"{what}; got {len(value)}.")
    return tuple(value)


def require_int(got: Any, expected: int, what: str, nudge: str | None = None) -> None:
    require(got is not None, f"{what}: got None, expected an int. Is a return missing?")
    is_int = isinstance(got, int | np.integer) and not isinstance(got, bool)
    require(is_int, f"{what}: got {got!r}, a {type(got).__name__}; expected an int.")
    require(got == expected, f"{what}: got {got}, expected {expected}.", nudge)


def require_array(
    value: Any, what: str, shape: tuple[int, ...], dtype: Any = None, nudge: str | None = None
) -> ndarray:
    """The value, once it is known to be an array of this shape (and dtype)."""
    kind = type(value).__name__
    require(value is not None, f"{what}: got None, expected a NumPy array. Is a return missing?")
    require(isinstance(value, ndarray), f"{what}: got a {kind}, expected a NumPy array.")
    require(value.shape == shape, f"{what}: got shape {value.shape}, expected {shape}.")
    if dtype is not None:
        expected = np.dtype(dtype)
        require(value.dtype == expected, f"{what}: got {value.dtype}, expected {expected}.", nudge)
    return value


def require_close(
    got: ndarray,
    expected: Any,
    what: str,
    nudge: str,
    axes: tuple[str, ...] = ("row", "column"),
    picture: Callable[[], None] | None = None,
) -> None:
    """Arrays of one shape are equal, but for rounding. axes: names of the last ones.

    picture: shows both, below the message.
    """
    expected = np.asarray(expected)
    wrong = np.argwhere(~np.isclose(got, expected, rtol=1e-6, atol=1e-9))
    if not len(wrong):
        return
    index = tuple(int(i) for i in wrong[0])
    last = index[-len(axes) :]
    where = ", ".join(f"{axis} {i}" for axis, i in zip(axes[-len(last) :], last, strict=True))
    if len(index) > len(axes):
        where = f"at {list(index[: -len(axes)])}, {where}"
    mine, right = text.told_apart(got[index], expected[index])
    if np.allclose(got, expected, rtol=NEARLY, atol=NEARLY):
        nudge = NEARLY_ZERO if np.any(got[expected == 0]) else NEARLY_RIGHT
    both = text.columns(got=got, expected=expected) if expected.size <= 25 else ""
    fail(f"{what}: {where}: got {mine}, expected {right}.", nudge, twin=both, picture=picture)


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
    except (CheckFailed, NotImplementedError):  # which say something else
        raise
    except ValueError as error:
        message = str(error)
        require(
            name in message and str(value).strip("(),") in message,
            f"{what} raises a ValueError, but not one that names it; it says {message!r}.",
            "Look at the arguments before you compute with them, and name what you refuse, "
            f"{name}, and what it is, {value}: that helps whoever reads it.",
        )
    except Exception as error:
        fail(f"{what} raises {type(error).__name__}({error}); expected a ValueError.", why)
    else:
        fail(f"{what} is accepted; expected a ValueError that names {name} and its value.", why)
