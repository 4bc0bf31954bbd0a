"""grades-canvas.csv and grades-moodle.csv: totals in the columns that these platforms import.

Canvas matches students by ID, which the gradebook has where the roster brought it (lms_user_id), or
else by SIS Login ID, and takes the points possible from a line of their own;
Moodle lets one choose, by user name or email address. Who has no points, because nothing was handed
in or graded yet, is left out, so that no grade there is overwritten by an empty one; and who waits
for points that a person gives, because that total is none yet.
"""

from pathlib import Path

from grading.reports.class_report import ClassReport, Row
from grading.reports.table import no_formula, points_text, write_lines

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Username", "First name", "Last name", "Email address")


def write_canvas(report: ClassReport, assignment: str, path: Path) -> None:
    possible = {"Student": "    Points Possible", assignment: points_text(report.maximum)}
    lines = [
        {
            "Student": _last_name_first(row),
            "ID": row.lms_user_id,
            "SIS Login ID": row.student,
            assignment: _total(row),
        }
        for row in _graded(report)
    ]
    _write(path, [*CANVAS, assignment], [possible, *lines])


def write_moodle(report: ClassReport, assignment: str, path: Path) -> None:
    lines = [
        {
            "Username": row.student,
            "First name": row.first_name,
            "Last name": row.last_name,
            "Email address": row.email,
            assignment: _total(row),
        }
        for row in _graded(report)
    ]
    _write(path, [*MOODLE, assignment], lines)


def _graded(report: ClassReport) -> list[Row]:
    return [row for row in report.rows if row.points and not row.waiting]


def _total(row: Row) -> str:
    return points_text(row.total)


def _last_name_first(row: Row) -> str:
    return ", ".join(filter(None, (row.last_name, row.first_name))) or row.student


def _write(path: Path, columns: list[str], lines: list[dict[str, str]]) -> None:
    safe = [{name: no_formula(text) for name, text in line.items()} for line in lines]
    write_lines(path, columns, safe)
