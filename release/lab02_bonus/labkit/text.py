"""Numbers and small arrays as text, for the messages of the self-checks."""

from typing import Any

import numpy as np
from numpy import ndarray


def told_apart(got: Any, expected: Any) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see that they differ, four if possible."""
    digits = (d for d in range(4, 17) if f"{got:.{d}g}" != f"{expected:.{d}g}")
    enough = next(digits, 17)
    return f"{got:.{enough}g}", f"{expected:.{enough}g}"


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
