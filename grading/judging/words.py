"""How a lab speaks of what is computed: the engine knows arrays, the lab what they mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labkit.grids import side_by_side

LARGEST_PICTURE = 20  # rows and columns

Value = np.ndarray | str  # what an answer may consist of
Picture = Callable[[np.ndarray, np.ndarray], str]


@dataclass(frozen=True)
class Words:
    """What a lab says of values, by their names. Without a word, the plain value is shown.

    axes: names of an array's axes; one with fewer axes lacks the first ones. Of a text, what a
        line is called.
    truth: what False and True mean.
    pictures: draw a wrong value beside the expected one, as text; "" where that cannot be done.
    left_out: how names of inputs begin that say nothing to a reader.
    spoken: further names by which the self-checks speak of an answer, beside what it returns.
    """

    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    truth: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()

    def place(self, name: str, index: tuple[int, ...]) -> str:
        """Where an entry of a value is."""
        if not index:
            return name
        axes = self.axes.get(name, ())
        if len(axes) < len(index):
            return f"{name}[{', '.join(map(str, index))}]"
        places = zip(axes[-len(index) :], index, strict=True)
        return f"{name} at {', '.join(f'{axis} {i}' for axis, i in places)}"

    def entry(self, name: str, value: Any) -> str:
        """One entry of a value."""
        if isinstance(value, np.bool_):
            words = self.truth.get(name)
            return f"{words[bool(value)]} ({value})" if words else str(value)
        return str(value) if isinstance(value, np.integer) else f"{value:.6g}"

    def inputs(self, inputs: Mapping[str, Any]) -> str:
        """The inputs of a case, in short."""
        shown = {name: v for name, v in inputs.items() if not name.startswith(self.left_out)}
        return ", ".join(f"{name}={_brief(value)}" for name, value in shown.items())

    def picture(self, got: Mapping[str, Value], expected: Mapping[str, Value]) -> str:
        """The first value that can be drawn, of those that are there. Texts are no arrays."""
        both = ((draw, got.get(name), expected.get(name)) for name, draw in self.pictures.items())
        drawn = (
            draw(mine, right)
            for draw, mine, right in both
            if isinstance(mine, np.ndarray) and isinstance(right, np.ndarray)
        )
        return next(filter(None, drawn), "")


def grid(signs: str, false: str, true: str) -> Picture:
    """Draws two bool arrays (m, n) as text, side by side.

    signs: of False and True; false, true: what these are called.
    Nothing is drawn when the shapes differ, or when it would be too large to be looked at.
    """

    def draw(got: np.ndarray, expected: np.ndarray) -> str:
        if got.shape != expected.shape or got.ndim != 2 or max(got.shape) > LARGEST_PICTURE:
            return ""
        return side_by_side(got, expected, signs, (false, true))

    return draw


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    return repr(value)
