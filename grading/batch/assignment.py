"""An assignment in the gradebook: made there as it is in source, and what is known of it."""

import tempfile
from pathlib import Path

from nbgrader.api import Assignment, Gradebook

from grading.course import Course
from grading.release import generate


def register(course: Course, assignment: str, gradebook: Gradebook) -> None:
    """Have the gradebook know the assignment's notebooks, cells and points as they are in source.

    Raises CourseError when they cannot be changed any more, or when source is not as it should be.
    """
    with tempfile.TemporaryDirectory() as elsewhere:  # the release itself stays as it is
        generate(course, assignment, Path(elsewhere), into_gradebook=True)
    gradebook.db.expire_all()  # it was written by another connection


def is_registered(assignment: str, gradebook: Gradebook) -> bool:
    return gradebook.db.query(Assignment).filter_by(name=assignment).count() > 0


def due_date(assignment: str, gradebook: Gradebook) -> str:
    """When it is due: late penalties depend on it."""
    return str(gradebook.find_assignment(assignment).duedate)
