"""Heat maps of weights: the larger, the darker. Exactly 0 is grey, or striped, and never white."""

import textwrap
from functools import cache

import numpy as np

from labkit import drawing
from labkit.drawing import WRONG

ZERO = "#E8E8E8"


@cache
def blues():
    """Shades of one colour: every eye sees which is darker. The lightest is no white."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps["Blues"](np.linspace(0.2, 1.0, 256)))


def draw_weights(axes, values, *, numbered):
    """Weights (rows, columns) with their numbers, if there is room for them."""
    shown = np.ma.masked_where((values == 0) | ~np.isfinite(values), values)
    image = axes.imshow(shown, cmap=blues(), vmin=0, vmax=1)
    axes.set(facecolor=ZERO)
    drawing.name_cells(axes, values.shape)
    if numbered:
        for (row, column), value in np.ndenumerate(values):
            text = f"{value:.2f}" if value else "0"
            ink = "white" if value > 0.65 else "black"
            axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=8)
    else:
        # behind everything: seen where nothing is drawn
        axes.patch.set(hatch="////", edgecolor="#B0B0B0")
    return image


def show_difference(got, expected, title, row_axis, column_axis):
    """Weights beside the expected ones; a thick frame marks each wrong number."""
    wrong = ~np.isclose(got, expected, rtol=1e-6, atol=1e-9)

    def draw():
        figure, panels = drawing.new_figure(2, height=3.4)
        figure.suptitle(textwrap.fill(f"{title} (wrong: framed)", 75), fontsize=11)
        for axes, name, values in zip(panels, ("yours", "expected"), (got, expected), strict=True):
            image = draw_weights(axes, values, numbered=True)
            axes.set(title=name, xlabel=column_axis, ylabel=row_axis)
        style = {"edgecolor": WRONG.frame, "linewidth": 3, "fill": False, "clip_on": False}
        for row, column in np.argwhere(wrong):
            panels[0].add_patch(drawing.square(column, row, **style, zorder=3))
        figure.colorbar(image, ax=list(panels), label="weight (grey: exactly 0)", shrink=0.8)
        return figure

    cells = ", ".join(f"({row}, {column})" for row, column in np.argwhere(wrong))
    rows = "; ".join(
        f"{name}: {' / '.join(drawing.numbers(row) for row in values)}"
        for name, values in (("yours", got), ("expected", expected))
    )
    drawing.emit(draw, f"Two heat maps of {title}. Wrong cells: {cells}. By rows, {rows}.", "")
