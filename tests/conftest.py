import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from catalogue import EXERCISES, ROOT
from clusters import Cluster
from grading.course import Course
from grading.demo import demo
from gradings import CLASS, copy_to_grade, grade, hand_in, lines_of


@pytest.fixture(scope="session")
def course() -> Course:
    """The course in this checkout: to read, never to write."""
    return Course(ROOT)


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Any]:
    """The right answer to an exercise: a function, or a class."""

    def find(exercise: str) -> Any:
        lab, known = EXERCISES[exercise]
        return lab.reference(known)

    return find


@pytest.fixture
def own_course(course: Course, tmp_path: Path) -> Course:
    """A copy of the course without submissions, for one test."""
    return copy_to_grade(course, tmp_path / "course")


@pytest.fixture(scope="session")
def undisturbed(course: Course, tmp_path_factory) -> Course:
    """A course whose class has been graded in one go."""
    copy = copy_to_grade(course, tmp_path_factory.mktemp("undisturbed") / "course")
    grade(hand_in(copy, *CLASS))
    return copy


@pytest.fixture(scope="session")
def demo_root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo") / "course"


@pytest.fixture(scope="session")
def printed(course: Course, demo_root: Path) -> str:
    """What `grade --demo` prints; the class it graded is in demo_root."""
    console = Console(file=io.StringIO(), width=80)
    demo(course, demo_root, console)
    return console.file.getvalue()


@pytest.fixture(scope="session")
def lines(printed: str, demo_root: Path) -> dict[str, dict[str, str]]:
    """grades.csv by student."""
    return lines_of(Course(demo_root))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.stop()
