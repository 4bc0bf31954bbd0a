"""How the drawings of the labs are made.

Every figure has a title, named axes, an alternative text and a printed caption. What differs in
colour differs in mark, shade or line as well; the colours are those of Okabe and Ito.
"""

import base64
import io
import os
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH = 7.0  # inches; drawn at 96 pixels an inch, it fits a notebook of 800 pixels


@dataclass(frozen=True)
class Kind:
    """How one kind of cell is drawn: its colour, the mark on it, and a frame around it."""

    label: str
    colour: str
    mark: str | None = None
    ink: str = "white"
    frame: str = "none"


WRONG = Kind("wrong", "none", "X", "black", frame="#D55E00")


# how a figure is made


def new_figure(columns, height, rows=1, width_ratios=None):
    """An empty figure and its axes. Matplotlib loads here, so that importing lab is quick."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.06)
    axes = figure.subplots(rows, columns, squeeze=False, width_ratios=width_ratios).ravel()
    for one in axes:
        one.title.set_fontsize(11)
    return figure, axes


def draw_cells(axes, cells):
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
            row, column = np.nonzero(kinds == index)
            area = min(0.4 * size, 9.0) ** 2
            axes.scatter(column, row, s=area, marker=kind.mark, color=kind.ink, linewidths=0)
        for row, column in np.argwhere(cells[kind] if kind.frame != "none" else []):
            style = {"edgecolor": kind.frame, "linewidth": 3, "fill": False}
            axes.add_patch(square(column, row, **style, zorder=3, clip_on=False))
    name_cells(axes, shape)
    bottom, right = np.array(shape) - 0.5
    # Lines between the cells: minor ticks with a grid would do it, too, in three times the time.
    axes.hlines(np.arange(0.5, bottom), -0.5, right, color="white", linewidth=1)
    axes.vlines(np.arange(0.5, right), -0.5, bottom, color="white", linewidth=1)


def name_cells(axes, shape):
    """A number for each row and column, or for every second one where they are many and small."""
    space = axes.get_position().width * WIDTH / max(shape)  # inches for a cell
    every = 1 if space > 0.11 * len(str(max(shape) - 1)) else 2
    axes.set_xticks(range(0, shape[1], every))
    axes.set_yticks(range(0, shape[0], every))
    axes.tick_params(labelsize=9)


def square(column, row, **style):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, **style)


def legend(figure, kinds):
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


def emit(draw, alt, caption):
    """Show a figure in the notebook, with its alternative text, and the caption below it.

    In words only when LAB_FIGURES is "text": for those who cannot see it, and where a class is
    graded, for drawing takes longer than all the rest of a notebook.
    """
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:
        html = _image(draw(), alt) if are_shown() else f"<p>Figure, in words: {escape(alt)}</p>"
        display({"text/html": html, "text/plain": alt}, raw=True)
    if caption:
        print(caption)


def are_shown():
    """Whether figures are drawn for somebody who sees them: in a notebook, and not in words."""
    from IPython import get_ipython

    return get_ipython() is not None and os.environ.get("LAB_FIGURES") != "text"


def is_left_out(what: str) -> bool:
    """Whether only answers count here, as where a class is graded; then says so.

    For what takes seconds and carries no marks.
    """
    if os.environ.get("LAB_QUICK") != "1":
        return False
    print(f"{what}: left out here, where only answers count. Run the notebook to see it.")
    return True


def after_the_cell(show):
    """Call this when the cell is done, so that a figure stands below the error that it belongs to.

    IPython shows an error last of all; only what follows its event comes after it.
    """
    from IPython import get_ipython

    events = get_ipython().events

    def once(*_):
        events.unregister("post_run_cell", once)
        show()

    events.register("post_run_cell", once)


def _image(figure, alt):
    """As HTML, because JupyterLab gives an image/png no alternative text."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, bbox_inches="tight", pad_inches=0.1)
    png = buffer.getvalue()
    width = int.from_bytes(png[16:20], "big") * 96 // 144  # drawn finer than it is shown
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<img alt="{escape(alt)}" width="{width}" src="{source}">'


# alternative texts


def ranges(chosen):
    """Where a bool vector is True, as text: "0, 3-5"."""
    positions = np.flatnonzero(chosen)
    runs = np.split(positions, np.flatnonzero(np.diff(positions) > 1) + 1)
    return ", ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs if len(run)
    )


def numbers(values):
    return ", ".join(f"{value:,}" if isinstance(value, int) else f"{value:.2f}" for value in values)
