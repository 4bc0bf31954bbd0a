"""The figures of the notebooks. Use them through `lab`, as in lab.show_masks(...)."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy import ndarray

from labkit import curves, drawing, heat
from labkit.drawing import Kind
from masks import BLOCKED, KEYS, OPEN, QUERIES

OUTSIDE = Kind("not seen", "#E8E8E8")
SEEN = Kind("seen", "#0072B2", "o")
QUERY = Kind("seen: the query itself", "#E69F00", "*", "black")


def show_masks(masks: Mapping[str, ndarray], caption: str) -> None:
    """Masks (n, n) side by side, by title."""

    def draw():
        figure, panels = drawing.new_figure(len(masks), height=3.9 if len(masks) < 3 else 3.2)
        for axes, (title, mask) in zip(panels, masks.items(), strict=True):
            drawing.draw_cells(axes, {BLOCKED: mask, OPEN: ~mask})
            axes.set(title=title, xlabel=KEYS, ylabel=QUERIES)
        drawing.legend(figure, (BLOCKED, OPEN))
        return figure

    parts = (f"{title}: {_open_keys(mask)}" for title, mask in masks.items())
    drawing.emit(draw, f"Grid of queries and keys. {' '.join(parts)}", caption)


def show_weights(scores: Mapping[str, ndarray], caption: str) -> None:
    """The weights that scores (n, n) become, side by side, by title, with their numbers."""
    weights = {title: _softmax(values) for title, values in scores.items()}

    def draw():
        figure, panels = drawing.new_figure(len(weights), height=3.4)
        for axes, (title, values) in zip(panels, weights.items(), strict=True):
            image = heat.draw_weights(axes, values, numbered=True)
            axes.set(title=title, xlabel=KEYS, ylabel=QUERIES)
        figure.colorbar(image, ax=list(panels), label="weight (grey: exactly 0)", shrink=0.8)
        return figure

    parts = (
        f"{title}: {' / '.join(drawing.numbers(row) for row in values)}."
        for title, values in weights.items()
    )
    drawing.emit(draw, f"Heat maps of weights, row by row. {' '.join(parts)}", caption)


def show_cost(lengths: Sequence[int], pairs: Mapping[str, Sequence[int]], caption: str) -> None:
    """Open pairs against the sequence length, one line a pattern, both axes logarithmic."""
    curves.show_lines(
        lengths,
        pairs,
        caption,
        title="What a pattern costs",
        xlabel="sequence length n",
        ylabel="pairs (query, key)",
        told="Pairs against sequence length",
    )


def show_reach(rows: Mapping[str, Iterable[bool]], caption: str, *, title: str) -> None:
    """What the last position has seen: one row for each label, one column a position."""
    seen = np.array([list(row) for row in rows.values()], dtype=bool)

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=1.5 + 0.33 * len(rows))
        itself = np.zeros_like(seen)
        itself[:, -1] = seen[:, -1]
        cells = {OUTSIDE: ~seen, SEEN: seen & ~itself, QUERY: itself}
        drawing.draw_cells(axes, cells)
        axes.set(title=title, xlabel="position", aspect="auto")
        axes.set_yticks(range(len(rows)), list(rows))
        drawing.legend(figure, cells)
        return figure

    parts = "; ".join(
        f"{label}: {drawing.ranges(row) or 'none'}" for label, row in zip(rows, seen, strict=True)
    )
    drawing.emit(draw, f"{title}. Positions seen, row by row: {parts}.", caption)


def _softmax(scores):
    shares = np.exp(scores).T
    return (shares / shares.sum(axis=0)).T


# alternative texts


def _open_keys(mask):
    rows = (
        f"query {query} sees {drawing.ranges(~row) or 'nothing'}" for query, row in enumerate(mask)
    )
    return ", ".join(rows) + "."
