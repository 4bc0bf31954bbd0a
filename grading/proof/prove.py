"""`grade check`: prove that the source, the hand-out, the reference and the grader agree.

In real kernels: the instructor's answers earn everything, the blank hand-out nothing because it is
not started, right answers in other forms everything. Beside the judge: every misconception loses
exactly what it breaks and is called by its name, and every mutant of right answers is caught. The
visible self-checks are tried on the same wrong answers; and every promise is asked for.
Tests that stand for themselves are tried on the instructor's answers and on the blank hand-out.
"""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grading.course import Course, CourseError, copy_course
from grading.judging.exercise import Exercise
from grading.judging.lab import Lab
from grading.labs import find_lab
from grading.own_tests import own_tests
from grading.proof.in_kernels import in_kernels
from grading.proof.in_workers import in_workers
from grading.proof.promises import unasked
from grading.proof.trial import BLANK, CHECKS, OTHER, RIGHT, WRONG, Proof, Step, Trial
from grading.proof.wrong_answers import let_pass_for_nothing
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
    course: Course,
    name: str,
    pool: Executor,
    exercise: str = "",
    watch: Callable[[Reached], None] = lambda _: None,
) -> Proof:
    """Prove a lab, or one exercise of it, with a hand-out that is made from its source now.

    pool: where it is tried. watch: is shown how far the proof is.
    Raises CourseError when there is no such exercise.
    """
    lab = find_lab(course, name)
    exercises = exercises_to_prove(lab, exercise)
    beside_the_judge = [*in_workers(course, lab, exercises, pool)] if exercises else []
    with tempfile.TemporaryDirectory(prefix="grade-check-") as folder:
        copy = replace(course, root=copy_course(course, Path(folder)).root)
        watch(Reached(0, 1, f"making the hand-out of {name}"))
        fresh = generate(copy, name, Path(folder) / "release", into_gradebook=False)
        problems = list(differing_files(course, fresh, course.folder("release", name)))
        if exercise:
            _keep_only(copy, lab, exercise)
        trials = list(_trials([*in_kernels(copy, lab, pool), *beside_the_judge], watch))
        trials += _missing(trials, exercises)
        if not exercise:
            problems += [*_seen_too_little(trials), *let_pass_for_nothing(copy, lab)]
            problems += unasked(copy, lab)
        own = own_tests(copy, name)
    ids = tuple(each.id for each in exercises)
    if not exercise:
        ids += tuple(test for tests in own.values() for test in tests)
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


def _trials(steps: list[Step], watch: Callable[[Reached], None]) -> Iterator[Trial]:
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
