"""Numbers, small arrays and texts as text, for what is said of an answer."""

import textwrap
from typing import Any

import numpy as np
from numpy import ndarray

WIDEST = 60  # characters of a line that are shown


def first_difference(got: str, expected: str, line_is: str = "") -> str:
    """Where two texts first differ, in words; "" when nowhere.

    line_is: what a line stands for, as in "line 3 (row 2)", where rows are counted from 0.
    """
    mine, right = got.split("\n"), expected.split("\n")
    for number, (one, other) in enumerate(zip(mine, right, strict=False)):
        if one != other:
            both = zip(one, other, strict=False)
            shorter = min(len(one), len(other))
            place = next((i for i, (a, b) in enumerate(both) if a != b), shorter)
            told = f" ({line_is} {number})" if line_is else ""
            where = f"line {number + 1}{told}"
            at = f"; the first difference is at sign {place + 1}"
            return f"{where}: expected {_quoted(other, place)}, got {_quoted(one, place)}{at}"
    if len(mine) == len(right):
        return ""
    if mine == [*right, ""]:
        return "all lines are right, but there is a newline at the end; expected none"
    return f"expected {_lines_in(right)}, got {_lines_in(mine)}; those in both are the same"


def _lines_in(lines: list[str]) -> str:
    return f"{len(lines)} line{'s' if len(lines) > 1 else ''}"


def _quoted(line: str, place: int) -> str:
    """A line, or what is around a place in a long one, with signs that do nothing but be read."""
    start = max(0, min(place - WIDEST // 2, len(line) - WIDEST))
    part = repr(line[start : start + WIDEST])[1:-1]
    before, after = "..." if start else "", "..." if len(line) > start + WIDEST else ""
    return f"`{before}{part}{after}`"


def told_apart(got: Any, expected: Any) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see that they differ, four if possible."""
    digits = (d for d in range(4, 17) if f"{got:.{d}g}" != f"{expected:.{d}g}")
    enough = next(digits, 17)
    return f"{got:.{enough}g}", f"{expected:.{enough}g}"


def wrapped(message: str, width: int = 88) -> str:
    """Long lines broken between words: Jupyter breaks them anywhere. Tables stay as they are."""
    return "\n".join(
        line if "  " in line else textwrap.fill(line, width, break_long_words=False)
        for line in message.split("\n")
    )


def columns(**blocks: ndarray | str) -> str:
    """Arrays, or text of several lines, side by side under their names.

    Those of more than two axes are too tall for that, and stand one below the other.
    """
    lines = {name: _lines(block) for name, block in blocks.items()}
    if any(np.ndim(block) > 2 for block in blocks.values()):
        return "\n".join(f"{name}\n" + "\n".join(each) for name, each in lines.items())
    height = max(map(len, lines.values()))
    padded = []
    for name, each in lines.items():
        width = max(map(len, (name, *each)))
        rows = [name, *each, *[""] * (height - len(each))]
        padded.append([row.ljust(width) for row in rows])
    return "\n".join("    ".join(row).rstrip() for row in zip(*padded, strict=True))


def _lines(block: ndarray | str) -> list[str]:
    if isinstance(block, str):
        return block.splitlines()
    return np.array2string(block, precision=3, suppress_small=True).splitlines()
