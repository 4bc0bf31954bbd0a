"""Where two values differ, in words: arrays of numbers, or texts."""

import numpy as np

from grading.judging.words import Value, Words
from labkit.text import first_difference

# Wide enough for float32 arithmetic written in another order, far too narrow for a mistake.
# Integers and booleans are compared exactly: a large count that is off by one is wrong.
RTOL, ATOL = 1e-4, 1e-5


def difference(
    name: str,
    got: Value,
    expected: Value,
    words: Words,
    region: np.ndarray | None = None,
) -> str:
    """The first entry (inside the region) where got is not expected, in words; "" when none.

    A region is one of arrays: of a single value, all counts. Texts are the same to the last sign.
    """
    if isinstance(expected, str):
        seen = _in_texts(got, expected, words.axes.get(name, ()))
        return seen and f"{name}: {seen}"
    if isinstance(got, str):
        return f"{name} is not an array of numbers (it is a text)"
    if got.shape != expected.shape:
        return f"{name}: expected shape {expected.shape}, got {got.shape}"
    wrong = _wrong(got, expected)
    if region is not None and wrong.ndim:
        wrong &= region
    if not wrong.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    right, mine = words.entry(name, expected[first]), words.entry(name, got[first])
    return f"{words.place(name, first)}: expected {right}, got {mine}"


def _in_texts(got: Value, expected: str, axes: tuple[str, ...]) -> str:
    """axes: what the lines are called."""
    if isinstance(got, str):
        return first_difference(got, expected, *axes[:1])
    return f"expected a text, got {f'an array of shape {got.shape}' if got.ndim else 'a number'}"


def _wrong(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    if expected.dtype.kind in "biu":
        return got != expected
    with np.errstate(all="ignore"):  # of infinite numbers, which a student may return
        return ~np.isclose(got, expected, RTOL, ATOL, equal_nan=True)
