"""Whole submissions in real kernels: the instructor's, the blank one, and those in other forms."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from functools import partial

from grading.batch.grade_one import grade_submission
from grading.batch.graded import GradedSubmission, verdicts_in
from grading.course import Course
from grading.judging.judge import NOT_STARTED
from grading.judging.lab import Lab
from grading.own_tests import own_tests
from grading.preprocessors.base import graded_id
from grading.proof.handin import instructors_answers, other_answers, submit
from grading.proof.trial import BLANK, OTHER, RIGHT, Step, Trial


def in_kernels(course: Course, lab: Lab, pool: Executor) -> Iterator[Step]:
    """Steps that wait for submissions, all of which are begun at once."""
    right = instructors_answers(course, lab.name)
    own = {name for tests in own_tests(course, lab.name).values() for name in tests}
    everything = {*lab.exercises, *own}
    for kind, submission, of_kind in (
        (RIGHT, submit(course, lab.name, RIGHT, right), everything),
        (BLANK, submit(course, lab.name, BLANK, {}), everything),
        *((OTHER, submission, given) for submission, given in other_answers(course, lab)),
    ):
        graded = pool.submit(grade_submission, submission, course)
        run = partial(_trials, kind, graded, of_kind, lab)
        yield Step(f"a submission, {submission.student}", run)


def _trials(
    kind: str, future: Future[GradedSubmission], exercises: set[str], lab: Lab
) -> Iterator[Trial]:
    """One for each of these exercises. Others are answered as the instructor does."""
    graded = future.result()
    if kind == RIGHT:
        yield from _failing_cells(graded, lab)
    handed_in = graded.submission.files
    there = {name: nb for name, nb in graded.notebooks.items() if f"{name}.ipynb" in handed_in}
    for verdict in verdicts_in(there):
        if kind != BLANK:
            good = not verdict.lost
        elif verdict.exercise in lab.exercises:
            good = verdict.note == NOT_STARTED
        else:
            good = not verdict.earned
        problem = "" if good else f"{graded.submission.student}: {verdict.as_text()}"
        if verdict.exercise in exercises:
            yield Trial(verdict.exercise, kind, good, problem)
        elif problem:
            yield Trial(verdict.exercise, RIGHT, good, problem)


def _failing_cells(graded: GradedSubmission, lab: Lab) -> Iterator[Trial]:
    """A right answer in a notebook that fails for its own reasons: a student would see that."""
    for name, notebook in graded.notebooks.items():
        first = next(filter(None, map(graded_id, notebook.cells)), name)
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    said = f"{output.ename}: {output.evalue}"
                    problem = f"with right answers, cell {cell.id} of {name}.ipynb raises {said}"
                    yield Trial(graded_id(cell) or first, RIGHT, False, problem)
