"""Somebody else's course: the package from its wheel, in an environment and a folder of its own."""

import compileall
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import nbformat
import pytest
from plain import EXAMPLE

from catalogue import ROOT
from grading.course import Course
from grading.files import write_files
from grading.kernel import sandbox
from grading.proof.handin import Answers, instructors_answers, submit
from gradings import lines_of, trust_in
from guides import blocks

BANK = ROOT / "tests/bank"
OVERDRAFT = """\
class Account:
    balance = 0

    def deposit(self, amount):
        self.balance = self.balance + amount

    def withdraw(self, amount):
        self.balance = self.balance - amount
"""
STUDENTS: dict[str, tuple[Answers, float, str]] = {  # answers, points of 5, status
    "right": ({}, 5, "graded"),
    "loops": (
        {
            "bank-by-length-answer": """\
def by_length(them):
    done = []
    for word in them:
        place = 0
        while place < len(done) and (len(done[place]), done[place]) < (len(word), word):
            place += 1
        done.insert(place, word)
    return done
"""
        },
        5,
        "graded",
    ),
    "overdraft": ({"bank-account-answer": OVERDRAFT}, 4, "graded"),
    "in-place": (
        {
            "bank-by-length-answer": """\
def by_length(words):
    words.sort(key=lambda word: (len(word), word))
    return words
"""
        },
        4,
        "graded",
    ),
    "no-list": (
        {"bank-by-length-answer": "def by_length(words):\n    return ' '.join(words)\n"},
        3,
        "graded",
    ),
    "no-python": ({"bank-account-answer": "class Account\n    pass\n"}, 2, "graded"),
    "stops-the-kernel": ({"bank-account-answer": "import os\nos._exit(0)\n"}, 0, "crashed"),
    "forges": (
        {
            "bank-account-answer": """\
from IPython.display import display
class Account:
    def __init__(self):
        content = {"exercise": "bank-account", "answers": []}
        display({"application/vnd.grading.answers+json": content}, raw=True)
"""
        },
        2,
        "tampered",
    ),
}


def run(command: list[str | Path], folder: Path, programs: Path) -> str:
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    ran = subprocess.run(
        command,
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"} | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{command}: {ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Path:
    """Where an environment has its commands that holds the wheel, and nothing of this checkout."""
    uv = shutil.which("uv")
    if not uv:
        pytest.skip("uv, which makes environments quickly, is not installed")
    folder = tmp_path_factory.mktemp("environment")
    here = Path(sys.executable).parent
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], ROOT, here)
    (wheel,) = folder.glob("*.whl")
    run([uv, "venv", "--quiet", "--python", sys.executable, folder / ".venv"], folder, here)
    python = folder / ".venv/bin/python"
    ours = ["--python", sys.executable, "--exclude-editable"]
    frozen = run([uv, "pip", "freeze", *ours], ROOT, here)  # what is in uv's cache already
    (folder / "constraints.txt").write_text(frozen)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]
    (folder / "overrides.txt").write_text("\n".join(settings["override-dependencies"]))
    files = ["--constraint", "constraints.txt", "--override", "overrides.txt"]
    run([uv, "pip", "install", "--quiet", "--python", python, *files, wheel], folder, here)
    (packages,) = folder.glob(".venv/lib/python*/site-packages")
    compile_as_here(packages)
    return python.parent


def compile_as_here(packages: Path) -> None:
    """Kernels see an environment read-only, and would compile all that they import each time."""
    ours = Path(sysconfig.get_path("purelib"))
    for compiled in ours.rglob("__pycache__"):
        place = packages / compiled.relative_to(ours)
        if place.parent.is_dir():
            shutil.copytree(compiled, place, dirs_exist_ok=True)
    for package in ("grading", "labkit"):
        compileall.compile_dir(packages / package, quiet=1)


@pytest.fixture(scope="module")
def course(programs: Path, tmp_path_factory) -> Course:
    """A course that was made in an empty folder, with a lab about a bank, handed out."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(["grade", "new-course", "money"], folder, programs)
    root = folder / "money"
    for half in ("source", "solutions"):
        shutil.copytree(BANK / half, root / half / "bank")
    run(["nbgrader", "generate_assignment", "bank"], root, programs)
    return sandbox.or_trust(Course(root))


@pytest.fixture(scope="module")
def graded(course: Course, programs: Path) -> Course:
    """With a class that was right, wrong, hostile and damaged, and is graded."""
    right = instructors_answers(course, "bank")
    for student, (answers, *_) in STUDENTS.items():
        files = submit(course, "bank", student, right | answers).files
        write_files(course.folder("submitted", "bank", student), files)
    files = submit(course, "bank", "damaged", right).files
    half = {name: content[: len(content) // 2] for name, content in files.items()}
    write_files(course.folder("submitted", "bank", "damaged"), half)
    files = {f"my {name}": content for name, content in files.items()}
    write_files(course.folder("submitted", "bank", "renamed"), files)
    run(["grade", "bank", *trust_in(course)], course.root, programs)
    return course


@pytest.mark.parametrize("student", STUDENTS)
def test_a_lab_of_others_is_graded_as_ours_are(student: str, graded: Course):
    _, points, status = STUDENTS[student]
    line = lines_of(graded)[student]
    assert (float(line["total"]), line["status"]) == (points, status), line


def test_what_was_damaged_is_told(graded: Course):
    lines = lines_of(graded)
    assert (lines["damaged"]["status"], lines["damaged"]["total"]) == ("damaged", "0")
    assert (lines["renamed"]["status"], lines["renamed"]["total"]) == ("graded", "5")


def test_feedback_says_what_is_wrong_and_goes_out(graded: Course, programs: Path):
    page = (graded.folder("feedback", "bank", "overdraft") / "01_bank.html").read_text()
    assert "overdrafts are paid" in page
    page = (graded.folder("feedback", "bank", "in-place") / "01_bank.html").read_text()
    assert "the list that was given stays as it is" in page
    pages = list(graded.root.glob("feedback/*/bank/01_bank.html"))
    assert len(pages) == len(STUDENTS) + 2
    run(["nbgrader", "generate_feedback", "bank", "--force"], graded.root, programs)
    run(["nbgrader", "release_feedback", "bank"], graded.root, programs)


def test_nbgraders_own_command_marks_the_same(graded: Course, programs: Path):
    before = (graded.root / "grades.csv").read_text()
    only = ("--student", "overdraft")
    run(["nbgrader", "autograde", "bank", *only, "--force"], graded.root, programs)
    run(["grade", "bank", *trust_in(graded)], graded.root, programs)
    assert (graded.root / "grades.csv").read_text() == before


def test_the_guide_leads_from_nothing_to_feedback(programs: Path, tmp_path: Path):
    """docs/own_course.md, block by block, with the submissions of nbgrader's documentation."""
    ours = "run by tests/engine/test_another_course.py"
    commands = [text for why, text in blocks(ROOT / "docs/own_course.md") if f"run {why}" == ours]
    make, with_tests, grade, with_questions = commands
    course = tmp_path / "my-course"
    run(["bash", "-e", "-c", make], tmp_path, programs)
    run(["bash", "-e", "-c", with_tests], course, programs)
    for student in ("bitdiddle", "hacker"):
        folder = EXAMPLE / "submitted" / student / "ps1"
        shutil.copytree(folder, course / "submitted" / student / "ps1")
    trust = " ".join(["", *trust_in(sandbox.or_trust(Course(course)))])
    run(["bash", "-e", "-c", grade.rstrip() + trust], course, programs)
    assert (course / "feedback/hacker/ps1/problem1.html").is_file()
    assert lines_of(Course(course))["hacker"]["total"] == "3"
    said = run(["bash", "-e", "-c", with_questions], course, programs)
    assert "not proven" not in said
    assert "This class is in" in said


def test_a_new_lab_is_proven_there(course: Course, programs: Path):
    run(["grade", "new", "parts"], course.root, programs)
    assert "not proven" not in run(["grade", "check", "parts"], course.root, programs)


def test_the_hand_out_holds_no_answer_and_runs_by_itself(course: Course):
    notebook = nbformat.read(course.folder("release", "bank") / "01_bank.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "NotImplementedError" in text
    assert "ask(" not in text
    assert "sorted(words" not in text
