import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rich.console import Console

from catalogue import EXERCISES, ROOT
from clusters import Cluster
from grading.course import Course
from grading.demo import demo
from gradings import CLASS, copy_to_grade, grade, hand_in, lines_of
from guides import UV

LONGEST = (  # files that are begun first: none of them is left when the others have ended
    "test_attacks.py",
    "test_student.py",
    "test_docs.py",
    "test_another_course.py",
    "test_notebooks.py",
    "test_other_doors.py",
    "test_plain.py",
    "test_site.py",
    "test_instructor.py",
    "test_figures.py",
    "test_recipes.py",
    "test_proof.py",
    "test_self_checks.py",
    "test_earlier_answers.py",
    "test_resume.py",
)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: attacks and pages are waited for."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(LONGEST)))


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
def demo_root(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Where all processes of this run have the demo class: to read, never to write."""
    folder = tmp_path_factory.getbasetemp()
    return (folder if worker_id == "master" else folder.parent) / "demo/course"


@pytest.fixture(scope="session")
def printed(course: Course, demo_root: Path) -> str:
    """What `grade --demo` prints; the class it graded is in demo_root."""
    demo_root.parent.mkdir(exist_ok=True)
    kept = demo_root.with_name("printed.txt")
    with FileLock(demo_root.with_name("lock")):  # whoever comes first has it graded
        if not kept.exists():
            console = Console(file=io.StringIO(), width=80)
            demo(course, demo_root, console)
            kept.write_text(console.file.getvalue(), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


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


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """For a person of a guide: `uv`, which runs what is installed here already."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").write_text(UV)
    (tmp_path / "bin/uv").chmod(0o755)
    return tmp_path / "bin"
