"""Graded again or not: what was graded is remembered, with all that its marks depend on.

One line of JSON for each graded submission, appended when its marks are in the gradebook and its
feedback is written. So a grading that was interrupted goes on where it was. A line that a crash has
cut short counts for nothing: that submission is graded again.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOBase
from pathlib import Path

from filelock import FileLock, Timeout

from grading.batch.by_hand import NOTHING
from grading.course import CONFIG_FILE, Course, CourseError
from grading.files import files_in, replace_file
from grading.intake.submission import Submission
from grading.own_tests import own_tests
from grading.reports.summary import Summary
from grading.status import Status

ENGINE = Path(__file__).parents[1]
SCAFFOLD = "scaffold/"  # of the engine: what new labs are made from decides no mark


@dataclass(frozen=True)
class Entry:
    """A graded submission: the digest of what was graded, and what of people's feedback shows."""

    digest: str
    summary: Summary
    by_hand: str = NOTHING

    def line(self) -> str:
        return json.dumps(vars(self) | {"summary": self.summary.as_json()}) + "\n"


@dataclass(frozen=True)
class Journal:
    """Graded submissions by student."""

    file: TextIOBase
    known: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def open(cls, course: Course, assignment: str) -> Iterator["Journal"]:
        """The journal of an assignment, for one grading at a time.

        Raises CourseError while another one is going on.
        """
        path = course.root / ".grading" / f"{assignment}.jsonl"
        try:
            path.parent.mkdir(exist_ok=True)
            with FileLock(path.with_name("lock"), blocking=False):
                known = dict(_read(path))
                # without what is out of date, and the line that was cut short
                replace_file(path, "".join(entry.line() for entry in known.values()))
                with path.open("a", encoding="utf-8") as file:
                    yield cls(file, known)
        except PermissionError as error:
            raise CourseError(
                f"{error.filename or path.parent} cannot be written. "
                "Grade as the user who owns the course."
            ) from error
        except Timeout as error:
            raise CourseError(
                f"Another `grade` is at work in {course.root}. Wait until it ends, or stop it."
            ) from error

    def append(self, entry: Entry) -> None:
        """Note a graded submission; when this returns, the note is on the disk."""
        self.file.write(entry.line())
        self.file.flush()
        os.fsync(self.file.fileno())


@dataclass(frozen=True)
class Again:
    """Decides whether a submission is graded again.

    terms: names all that marks depend on beside a submission, see `terms_of`.
    recorded: students whose marks the gradebook holds.
    by_hand: what people have given, see `given_by_hand`.
    always: whether a person wants everything to be graded again.
    only: students whom a person has named: they are graded again, and nobody else is.
    """

    journal: Journal
    terms: str
    recorded: set[str]
    by_hand: dict[str, str]
    always: bool
    only: frozenset[str] = frozenset()

    def digest(self, submission: Submission) -> str:
        """Names a submission together with what it is graded by."""
        return hashlib.sha256(f"{submission.digest} {self.terms}".encode()).hexdigest()

    def known(self, student: str, digest: str) -> Summary | None:
        """How this was graded before, if that still holds."""
        before = self._before(student)
        asked_for = self.always or student in self.only
        return before.summary if before and before.digest == digest and not asked_for else None

    def is_shown(self, student: str) -> bool:
        """Whether feedback has all that people have given since."""
        return self.journal.known[student].by_hand == self.by_hand.get(student, NOTHING)

    def entry(self, digest: str, summary: Summary) -> Entry:
        """What is noted of somebody whose feedback is written now. What people give during this
        run counts as not shown yet: the next one looks again."""
        return Entry(digest, summary, self.by_hand.get(summary.student, NOTHING))

    def left_alone(self, student: str) -> Summary | None:
        """What is told of a student who is not graded because others were named; or None."""
        if not self.only or student in self.only:
            return None
        before = self._before(student)
        return before.summary if before else Summary(student, Status.NOT_GRADED)

    def _before(self, student: str) -> Entry | None:
        """By what, and how, a student was graded, if the gradebook still holds the marks."""
        return self.journal.known.get(student) if student in self.recorded else None


def terms_of(course: Course, assignment: str, due_date: str) -> str:
    """The hand-out, hidden tests, the lab's hidden half, settings, engine, and where marks go.

    What belongs to another lab is left out: a change there changes nothing here.
    """
    terms = hashlib.sha256((course.root / CONFIG_FILE).read_bytes())
    terms.update(f"{course.trusts_submissions} {course.database_url} {due_date}".encode())
    terms.update(json.dumps(own_tests(course, assignment)).encode())
    for folder in (course.folder("release", assignment), course.hidden_half(assignment), ENGINE):
        for name, content in files_in(course, folder).items():
            if not (folder == ENGINE and name.startswith(SCAFFOLD)):
                terms.update(f"{name} {len(content)} ".encode() + content)
    return terms.hexdigest()


def _read(path: Path) -> Iterator[tuple[str, Entry]]:
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            entry = json.loads(line)
            summary = Summary.from_json(entry["summary"])
            by_hand = entry.get("by_hand", NOTHING)  # which was not noted once
            yield summary.student, Entry(entry["digest"], summary, by_hand)
        except (ValueError, KeyError, TypeError):
            continue
