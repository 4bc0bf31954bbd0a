from pathlib import Path

import pytest

from grading.course import Course
from grading.demo import copy_course

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def course() -> Course:
    """The course in this checkout: to read, never to write."""
    return Course(ROOT)


@pytest.fixture
def own_course(course: Course, tmp_path: Path) -> Course:
    """A copy of the course without submissions, for one test."""
    return copy_course(course, tmp_path / "course")
