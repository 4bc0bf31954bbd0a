"""Steps that look at a single value: a float, or a text."""

from typing import Any

import numpy as np
from numpy import ndarray

from labkit.steps import require
from labkit.text import first_difference, told_apart


def require_float(got: Any, expected: float, what: str, nudge: str | None = None) -> None:
    """A float of Python or NumPy, or an array without axes that holds one; but for rounding."""
    require(got is not None, f"{what}: got None, expected a float. Is a return missing?")
    is_float = isinstance(got, float | np.floating)
    is_float |= isinstance(got, ndarray) and got.ndim == 0 and got.dtype.kind == "f"
    require(is_float, f"{what}: got {got!r}, a {type(got).__name__}; expected a float.", nudge)
    mine, right = told_apart(float(got), expected)
    is_close = np.isclose(got, expected, rtol=1e-6, atol=1e-9)
    require(is_close, f"{what}: got {mine}, expected {right}.", nudge)


def require_text(
    got: Any, expected: str, what: str, nudge: str | None = None, line_is: str = ""
) -> None:
    """A str equals the expected one to the last sign. line_is: what a line stands for."""
    require(got is not None, f"{what}: got None, expected a str. Is a return missing?")
    require(isinstance(got, str), f"{what}: got a {type(got).__name__}, expected a str.", nudge)
    seen = first_difference(got, expected, line_is)
    require(not seen, f"{what}: {seen}.", nudge)
