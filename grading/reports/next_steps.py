"""What a teacher does next: what to talk about, whom to help, who waits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grading.reports.class_report import ClassReport, Row
from grading.status import Status

NEEDS_HELP = 0.5  # who has earned less than this share of the points
NAMED = 20  # students named in one place
WAITING = {  # for what, and what ends it
    Status.FAILED: "The grader failed, grade again:",
    Status.NOT_GRADED: "New or out of date, grade everybody:",
    Status.DAMAGED: "Something is missing or unreadable, ask for it:",
    Status.NOT_HANDED_IN: "Nothing has come, ask for it:",
}


@dataclass(frozen=True)
class Misunderstood:
    """A misconception of an exercise, the hint that feedback gives for it, and who has it."""

    exercise: str
    name: str
    hint: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class NextSteps:
    """The class report, read by somebody who teaches the class tomorrow."""

    report: ClassReport

    @cached_property
    def misunderstood(self) -> list[Misunderstood]:
        """The most common first; of equally common ones, the first in the notebooks."""
        students: dict[tuple[str, str], list[str]] = {}
        for row in self.report.rows:
            for pair in row.diagnoses.items():
                students.setdefault(pair, []).append(row.student)
        order, hints = list(self.report.exercises), self.report.hints
        found = [
            Misunderstood(*pair, hints.get(pair, ""), tuple(students[pair])) for pair in students
        ]
        return sorted(found, key=lambda m: (-len(m.students), order.index(m.exercise), m.name))

    @cached_property
    def hardest(self) -> str:
        """The exercise of which the class lost the largest share; empty if nothing was lost."""
        lost = {
            name: 1 - self.report.mean(name) / most
            for name, most in self.report.exercises.items()
            # some exercises are dropped, and some are not graded to the end
            if most and self.report.totals and not self.report.waits(name)
        }
        name = max(lost, key=lambda name: lost[name], default="")
        return name if name and lost[name] > 0 else ""

    @cached_property
    def needs_help(self) -> list[Row]:
        """Who has earned little, the least first. Being late is another matter."""
        rows = [
            row
            for row in self.report.rows
            if row.points and row.earned < NEEDS_HELP * self._most_so_far(row)
        ]
        return sorted(rows, key=lambda row: (row.earned, row.student))

    def _most_so_far(self, row: Row) -> float:
        """What somebody could have earned without what waits for a person."""
        exercises = self.report.exercises.items()
        return sum(most for name, most in exercises if name not in row.waiting)

    def lost_by(self, row: Row) -> list[str]:
        """The exercises in which a student lost points."""
        given = (name for name in self.report.exercises if name not in row.waiting)
        return [name for name in given if row.points[name] < self.report.exercises[name]]

    @cached_property
    def for_you(self) -> str:
        """What waits for the instructor's own points; empty if nothing does."""
        cells, students = len(self.report.by_hand), len(self.report.waiting)
        if not students:
            return ""
        return (
            f"{cells} {'cell' if cells == 1 else 'cells'} of {students:,} "
            f"{'student waits' if students == 1 else 'students wait'} for you, in Formgrader: "
            f"{', '.join(self.report.by_hand)}. Until then their totals lack these points, and the "
            "files for Canvas and Moodle leave them out."
        )

    @cached_property
    def waiting(self) -> dict[str, list[str]]:
        """Students, by what they wait for."""
        by_status = {
            says: [row.student for row in self.report.everybody if row.status is status]
            for status, says in WAITING.items()
        }
        return {says: students for says, students in by_status.items() if students}

    def in_lines(self) -> Iterator[str]:
        """In short, for the terminal."""
        if self.misunderstood:
            most = self.misunderstood[0]
            where = f"{self.report.headings[most.exercise]} {most.exercise}"
            yield f"Talk about: {most.name}, in {where} ({names(most.students)}). {most.hint}"
        elif self.hardest:
            worst = f"{self.report.headings[self.hardest]} {self.hardest}"
            yield f"Talk about: {worst}, which cost the largest share of its points."
        if self.needs_help:
            who = names(row.student for row in self.needs_help)
            yield f"Help, with less than half of the points: {who}"
        if self.for_you:
            yield self.for_you
        for says, students in self.waiting.items():
            yield f"{says} {names(students)}"


def names(students: Iterable[str]) -> str:
    """Some names, and how many more there are."""
    every = list(students)
    more = len(every) - NAMED
    return ", ".join(every[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
