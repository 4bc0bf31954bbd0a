"""Bool arrays of two axes, as a lab speaks of them: parsed from pictures, compared, and drawn."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy import ndarray

from labkit import drawing
from labkit.drawing import WRONG, Kind
from labkit.steps import fail, require_array

Explain = Callable[[int, int, ndarray], str | None]


@dataclass(frozen=True)
class Grid:
    """What an array, its rows and columns, False and True are called, and how they are drawn.

    signs: of False and True, in a picture made of text.
    """

    name: str
    row: str
    column: str
    false: Kind
    true: Kind
    signs: str
    row_axis: str = "row"
    column_axis: str = "column"

    def parse(self, picture: str) -> ndarray:
        """Bool array (m, n) from a picture of the two signs, or of F and T.

        A line is a row. Spaces are ignored, and a / ends a line, too: ".#/.." is two by two.
        """
        false, true = f"F{self.signs[0]}", f"T{self.signs[1]}"
        rows = picture.replace(" ", "").replace("/", "\n").split()
        if not set("".join(rows)) <= set(false + true):
            raise ValueError(f"a picture is made of {', '.join(true + false)}")
        return np.array([[sign in true for sign in row] for row in rows])

    def picture(self, array: ndarray) -> str:
        """The picture that `parse` reads, of a bool array (m, n)."""
        return "\n".join(" ".join(self.signs[bool(value)] for value in row) for row in array)

    def require(
        self,
        got: object,
        expected: str | ndarray,
        call: str,
        explain: Explain,
        *,
        may_be_reversed: bool = True,
    ) -> None:
        """A bool array equals the expected one, which may be a picture. If not, show both.

        explain: from the row and column of the first wrong cell, and from what was got, why.
        may_be_reversed: whether that may be why, where all cells are wrong.
        """
        if isinstance(expected, str):
            expected = self.parse(expected)
        hint = "A comparison of arrays gives bool; 0 and 1 are not the same as False and True."
        array = require_array(got, call, expected.shape, bool, hint)
        wrong = array != expected
        if not wrong.any():
            return
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        words = {False: f"False ({self.false.label})", True: f"True ({self.true.label})"}
        why = explain(row, column, array)
        if may_be_reversed and wrong.all() and wrong.size > 1:
            why = f"Every cell is the other way round: True means {self.true.label}."
        elif np.array_equal(array, expected.T):
            why = (
                "It is the expected one with its axes swapped: a row is a "
                f"{self.row}, a column a {self.column}."
            )
        fail(
            f"{call}: {wrong.sum()} of {wrong.size} cells are wrong.",
            f"First wrong cell: {self.row} {row}, {self.column} {column}: "
            f"got {words[bool(array[row, column])]}, "
            f"expected {words[bool(expected[row, column])]}.",
            why,
            twin=side_by_side(array, expected, self.signs, (self.false.label, self.true.label)),
            picture=partial(self.show_difference, array, expected, call),
        )

    def show_difference(self, got: ndarray, expected: ndarray, title: str) -> None:
        """An array beside the expected one; a cross in a thick frame marks each wrong cell."""
        wrong = got != expected
        sides = {
            "yours": {self.true: got, self.false: ~got, WRONG: wrong},
            "expected": {self.true: expected, self.false: ~expected},
        }

        def draw():
            figure, panels = drawing.new_figure(2, height=3.9)
            figure.suptitle(textwrap.fill(title, 75), fontsize=11)
            for axes, (name, cells) in zip(panels, sides.items(), strict=True):
                drawing.draw_cells(axes, cells)
                axes.set(title=name, xlabel=self.column_axis, ylabel=self.row_axis)
            drawing.legend(figure, (self.true, self.false, WRONG))
            return figure

        cells = ", ".join(f"({row}, {column})" for row, column in np.argwhere(wrong))
        drawing.emit(
            draw,
            f"{title}: your {self.name} beside the expected one. "
            f"Wrong cells ({self.row}, {self.column}): {cells}.",
            "",
        )


def parse_reach(picture: str) -> dict[str, list[bool]]:
    """Rows by label from lines such as "step 1: o o -": o is reached, - is not."""
    rows = (line.partition(":") for line in picture.strip().splitlines())
    return {label.strip(): [cell == "o" for cell in cells.split()] for label, _, cells in rows}


def side_by_side(got: ndarray, expected: ndarray, signs: str, labels: tuple[str, str]) -> str:
    """Two bool arrays (m, n) as text, the wrong cells of the first in brackets.

    signs, labels: of False and True.
    """
    meaning = ", ".join(f"{sign} {label}" for sign, label in zip(signs, labels, strict=True))
    lines = [f"{'yours':<{3 * got.shape[1]}}    expected     ({meaning}, [ ] wrong)"]
    for mine, right in zip(got, expected, strict=True):
        yours = "".join(
            f"[{signs[bool(a)]}]" if a != b else f" {signs[bool(a)]} "
            for a, b in zip(mine, right, strict=True)
        )
        lines.append(f"{yours}    {''.join(f' {signs[bool(b)]} ' for b in right)}".rstrip())
    return "\n".join(lines)
