"""The figures of 03_longformer."""

import numpy as np
from numpy import ndarray

from labkit import drawing
from labkit.drawing import Kind
from masks import BLOCKED, KEYS, QUERIES

LOCAL = Kind("local", "#0072B2", "o")
TO_GLOBAL = Kind("local, to a global key", "#56B4E9", "s", "black")
FROM_GLOBAL = Kind("global", "#E69F00", "D", "black")


def show_projections(mask: ndarray, is_global: ndarray, caption: str, *, title: str) -> None:
    """Which projections make the score of each open pair.

    mask: (n, n) bool, True = blocked; is_global: (n,) bool. A pair goes by its query.
    """
    rows = is_global[:, np.newaxis]
    cells = {
        BLOCKED: mask,
        LOCAL: ~mask & ~rows & ~is_global,
        TO_GLOBAL: ~mask & ~rows & is_global,
        FROM_GLOBAL: ~mask & rows,
    }

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=4.6)
        drawing.draw_cells(axes, cells)
        axes.set(title=title, xlabel=KEYS, ylabel=QUERIES)
        drawing.legend(figure, cells)
        return figure

    parts = "; ".join(_row(query, mask[query], is_global) for query in range(len(mask)))
    alt = f"{title}. Query by query, the keys it sees and through which projections: {parts}."
    drawing.emit(draw, alt, caption)


def _row(query: int, blocked: ndarray, is_global: ndarray) -> str:
    if blocked.all():
        return f"{query} none"
    seen = f"{query} {'global' if is_global[query] else 'local'} {drawing.ranges(~blocked)}"
    to_global = ~blocked & is_global
    if is_global[query] or not to_global.any():
        return seen
    return f"{seen} (global keys {drawing.ranges(to_global)})"
