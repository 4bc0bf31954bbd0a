"""`grade check`: prove that the source, the hand-out, the reference and the grader agree.

In real kernels: the instructor's answers earn everything, the blank hand-out nothing because it is
not started, right answers in other forms everything. Beside the judge: every misconception loses
exactly what it breaks and is called by its name, and every mutant of the reference is caught. The
visible self-checks are tried on the same wrong answers.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grading.batch.pool import WORKERS, processes
from grading.course import Course, CourseError, copy_course
from grading.judging.exercise import Exercise
from grading.judging.lab import Lab
from grading.labs import find_lab
from grading.proof.in_kernels import in_kernels
from grading.proof.self_checks import self_checks
from grading.proof.trial import BLANK, CHECKS, OTHER, RIGHT, WRONG, Proof, Trial
from grading.proof.wrong_answers import let_pass_for_nothing, wrong_answers
from grading.release import differing_files, generate

SEEN_AT_LEAST = 0.85  # of a lab's wrong answers, by its visible self-checks


@dataclass(frozen=True)
class Reached:
    """How far a proof is, and what it is at."""

    completed: int
    total: int
    what: str

    def as_json(self) -> dict[str, Any]:
        return vars(self)

    def __str__(self) -> str:
        return f"{self.completed:,} of {self.total:,}, {self.what}"


def prove(
    course: Course, name: str, exercise: str = "", watch: Callable[[Reached], None] = lambda _: None
) -> Proof:
    """Prove a lab, or one exercise of it, with a hand-out that is made from its source now.

    watch: is shown how far the proof is.
    Raises CourseError when there is no such exercise.
    """
    lab = find_lab(course, name)
    exercises = exercises_to_prove(lab, exercise)
    with tempfile.TemporaryDirectory(prefix="grade-check-") as folder:
        copy = replace(course, root=copy_course(course, Path(folder)).root)
        watch(Reached(0, 1, f"making the hand-out of {name}"))
        fresh = generate(copy, name, Path(folder) / "release", into_gradebook=False)
        problems = list(differing_files(course, fresh, course.folder("release", name)))
        if exercise:
            _keep_only(copy, lab, exercise)
        trials = list(_trials(copy, lab, exercises, watch))
        trials += _missing(trials, exercises)
        if not exercise:
            problems += [*_seen_too_little(trials), *let_pass_for_nothing(lab)]
    ids = tuple(each.id for each in exercises)
    return Proof(lab, ids, tuple(t for t in trials if t.exercise in ids), tuple(problems))


def exercises_to_prove(lab: Lab, exercise: str) -> list[Exercise]:
    """One exercise of a lab, or all where none is named. Raises CourseError for an unknown one."""
    if not exercise:
        return [each for _, each in lab.entries]
    if exercise not in lab.exercises:
        known = ", ".join(lab.exercises)
        raise CourseError(f"{lab.name} has no exercise {exercise!r}. Known: {known}.")
    return [lab.exercises[exercise]]


def _keep_only(course: Course, lab: Lab, exercise: str) -> None:
    """Of the lab, only the notebook with this exercise need be run."""
    for half in ("source", "release"):
        for path in course.folder(half, lab.name).glob("*.ipynb"):
            if path.stem != lab.notebook_of(exercise):
                path.unlink()


def _trials(
    course: Course, lab: Lab, exercises: list[Exercise], watch: Callable[[Reached], None]
) -> Iterator[Trial]:
    """Kernels run in other processes, while wrong answers are judged in this one."""
    check = self_checks(course, lab.name)
    with processes(WORKERS) as pool:
        kernels = list(in_kernels(course, lab, pool))
        steps = [*wrong_answers(lab, check, exercises), *kernels]
        for number, step in enumerate(steps):
            watch(Reached(number, len(steps), step.what))
            yield from step.run()


def _missing(trials: list[Trial], exercises: list[Exercise]) -> Iterator[Trial]:
    """Kinds of proof that an exercise lacks."""
    for exercise in exercises:
        tried = {trial.kind for trial in trials if trial.exercise == exercise.id}
        for kind in (RIGHT, BLANK, WRONG, OTHER):
            if kind not in tried:
                yield Trial(exercise.id, kind, False, f"nothing was tried: {kind}")


def _seen_too_little(trials: list[Trial]) -> Iterator[str]:
    """A line when the self-checks of a lab see too few of its wrong answers."""
    seen = [trial.passed for trial in trials if trial.kind == CHECKS]
    if sum(seen) < SEEN_AT_LEAST * len(seen):
        yield f"the self-checks see {sum(seen)} of {len(seen)} wrong answers"
