"""Feedback goes back through a real exchange, by nbgrader's own command."""

import subprocess
import sys
from pathlib import Path

from grading.course import Course
from grading.files import write_files

PAGE = {"01_sliding_window.html": b"<p>feedback</p>"}
THROUGH_THE_EXCHANGE = {
    "timestamp.txt": b"2027-01-31 10:00:00 UTC",
    "submission_secret.txt": b"of nobody's concern",
}


def feedback(course: Course, student: str, files: dict[str, bytes]) -> None:
    write_files(course.folder("feedback", "lab02", student), files)


def released(course: Course, *options: str) -> tuple[str, list[Path]]:
    """What `nbgrader release_feedback` says, and the pages that are then in the exchange."""
    command = [sys.executable, "-m", "nbgrader", "release_feedback", "lab02", *options]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr, list((course.root / ".exchange").rglob("*.html"))


def test_who_came_by_another_way_is_left_out_and_named(own_course: Course):
    """The first in the alphabet, where nbgrader would have stopped."""
    feedback(own_course, "ada, by mail", PAGE)
    feedback(own_course, "bob", PAGE | {"timestamp.txt": b"2027-01-31 10:00:00 UTC"})
    feedback(own_course, "cyd", PAGE | THROUGH_THE_EXCHANGE)
    feedback(own_course, "dan", PAGE)
    said, pages = released(own_course, "--CourseDirectory.student_id_exclude=dan")
    assert "did not hand in through the exchange: ada, by mail, bob. Send" in said
    assert "Traceback" not in said
    assert [page.read_bytes() for page in pages] == list(PAGE.values())


def test_one_student_by_name(own_course: Course):
    for student in ("cyd", "dan"):
        files = THROUGH_THE_EXCHANGE | {"submission_secret.txt": student.encode()}
        feedback(own_course, student, PAGE | files)
    said, pages = released(own_course, "--student=cyd")
    assert len(pages) == 1
    assert "Left out" not in said
