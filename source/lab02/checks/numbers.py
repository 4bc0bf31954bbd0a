"""The step that compares arrays of numbers, by the axes that this lab gives them."""

from functools import partial
from typing import Any

import numpy as np
from numpy import ndarray

from labkit import heat, steps
from masks import KEYS, QUERIES


def require_close(got: ndarray, expected: Any, what: str, nudge: str) -> None:
    """Arrays of one shape are equal, but for rounding. Small weights are drawn if they are not."""
    if not what.startswith("weights"):
        steps.require_close(got, expected, what, nudge, ("position", "feature"))
        return
    expected = np.asarray(expected)
    picture = partial(heat.show_difference, got, expected, what, QUERIES, KEYS)
    steps.require_close(
        got, expected, what, nudge, ("query", "key"), picture if got.ndim == 2 else None
    )
