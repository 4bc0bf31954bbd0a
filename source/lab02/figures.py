"""The drawings of the lab. Use them through `lab`, as in lab.show_masks(...).

Every figure has a title, named axes, an alternative text and a printed caption. What differs in
colour differs in mark, shade or line as well; the colours are those of Okabe and Ito.
"""

import base64
import io
import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy import ndarray

WIDTH = 7.0  # inches; drawn at 96 pixels an inch, it fits a notebook of 800 pixels
KEYS, QUERIES = "key position j", "query position i"


@dataclass(frozen=True)
class Kind:
    """How one kind of cell is drawn: its colour, the mark on it, and a frame around it."""

    label: str
    colour: str
    mark: str | None = None
    ink: str = "white"
    frame: str = "none"


BLOCKED = Kind("blocked", "#E8E8E8")
OPEN = Kind("open", "#0072B2", "o")
GLOBAL = Kind("open: a global token's row or column", "#E69F00", "s", "black")
FUTURE = Kind("open to the future", "#CC3311", "^")
OUTSIDE = Kind("not reached", "#E8E8E8")
REACHED = Kind("reached", "#0072B2", "o")
SOURCE = Kind("reached: where it starts", "#E69F00", "*", "black")
WRONG = Kind("wrong", "none", "X", "black", frame="#D55E00")


def parse_mask(picture: str) -> ndarray:
    """Bool array (n, n) from a drawing: T or # is blocked (True), F or . is open.

    A line is a query. Spaces are ignored, and a / ends a line, too: ".#/.." is two by two.
    """
    rows = picture.replace(" ", "").replace("/", "\n").split()
    if not set("".join(rows)) <= set("TF#."):
        raise ValueError("a picture of a mask is made of T, F, # and .")
    return np.array([[cell in "T#" for cell in row] for row in rows])


def parse_reach(picture: str) -> dict[str, list[bool]]:
    """Rows by label from lines such as "layer 1: o o -": o is reached, - is not."""
    rows = (line.partition(":") for line in picture.strip().splitlines())
    return {label.strip(): [cell == "o" for cell in cells.split()] for label, _, cells in rows}


def text_of(mask: ndarray) -> str:
    """The drawing of a bool mask: # where it is blocked, . where it is open."""
    return "\n".join(" ".join("#" if blocked else "." for blocked in row) for row in mask)


def show_masks(
    masks: Mapping[str, ndarray],
    caption: str,
    *,
    global_positions: Iterable[int] = (),
    mark_future: bool = False,
) -> None:
    """Masks (n, n) side by side, by title. Rows and columns of global positions stand out."""

    def draw():
        figure, panels = _figure(len(masks), height=3.9 if len(masks) < 3 else 3.2)
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
            _draw_cells(axes, cells)
            axes.set(title=title, xlabel=KEYS, ylabel=QUERIES)
        _legend(figure, legend)
        return figure

    parts = (f"{title}: {_open_keys(mask)}" for title, mask in masks.items())
    _emit(draw, f"Grid of queries and keys. {' '.join(parts)}", caption)


def show_difference(got: ndarray, expected: ndarray, title: str) -> None:
    """A mask beside the expected one; a cross in a thick frame marks each wrong cell."""
    wrong = got != expected

    def draw():
        figure, panels = _figure(2, height=3.9)
        figure.suptitle(textwrap.fill(title, 75), fontsize=11)
        for axes, name, mask in zip(panels, ("yours", "expected"), (got, expected), strict=True):
            _draw_cells(axes, {BLOCKED: mask, OPEN: ~mask, WRONG: wrong})
            axes.set(title=name, xlabel=KEYS, ylabel=QUERIES)
        _legend(figure, (BLOCKED, OPEN, WRONG))
        return figure

    cells = ", ".join(f"({query}, {key})" for query, key in np.argwhere(wrong))
    alt = f"{title}: your mask beside the expected one. Wrong cells (query, key): {cells}."
    _emit(draw, alt, "")


def show_weights(weights: Mapping[str, ndarray], caption: str) -> None:
    """Attention weights (n, n) side by side, by title; weights of exactly 0 are grey and striped.

    Up to 8 positions the numbers are in the cells.
    """

    def draw():
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap

        blues = ListedColormap(colormaps["Blues"](np.linspace(0.2, 1.0, 256)))
        rows = -(-len(weights) // 2)
        numbered = all(len(values) <= 8 for values in weights.values())
        figure, panels = _figure(min(len(weights), 2), height=3.1 * rows + 0.3, rows=rows)
        for axes, (title, values) in zip(panels, weights.items(), strict=False):
            image = axes.imshow(np.ma.masked_equal(values, 0.0), cmap=blues, vmin=0, vmax=1)
            axes.set(title=title, xlabel=KEYS, ylabel=QUERIES, facecolor=BLOCKED.colour)
            _name_cells(axes, values.shape)
            if numbered:
                for (query, key), value in np.ndenumerate(values):
                    text = f"{value:.2f}" if value else "0"
                    ink = "white" if value > 0.65 else "black"
                    axes.text(key, query, text, ha="center", va="center", color=ink, fontsize=8)
            else:
                # behind everything: seen where nothing is drawn
                axes.patch.set(hatch="////", edgecolor="#B0B0B0")
        look = "grey" if numbered else "striped"
        figure.colorbar(image, ax=list(panels), label=f"weight ({look}: exactly 0)", shrink=0.8)
        return figure

    parts = (f"{title}: {_largest(values)}" for title, values in weights.items())
    _emit(draw, f"Heat maps of attention weights. {' '.join(parts)}", caption)


def show_bars(panels: Mapping[str, Sequence[float]], caption: str) -> None:
    """The weights of one query, panel by panel, as bars over the key positions."""

    def draw():
        figure, all_axes = _figure(len(panels), height=2.7)
        for axes, (title, values) in zip(all_axes, panels.items(), strict=True):
            bars = axes.bar(range(len(values)), values, color=OPEN.colour, width=0.6)
            axes.bar_label(bars, fmt="%.2f")
            axes.set(title=f"{title}\n(sum {sum(values):.2f})", xlabel=KEYS, ylim=(0, 1))
            axes.set_xticks(range(len(values)))
        all_axes[0].set_ylabel("weight")
        return figure

    parts = "; ".join(f"{title}: {_numbers(values)}" for title, values in panels.items())
    _emit(draw, f"Bars of the weights of one query. {parts}.", caption)


def show_cost(lengths: Sequence[int], pairs: Mapping[str, Sequence[int]], caption: str) -> None:
    """Counted pairs against the sequence length, one line a pattern, both axes logarithmic."""

    def draw():
        figure, (axes,) = _figure(1, height=3.8)
        styles = (("-", "o", "#000000"), ("--", "s", "#0072B2"), ("-.", "D", "#D55E00"))
        for (label, counts), (line, mark, colour) in zip(pairs.items(), styles, strict=False):
            axes.loglog(lengths, counts, line, marker=mark, color=colour, label=label)
        axes.minorticks_off()
        axes.set_xticks(lengths, [str(length) for length in lengths])
        axes.set(
            title="What attention costs", xlabel="sequence length n", ylabel="pairs (query, key)"
        )
        axes.grid(color="#DDDDDD")
        axes.legend()
        return figure

    parts = "; ".join(f"{label}: {_numbers(counts)}" for label, counts in pairs.items())
    alt = f"Pairs against sequence length, logarithmic axes. n = {_numbers(lengths)}. {parts}."
    _emit(draw, alt, caption)


def show_reach(
    rows: Mapping[str, Iterable[bool]], caption: str, *, title: str, source: int
) -> None:
    """What is reached: one row a layer, one column a position. A star marks the source."""
    reached = np.array([list(row) for row in rows.values()], dtype=bool)

    def draw():
        figure, (axes,) = _figure(1, height=1.5 + 0.33 * len(rows))
        at_source = np.zeros_like(reached)
        at_source[:, source] = reached[:, source]
        cells = {OUTSIDE: ~reached, REACHED: reached & ~at_source, SOURCE: at_source}
        _draw_cells(axes, cells)
        axes.set(title=title, xlabel="position", aspect="auto")
        axes.set_yticks(range(len(rows)), list(rows))
        _legend(figure, cells)
        return figure

    parts = "; ".join(
        f"{label}: {_ranges(row) or 'none'}" for label, row in zip(rows, reached, strict=True)
    )
    _emit(draw, f"{title}. Positions reached, row by row: {parts}.", caption)


def show_features(panels: Mapping[str, Sequence[str]], d_k: int, caption: str) -> None:
    """Tables of features such as "a0 a1": a letter for the position, a number for the feature.

    d_k features in a row belong to one head: odd and even heads differ in shade.
    """
    tables = {title: np.array([row.split() for row in rows]) for title, rows in panels.items()}
    ratios = [table.shape[1] for table in tables.values()]

    def draw():
        figure, all_axes = _figure(len(tables), height=2.1, width_ratios=ratios)
        for axes, (title, table) in zip(all_axes, tables.items(), strict=True):
            for (row, column), text in np.ndenumerate(table):
                fill, ink = (("#CFE6F5", "black"), ("#0072B2", "white"))[int(text[1:]) // d_k % 2]
                axes.add_patch(_square(column, row, facecolor=fill, edgecolor="white", linewidth=2))
                axes.text(column, row, text, ha="center", va="center", color=ink)
            rows, columns = table.shape
            axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal")
            axes.set(title=title, xlabel="feature", ylabel="position")
            _name_cells(axes, table.shape)
        return figure

    parts = "; ".join(f"{title}: {' / '.join(rows)}" for title, rows in panels.items())
    _emit(draw, f"Tables of features, row by row. {parts}.", caption)


# how a figure is made


def _figure(columns, height, rows=1, width_ratios=None):
    """An empty figure and its axes. Matplotlib loads here, so that importing lab is quick."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.06)
    axes = figure.subplots(rows, columns, squeeze=False, width_ratios=width_ratios).ravel()
    for one in axes:
        one.title.set_fontsize(11)
    return figure, axes


def _draw_cells(axes, cells):
    """A grid of square cells. A cell that is of several kinds is drawn as the last of them."""
    from matplotlib.colors import to_rgb

    shape = next(iter(cells.values())).shape
    grid, kinds = np.ones((*shape, 3)), np.full(shape, -1)
    for index, (kind, where) in enumerate(cells.items()):
        if kind.colour != "none":
            grid[where] = to_rgb(kind.colour)
        kinds[where] = index
    axes.imshow(grid)
    size = axes.get_position().width * WIDTH * 72 / max(shape)  # of a cell, in points
    for index, kind in enumerate(cells):
        if kind.mark:
            query, key = np.nonzero(kinds == index)
            area = min(0.4 * size, 9.0) ** 2
            axes.scatter(key, query, s=area, marker=kind.mark, color=kind.ink, linewidths=0)
        for query, key in np.argwhere(cells[kind] if kind.frame != "none" else []):
            style = {"edgecolor": kind.frame, "linewidth": 3, "fill": False}
            axes.add_patch(_square(key, query, **style, zorder=3, clip_on=False))
    _name_cells(axes, shape)
    bottom, right = np.array(shape) - 0.5
    # Lines between the cells: minor ticks with a grid would do it, too, in three times the time.
    axes.hlines(np.arange(0.5, bottom), -0.5, right, color="white", linewidth=1)
    axes.vlines(np.arange(0.5, right), -0.5, bottom, color="white", linewidth=1)


def _name_cells(axes, shape):
    """A number for each row and column, or for every second one where they are many and small."""
    space = axes.get_position().width * WIDTH / max(shape)  # inches for a cell
    every = 1 if space > 0.11 * len(str(max(shape) - 1)) else 2
    axes.set_xticks(range(0, shape[1], every))
    axes.set_yticks(range(0, shape[0], every))
    axes.tick_params(labelsize=9)


def _square(column, row, **style):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, **style)


def _legend(figure, kinds):
    from matplotlib.lines import Line2D

    def sample(marker, colour, size, edge="none"):
        style = {"markeredgecolor": edge, "markeredgewidth": 2 * (edge != "none")}
        return Line2D([], [], ls="", marker=marker, color=colour, markersize=size, **style)

    handles = []
    for kind in kinds:
        mark = sample(kind.mark or "", kind.ink, 6)
        handles.append((sample("s", kind.colour, 12, kind.frame), mark))  # on top of its cell
    labels = [kind.label for kind in kinds]
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)


def _emit(draw, alt, caption):
    """Show a figure in the notebook, with its alternative text, and the caption below it.

    In words only when LAB_FIGURES is "text": for those who cannot see it, and where a class is
    graded, for drawing takes longer than all the rest of a notebook.
    """
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:
        in_words = os.environ.get("LAB_FIGURES") == "text"
        html = f"<p>Figure, in words: {escape(alt)}</p>" if in_words else _image(draw(), alt)
        display({"text/html": html, "text/plain": alt}, raw=True)
    if caption:
        print(caption)


def _image(figure, alt):
    """As HTML, because JupyterLab gives an image/png no alternative text."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, bbox_inches="tight", pad_inches=0.1)
    png = buffer.getvalue()
    width = int.from_bytes(png[16:20], "big") * 96 // 144  # drawn finer than it is shown
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<img alt="{escape(alt)}" width="{width}" src="{source}">'


# alternative texts


def _open_keys(mask):
    rows = (f"query {query} sees {_ranges(~row) or 'nothing'}" for query, row in enumerate(mask))
    return ", ".join(rows) + "."


def _largest(weights):
    keys = (
        f"query {query}, key {row.argmax()}, {row.max():.2f}" for query, row in enumerate(weights)
    )
    return f"largest weight of each query: {'; '.join(keys)}."


def _ranges(chosen):
    """Where a bool vector is True, as text: "0, 3-5"."""
    positions = np.flatnonzero(chosen)
    runs = np.split(positions, np.flatnonzero(np.diff(positions) > 1) + 1)
    return ", ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs if len(run)
    )


def _numbers(values):
    return ", ".join(f"{value:,}" if isinstance(value, int) else f"{value:.2f}" for value in values)
