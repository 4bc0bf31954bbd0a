"""A graded class: its students with their points as the gradebook has them, and its exercises."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    GradeCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import func

from grading.judging.lab import Lab
from grading.reports.summary import Summary
from grading.status import Status

STILL_IN_THE_GRADEBOOK = (
    "The gradebook holds points of an earlier submission, which is not in submitted/ any more."
)


@dataclass(frozen=True)
class Row(Summary):
    """One student. Points are the gradebook's: manual corrections and late penalty included."""

    points: dict[str, float] = field(default_factory=dict)  # by exercise
    late_penalty: float = 0.0
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""  # the number that a learning platform knows the student by

    @property
    def earned(self) -> float:
        """Before the late penalty: what Formgrader shows."""
        return sum(self.points.values())

    @property
    def total(self) -> float:
        return self.earned - self.late_penalty


@dataclass(frozen=True)
class ClassReport:
    exercises: dict[str, float]  # maximum by exercise, in the order of the notebooks
    headings: dict[str, str]  # notebook and place in it, such as 2.1
    rows: tuple[Row, ...]  # one a submission: all figures and counts are of these
    absent: tuple[Row, ...] = ()  # students of the gradebook who have not handed in
    hints: dict[tuple[str, str], str] = field(default_factory=dict)  # by exercise and misconception

    @property
    def everybody(self) -> tuple[Row, ...]:
        return tuple(sorted((*self.rows, *self.absent), key=lambda row: row.student))

    @property
    def totals(self) -> list[float]:
        """Of those who have points."""
        return [row.total for row in self.rows if row.points]

    @property
    def mean_total(self) -> float:
        return mean(self.totals)

    @property
    def median_total(self) -> float:
        return median(self.totals)

    def mean(self, exercise: str) -> float:
        return mean(self._points(exercise) or [0.0])

    def count(self, exercise: str, points: float) -> int:
        """Students who got exactly these points."""
        return self._points(exercise).count(points)

    def _points(self, exercise: str) -> list[float]:
        return [row.points[exercise] for row in self.rows if row.points]

    @property
    def complete(self) -> bool:
        """Whether every submission was dealt with, be it good, bad or damaged."""
        return all(row.status is not Status.FAILED for row in self.rows)

    @property
    def maximum(self) -> float:
        return sum(self.exercises.values())


def class_report(
    gradebook: Gradebook, assignment: str, graded: Iterable[Summary], lab: Lab
) -> ClassReport:
    """Read from the gradebook what was recorded for these submissions, and who has none."""
    exercises: dict[str, float] = {}
    headings: dict[str, str] = {}
    for number, notebook in enumerate(_by_name(gradebook.find_assignment(assignment).notebooks), 1):
        cells = {cell.name: cell.max_score for cell in notebook.grade_cells}
        order = [cell.name for cell in notebook.source_cells if cell.name in cells]
        exercises |= {name: cells[name] for name in order}
        headings |= {name: f"{number}.{place}" for place, name in enumerate(order, 1)}
    points, penalties = _recorded(gradebook, assignment)
    students = {student.id: student for student in gradebook.students}
    rows = tuple(_row(summary, students, points, penalties) for summary in graded)
    missing = sorted(set(students) - {row.student for row in rows})
    absent = tuple(_absent(students[name], name in points) for name in missing)
    hints = {(known.exercise, known.name): known.hint for known in lab.misconceptions}
    return ClassReport(exercises, headings, rows, absent, hints)


def _recorded(
    gradebook: Gradebook, assignment: str
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Points by student and exercise, and late penalties by student, however large the class."""
    points: dict[str, dict[str, float]] = {}
    of_assignment = (
        gradebook.db.query(SubmittedAssignment)
        .join(Assignment)
        .filter(Assignment.name == assignment)
    )
    grades = (
        of_assignment.join(SubmittedNotebook)
        .join(Grade)
        .join(GradeCell, Grade.cell_id == GradeCell.id)
    )
    for student, name, score in grades.with_entities(
        SubmittedAssignment.student_id, GradeCell.name, Grade.score
    ):
        points.setdefault(student, {})[name] = score
    penalties = of_assignment.join(SubmittedNotebook).with_entities(
        SubmittedAssignment.student_id, func.sum(SubmittedNotebook.late_submission_penalty)
    )
    return points, {
        s: late or 0.0 for s, late in penalties.group_by(SubmittedAssignment.student_id)
    }


def _row(
    summary: Summary,
    students: dict[str, Student],
    points: dict[str, dict[str, float]],
    penalties: dict[str, float],
) -> Row:
    student = students.get(summary.student)
    called = _called(student) if student else {}
    if summary.status in (Status.FAILED, Status.NOT_GRADED):
        return Row(**vars(summary), **called)
    return Row(
        **vars(summary),
        points=points[summary.student],
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
