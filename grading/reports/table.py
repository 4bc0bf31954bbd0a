"""What the instructor reads after grading: a table in the terminal, and grades.csv."""

import csv
import io
import re
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grading.files import replace_file
from grading.reports.class_report import COLUMNS, ClassReport, Row
from grading.reports.next_steps import NextSteps
from grading.status import Status

FORMULA = re.compile(r"(^|;)(?=[\s\"]*[=+\-@\t\r])")
MOST_SHOWN = 100  # students; nobody reads more in a terminal
LONGEST_NAME = 20  # signs; longer names are folded


def write_csv(report: ClassReport, path: Path) -> None:
    """One line a student of the class; points are empty where nothing was graded.

    waiting: of how many cells a person has still to give the points, which the total lacks.
    """
    columns = [*COLUMNS[:-1], *report.exercises, *COLUMNS[-1:]]
    lines = []
    for row in report.everybody:
        line = {name: points_text(_given(row, name)) for name in report.exercises}
        line |= {"student": no_formula(row.student), "status": row.status.value}
        line |= {"total": points_text(row.total if row.points else None)}
        line |= {
            "maximum": points_text(report.maximum),
            "late penalty": points_text(row.late_penalty if row.points else None),
            "waiting": str(len(row.waiting)) if row.points else "",
        }
        lines.append(line | {"findings": no_formula(" ".join(row.findings))})
    write_lines(path, columns, lines)


def write_lines(path: Path, columns: list[str], lines: list[dict[str, str]]) -> None:
    """A CSV file; a column that a line lacks is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    replace_file(path, text.getvalue())


def no_formula(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: names may begin with anything.

    Where the semicolon separates fields, one begins behind it.
    """
    return FORMULA.sub(r"\1'", text)


def _given(row: Row, exercise: str) -> float | None:
    """The points of an exercise; none where they wait for a person, unless there were some."""
    points = row.points.get(exercise)
    return points if points or exercise not in row.waiting else None


def points_text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _columns(report: ClassReport, width: int) -> dict[str, list[str]]:
    """The exercises by heading: each on its own or, where there is no room, those of a notebook."""
    each = {report.headings[name]: [name] for name in report.exercises}
    name = min(max(map(len, (row.student for row in report.everybody)), default=0), LONGEST_NAME)
    status = max((len(row.status.value) for row in report.everybody), default=0)
    if name + 1 + sum(len(heading) + 1 for heading in each) + status <= width:
        return each
    by_notebook: dict[str, list[str]] = {}
    for heading, names in each.items():
        by_notebook.setdefault(heading.partition(".")[0], []).extend(names)
    return by_notebook


def _cell(row: Row, names: list[str]) -> str:
    given = [points for name in names if (points := _given(row, name)) is not None]
    waits = "?" if any(name in row.waiting for name in names) else ""
    return points_text(sum(given) if given else None) + waits


def show(report: ClassReport, console: Console) -> None:
    """Print what to do next, the table, what its columns mean, and all that had to be noted.

    Of a large class, only the submissions that somebody should look at, and who has not handed in.
    """
    rows = report.everybody
    if len(rows) > MOST_SHOWN:
        troubled = [row for row in report.rows if row.status is not Status.GRADED]
        rows = (*troubled, *report.absent)[:MOST_SHOWN]
    for line in NextSteps(report).in_lines():
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    late = any(row.late_penalty for row in rows)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("student", overflow="fold")
    sums_of = [f"of {report.maximum:g}", *(["late", "total"] if late else [])]
    columns = _columns(report, console.width - sum(len(each) + 1 for each in sums_of))
    for column in (*columns, *sums_of):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for row in rows:
        points = [_cell(row, names) for names in columns.values()]
        sums = [row.earned, 0 - row.late_penalty, row.total] if late else [row.earned]
        shown = [points_text(value if row.points else None) for value in sums]
        shown[-1] += "?" if row.waiting else ""
        table.add_row(row.student, *points, *shown, row.status.value)
    console.print()
    console.print(table)
    told = [
        f"{column} {', '.join(names)} ({points_text(sum(report.exercises[n] for n in names))})"
        for column, names in columns.items()
    ]
    console.print("\nExercises and their points:", "; ".join(told), highlight=False)
    if len(columns) < len(report.exercises):
        console.print(
            "On a wider screen, and in grades.csv, each exercise has a column of its own."
        )
    if any(row.waiting for row in rows):
        console.print("?: waits for a person; a total with it is without those points.")
    for row in rows:
        for finding in row.findings:
            console.print(
                f"{row.student}: {finding}", markup=False, highlight=False, soft_wrap=True
            )
    if len(rows) < len(report.everybody):
        console.print(
            f"\nShown are {len(rows):,} of {len(report.everybody):,} students: those with a status "
            f"other than graded, at most {MOST_SHOWN}. All are in grades.csv and report.html.",
            highlight=False,
            soft_wrap=True,
        )
