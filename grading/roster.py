"""`grade roster`: students into the gradebook, from a CSV file as spreadsheets write it.

nbgrader's own import reads UTF-8 with commas only, and no part of it can be replaced. Spreadsheets
write a byte order mark, semicolons or an older encoding, depending on country and version.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from grading.batch.gradebook import require_gradebook
from grading.course import Course, CourseError

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")
OLDER = "Windows-1252"  # what spreadsheets in western Europe and America write


@dataclass(frozen=True)
class Roster:
    """The students of a file by id, and the encoding it was read in."""

    students: dict[str, dict[str, str | None]]
    encoding: str


def import_roster(course: Course, path: Path) -> Roster:
    """Add the students of a file to the gradebook, or change what it knows of them."""
    roster = read_roster(path)
    require_gradebook(course)
    with Gradebook(course.database_url) as gradebook:
        for student, known in roster.students.items():
            gradebook.update_or_create_student(student, **known)
    return roster


def read_roster(path: Path) -> Roster:
    """Raises CourseError for what is no list of students."""
    text, encoding = _text(path)
    first, *_ = text.splitlines() or [""]
    reader = csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=first.count))
    names = [_column(name) for name in reader.fieldnames or []]
    if "id" not in names:
        raise CourseError(
            f"{path} has no column id. Its first line is {first!r}; it should name columns, out "
            f"of {', '.join(COLUMNS)}."
        )
    reader.fieldnames = names
    students = {}
    for row in reader:
        known = {name: (row[name] or "").strip() or None for name in COLUMNS if name in names}
        student = known.pop("id")
        if student is None:
            raise CourseError(f"{path} names no id in line {reader.line_num}.")
        students[student] = known
    return Roster(students, encoding)


def _column(name: str) -> str:
    """As the gradebook calls it: "First Name" is first_name."""
    return "_".join(name.lower().split())


def _text(path: Path) -> tuple[str, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    for encoding in ("utf-8-sig", OLDER):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise CourseError(f"{path} is neither UTF-8 nor {OLDER}. Save it as CSV UTF-8.")
