"""Whole submissions in real kernels: the instructor's, the blank one, and those in other forms."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from functools import partial

from grading.batch.grade_one import grade_submission
from grading.batch.graded import GradedSubmission
from grading.course import Course
from grading.judging.judge import NOT_STARTED
from grading.judging.lab import Lab
from grading.proof.handin import instructors_answers, other_answers, submit
from grading.proof.trial import BLANK, OTHER, RIGHT, Step, Trial


def in_kernels(course: Course, lab: Lab, pool: Executor) -> Iterator[Step]:
    """Steps that wait for submissions, all of which are begun at once."""
    submissions = [
        (RIGHT, submit(course, lab.name, RIGHT, instructors_answers(course, lab.name))),
        (BLANK, submit(course, lab.name, BLANK, {})),
        *((OTHER, submission) for submission in other_answers(course, lab)),
    ]
    for kind, submission in submissions:
        graded = pool.submit(grade_submission, submission, course)
        yield Step(f"a submission, {submission.student}", partial(_trials, kind, graded))


def _trials(kind: str, future: Future[GradedSubmission]) -> Iterator[Trial]:
    graded = future.result()
    for verdict in graded.verdicts:
        good = verdict.note == NOT_STARTED if kind == BLANK else not verdict.lost
        problem = "" if good else f"{graded.submission.student}: {verdict.as_text()}"
        yield Trial(verdict.exercise, kind, good, problem)
