"""Grade a whole class, several at once. What goes wrong with one submission stays with it."""

import glob
import logging
import os
import signal
import tempfile
import traceback
import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from grading import sandbox
from grading.class_page import write_page
from grading.course import Course, CourseError
from grading.exercises import EXERCISES
from grading.lms import write_canvas, write_moodle
from grading.recorder import record, register, write_feedback
from grading.report import ClassReport, class_report, show, write_csv
from grading.status import Status, readable
from grading.submission import Submission
from grading.worker import GradedSubmission, grade_submission

WORKERS = os.cpu_count() or 1
TRIES = 3  # where the grader itself fails


def grade_class(course: Course, assignment: str, console: Console) -> ClassReport:
    """Grade everything in submitted/, record it, write feedback and grades.csv, print the table.

    Raises CourseError, before anything is graded, when the course is not fit for it.
    """
    course.release_notebooks(assignment)
    for exercise in EXERCISES.values():
        course.reference(exercise.module)
    folders = _submissions(course, assignment)
    if not course.trusts_submissions:
        sandbox.require_sandbox()
    register(course, assignment)
    graded = track(
        _grade_all(folders, course, assignment),
        f"Grading {assignment}",
        total=len(folders),
        console=console,
        transient=True,
    )
    summaries = sorted(
        (_record(one, course, console).summary for one in graded), key=lambda one: one.student
    )
    report = class_report(course, assignment, summaries)
    write_csv(report, course.root / "grades.csv")
    write_canvas(report, assignment, course.root / "grades-canvas.csv")
    write_moodle(report, assignment, course.root / "grades-moodle.csv")
    write_page(report, assignment, course.root / "report.html")
    show(report, console)
    console.print(sandbox.describe(course))
    return report


def keep_quiet() -> None:
    """What the libraries warn of is no concern of who grades; what is, is in the report."""
    warnings.simplefilter("ignore")
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)


def _submissions(course: Course, assignment: str) -> list[Path]:
    submitted = course.folder("submitted", assignment, "*")
    folders = sorted(
        path for path in submitted.parent.parent.glob(f"*/{assignment}") if path.is_dir()
    )
    if not folders:
        raise CourseError(
            f"There is nothing to grade: no folder matches {submitted}. "
            f"Run `nbgrader collect {assignment}`, or put the submissions there."
        )
    return folders


def _grade_all(folders: list[Path], course: Course, assignment: str) -> Iterator[GradedSubmission]:
    """Graded submissions as they are finished, in worker processes of their own.

    When the machine kills a worker, nobody knows whose fault it was: all that were running are
    tried again at the end, each alone, so that it costs no one but the guilty.
    """
    tries = dict.fromkeys(folders, TRIES)
    context = get_context("spawn")  # a fork would take over the threads of the kernels' sockets
    while tries:
        fresh = [folder for folder in tries if tries[folder] == TRIES]
        chosen = fresh or list(tries)[:1]
        workers = min(WORKERS, len(chosen))
        with (
            TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as scratch,
            ProcessPoolExecutor(workers, context, _become_worker, (scratch,)) as pool,
        ):
            for folder, future in _as_they_finish(pool, chosen, course, assignment):
                try:
                    graded = future.result()
                except BrokenProcessPool:
                    tries[folder] -= 1
                    if tries[folder]:
                        continue
                    student = folder.parent.name
                    graded = _failed(student, assignment, "A process of the grader was killed.")
                del tries[folder]
                yield graded


def _as_they_finish(
    pool: ProcessPoolExecutor, folders: list[Path], course: Course, assignment: str
) -> Iterator[tuple[Path, Future[GradedSubmission]]]:
    """The folders and what became of them; when the pool breaks, only those given to it."""
    waiting = deque(folders)
    running: dict[Future[GradedSubmission], Path] = {}
    while waiting or running:
        with suppress(BrokenProcessPool):
            while waiting and len(running) < 2 * WORKERS:  # or all would be in memory at once
                future = pool.submit(_grade, waiting[0], course, assignment)
                running[future] = waiting.popleft()
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future


def _become_worker(scratch: str) -> None:
    tempfile.tempdir = scratch  # which is cleared for those who are killed, too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us stops us
    keep_quiet()


def _grade(folder: Path, course: Course, assignment: str) -> GradedSubmission:
    """Grade one submission; what fails for no fault of the student's is tried again."""
    student = folder.parent.name
    if student != glob.escape(student) or student != readable(student):
        reason = "nbgrader cannot handle [, ? or * in a name, or bytes that are no text: rename it."
        return _failed(student, assignment, reason)
    for _ in range(TRIES):
        try:
            return grade_submission(Submission.read(student, assignment, folder), course)
        except Exception as error:
            reason = f"The grader failed ({type(error).__name__})."
            traceback.print_exc()
    return _failed(student, assignment, reason)


def _record(graded: GradedSubmission, course: Course, console: Console) -> GradedSubmission:
    """Record what was graded; marks that could not be written down are not given."""
    if graded.status is Status.FAILED:
        return graded
    student, assignment = graded.submission.student, graded.submission.assignment
    try:
        record(graded, course)
        write_feedback(course, assignment, student)
    except Exception as error:
        console.print(traceback.format_exc(), style="dim", highlight=False, markup=False)
        return _failed(student, assignment, f"The grader failed ({type(error).__name__}).")
    return graded


def _failed(student: str, assignment: str, reason: str) -> GradedSubmission:
    finding = f"{reason} This submission has no marks yet."
    nothing = Submission(readable(student), assignment, {})
    return GradedSubmission(nothing, Status.FAILED, (finding,))
