"""What an instructor does after the first grading, as docs/instructors.md says: a small class."""

import csv
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.apps import NbGraderAPI

from catalogue import ROOT
from grading.course import Course
from grading.files import write_files
from grading.new import make_lab
from grading.plugins.late import DAY, PercentADay
from grading.proof.handin import instructors_answers, submit
from gradings import GRADE, copy_to_grade

LAB = "lab03"
ENVIRONMENT = os.environ | {
    "COLUMNS": "100",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    "PYTHONDONTWRITEBYTECODE": "1",  # files change here within a second
}
HALF_RIGHT = {"lab03-shares-answer": "def shares(counts):\n    return counts / counts.sum()"}


def nbgrader(course: Course, *arguments: str) -> None:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def handed_in(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with a small lab, worth 2 points, and a class of three: ada, bob and cyd."""
    made = copy_to_grade(course, tmp_path_factory.mktemp("made") / "course")
    make_lab(made, LAB)
    nbgrader(made, "generate_assignment", LAB)
    right = instructors_answers(made, LAB)
    for student, answers in {"ada": right, "bob": HALF_RIGHT, "cyd": {}}.items():
        files = submit(made, LAB, student, answers).files
        write_files(made.folder("submitted", LAB, student), files)
    return made


@pytest.fixture
def small(handed_in: Course, tmp_path: Path) -> Course:
    """The same for one test."""
    root = shutil.copytree(handed_in.root, tmp_path / "course")
    return Course(root, handed_in.trusts_submissions)


@pytest.fixture
def grade(small: Course):
    """The command, in the course and a process of its own; returns what it prints."""

    def run_it(*options: str, code: int = 0) -> str:
        command = [GRADE, LAB, "--trust-submissions", *options]
        done = subprocess.run(
            command, cwd=small.root, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run_it


def totals(course: Course) -> dict[str, str]:
    """From grades.csv: totals, or the status where there is none."""
    with (course.root / "grades.csv").open(encoding="utf-8") as file:
        return {line["student"]: line["total"] or line["status"] for line in csv.DictReader(file)}


def graded_at(course: Course) -> dict[str, int]:
    paths = (course.root / "autograded").glob(f"*/{LAB}/*.ipynb")
    return {path.parts[-3]: path.stat().st_mtime_ns for path in paths}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"no {old} in {path}"
    path.write_text(text.replace(old, new), "utf-8")


def test_a_student_who_is_named_is_graded_and_nobody_else(small, grade):
    printed = grade("--student", "ada", "--student", "bob")
    assert totals(small) == {"ada": "2", "bob": "1", "cyd": "not graded yet"}
    assert "1 of 3 were not named, and are new or out of date: `grade lab03` grades" in printed
    assert "cyd" not in (small.root / "grades-canvas.csv").read_text("utf-8")
    grade()
    before = graded_at(small)

    write_files(
        small.folder("submitted", LAB, "cyd"),
        submit(small, LAB, "cyd", instructors_answers(small, LAB)).files,
    )
    printed = grade("--student", "ada")
    after = graded_at(small)
    assert [name for name in after if after[name] != before[name]] == ["ada"], "though unchanged"
    assert totals(small) == {"ada": "2", "bob": "1", "cyd": "0"}
    assert re.search(r"^cyd +0 +0 graded *$", printed, re.MULTILINE), "the whole class is shown"
    assert "1 of 3 were graded before" in printed
    assert "1 of 3 were not named" in printed
    assert "cyd" in (small.root / "report.html").read_text("utf-8")
    grade()
    assert totals(small) == {"ada": "2", "bob": "1", "cyd": "2"}


def test_a_name_that_nobody_has_is_one_line(small, grade):
    printed = grade("--student", "ada", "--student", "bop", code=2)
    assert printed.count("\n") == 1
    assert "submitted/bop/lab03" in printed
    assert "Did you mean 'bob'?" in printed
    assert not (small.root / "grades.csv").exists()


def late_by(course: Course, student: str, hours: int) -> None:
    """The lab was due at noon, and handed in so many hours later."""
    nbgrader(course, "db", "assignment", "add", LAB, "--duedate", "2027-01-01 12:00:00 UTC")
    time = datetime(2027, 1, 1, 12) + timedelta(hours=hours)
    (course.folder("submitted", LAB, student) / "timestamp.txt").write_text(f"{time} UTC")


def switch_on(course: Course, *lines: str) -> None:
    """Take the comment sign away from lines of the configuration."""
    for line in lines:
        replace(course.root / "nbgrader_config.py", f"# {line}", line)


def in_formgrader(course: Course, student: str) -> float:
    """The score that Formgrader shows of a student."""
    submission = NbGraderAPI(config=course.config).get_submission(LAB, student)
    return submission["score"]


def test_being_late_costs_percent_a_day_when_that_is_switched_on(small, grade):
    late_by(small, "ada", hours=1)
    late_by(small, "bob", hours=25)
    grade()
    assert totals(small) == {"ada": "2", "bob": "1", "cyd": "0"}
    switch_on(small, "c.AssignLatePenalties")
    printed = grade()
    assert totals(small) == {"ada": "1.8", "bob": "0.8", "cyd": "0"}, "a day, and two, begun"
    for student, row in {"ada": "2 -0.2 1.8", "bob": "1 -0.2 0.8", "cyd": "0 0 0"}.items():
        cells = rf"^{student} .* {' +'.join(row.split())} graded *$"
        assert re.search(cells, printed, re.MULTILINE), printed
        assert f"{in_formgrader(small, student):g}" == row.split()[0]
    page = (small.root / f"feedback/ada/{LAB}/01_shares.html").read_text("utf-8")
    assert "1.8 of 2 points" in page
    assert "The late submission penalty of 0.2 is taken off." in page
    nbgrader(small, "export", "--to", "all.csv")
    with (small.root / "all.csv").open(encoding="utf-8") as file:
        assert {line["score"] for line in csv.DictReader(file)} == {"1.8", "0.8", "0.0"}

    switch_on(small, "c.PercentADay")
    grade()
    assert totals(small) == {"ada": "1.6", "bob": "0.6", "cyd": "0"}


def test_percent_a_day_is_the_same_for_one_notebook_and_for_many_and_never_more_than_all():
    rule = PercentADay()
    whole = rule.late_submission_penalty("ada", 20, 2 * DAY)
    parts = [rule.late_submission_penalty("ada", score, 2 * DAY) for score in (7, 7, 6)]
    assert (whole, sum(parts)) == (4, pytest.approx(4))
    assert rule.late_submission_penalty("ada", 20, 1) == 2
    assert rule.late_submission_penalty("ada", 20, 11 * DAY) == 20


def guide(heading: str) -> str:
    """The commands under a heading of the guide for instructors, made for this class."""
    text = (ROOT / "docs/instructors.md").read_text("utf-8").partition(f"### {heading}\n")[2]
    commands = "\n".join(re.findall(r"```bash\n(.*?)```", text.partition("\n##")[0], re.DOTALL))
    assert commands, f"nothing to do under {heading}"
    commands = commands.replace("uv run ", "").replace("lab02", LAB)
    return commands.replace(f"grade {LAB}", f"grade {LAB} --trust-submissions")


def test_more_time_for_one_student(small, grade):
    for student in ("ada", "bob"):
        late_by(small, student, hours=25)
    switch_on(small, "c.AssignLatePenalties")
    grade()
    assert totals(small) == {"ada": "1.6", "bob": "0.8", "cyd": "0"}
    commands = guide("Give one student more time")
    subprocess.run(["bash", "-ec", commands], cwd=small.root, env=ENVIRONMENT, check=True)
    assert totals(small) == {"ada": "2", "bob": "0.8", "cyd": "0"}
    grade("--force")
    assert totals(small)["ada"] == "2", "it was forgotten"


def test_a_fault_in_what_is_asked_is_mended_for_all(small, grade):
    """Bad input was never announced: its cases are taken out, and its point goes elsewhere."""
    grade()
    assert totals(small) == {"ada": "2", "bob": "1", "cyd": "0"}
    exercises = small.hidden_half(LAB) / "shares/exercises.py"
    replace(exercises, 'Aspect("the shares", 0.5,', 'Aspect("the shares", 1.5,')
    replace(exercises, '        Aspect("bad input", 1.0, cases.counts_to_check),\n', "")
    grade()
    assert totals(small) == {"ada": "2", "bob": "2", "cyd": "0"}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (0, {"ada": "0", "bob": "0", "cyd": "0"}),
        (4, {"ada": "4", "bob": "2", "cyd": "0"}),
    ],
)
def test_an_exercise_is_dropped_or_worth_something_else(points, expected, small, grade):
    grade()
    source, entries = small.folder("source", LAB), small.hidden_half(LAB) / "shares/exercises.py"
    replace(entries, ", 1.0, ", f", {points / 2}, ")
    replace(entries, ", 0.5, ", f", {points / 4}, ")
    replace(source / "01_shares.ipynb", "2 points", f"{points} points")
    replace(source / "01_shares.ipynb", '"points": 2', f'"points": {points}')
    replace(source / "README.md", "| 2 |", f"| {points} |")
    replace(source / "README.md", "**2**", f"**{points}**")
    nbgrader(small, "generate_assignment", LAB, "--force")
    printed = grade()
    assert totals(small) == expected
    assert f"of {points}" in printed
    with (small.root / "grades.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            assert line["status"] == "graded", "who handed in before is accused"
