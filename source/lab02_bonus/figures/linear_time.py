"""The figures of 02_linear_time."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy import ndarray

from labkit import curves, drawing
from labkit.drawing import Kind
from masks import BLOCKED, KEYS, OPEN, QUERIES

WASTED = Kind("computed, then blocked", "#E69F00", "X", "black")


def show_tiles(mask: ndarray, tiles: Sequence[tuple[int, int, int, int]], caption: str) -> None:
    """A mask (n, n), True = blocked, and which of its cells are computed.

    tiles: (start, stop, first, end) of queries and keys; each is framed.
    """
    computed = np.zeros_like(mask)
    for start, stop, first, end in tiles:
        computed[start:stop, first:end] = True

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=4.6)
        drawing.draw_cells(axes, {BLOCKED: ~computed, WASTED: mask & computed, OPEN: ~mask})
        for start, stop, first, end in tiles:
            corners = [first, end, end, first, first], [start, start, stop, stop, start]
            axes.plot(*(np.array(side) - 0.5 for side in corners), color="black", linewidth=2)
        axes.set(title="The band in blocks", xlabel=KEYS, ylabel=QUERIES)
        drawing.legend(figure, (BLOCKED, WASTED, OPEN))
        return figure

    parts = "; ".join(
        f"queries {start}-{stop - 1} with keys {first}-{end - 1}"
        for start, stop, first, end in tiles
    )
    counts = f"{computed.sum()} of {mask.size} cells are computed, {(~mask).sum()} are open"
    drawing.emit(draw, f"The band in blocks. Framed: {parts}. {counts}.", caption)


def show_race(
    seconds: Mapping[str, Mapping[int, float]], mib: Mapping[str, Mapping[int, float]], caption: str
) -> None:
    """Time and memory against the number of tokens, by name; all axes logarithmic."""
    in_milliseconds = {
        label: {n: 1000 * value for n, value in amounts.items()}
        for label, amounts in seconds.items()
    }
    both = (("Time", "milliseconds", in_milliseconds), ("Memory", "MiB", mib))

    def draw():
        figure, panels = drawing.new_figure(2, height=3.8)
        for axes, (title, unit, lines) in zip(panels, both, strict=True):
            points = {label: (list(each), list(each.values())) for label, each in lines.items()}
            curves.draw_lines(axes, points)
            lengths = max(lines.values(), key=len)
            axes.set_xticks(list(lengths), [f"{n:,}" for n in lengths], rotation=45)
            axes.yaxis.set_major_formatter("{x:g}")
            axes.set(title=title, xlabel="tokens n", ylabel=unit)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        return figure

    told = (
        f"{title} in {unit}, {label}, by tokens: "
        + ", ".join(f"{n:,}: {value:.3g}" for n, value in amounts.items())
        + "."
        for title, unit, lines in both
        for label, amounts in lines.items()
    )
    drawing.emit(draw, f"Logarithmic axes. {' '.join(told)}", caption)
