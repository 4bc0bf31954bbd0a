"""Numbers that depend on another, as lines."""

from collections.abc import Mapping, Sequence

from labkit import drawing

STYLES = (
    ("-", "o", "#000000"),
    ("--", "s", "#0072B2"),
    ("-.", "D", "#D55E00"),
    (":", "^", "#777777"),
)
MOST_TICKS = 10  # with a number at each


def draw_lines(axes, lines, scales=("log", "log")):
    """Lines by label, each as its (x, y): told apart by dash, mark and colour, on a grid."""
    axes.set(xscale=scales[0], yscale=scales[1])
    for (label, points), (line, mark, colour) in zip(
        lines.items(), STYLES[: len(lines)], strict=True
    ):
        axes.plot(*points, line, marker=mark, color=colour, label=label)
    axes.minorticks_off()
    axes.grid(color="#DDDDDD")


def show_lines(
    sizes: Sequence[int],
    values: Mapping[str, Sequence[float]],
    caption: str,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    told: str,
    scales: tuple[str, str] = ("log", "log"),
) -> None:
    """Values against sizes, one line a label.

    told: what is against what, for the alternative text. scales: "log" or "linear", of both axes.
    """

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=3.8)
        draw_lines(axes, {label: (sizes, each) for label, each in values.items()}, scales)
        if len(sizes) <= MOST_TICKS:
            axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
        axes.legend()
        return figure

    parts = "; ".join(f"{label}: {drawing.numbers(each)}" for label, each in values.items())
    axes_are = {("log", "log"): ", logarithmic axes"}.get(scales, "")
    alt = f"{told}{axes_are}. {xlabel}: {drawing.numbers(sizes)}. {parts}."
    drawing.emit(draw, alt, caption)
