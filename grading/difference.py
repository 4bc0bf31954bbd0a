"""Where two arrays differ, in words and as a picture."""

from typing import Any

import numpy as np

# Wide enough for float32 arithmetic written in another order, far too narrow for a mistake.
# Integers and booleans are compared exactly: a large count that is off by one is wrong.
RTOL, ATOL = 1e-4, 1e-5
LARGEST_PICTURE = 20  # rows

AXES = {  # of an array by its name; one with fewer axes lacks the first ones
    "mask": ("query", "key"),
    "weights": ("batch", "head", "query", "key"),
    "output": ("batch", "head", "position", "feature"),
    "heads": ("batch", "head", "position", "feature"),
    **dict.fromkeys(("Q", "K", "V"), ("batch", "head", "position", "feature")),
    "slots": ("slot",),
    **dict.fromkeys(
        ("keys after the call", "values after the call"), ("batch", "head", "slot", "feature")
    ),
    **dict.fromkeys(("x", "result"), ("batch", "position", "feature")),
}


def difference(
    name: str, got: np.ndarray, expected: np.ndarray, region: np.ndarray | None = None
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
    return f"{_place(name, first)}: expected {_shown(expected[first])}, got {_shown(got[first])}"


def picture(got: np.ndarray | None, expected: np.ndarray | None) -> str:
    """Two masks as text, side by side, with the wrong cells of the first in brackets.

    Empty when they are no masks of one shape, or too large to be looked at.
    """
    if got is None or expected is None or got.shape != expected.shape or got.ndim != 2:
        return ""
    if len(got) > LARGEST_PICTURE:
        return ""
    rows = [f"{'yours':<{3 * len(got)}}   expected     (. open, # blocked, [ ] wrong)"]
    for mine, right, wrong in zip(got, expected, _wrong(got, expected), strict=True):
        cells = (
            f"[{_cell(a)}]" if b else f" {_cell(a)} " for a, b in zip(mine, wrong, strict=True)
        )
        rows.append(f"{''.join(cells)}   {' '.join(map(_cell, right))}")
    return "\n".join(rows)


def _wrong(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    if expected.dtype.kind in "biu":
        return got != expected
    with np.errstate(all="ignore"):  # of infinite numbers, which a student may return
        return ~np.isclose(got, expected, RTOL, ATOL, equal_nan=True)


def _place(name: str, index: tuple[int, ...]) -> str:
    if not index:
        return name
    axes = AXES.get(name, ())
    if len(axes) < len(index):
        return f"{name}[{', '.join(map(str, index))}]"
    places = zip(axes[-len(index) :], index, strict=True)
    return f"{name} at {', '.join(f'{axis} {i}' for axis, i in places)}"


def _shown(value: Any) -> str:
    if isinstance(value, np.bool_):
        return "blocked (True)" if value else "open (False)"
    return str(value) if isinstance(value, np.integer) else f"{value:.6g}"


def _cell(blocked: Any) -> str:
    return "#" if blocked else "."
