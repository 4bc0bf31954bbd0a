"""What the instructor reads after grading: a table in the terminal, and grades.csv."""

import csv
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grading.reports.class_report import ClassReport
from grading.reports.next_steps import NextSteps
from grading.status import Status

MOST_SHOWN = 100  # students; nobody reads more in a terminal


def write_csv(report: ClassReport, path: Path) -> None:
    """One line a student of the class; points are empty where nothing was graded."""
    columns = [
        "student",
        "status",
        "total",
        "maximum",
        "late penalty",
        *report.exercises,
        "findings",
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for row in report.everybody:
            line = {name: points_text(row.points.get(name)) for name in report.exercises}
            line |= {"student": no_formula(row.student), "status": row.status.value}
            line |= {"total": points_text(row.total if row.points else None)}
            line |= {
                "maximum": points_text(report.maximum),
                "late penalty": points_text(row.late_penalty if row.points else None),
            }
            writer.writerow(line | {"findings": no_formula(" ".join(row.findings))})


def no_formula(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: names may begin with anything."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def points_text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


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
    for name in report.exercises:
        table.add_column(report.headings[name], justify="right", no_wrap=True)
    for column in (f"of {report.maximum:g}", *(["late", "total"] if late else [])):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for row in rows:
        points = [points_text(row.points.get(name)) for name in report.exercises]
        sums = [row.earned, 0 - row.late_penalty, row.total] if late else [row.earned]
        shown = [points_text(value if row.points else None) for value in sums]
        table.add_row(row.student, *points, *shown, row.status.value)
    console.print()
    console.print(table)
    columns = [
        f"{report.headings[name]} {name} ({points_text(most)})"
        for name, most in report.exercises.items()
    ]
    console.print("\nExercises and their points:", ", ".join(columns), highlight=False)
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
