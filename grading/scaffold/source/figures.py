"""The figures of the notebooks. Use them through `lab`, as in lab.show_shares(...)."""

from collections.abc import Mapping

from labkit import drawing

COLOUR = "#0072B2"


def show_shares(shares: Mapping[str, float], caption: str) -> None:
    """Shares as bars, by name."""

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=2.7)
        bars = axes.bar(list(shares), list(shares.values()), color=COLOUR, width=0.6)
        axes.bar_label(bars, fmt="%.2f")
        axes.set(title="Who got how much of the votes", xlabel="party", ylabel="share", ylim=(0, 1))
        return figure

    told = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
    drawing.emit(draw, f"Bars: the share of the votes that each party got. {told}.", caption)
