"""report.html: the class on one page, for the instructor. It needs nothing beside it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape

from grading.reports.alike import alike
from grading.reports.class_report import ClassReport
from grading.reports.figures import distribution, points_by_exercise
from grading.status import Status

SLOWEST, MOST_ALIKE, NAMED = 10, 30, 20  # rows, rows, students named in one cell


@dataclass(frozen=True)
class Misunderstood:
    """A misconception, and who has it."""

    exercise: str
    name: str
    students: tuple[str, ...]


def write_page(report: ClassReport, assignment: str, path: Path) -> None:
    environment = Environment(
        loader=PackageLoader("grading.reports"),
        autoescape=select_autoescape(["html", "j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["names"] = _names
    found = alike({row.student: row.fingerprint for row in report.rows})
    page = environment.get_template("class_page.html.j2").render(
        report=report,
        assignment=assignment,
        figures=(distribution(report), points_by_exercise(report)),
        misunderstood=_misunderstood(report),
        statuses=_statuses(report),
        troubled=[row for row in report.rows if row.status is not Status.GRADED],
        slowest=sorted(report.rows, key=lambda row: -row.seconds)[:SLOWEST],
        alike=found[:MOST_ALIKE],
        further=len(found[MOST_ALIKE:]),
    )
    path.write_text(page, encoding="utf-8")


def _misunderstood(report: ClassReport) -> list[Misunderstood]:
    """By exercise in the order of the notebooks, the most common first."""
    students: dict[tuple[str, str], list[str]] = {}
    for row in report.rows:
        for pair in row.diagnoses.items():
            students.setdefault(pair, []).append(row.student)
    order = list(report.exercises)
    found = [Misunderstood(*pair, tuple(who)) for pair, who in students.items()]
    return sorted(found, key=lambda m: (order.index(m.exercise), -len(m.students), m.name))


def _statuses(report: ClassReport) -> list[tuple[Status, int]]:
    counts = Counter(row.status for row in report.rows)
    return [(status, counts[status]) for status in Status if counts[status]]


def _names(students: tuple[str, ...]) -> str:
    more = len(students) - NAMED
    return ", ".join(students[:NAMED]) + (f" and {more} more" if more > 0 else "")
