"""A graded class as the gradebook has it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import func

from grading.judging.lab import Lab
from grading.reports.class_report import COLUMNS, ClassReport, Row
from grading.reports.summary import Summary
from grading.status import Status

STILL_IN_THE_GRADEBOOK = (
    "The gradebook holds points of an earlier submission, which is not in submitted/ any more."
)


def class_report(
    gradebook: Gradebook, assignment: str, graded: Iterable[Summary], lab: Lab
) -> ClassReport:
    """Read from the gradebook what was recorded for these submissions, and who has none."""
    notebooks = _by_name(gradebook.find_assignment(assignment).notebooks)
    names = _names(notebooks)
    exercises: dict[str, float] = {}
    headings: dict[str, str] = {}
    tests: set[str] = set()
    for number, notebook in enumerate(notebooks, 1):
        cells = {cell.name: cell for cell in (*notebook.grade_cells, *notebook.task_cells)}
        order = [cell.name for cell in notebook.source_cells if cell.name in cells]
        by_hand = {cell.name for cell in (*notebook.solution_cells, *notebook.task_cells)}
        for place, cell in enumerate(order, 1):
            name = names[notebook.name, cell]
            exercises[name] = cells[cell].max_score
            headings[name] = f"{number}.{place}"
            if cells[cell].cell_type == "code" and cell not in by_hand | set(lab.exercises):
                tests.add(name)
    points, waiting, penalties = _recorded(gradebook, assignment, names)
    students = {student.id: student for student in gradebook.students}
    rows = tuple(_row(summary, students, points, waiting, penalties) for summary in graded)
    missing = sorted(set(students) - {row.student for row in rows})
    absent = tuple(_absent(students[name], name in points) for name in missing)
    hints = {(known.exercise, known.name): known.hint for known in lab.misconceptions}
    return ClassReport(exercises, headings, rows, absent, hints, frozenset(tests))


def _names(notebooks: list[Notebook]) -> dict[tuple[str, str], str]:
    """What each graded cell is called, by notebook and grade_id.

    nbgrader wants grade_ids to differ only within a notebook, and grades.csv has names of its own.
    """
    cells = [
        (notebook.name, cell.name)
        for notebook in notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    ]
    often = Counter(cell for _, cell in cells)
    return {
        (notebook, cell): f"{notebook}/{cell}" if often[cell] > 1 or cell in COLUMNS else cell
        for notebook, cell in cells
    }


def _recorded(
    gradebook: Gradebook, assignment: str, names: dict[tuple[str, str], str]
) -> tuple[dict[str, dict[str, float]], dict[str, set[str]], dict[str, float]]:
    """By student: points by exercise, exercises that wait for a person, and late penalties."""
    points: dict[str, dict[str, float]] = {}
    waiting: dict[str, set[str]] = {}
    of_assignment = (
        gradebook.db.query(SubmittedAssignment)
        .join(Assignment)
        .filter(Assignment.name == assignment)
    )
    grades = (
        of_assignment.join(SubmittedNotebook)
        .join(Grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(Notebook, BaseCell.notebook_id == Notebook.id)
    )
    for student, notebook, cell, score, waits in grades.with_entities(
        SubmittedAssignment.student_id,
        Notebook.name,
        BaseCell.name,
        Grade.score,
        Grade.auto_score.is_(None) & Grade.manual_score.is_(None),
    ):
        name = names[notebook, cell]
        points.setdefault(student, {})[name] = score
        if waits:
            waiting.setdefault(student, set()).add(name)
    penalties = of_assignment.join(SubmittedNotebook).with_entities(
        SubmittedAssignment.student_id, func.sum(SubmittedNotebook.late_submission_penalty)
    )
    late = {s: taken or 0.0 for s, taken in penalties.group_by(SubmittedAssignment.student_id)}
    return points, waiting, late


def _row(
    summary: Summary,
    students: dict[str, Student],
    points: dict[str, dict[str, float]],
    waiting: dict[str, set[str]],
    penalties: dict[str, float],
) -> Row:
    student = students.get(summary.student)
    called = _called(student) if student else {}
    if summary.status in (Status.FAILED, Status.NOT_GRADED):
        return Row(**vars(summary), **called)
    return Row(
        **vars(summary),
        points=points.get(summary.student, {}),  # of an assignment without a graded cell
        waiting=frozenset(waiting.get(summary.student, ())),
        late_penalty=penalties[summary.student],
        **called,
    )


def _absent(student: Student, has_points: bool) -> Row:
    findings = (STILL_IN_THE_GRADEBOOK,) if has_points else ()
    return Row(student.id, Status.NOT_HANDED_IN, findings, **_called(student))


def _called(student: Student) -> dict[str, Any]:
    """What the gradebook knows of a student, beside points."""
    names = ("first_name", "last_name", "email", "lms_user_id")
    return {name: getattr(student, name) or "" for name in names}


def _by_name(things: Iterable) -> list:
    return sorted(things, key=lambda thing: thing.name)
