"""Submissions go out to workers; what they graded is recorded here. One's trouble stays its own."""

import glob
import secrets
import signal
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from grading.batch.again import Again, Entry
from grading.batch.full_disk import stop_on_full_disk
from grading.batch.grade_one import SOON, grade_soon, grade_with_patience
from grading.batch.graded import GradedSubmission
from grading.batch.recorder import Recorder
from grading.batch.tally import Tally
from grading.batch.tasks import Task, WorkerLostError, Workers
from grading.course import Course, CourseError
from grading.files import replace_folder
from grading.intake.folders import student_of
from grading.intake.submission import Submission
from grading.progress import Reporter
from grading.reports.feedback import Page, render
from grading.reports.summary import Summary
from grading.status import Status, in_one_line

UNFIT = "[, ? or *, signs that cannot be printed, or bytes that are no text,"
NO_MARKS = "This submission has no marks yet."
NO_FEEDBACK = "The marks are in the gradebook, but feedback is missing: grade again."
FOR_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")


@dataclass
class Grading:
    """One run over a class: submissions go out to workers, what they graded is recorded here."""

    course: Course
    assignment: str
    workers: Workers
    recorder: Recorder
    again: Again
    prepare: Callable[[], None]  # called before what was graded is recorded
    telling: Reporter
    summaries: list[Summary] = field(default_factory=list)
    slow: list[Path] = field(default_factory=list)  # to be graded when nobody waits any more
    tally: Tally = field(init=False)

    def run(self, folders: list[Path]) -> list[Summary]:
        self.tally = Tally(len(folders), at_once=self.workers.number())
        draw = secrets.token_hex(8)  # one for all: the same is asked of everybody
        try:
            with noted_interrupts() as interrupted:
                meanwhile = partial(self._meanwhile, interrupted)
                for of, grade in ((folders, grade_soon), (self.slow, grade_with_patience)):
                    self.workers.run(self._tasks(of, partial(grade, draw=draw)), meanwhile)
        except KeyboardInterrupt:
            so_far = f"{self.tally.completed:,} of {self.tally.total:,}"
            self.telling.tell(
                "stopped",
                self.tally.as_json(),
                f"Stopped. {so_far} are graded and recorded; the same command goes on from there.",
            )
            raise
        return self.summaries

    def _meanwhile(self, interrupted: list[bool]) -> None:
        """About once a second, between two pieces of work."""
        if interrupted:
            raise KeyboardInterrupt
        self.tally.at_once = self.workers.number()
        self.telling.show(self.tally)

    def _tasks(self, folders: list[Path], grade: Callable[..., Any]) -> Iterator[Task]:
        """What is to be graded, read one by one. What is known already is not graded again."""
        for folder in folders:
            student = student_of(folder)
            if student != glob.escape(student) or student != in_one_line(student):
                self._fail(student, f"nbgrader cannot handle {UNFIT} in a name: rename it.")
                continue
            try:
                submission = Submission.read(student, self.assignment, folder)
            except Exception as error:
                why = error.strerror if isinstance(error, OSError) else _reason(error)
                self._fail(student, f"Its folder cannot be read ({why}).")
                continue
            digest = self.again.digest(submission)
            known, pages = self._known(student, digest)
            as_it_was = known or self.again.left_alone(student)
            if as_it_was:
                self.tally.known += known is not None
                self.tally.left += known is None
                self.summaries.append(as_it_was)
                if known and pages:
                    entry = self.again.entry(digest, known)
                    yield Task(render, pages, partial(self._write_pages, entry))
                continue
            self.tally.running += 1
            yield Task(grade, submission, partial(self._graded, folder, digest))
            self.prepare()

    def _known(self, student: str, digest: str) -> tuple[Summary | None, list[Page]]:
        """How somebody was graded before, and what feedback has to show that it does not show yet:
        what people have given since. What was lost since is graded again."""
        known = self.again.known(student, digest)
        if not known or self.again.is_shown(student):
            return known, []
        try:
            return known, self.recorder.pages(student)
        except Exception:  # a notebook that is not there, or not as we wrote it
            return None, []

    def _graded(self, folder: Path, digest: str, future: Future[GradedSubmission | None]) -> None:
        """Record what was graded; marks that could not be written down are not given."""
        self.prepare()
        student = student_of(folder)
        try:
            graded = future.result()
            if graded is None:
                self._set_aside(folder)
                return
            pages = self.recorder.record(graded)
        except Exception as error:
            stop_on_full_disk(error, self.course)
            self.tally.running -= 1
            self._fail(student, _reason(error))
            return
        entry = self.again.entry(digest, graded.summary)
        self.workers.add(Task(render, pages, partial(self._rendered, entry)))

    def _set_aside(self, folder: Path) -> None:
        self.tally.running -= 1
        self.slow.append(folder)
        student = student_of(folder)
        self.telling.tell(
            "set aside",
            {"student": student},
            f"{student}: takes more than {SOON} s, and is graded after the others.",
        )

    def _rendered(self, entry: Entry, future: Future[dict[str, str]]) -> None:
        self.tally.running -= 1
        if self._write_pages(entry, future):
            self._count(entry.summary)

    def _write_pages(self, entry: Entry, future: Future[dict[str, str]]) -> bool:
        """Whether somebody's feedback could be written."""
        summary = entry.summary
        try:
            pages = future.result()
            files = {name: html.encode() for name, html in pages.items()}
            folder = self.course.folder("feedback", self.assignment, summary.student)
            replace_folder(folder, files | self._whose(summary.student))
        except Exception as error:
            stop_on_full_disk(error, self.course)
            self._fail(summary.student, _reason(error), NO_FEEDBACK)
            return False
        self.again.journal.append(entry)
        return True

    def _whose(self, student: str) -> dict[str, bytes]:
        """nbgrader's exchange gives feedback back by what it noted beside the submission."""
        folder = self.course.folder("autograded", self.assignment, student)
        noted = {name: folder / name for name in FOR_THE_EXCHANGE}
        return {name: path.read_bytes() for name, path in noted.items() if path.is_file()}

    def _fail(self, student: str, reason: str, state: str = NO_MARKS) -> None:
        self._count(Summary(in_one_line(student), Status.FAILED, (f"{reason} {state}",)))

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


def _reason(error: Exception) -> str:
    """Why there are no marks, in a line; the rest on standard error, for who looks after us."""
    if isinstance(error, WorkerLostError | CourseError):
        return str(error)
    traceback.print_exception(error)
    return f"The grader failed ({type(error).__name__})."
