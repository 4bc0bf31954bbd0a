"""The command `grade`: one clear line and exit code 2 for what cannot be graded."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grading.cli import run
from grading.intake.folders import misplaced
from gradings import trust_in


def grade(folder: Path, *arguments: str, monkeypatch) -> tuple[int, str]:
    monkeypatch.chdir(folder)
    console = Console(file=io.StringIO(), width=400)
    code = run(list(arguments), console)
    return code, console.file.getvalue()


def assert_one_line(printed: str, *words: str):
    assert printed.count("\n") == 1, f"one line was expected: {printed}"
    for word in words:
        assert word in printed


def test_outside_a_course(tmp_path, monkeypatch):
    code, printed = grade(tmp_path, "lab02", monkeypatch=monkeypatch)
    assert code == 2
    assert_one_line(printed, str(tmp_path), "nbgrader_config.py")


def test_an_unknown_assignment(own_course, monkeypatch):
    code, printed = grade(own_course.root, "lab99", monkeypatch=monkeypatch)
    assert code == 2
    assert_one_line(printed, "lab99", "Known: lab01, lab02")


def test_work_that_lies_in_the_wrong_place_is_named(own_course):
    submitted = own_course.root / "submitted"
    for folder in ("ada/lab02", "bob/lab02_bonus", "cyd/Lab 02", "dan"):
        (submitted / folder).mkdir(parents=True)
    (submitted / "01_sliding_window.ipynb").touch()
    (submitted / "cyd/Lab 02/01_sliding_window.ipynb").touch()
    (submitted / "dan/01_sliding_window.ipynb").touch()
    found = list(misplaced(own_course, "lab02"))
    assert [words.split()[0] for words in found] == [
        "submitted/01_sliding_window.ipynb",
        "submitted/cyd",
        "submitted/dan",
    ]
    assert "but cyd/Lab 02/01_sliding_window.ipynb" in found[1]


def test_a_name_with_a_slash_as_a_shell_completes_it(own_course, monkeypatch):
    code, printed = grade(own_course.root, "lab02/", monkeypatch=monkeypatch)
    assert code == 2
    assert_one_line(printed, "'lab02/' is not the name", "write 'lab02'")


def test_a_gradebook_at_no_address(own_course, monkeypatch):
    (own_course.root / "submitted/ada/lab02").mkdir(parents=True)
    code, printed = grade(own_course.root, "lab02", "--db", "nosuch://x", monkeypatch=monkeypatch)
    assert code == 2
    assert_one_line(printed, "nosuch", "--db")


@pytest.mark.parametrize("folder", ["source", "submitted/ada"])
def test_nothing_submitted(folder, own_course, monkeypatch):
    (own_course.root / folder).mkdir(parents=True, exist_ok=True)
    code, printed = grade(own_course.root / folder, "lab02", monkeypatch=monkeypatch)
    assert code == 2
    assert_one_line(printed, "nothing to grade", "nbgrader collect lab02")


@pytest.mark.parametrize(
    ("break_course", "words"),
    [
        (lambda root: (root / "nbgrader_config.py").write_text("c ="), ["nbgrader_config.py"]),
        (
            lambda root: (root / "solutions/lab02/reference/sliding_window.py").unlink(),
            ["sliding_window.py"],
        ),
        (lambda root: (root / "gradebook.db").write_text("no database"), ["gradebook"]),
        (
            lambda root: [path.unlink() for path in (root / "source/lab02").glob("*.ipynb")],
            ["generate_assignment"],
        ),
    ],
    ids=["configuration", "reference", "gradebook", "source"],
)
def test_an_unreadable_course(break_course, words, own_course, monkeypatch):
    (own_course.root / "submitted/ada/lab02").mkdir(parents=True)
    break_course(own_course.root)
    options = trust_in(own_course)
    code, printed = grade(own_course.root, "lab02", *options, monkeypatch=monkeypatch)
    assert code == 2
    assert_one_line(printed, *words)


def test_the_installed_command_says_how_it_is_used():
    command = Path(sys.executable).with_name("grade")
    done = subprocess.run([command, "--help"], capture_output=True, text=True, check=True)
    assert "--demo" in done.stdout
