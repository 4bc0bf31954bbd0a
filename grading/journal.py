"""What has been graded already: so a grading that was interrupted goes on where it was.

One line of JSON for each graded submission, appended when its marks are in the gradebook and its
feedback is written. A line that a crash has cut short counts for nothing: that submission is graded
again.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOBase
from pathlib import Path

from filelock import FileLock, Timeout

from grading.course import Course, CourseError
from grading.summary import Summary


@dataclass(frozen=True)
class Journal:
    """Graded submissions by student: a digest of all that the marks depend on, and the summary."""

    file: TextIOBase
    known: dict[str, tuple[str, Summary]] = field(default_factory=dict)

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
                _write(path, known)  # without what is out of date, and the line that was cut short
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

    def finished(self, student: str, digest: str) -> Summary | None:
        """How this very submission was graded, if it was."""
        known, summary = self.known.get(student, ("", None))
        return summary if known == digest else None

    def append(self, digest: str, summary: Summary) -> None:
        """Note a graded submission; when this returns, the note is on the disk."""
        self.file.write(_line(digest, summary))
        self.file.flush()
        os.fsync(self.file.fileno())


def _read(path: Path) -> Iterator[tuple[str, tuple[str, Summary]]]:
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            entry = json.loads(line)
            summary = Summary.from_json(entry["summary"])
            yield summary.student, (entry["digest"], summary)
        except (ValueError, KeyError, TypeError):
            continue


def _write(path: Path, known: dict[str, tuple[str, Summary]]) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write("".join(_line(*entry) for entry in known.values()))
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def _line(digest: str, summary: Summary) -> str:
    return json.dumps({"digest": digest, "summary": summary.as_json()}) + "\n"
