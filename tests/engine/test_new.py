"""`grade new`: a lab that is proven at once, grades what is handed in, and goes without a trace."""

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grading.batch.grade_class import grade_class
from grading.cli import run
from grading.course import Course
from grading.files import write_files
from grading.proof.handin import instructors_answers, submit
from grading.soundness import sound_labs

HALF_RIGHT = """
def shares(counts):
    return counts / counts.sum()
"""


def grade_command(root: Path, *arguments: str, monkeypatch) -> tuple[int, str]:
    monkeypatch.chdir(root)
    console = Console(file=io.StringIO(), width=100)
    return run(list(arguments), console), console.file.getvalue()


def test_a_new_lab_from_its_making_to_its_end(own_course: Course, monkeypatch):
    root, before = own_course.root, files(own_course.root)
    code, said = grade_command(root, "new", "lab03", monkeypatch=monkeypatch)
    assert code == 0
    assert "uv run grade check lab03" in said
    assert "nbgrader generate_assignment lab03" in said

    code, said = grade_command(root, "check", "lab03", monkeypatch=monkeypatch)
    assert code == 0, said
    assert "lab03-shares" in said
    assert "not proven" not in said

    generate = [sys.executable, "-m", "nbgrader", "generate_assignment", "lab03"]
    subprocess.run(generate, cwd=root, check=True, capture_output=True)
    right = instructors_answers(own_course, "lab03")
    answers = {"right": right, "half-right": {"lab03-shares-answer": HALF_RIGHT}, "blank": {}}
    for student, given in answers.items():
        folder = own_course.folder("submitted", "lab03", student)
        write_files(folder, submit(own_course, "lab03", student, given).files)
    grade_class(own_course, "lab03", Console(file=io.StringIO()))
    with (root / "grades.csv").open() as file:
        lines = {line["student"]: line for line in csv.DictReader(file)}
    totals = {student: (float(line["total"]), line["status"]) for student, line in lines.items()}
    assert totals == {"right": (2, "graded"), "half-right": (1, "graded"), "blank": (0, "graded")}

    for half in ("source", "solutions"):
        shutil.rmtree(root / half / "lab03")
    kept = {name for name in files(root) if name.split("/")[0] in ("source", "solutions")}
    assert kept == {name for name in before if name.split("/")[0] in ("source", "solutions")}
    assert "lab03" not in sound_labs(own_course)


def files(root: Path) -> set[str]:
    paths = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix() for path in paths}


def test_two_new_labs_stand_beside_one_another(own_course: Course, monkeypatch):
    for name in ("lab03", "lab_of_mine"):
        code, said = grade_command(own_course.root, "new", name, monkeypatch=monkeypatch)
        assert code == 0, said
    assert {"lab03", "lab_of_mine"} <= set(sound_labs(own_course))


@pytest.mark.parametrize("name", ["check", "new", "Lab 3", "lab-3", "../lab03", "3rd", "lab02", ""])
def test_a_name_that_cannot_be_used(name, own_course: Course, monkeypatch):
    before = files(own_course.root)
    code, said = grade_command(own_course.root, "new", name, monkeypatch=monkeypatch)
    assert code == 2
    assert said.count("\n") == 1, said
    assert files(own_course.root) == before
