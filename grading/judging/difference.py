"""Where two arrays differ, in words."""

import numpy as np

from grading.judging.words import Words

# Wide enough for float32 arithmetic written in another order, far too narrow for a mistake.
# Integers and booleans are compared exactly: a large count that is off by one is wrong.
RTOL, ATOL = 1e-4, 1e-5


def difference(
    name: str,
    got: np.ndarray,
    expected: np.ndarray,
    words: Words,
    region: np.ndarray | None = None,
) -> str:
    """The first entry (inside the region) where got is not expected, in words; "" when none."""
    if got.shape != expected.shape:
        return f"{name}: expected shape {expected.shape}, got {got.shape}"
    wrong = _wrong(got, expected)
    if region is not None:
        wrong &= region
    if not wrong.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    right, mine = words.entry(name, expected[first]), words.entry(name, got[first])
    return f"{words.place(name, first)}: expected {right}, got {mine}"


def _wrong(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    if expected.dtype.kind in "biu":
        return got != expected
    with np.errstate(all="ignore"):  # of infinite numbers, which a student may return
        return ~np.isclose(got, expected, RTOL, ATOL, equal_nan=True)
