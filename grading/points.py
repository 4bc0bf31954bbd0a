"""Where the points of a lab stand beside its aspects, which decide: all must say the same.

A notebook says them in its graded cells, in the heading above each (`### Exercise 1. Name (2
points)`), in the numbered list at its top, and in all (`**7 points**`); the README in a table. What
a person gives, or a test that stands for itself, counts in these sums, too.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grading.cells import graded_cells, is_graded, read_cells
from grading.course import Course
from grading.judging.lab import Lab

NUMBER = r"(\d+(?:\.\d+)?)"
HEADING = re.compile(rf"^### .*\({NUMBER} points?\)", re.MULTILINE)
ITEM = re.compile(rf"^\d+\. (?:(?!^\d+\. ).)*?\({NUMBER} points?\)", re.MULTILINE | re.DOTALL)
SUM = re.compile(rf"\*\*{NUMBER} points?\*\*")
ROW = re.compile(rf"\| `([^`|]+)` \| *{NUMBER} *\|")
TOTAL = re.compile(rf"\| *\*\*{NUMBER}\*\* *\|")


@dataclass(frozen=True)
class Said:
    """What one place says of an exercise's points; None where it says nothing of them."""

    exercise: str
    points: float | None
    where: str


def differing_points(course: Course, lab: Lab) -> Iterator[str]:
    """A line for each exercise, notebook or total of which two places say different points."""
    said = list(_of_readme(course, lab))
    for notebook in lab.notebooks:
        said += _of_notebook(course, lab, notebook)
    for notebook, exercise in lab.entries:
        entry = course.shown(lab.exercises_file(notebook))
        for other in said:
            if other.exercise == exercise.id and not _same(other.points, exercise.points):
                says = "no points" if other.points is None else f"{other.points:g}"
                yield (
                    f"Points of {exercise.id} differ: {exercise.points:g} in {entry}, "
                    f"{says} in {other.where}."
                )
    for where, total, right in _totals(course, lab):
        if total != f"{right:g}":
            yield (
                f"Points in all differ: {right:g} by the cells and entries of {lab.name}, "
                f"{total or 'none'} in {where}."
            )


def _same(points: float | None, right: float) -> bool:
    return points is not None and math.isclose(points, right)


def _of_readme(course: Course, lab: Lab) -> Iterator[Said]:
    path = course.folder("source", lab.name) / "README.md"
    rows = {name: float(points) for name, points in ROW.findall(_text(path))}
    for exercise in lab.exercises:
        yield Said(exercise, rows.get(exercise), course.shown(path))


def _of_notebook(course: Course, lab: Lab, notebook: str) -> Iterator[Said]:
    path = course.folder("source", lab.name) / f"{notebook}.ipynb"
    where = course.shown(path)
    heading: float | None = None
    items: list[float] = []
    order: list[str] = []
    for cell in read_cells(path):
        if cell.cell_type == "markdown":
            headings = HEADING.findall(cell.source)
            heading = float(headings[-1]) if headings else heading
            items += [] if order else map(float, ITEM.findall(cell.source))
        if is_graded(cell):
            name = cell.metadata.nbgrader.grade_id
            yield Said(name, cell.metadata.nbgrader.get("points"), f"its cell in {where}")
            yield Said(name, heading, f"the heading above it in {where}")
            order.append(name)
            heading = None
    for place, name in enumerate(order):
        item = items[place] if place < len(items) else None
        yield Said(name, item, f"the list at the top of {where}")
    handed_out = course.folder("release", lab.name) / path.name
    for cell in graded_cells(handed_out) if handed_out.is_file() else []:
        mark = cell.metadata.nbgrader
        yield Said(mark.grade_id, mark.get("points"), f"its cell in {course.shown(handed_out)}")


def _totals(course: Course, lab: Lab) -> Iterator[tuple[str, str, float]]:
    """Where a sum of points stands, what it is there, and what it should be."""
    of_all = 0.0
    for notebook, points in lab.points.items():
        path = course.folder("source", lab.name) / f"{notebook}.ipynb"
        cells = read_cells(path)
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        others = (cell.metadata.nbgrader for cell in cells if is_graded(cell))
        beside = sum(mark.points for mark in others if mark.grade_id not in points)
        of_all += sum(points.values()) + beside
        for total in SUM.findall(text)[:1] or [""]:
            yield course.shown(path), total, sum(points.values()) + beside
    readme = course.folder("source", lab.name) / "README.md"
    for total in TOTAL.findall(_text(readme)) or [""]:
        yield course.shown(readme), total, of_all


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""
