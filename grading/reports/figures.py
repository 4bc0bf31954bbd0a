"""The figures of the class report, as pictures that a page can hold."""

import base64
import io
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grading.reports.class_report import ClassReport

BLUE = "#0072B2"  # of Okabe and Ito's palette; the figures use one colour only


@dataclass(frozen=True)
class Drawing:
    """An SVG as a data URI, and what it shows, in words."""

    uri: str
    alt: str


def distribution(report: ClassReport) -> Drawing:
    """How many students got how many points."""
    totals = report.totals
    edges = np.linspace(0, report.maximum, 11)
    counts, _ = np.histogram(totals, edges)
    figure, axes = _axes(3.2)
    axes.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=BLUE, edgecolor="white")
    axes.set(
        title=f"Points of {len(totals)} students",
        xlabel=f"points, of {report.maximum:g}",
        ylabel="students",
        xticks=edges[::2],
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    bins = zip(edges[:-1], edges[1:], counts, strict=True)
    told = ", ".join(f"{low:g} to {high:g}: {count}" for low, high, count in bins if count)
    return _picture(figure, f"Histogram. Students by points: {told or 'nobody has points'}.")


def points_by_exercise(report: ClassReport) -> Drawing:
    """What share of the points of each exercise the class earned."""
    worth = {name: most for name, most in report.exercises.items() if most}  # some are dropped
    shares = {name: 100 * report.mean(name) / most for name, most in worth.items()}
    figure, axes = _axes(0.8 + 0.3 * len(shares))
    labels = [f"{report.headings[name]} {name}" for name in shares]
    bars = axes.barh(labels, list(shares.values()), color=BLUE)
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.invert_yaxis()
    axes.set(title="Points earned by exercise", xlabel="mean, in % of its points", xlim=(0, 109))
    told = ", ".join(f"{name} {share:.0f} %" for name, share in shares.items())
    return _picture(figure, f"Bars. Mean share of the points earned: {told}.")


def _axes(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _picture(figure: Figure, alt: str) -> Drawing:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return Drawing(f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode()}", alt)
