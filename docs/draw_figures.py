"""Draws the figures of the readings, as the labs draw theirs: with labkit.drawing.

    uv run python docs/draw_figures.py [FOLDER]

Writes docs/figures/*.png, or into another folder. The masks are those of the references, so a
picture shows what is marked right. What a figure shows is said in words where a page shows it.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from labkit import drawing
from labkit.drawing import Kind
from solutions.lab01.reference import patterns
from solutions.lab02.reference.sliding_window import create_sliding_window_mask
from source.lab02.masks import BLOCKED, KEYS, OPEN, QUERIES

HERE = Path(__file__).parent
# Inches. At 120 pixels an inch a figure is no wider than a page, and its letters, which are those
# of a notebook's figures, can still be read where a telephone shows it at half its size.
WIDTH, DPI = 5.4, 120

GLOBAL = Kind("open: global", "#E69F00", "s", "black")
CLOSED = Kind("blocked again", "#E8E8E8", "X", "black")
UNSEEN = Kind("not read", "#E8E8E8")
SEEN = Kind("read", "#0072B2", "o")
ITSELF = Kind("read: itself", "#E69F00", "*", "black")
SKIPPED = Kind("never computed", "#E8E8E8")
WASTED = Kind("computed, then blocked", "#E69F00", "X", "black")
IN_FRONT = Kind("open: global", "#56B4E9", "s", "black")

RANDOM = ((0, 3, 7), (1, 3, 4), (1, 2, 7), (1, 3, 5), (2, 4, 6), (0, 4, 5), (0, 2, 6), (5, 6, 7))
DENSE = np.zeros((8, 8), dtype=bool)
LAYERS = ("output at 7", "layer 3 reads", "layer 2 reads", "layer 1 reads")

Cells = Mapping[Kind, ndarray]


def draw(
    panels: Mapping[str, Cells], height: float, *, xlabel: str = KEYS, ylabel: str = QUERIES
) -> Figure:
    """Cells (rows, columns) by kind, in panels side by side, by title."""
    with patch.object(drawing, "WIDTH", WIDTH):  # by which marks and numbers of cells go as well
        figure, all_axes = drawing.new_figure(len(panels), height)
        for axes, (title, cells) in zip(all_axes, panels.items(), strict=True):
            drawing.draw_cells(axes, cells)
            axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    kinds = dict.fromkeys(kind for cells in panels.values() for kind in cells)
    shown = [k for k in kinds if any(k in c and c[k].any() for c in panels.values())]
    drawing.legend(figure, shown)
    return figure


def draw_masks(masks: Mapping[str, ndarray]) -> Figure:
    """Masks (n, n), True = blocked, by title, each with the number of its open pairs."""
    between, height = ("\n", 2.6) if len(masks) > 2 else (": ", 3.4)
    panels = {
        f"{title}{between}{(~mask).sum()} pairs": {BLOCKED: mask, OPEN: ~mask}
        for title, mask in masks.items()
    }
    return draw(panels, height)


MASKS = {
    "patterns": {
        "dense": np.zeros((10, 10), dtype=bool),
        "window of 3": create_sliding_window_mask(10, 3),
        "token 0 global": create_sliding_window_mask(10, 3, [0]),
    },
    "dense_and_causal": {"dense": DENSE, "causal": patterns.create_causal_mask(8)},
    "local": {
        "two-sided, r = 1": patterns.mask_of(8, lambda i: range(max(0, i - 1), min(8, i + 2))),
        "causal, w = 3": patterns.create_local_mask(8, 3),
    },
    "stride_and_blocks": {
        "strided, s = 4": patterns.create_strided_mask(8, 4),
        "blocks, b = 4": patterns.create_block_mask(8, 4),
    },
    "two_together": {
        "window, w = 4": patterns.create_local_mask(8, 4),
        "stride, s = 4": patterns.create_strided_mask(8, 4),
        "together": patterns.create_combined_mask(8, 4, 4),
    },
    "random": {"random, r = 2": patterns.mask_of(8, RANDOM.__getitem__)},
    "window": {
        "dense": DENSE,
        "causal": patterns.create_causal_mask(8),
        "window, w = 3": create_sliding_window_mask(8, 3),
    },
}


def receptive_field() -> Figure:
    itself = np.zeros((len(LAYERS), 8), dtype=bool)
    itself[:, 7] = True
    reach = np.array([np.arange(8) >= 7 - 2 * layers for layers in range(len(LAYERS))])
    cells = {UNSEEN: ~reach, SEEN: reach & ~itself, ITSELF: itself}
    figure = draw({"Windows of 3, in three layers": cells}, 2.6, xlabel="position", ylabel="")
    figure.axes[0].set_yticks(range(len(LAYERS)), LAYERS)
    return figure


def global_cells(position: int, *, causal: bool) -> Cells:
    """Of a window of 3 over 8 positions, one of which is global."""
    mask = create_sliding_window_mask(8, 3, [position])
    query, key = np.indices(mask.shape)
    in_global = (query == position) | (key == position)
    cells = {BLOCKED: mask, OPEN: ~mask, GLOBAL: ~mask & in_global}
    if causal:
        closed = create_sliding_window_mask(8, 3, [position], causal_globals=True)
        cells[CLOSED] = closed & ~mask
    return cells


def global_tokens() -> Figure:
    titles = {f"position {position} is global": position for position in (0, 4)}
    return draw({t: global_cells(p, causal=False) for t, p in titles.items()}, 3.4)


def causal_globals() -> Figure:
    titles = {f"position {position}, causal": position for position in (0, 4)}
    return draw({t: global_cells(p, causal=True) for t, p in titles.items()}, 3.4)


def blocks() -> Figure:
    """Blocks of 3 queries in a window of 6. One key more than they need: then all are alike."""
    mask, computed = create_sliding_window_mask(15, 6), np.zeros((15, 15), dtype=bool)
    frames = [(start, start + 3, max(0, start - 6)) for start in range(0, 15, 3)]
    for start, stop, first in frames:
        computed[start:stop, first:stop] = True
    cells = {SKIPPED: ~computed, WASTED: mask & computed, OPEN: ~mask}
    figure = draw({"A window of 6, in blocks of 3 queries": cells}, 4.8)
    for start, stop, first in frames:
        corners = [first, stop, stop, first, first], [start, start, stop, stop, start]
        figure.axes[0].plot(*(np.array(side) - 0.5 for side in corners), color="black", lw=2)
    return figure


def global_keys_in_front() -> Figure:
    """The last block but one of the figure above, with two global keys."""
    front, near, queries = np.array([1, 7]), np.arange(3, 12), np.arange(9, 12)
    hidden = create_sliding_window_mask(15, 6)[9:12, 3:12] | np.isin(near, front)
    opened = np.ones((3, 2), dtype=bool)
    cells = {
        WASTED: np.hstack([~opened, hidden]),
        OPEN: np.hstack([~opened, ~hidden]),
        IN_FRONT: np.hstack([opened, np.zeros_like(hidden)]),
    }
    title = "Queries 9 to 11, with the global keys 1 and 7 in front"
    figure = draw({title: cells}, 2.6)
    (axes,) = figure.axes
    axes.set_xticks(range(11), [str(key) for key in (*front, *near)])
    axes.set_yticks(range(3), [str(query) for query in queries])
    axes.axvline(1.5, color="black", linewidth=3)
    return figure


FIGURES: dict[str, Callable[[], Figure]] = {
    **{name: partial(draw_masks, masks) for name, masks in MASKS.items()},
    "receptive_field": receptive_field,
    "global_tokens": global_tokens,
    "causal_globals": causal_globals,
    "blocks": blocks,
    "global_keys": global_keys_in_front,
}


def main(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, draw_it in FIGURES.items():
        # Without the version of matplotlib in it, the same picture is the same file.
        draw_it().savefig(
            folder / f"{name}.png",
            dpi=DPI,
            metadata={"Software": None},
            pil_kwargs={"optimize": True},
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "figures")
