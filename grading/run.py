"""Grade a whole class, many at once. What goes wrong with one submission stays with it."""

import glob
import os
import shutil
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from grading import sandbox
from grading.class_page import write_page
from grading.cluster import PortableCourse, cluster, on_a_worker
from grading.course import Course, CourseError
from grading.exercises import EXERCISES
from grading.feedback import render
from grading.journal import Journal
from grading.lms import write_canvas, write_moodle
from grading.progress import Reporter, Tally, reporter
from grading.recorder import Recorder, register, require_gradebook
from grading.report import ClassReport, class_report, show, write_csv
from grading.status import Status, readable
from grading.submission import Submission
from grading.summary import Summary
from grading.worker import GradedSubmission, grade_submission, write_files
from grading.workers import Task, WorkerLostError, Workers, keep_memory_flat, prepare, processes

WORKERS = (3 * (os.cpu_count() or 1) + 1) // 2  # each waits for kernels a third of its time
UNFIT = "[, ? or *, or bytes that are no text,"
NO_MARKS = "This submission has no marks yet."
NO_FEEDBACK = "The marks are in the gradebook, but feedback is missing: grade again."
TRIES = 3  # where the grader itself fails
Then = Callable[[Future[Any]], None]


@dataclass(frozen=True)
class How:
    """What a person may choose of how a class is graded."""

    again: bool = False  # also what was graded before and has not changed
    scheduler: str = ""  # the address of a Dask scheduler; without one, on this machine
    as_json: bool = False


def grade_class(
    course: Course, assignment: str, console: Console, how: How | None = None
) -> ClassReport:
    """Grade what is new in submitted/, record it, write feedback and grades.csv, print the table.

    Raises CourseError, before anything is graded, when the course is not fit for it.
    """
    how = how or How()
    if assignment != Path(assignment).name:
        raise CourseError(
            f"{assignment!r} is not the name of an assignment; write {Path(assignment).name!r}."
        )
    course.release_notebooks(assignment)
    for exercise in EXERCISES.values():
        course.reference(exercise.module)
    folders = _submissions(course, assignment)
    require_gradebook(course)
    keep_memory_flat()
    with ExitStack() as stack:
        journal = stack.enter_context(Journal.open(course, assignment))
        if how.scheduler:
            executor, most = stack.enter_context(cluster(how.scheduler))
            workers = Workers(lambda: nullcontext(executor), 2 * most)
        else:
            if not course.trusts_submissions:
                sandbox.require_sandbox()
            prepare()
            number = min(WORKERS, len(folders))
            workers = Workers(lambda: processes(number), 2 * number)
        register(course, assignment)
        recorder = stack.enter_context(Recorder.open(course, assignment))
        telling = stack.enter_context(reporter(console, assignment, len(folders), how.as_json))
        grading = Grading(course, assignment, workers, recorder, journal, telling, how)
        summaries = sorted(grading.run(folders), key=lambda one: one.student)
        report = class_report(recorder.gradebook, assignment, summaries)
        write_csv(report, course.root / "grades.csv")
        write_canvas(report, assignment, course.root / "grades-canvas.csv")
        write_moodle(report, assignment, course.root / "grades-moodle.csv")
        write_page(report, assignment, course.root / "report.html")
        telling.tell("done", grading.tally.as_json())
    if not how.as_json:
        show(report, console)
        console.print(sandbox.describe(course))
    return report


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


@dataclass
class Grading:
    """One run over a class: submissions go out to workers, what they graded is recorded here."""

    course: Course
    assignment: str
    workers: Workers
    recorder: Recorder
    journal: Journal
    telling: Reporter
    how: How
    summaries: list[Summary] = field(default_factory=list)

    def run(self, folders: list[Path]) -> list[Summary]:
        self.tally = Tally(len(folders), at_once=self.workers.most // 2)
        self.recorded = self.recorder.students()
        self.fingerprint = self.course.fingerprint(self.assignment) + self.recorder.due_date
        self.portable = None
        if self.how.scheduler:
            self.portable = PortableCourse.of(self.course, self.assignment)
        try:
            self.workers.run(self._tasks(folders), lambda: self.telling.show(self.tally))
        except KeyboardInterrupt:
            so_far = f"{self.tally.known + self.tally.done:,} of {self.tally.total:,}"
            self.telling.tell(
                "stopped",
                self.tally.as_json(),
                f"Stopped. {so_far} are graded and recorded; the same command goes on from there.",
            )
            raise
        return self.summaries

    def _tasks(self, folders: list[Path]) -> Iterator[Task]:
        """What is to be graded, read one by one. What is known already is not graded again."""
        for folder in folders:
            student = folder.parent.name
            if student != glob.escape(student) or student != readable(student):
                self._fail(student, f"nbgrader cannot handle {UNFIT} in a name: rename it.")
                continue
            try:
                submission = Submission.read(student, self.assignment, folder)
            except Exception as error:
                why = error.strerror if isinstance(error, OSError) else _told(error)
                self._fail(student, f"Its folder cannot be read ({why}).")
                continue
            digest = submission.digest(self.fingerprint)
            known = self.journal.finished(student, digest)
            if known and student in self.recorded and not self.how.again:
                self.tally.known += 1
                self.summaries.append(known)
                continue
            self.tally.running += 1
            then = partial(self._graded, student, digest)
            yield self._task(grade_with_patience, submission, then)

    def _task(self, function: Callable[..., Any], argument: Any, then: Then) -> Task:
        if self.portable:
            return Task(on_a_worker, (function, argument, self.portable), then)
        return Task(function, (argument, self.course), then)

    def _graded(self, student: str, digest: str, future: Future[GradedSubmission]) -> None:
        """Record what was graded; marks that could not be written down are not given."""
        try:
            graded = future.result()
            pages = self.recorder.record(graded)
        except Exception as error:
            self.tally.running -= 1
            self._fail(student, _told(error))
            return
        then = partial(self._rendered, graded.summary, digest)
        self.workers.add(self._task(render, pages, then))

    def _rendered(self, summary: Summary, digest: str, future: Future[dict[str, str]]) -> None:
        self.tally.running -= 1
        try:
            pages = future.result()
            folder = self.course.folder("feedback", self.assignment, summary.student)
            shutil.rmtree(folder, ignore_errors=True)
            write_files(folder, {name: html.encode() for name, html in pages.items()})
        except Exception as error:
            self._fail(summary.student, _told(error), NO_FEEDBACK)
            return
        self.journal.append(digest, summary)
        self._count(summary)

    def _fail(self, student: str, reason: str, state: str = NO_MARKS) -> None:
        self._count(Summary(readable(student), Status.FAILED, (f"{reason} {state}",)))

    def _count(self, summary: Summary) -> None:
        self.summaries.append(summary)
        self.tally.count(summary.status)
        self.telling.show(self.tally)


def grade_with_patience(submission: Submission, course: Course) -> GradedSubmission:
    """In a worker. What fails for no fault of the student's is tried again."""
    for _ in range(TRIES - 1):
        with suppress(Exception):
            return grade_submission(submission, course)
    return grade_submission(submission, course)


def _told(error: Exception) -> str:
    """Why there are no marks, in a line; the rest on standard error, for who looks after us."""
    if isinstance(error, WorkerLostError | CourseError):
        return str(error)
    traceback.print_exception(error)
    return f"The grader failed ({type(error).__name__})."
