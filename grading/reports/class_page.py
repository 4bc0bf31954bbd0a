"""report.html: the class on one page, for the instructor. It needs nothing beside it."""

from collections import Counter
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape

from grading.files import replace_file
from grading.judging.beside import BESIDE
from grading.reports.alike import alike
from grading.reports.class_report import ClassReport
from grading.reports.next_steps import NextSteps, names
from grading.status import Status

SLOWEST, MOST_ALIKE, HELPED = 10, 30, 20  # rows


def write_page(report: ClassReport, assignment: str, path: Path) -> None:
    # Matplotlib takes a second to import, which nobody has to wait for before a class is graded.
    from grading.reports.figures import distribution, points_by_exercise

    environment = Environment(
        loader=PackageLoader("grading.reports"),
        autoescape=select_autoescape(["html", "j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["names"] = names
    found = alike({row.student: row.fingerprint for row in report.rows})
    page = environment.get_template("class_page.html.j2").render(
        report=report,
        beside=BESIDE,
        assignment=assignment,
        figures=(distribution(report), points_by_exercise(report)),
        steps=NextSteps(report),
        most_helped=HELPED,
        statuses=_statuses(report),
        troubled=[row for row in report.rows if row.status is not Status.GRADED],
        slowest=sorted(report.rows, key=lambda row: -row.seconds)[:SLOWEST],
        alike=found[:MOST_ALIKE],
        further=len(found[MOST_ALIKE:]),
    )
    replace_file(path, page)


def _statuses(report: ClassReport) -> list[tuple[Status, int]]:
    counts = Counter(row.status for row in report.rows)
    return [(status, counts[status]) for status in Status if counts[status]]
