"""The step that compares arrays of numbers, by the axes that this lab gives them."""

from typing import Any

from numpy import ndarray

from labkit import steps


def require_close(got: ndarray, expected: Any, what: str, nudge: str) -> None:
    """Arrays of one shape are equal, but for rounding."""
    axes = ("query", "key") if what.startswith("weights") else ("position", "feature")
    steps.require_close(got, expected, what, nudge, axes)
