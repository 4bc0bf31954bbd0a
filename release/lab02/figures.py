"""The figures of the notebooks. Use them through `lab`, as in lab.show_masks(...)."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy import ndarray

from labkit import curves, drawing, heat
from labkit.drawing import Kind
from masks import BLOCKED, KEYS, OPEN, QUERIES

GLOBAL = Kind("open: a global token's row or column", "#E69F00", "s", "black")
FUTURE = Kind("open to the future", "#CC3311", "^")
OUTSIDE = Kind("not reached", "#E8E8E8")
REACHED = Kind("reached", "#0072B2", "o")
SOURCE = Kind("reached: where it starts", "#E69F00", "*", "black")


def show_masks(
    masks: Mapping[str, ndarray],
    caption: str,
    *,
    global_positions: Iterable[int] = (),
    mark_future: bool = False,
) -> None:
    """Masks (n, n) side by side, by title. Rows and columns of global positions stand out."""

    def draw():
        figure, panels = drawing.new_figure(len(masks), height=3.9 if len(masks) < 3 else 3.2)
        legend = [BLOCKED, OPEN]
        for axes, (title, mask) in zip(panels, masks.items(), strict=True):
            cells = {BLOCKED: mask, OPEN: ~mask}
            in_global = np.zeros_like(mask)
            for position in global_positions:
                in_global[position] = in_global[:, position] = True
                cells[GLOBAL] = ~mask & in_global
            if mark_future:
                query, key = np.indices(mask.shape)
                cells[FUTURE] = ~mask & (key > query)
            legend += [kind for kind in cells if cells[kind].any() and kind not in legend]
            drawing.draw_cells(axes, cells)
            axes.set(title=title, xlabel=KEYS, ylabel=QUERIES)
        drawing.legend(figure, legend)
        return figure

    parts = (f"{title}: {_open_keys(mask)}" for title, mask in masks.items())
    drawing.emit(draw, f"Grid of queries and keys. {' '.join(parts)}", caption)


def show_weights(weights: Mapping[str, ndarray], caption: str) -> None:
    """Attention weights (n, n) side by side, by title; weights of exactly 0 are grey and striped.

    Up to 8 positions the numbers are in the cells.
    """

    def draw():
        rows = -(-len(weights) // 2)
        numbered = all(len(values) <= 8 for values in weights.values())
        figure, panels = drawing.new_figure(
            min(len(weights), 2), height=3.1 * rows + 0.3, rows=rows
        )
        for axes, (title, values) in zip(panels, weights.items(), strict=False):
            image = heat.draw_weights(axes, values, numbered=numbered)
            axes.set(title=title, xlabel=KEYS, ylabel=QUERIES)
        look = "grey" if numbered else "striped"
        figure.colorbar(image, ax=list(panels), label=f"weight ({look}: exactly 0)", shrink=0.8)
        return figure

    parts = (f"{title}: {_largest(values)}" for title, values in weights.items())
    drawing.emit(draw, f"Heat maps of attention weights. {' '.join(parts)}", caption)


def show_bars(panels: Mapping[str, Sequence[float]], caption: str) -> None:
    """The weights of one query, panel by panel, as bars over the key positions."""

    def draw():
        figure, all_axes = drawing.new_figure(len(panels), height=2.7)
        for axes, (title, values) in zip(all_axes, panels.items(), strict=True):
            bars = axes.bar(range(len(values)), values, color=OPEN.colour, width=0.6)
            axes.bar_label(bars, fmt="%.2f")
            axes.set(title=f"{title}\n(sum {sum(values):.2f})", xlabel=KEYS, ylim=(0, 1))
            axes.set_xticks(range(len(values)))
        all_axes[0].set_ylabel("weight")
        return figure

    parts = "; ".join(f"{title}: {drawing.numbers(values)}" for title, values in panels.items())
    drawing.emit(draw, f"Bars of the weights of one query. {parts}.", caption)


def show_cost(lengths: Sequence[int], pairs: Mapping[str, Sequence[int]], caption: str) -> None:
    """Counted pairs against the sequence length, one line a pattern, both axes logarithmic."""
    curves.show_lines(
        lengths,
        pairs,
        caption,
        title="What attention costs",
        xlabel="sequence length n",
        ylabel="pairs (query, key)",
        told="Pairs against sequence length",
    )


def show_reach(
    rows: Mapping[str, Iterable[bool]], caption: str, *, title: str, source: int
) -> None:
    """What is reached: one row a layer, one column a position. A star marks the source."""
    reached = np.array([list(row) for row in rows.values()], dtype=bool)

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=1.5 + 0.33 * len(rows))
        at_source = np.zeros_like(reached)
        at_source[:, source] = reached[:, source]
        cells = {OUTSIDE: ~reached, REACHED: reached & ~at_source, SOURCE: at_source}
        drawing.draw_cells(axes, cells)
        axes.set(title=title, xlabel="position", aspect="auto")
        axes.set_yticks(range(len(rows)), list(rows))
        drawing.legend(figure, cells)
        return figure

    parts = "; ".join(
        f"{label}: {drawing.ranges(row) or 'none'}"
        for label, row in zip(rows, reached, strict=True)
    )
    drawing.emit(draw, f"{title}. Positions reached, row by row: {parts}.", caption)


def show_features(panels: Mapping[str, Sequence[str]], d_k: int, caption: str) -> None:
    """Tables of features such as "a0 a1": a letter for the position, a number for the feature.

    d_k features in a row belong to one head: odd and even heads differ in shade.
    """
    tables = {title: np.array([row.split() for row in rows]) for title, rows in panels.items()}
    ratios = [table.shape[1] for table in tables.values()]

    def draw():
        figure, all_axes = drawing.new_figure(len(tables), height=2.1, width_ratios=ratios)
        for axes, (title, table) in zip(all_axes, tables.items(), strict=True):
            for (row, column), text in np.ndenumerate(table):
                fill, ink = (("#CFE6F5", "black"), ("#0072B2", "white"))[int(text[1:]) // d_k % 2]
                axes.add_patch(
                    drawing.square(column, row, facecolor=fill, edgecolor="white", linewidth=2)
                )
                axes.text(column, row, text, ha="center", va="center", color=ink)
            rows, columns = table.shape
            axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal")
            axes.set(title=title, xlabel="feature", ylabel="position")
            drawing.name_cells(axes, table.shape)
        return figure

    parts = "; ".join(f"{title}: {' / '.join(rows)}" for title, rows in panels.items())
    drawing.emit(draw, f"Tables of features, row by row. {parts}.", caption)


# alternative texts


def _open_keys(mask):
    rows = (
        f"query {query} sees {drawing.ranges(~row) or 'nothing'}" for query, row in enumerate(mask)
    )
    return ", ".join(rows) + "."


def _largest(weights):
    keys = (
        f"query {query}, key {row.argmax()}, {row.max():.2f}" for query, row in enumerate(weights)
    )
    return f"largest weight of each query: {'; '.join(keys)}."
