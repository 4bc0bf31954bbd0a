"""Counts that grow, as lines."""

from collections.abc import Mapping, Sequence

from labkit import drawing

STYLES = (
    ("-", "o", "#000000"),
    ("--", "s", "#0072B2"),
    ("-.", "D", "#D55E00"),
    (":", "^", "#777777"),
)


def show_growth(
    sizes: Sequence[int],
    counts: Mapping[str, Sequence[int]],
    caption: str,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    told: str,
) -> None:
    """Counts against sizes, one line a label, both axes logarithmic.

    told: what is against what, for the alternative text.
    """

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=3.8)
        for (label, values), (line, mark, colour) in zip(
            counts.items(), STYLES[: len(counts)], strict=True
        ):
            axes.loglog(sizes, values, line, marker=mark, color=colour, label=label)
        axes.minorticks_off()
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
        axes.grid(color="#DDDDDD")
        axes.legend()
        return figure

    parts = "; ".join(f"{label}: {drawing.numbers(values)}" for label, values in counts.items())
    alt = f"{told}, logarithmic axes. n = {drawing.numbers(sizes)}. {parts}."
    drawing.emit(draw, alt, caption)
