"""Gradebooks that cannot be used, and lists of students as spreadsheets save them."""

import io
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from grading.cli import run
from grading.course import Course

COMMANDS = [("lab02",), ("roster", "students.csv")]
STUDENTS = "id,first_name,last_name,email\nzoe,Zoë,Müller,zoe@example.org\nbob,Bob,,\n"


@pytest.fixture
def filled(own_course: Course) -> Course:
    """A course with a gradebook, a list of students, and something to grade."""
    with Gradebook(own_course.database_url) as gradebook:
        gradebook.add_student("ada", first_name="Ada")
    (own_course.root / "students.csv").write_text(STUDENTS, "utf-8")
    (own_course.root / "submitted/ada/lab02").mkdir(parents=True)
    return own_course


def said(course: Course, *arguments: str, monkeypatch, code: int = 2) -> str:
    """What the command prints: one line."""
    monkeypatch.chdir(course.root)
    console = Console(file=io.StringIO(), width=400)
    assert run(list(arguments), console) == code, console.file.getvalue()
    assert console.file.getvalue().count("\n") == 1
    return console.file.getvalue()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_locked_gradebook(command, filled, monkeypatch):
    other = "import sqlite3, sys; c = sqlite3.connect('gradebook.db'); c.execute('BEGIN IMMEDIATE')"
    locking = subprocess.Popen(
        [sys.executable, "-c", f"{other}; print('locked', flush=True); sys.stdin.read()"],
        cwd=filled.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with locking:
        locking.stdout.readline()
        line = said(filled, *command, monkeypatch=monkeypatch)
    assert "The gradebook is locked" in line
    assert "try again" in line


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_gradebook_of_an_older_nbgrader_can_be_upgraded(command, filled, monkeypatch):
    with sqlite3.connect(filled.root / "gradebook.db") as old:
        old.execute("ALTER TABLE student DROP COLUMN lms_user_id")
        old.execute("UPDATE alembic_version SET version_num = '167914646830'")
    line = said(filled, *command, monkeypatch=monkeypatch)
    assert "student.lms_user_id" in line
    assert "nbgrader db upgrade" in line
    upgrade = [sys.executable, "-m", "nbgrader", "db", "upgrade"]
    subprocess.run(upgrade, cwd=filled.root, check=True, capture_output=True)
    said(filled, "roster", "students.csv", monkeypatch=monkeypatch, code=0)


@pytest.mark.parametrize("column", ["grade.extra_credit", "submitted_assignment.extension"])
def test_any_column_that_is_lacking_is_named(column, filled, monkeypatch):
    table, _, name = column.partition(".")
    with sqlite3.connect(filled.root / "gradebook.db") as old:
        old.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    assert f"it lacks {column}." in said(filled, "lab02", monkeypatch=monkeypatch)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_database_at_all(command, filled, monkeypatch):
    (filled.root / "gradebook.db").write_text("These are my grades.\n" * 100)
    line = said(filled, *command, monkeypatch=monkeypatch)
    assert "The gradebook is no database" in line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_of_students_as_spreadsheets_save_it(encoding, separator, filled, monkeypatch):
    text = STUDENTS.replace(",", separator).replace("\n", "\r\n")
    (filled.root / "students.csv").write_bytes(text.encode(encoding))
    line = said(filled, "roster", "students.csv", monkeypatch=monkeypatch, code=0)
    assert "2 students of students.csv" in line
    assert ("Windows-1252" in line) == (encoding == "cp1252")
    with Gradebook(filled.database_url) as gradebook:
        zoe, bob = (gradebook.find_student(name) for name in ("zoe", "bob"))
        assert (zoe.first_name, zoe.last_name, zoe.email) == ("Zoë", "Müller", "zoe@example.org")
        assert (bob.first_name, bob.last_name, bob.email) == ("Bob", None, None)
        assert gradebook.find_student("ada").first_name == "Ada"


def test_columns_are_known_by_their_names_as_people_write_them(filled, monkeypatch):
    text = "Section,ID,First Name\nA,zoe,Zoë\n"
    (filled.root / "students.csv").write_text(text, "utf-8")
    said(filled, "roster", "students.csv", monkeypatch=monkeypatch, code=0)
    with Gradebook(filled.database_url) as gradebook:
        assert gradebook.find_student("zoe").first_name == "Zoë"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,email\nzoe,z@example.org\n", ["has no column id", "'name,email'", "lms_user_id"]),
        (b"", ["has no column id"]),
        (b"id,first_name\nzoe,Zoe\n,Bob\n", ["names no id in line 3"]),
        (b"id\nzo\x81\n", ["neither UTF-8 nor Windows-1252"]),
        (None, ["cannot be read", "No such file"]),
    ],
)
def test_what_is_no_list_of_students(content, words, filled, monkeypatch):
    path: Path = filled.root / "students.csv"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    line = said(filled, "roster", "students.csv", monkeypatch=monkeypatch)
    for word in ("students.csv", *words):
        assert word in line
