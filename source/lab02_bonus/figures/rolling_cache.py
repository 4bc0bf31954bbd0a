"""The figures of 01_rolling_cache."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy import ndarray

from labkit import curves, drawing
from labkit.drawing import Kind

EMPTY = Kind("-  empty", "#E8E8E8", ink="black")
KEPT = Kind("kept", "#56B4E9", ink="black")
NEWEST = Kind("[ ]  written in this step", "#0072B2", ink="white")


def show_slots(slots: Mapping[str, ndarray], caption: str, *, title: str) -> None:
    """What lies in the slots of a ring buffer: a row a step by its label, a column a slot.

    slots: positions (window_size,), -1 for an empty slot. The largest of a row is the newest.
    """
    table = np.array(list(slots.values()))

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=1.3 + 0.33 * len(table))
        for (row, column), position in np.ndenumerate(table):
            newest = position == table[row].max()
            kind = EMPTY if position < 0 else NEWEST if newest else KEPT
            axes.add_patch(
                drawing.square(column, row, facecolor=kind.colour, edgecolor="white", linewidth=2)
            )
            text = _cell(position, newest)
            axes.text(column, row, text, ha="center", va="center", color=kind.ink)
        rows, columns = table.shape
        axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), title=title, xlabel="slot")
        axes.set_xticks(range(columns))
        axes.set_yticks(range(rows), list(slots))
        axes.set_ylabel("tokens stored")
        drawing.legend(figure, (EMPTY, KEPT, NEWEST))
        return figure

    parts = "; ".join(
        f"{label}: {' '.join(_cell(p, p == row.max()) for p in row)}"
        for label, row in zip(slots, table, strict=True)
    )
    alt = f"{title}. A row for each number of tokens stored, slot by slot: {parts}."
    drawing.emit(draw, alt, caption)


def show_memory(lengths: Sequence[int], mib: Mapping[str, Sequence[float]], caption: str) -> None:
    """Memory of caches in MiB against the length of the text, both axes logarithmic."""

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=3.8)
        curves.draw_lines(axes, {label: (lengths, amounts) for label, amounts in mib.items()})
        axes.set_xticks(lengths, [f"{length:,}" for length in lengths])
        axes.set(title="What a cache takes", xlabel="tokens n", ylabel="MiB")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.legend()
        return figure

    parts = "; ".join(f"{label}: {drawing.numbers(amounts)}" for label, amounts in mib.items())
    at = drawing.numbers(lengths)
    alt = f"Memory in MiB against the length of the text, logarithmic axes. n = {at}. {parts}."
    drawing.emit(draw, alt, caption)


def _cell(position: int, newest: bool) -> str:
    if position < 0:
        return "-"
    return f"[{position}]" if newest else str(position)
