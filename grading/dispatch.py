"""Submissions go out to workers; what they graded is recorded here. One's trouble stays its own."""

import glob
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from grading.cluster import PortableCourse, on_a_worker
from grading.course import Course, CourseError
from grading.feedback import render
from grading.journal import Journal
from grading.progress import Reporter, Tally
from grading.recorder import Recorder
from grading.status import Status, readable
from grading.submission import Submission
from grading.summary import Summary
from grading.worker import GradedSubmission, grade_submission, write_files
from grading.workers import Task, WorkerLostError, Workers

UNFIT = "[, ? or *, or bytes that are no text,"
NO_MARKS = "This submission has no marks yet."
NO_FEEDBACK = "The marks are in the gradebook, but feedback is missing: grade again."
FOR_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")
TRIES = 3  # where the grader itself fails
Then = Callable[[Future[Any]], None]


@dataclass
class Grading:
    """One run over a class: submissions go out to workers, what they graded is recorded here."""

    course: Course
    assignment: str
    workers: Workers
    recorder: Recorder
    journal: Journal
    telling: Reporter
    again: bool  # also what was graded before and has not changed
    portable: PortableCourse | None  # the course as workers elsewhere need it
    summaries: list[Summary] = field(default_factory=list)

    def run(self, folders: list[Path]) -> list[Summary]:
        self.tally = Tally(len(folders), at_once=self.workers.number())
        self.recorded = self.recorder.students()
        self.fingerprint = self.course.fingerprint(self.assignment) + self.recorder.due_date
        try:
            with noted_interrupts() as interrupted:
                self.workers.run(self._tasks(folders), partial(self._look_up, interrupted))
        except KeyboardInterrupt:
            so_far = f"{self.tally.known + self.tally.done:,} of {self.tally.total:,}"
            self.telling.tell(
                "stopped",
                self.tally.as_json(),
                f"Stopped. {so_far} are graded and recorded; the same command goes on from there.",
            )
            raise
        return self.summaries

    def _look_up(self, interrupted: list[bool]) -> None:
        """About once a second, between two pieces of work."""
        if interrupted:
            raise KeyboardInterrupt
        self.tally.at_once = self.workers.number()
        self.telling.show(self.tally)

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
            if known and student in self.recorded and not self.again:
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
            self._note_whose(summary.student, folder)
        except Exception as error:
            self._fail(summary.student, _told(error), NO_FEEDBACK)
            return
        self.journal.append(digest, summary)
        self._count(summary)

    def _note_whose(self, student: str, folder: Path) -> None:
        """nbgrader's exchange gives feedback back by what it noted beside the submission."""
        for name in FOR_THE_EXCHANGE:
            noted = self.course.folder("autograded", self.assignment, student) / name
            if noted.is_file():
                shutil.copy(noted, folder)

    def _fail(self, student: str, reason: str, state: str = NO_MARKS) -> None:
        self._count(Summary(readable(student), Status.FAILED, (f"{reason} {state}",)))

    def _count(self, summary: Summary) -> None:
        self.summaries.append(summary)
        self.tally.count(summary.status)
        self.telling.show(self.tally)


@contextmanager
def noted_interrupts() -> Iterator[list[bool]]:
    """Ctrl-C is noted, to be obeyed when nothing is half done. Raised just anywhere, it gets lost
    where Python happens to be in a destructor: SQLAlchemy has many."""
    noted: list[bool] = []
    before = signal.signal(signal.SIGINT, lambda *_: noted.append(True))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


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
