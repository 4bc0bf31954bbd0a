"""A graded class: its students with their points as the gradebook has them, and its exercises."""

from dataclasses import dataclass, field
from statistics import mean, median

from grading.reports.summary import Summary
from grading.status import Status

# Of grades.csv, before the exercises; behind them come the findings.
COLUMNS = ("student", "status", "total", "maximum", "late penalty", "waiting", "findings")


@dataclass(frozen=True)
class Row(Summary):
    """One student. Points are the gradebook's: manual corrections and late penalty included.

    Of what waits for a person the gradebook has the points as they are so far, or none.
    """

    points: dict[str, float] = field(default_factory=dict)  # by exercise
    waiting: frozenset[str] = frozenset()  # exercises whose points a person has still to give
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
    beside: frozenset[str] = frozenset()  # exercises whose own tests ran beside the code

    @property
    def everybody(self) -> tuple[Row, ...]:
        return tuple(sorted((*self.rows, *self.absent), key=lambda row: row.student))

    @property
    def waiting(self) -> list[Row]:
        """Students whose total lacks what a person has still to give."""
        return [row for row in self.rows if row.waiting]

    @property
    def totals(self) -> list[float]:
        """Of those who have points, as they are so far."""
        return [row.total for row in self.rows if row.points]

    @property
    def mean_total(self) -> float:
        return mean(self.totals)

    @property
    def median_total(self) -> float:
        return median(self.totals)

    def mean(self, exercise: str) -> float:
        return mean(self._points(exercise) or [0.0])

    def waits(self, exercise: str) -> int:
        """Students for whom a person has still to give the points."""
        return sum(exercise in row.waiting for row in self.rows)

    @property
    def by_hand(self) -> list[str]:
        """Exercises in which somebody waits for points, in order."""
        return [name for name in self.exercises if self.waits(name)]

    def count(self, exercise: str, points: float) -> int:
        """Students who got exactly these points."""
        return self._points(exercise).count(points)

    def _points(self, exercise: str) -> list[float]:
        """Of those who do not wait for theirs."""
        given = (row for row in self.rows if row.points and exercise not in row.waiting)
        return [row.points[exercise] for row in given]

    @property
    def complete(self) -> bool:
        """Whether every submission was dealt with, be it good, bad or damaged."""
        return all(row.status is not Status.FAILED for row in self.rows)

    @property
    def maximum(self) -> float:
        return sum(self.exercises.values())
