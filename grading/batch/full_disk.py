"""A full disk stops a grading, in one line; what was graded until then is recorded."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from grading.course import Course, CourseError

FULL = (errno.ENOSPC, errno.EDQUOT)  # the latter: what a user may have of it
AS_DATABASES_SAY = ("disk is full", "No space left", "quota exceeded")
AT_LEAST = 16 << 20  # bytes to start with


@contextmanager
def stopped_by_full_disk(course: Course) -> Iterator[None]:
    """Raise CourseError where there is no room to start with, or where it ends on the way."""
    if any(shutil.disk_usage(folder).free < AT_LEAST for folder in _written(course)):
        raise CourseError(_what_to_do(course))
    try:
        yield
    except Exception as error:
        stop_on_full_disk(error, course)
        raise


def stop_on_full_disk(error: Exception, course: Course) -> None:
    """Raise CourseError if this error came of a full disk: all that follow would fail as well."""
    cause: BaseException | None = error
    while cause:
        if _tells(cause):
            raise CourseError(_what_to_do(course)) from error
        cause = cause.__cause__ or cause.__context__


def _tells(error: BaseException) -> bool:
    if isinstance(error, SQLAlchemyError):
        return any(words in str(error) for words in AS_DATABASES_SAY)
    return isinstance(error, OSError) and error.errno in FULL


def _what_to_do(course: Course) -> str:
    free = (
        f"{shutil.disk_usage(folder).free >> 20:,} MB in {folder}" for folder in _written(course)
    )
    return (
        f"A disk is full. Free: {', '.join(free)}. Whoever was graded until now is recorded. "
        "Make room, and run the same command again: it goes on from there."
    )


def _written(course: Course) -> tuple[Path, Path]:
    """Where gradings write: the course, and temporary files."""
    return course.root, Path(tempfile.gettempdir())
