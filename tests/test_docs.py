"""Every command that the documents print is run here, or says why not in a comment above it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grading.course import Course
from grading.handin import instructors_answers, submit
from grading.worker import write_files

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", *sorted((ROOT / "source").glob("*/README.md"))]
PAGES = [*READMES, *sorted((ROOT / "docs").glob("*.md"))]
RUN_HERE = {"instructors.md", "students.md"}
BLOCK = re.compile(r"(?:<!-- (?:needs|run) (.*?) -->\n)?```bash\n(.*?)```", re.DOTALL)
UV = """#!/bin/sh
[ "$1" = run ] || exit 9
shift
exec "$@"
"""


def blocks(page: Path) -> list[tuple[str, str]]:
    """What is said in the comment above a block, if anything; and its commands."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@dataclass
class Person:
    """Somebody at a terminal, in a folder and with a home of their own."""

    folder: Path
    programs: Path  # where `uv` is one that runs what is installed here already

    def type(self, commands: str) -> None:
        own = {"HOME": str(self.folder)}
        paths = [str(self.programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        done = subprocess.run(
            ["bash", "-e", "-c", commands],
            cwd=self.folder,
            env=os.environ | own | {"PATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").write_text(UV)
    (tmp_path / "bin/uv").chmod(0o755)
    return tmp_path / "bin"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: "/".join(page.parts[-2:]))
def test_a_command_is_run_or_says_why_not(page):
    for why, commands in blocks(page):
        assert why or page.name in RUN_HERE, f"nobody runs this:\n{commands}"


def test_the_guides_for_instructors_and_students_from_release_to_feedback(
    own_course: Course, tmp_path: Path, programs: Path
):
    (own_course.root / "students.csv").write_text(
        "id,first_name,last_name,email\ngrace,Grace,Hopper,grace@example.org\n"
    )
    instructor = Person(own_course.root, programs)
    student = Person(tmp_path / "ada", programs)
    student.folder.mkdir()
    (student.folder / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.Exchange.root = {str(own_course.root / '.exchange')!r}\n"
        "c.CourseDirectory.course_id = 'sliding-window-lab'\n"
        "c.CourseDirectory.student_id = 'ada'\n"  # here both people have one account
    )
    ((_, handing_in),) = [b for b in blocks(ROOT / "docs/students.md") if not b[0]]
    fetch, hand_in, fetch_feedback = handing_in.splitlines()

    for why, commands in blocks(ROOT / "docs/instructors.md"):
        if not why:
            instructor.type(commands)
        if "release_assignment" in commands:
            student.type(fetch)
            answers = instructors_answers(own_course, "lab02")
            files = submit(own_course, "lab02", "ada", answers).files
            write_files(student.folder / "lab02", files)
            student.type(hand_in)
        if "release_feedback" in commands:
            student.type(fetch_feedback)

    with Gradebook(own_course.database_url) as gradebook:
        assert gradebook.find_submission("lab02", "ada").score == 20
        assert gradebook.find_student("ada").last_name == "Lovelace"
        assert gradebook.find_student("grace").last_name == "Hopper"
        assert gradebook.find_assignment("lab02").duedate is not None
    assert "ada" in (own_course.root / "all_grades.csv").read_text()
    pages = list(student.folder.glob("lab02/feedback/*/*.html"))
    assert len(pages) == 3
    assert all("Ada Lovelace" in page.read_text(encoding="utf-8") for page in pages)
