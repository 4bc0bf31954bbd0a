"""PostgreSQL as the gradebook: a real server, started for these tests."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from catalogue import ROOT
from grading.course import Course
from gradings import ASSIGNMENT, STUDENTS, hand_in, printed_by, started
from guides import blocks

pytest.importorskip("psycopg", reason="psycopg is not installed (group postgresql)")
FOLDERS = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/bin")]
PROGRAMS = next((folder for folder in FOLDERS if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a database of our own; PostgreSQL refuses to run as root."""
    if PROGRAMS is None:
        pytest.skip("PostgreSQL's server is not installed")
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:  # pytest's are root's alone
        yield from _served_from(Path(folder))


def _served_from(folder: Path) -> Iterator[str]:
    user: list[str] = []
    if os.getuid() == 0:
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
    control = [*user, str(PROGRAMS / "pg_ctl"), "-w", "-D", str(data)]
    make = ("init", "-o", "--auth=trust --username=instructor --encoding=UTF8")
    for arguments in (make, ("start", "-l", str(folder / "log"), "-o", options)):
        subprocess.run([*control, *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL)
    yield f"postgresql+psycopg://instructor@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "stop", "-m", "fast"], check=True, cwd="/", stdout=subprocess.DEVNULL)


def test_the_gradebook_on_postgresql_holds_the_marks_of_grades_csv(server, own_course: Course):
    hand_in(own_course, *STUDENTS)
    process = started(own_course, "--db", server)
    printed = printed_by(process, own_course, 240)
    assert process.returncode == 0, printed
    assert not (own_course.root / "gradebook.db").exists()
    lines = (own_course.root / "grades.csv").read_text().splitlines()[1:]
    marks = {line.split(",")[0]: float(line.split(",")[2]) for line in lines}
    with Gradebook(server) as gradebook:
        recorded = {s.student.id: s.score for s in gradebook.assignment_submissions(ASSIGNMENT)}
    assert recorded == marks
    assert len(marks) == len(STUDENTS)


def test_a_gradebook_on_a_server_is_restored_as_the_guide_says(server, own_course: Course):
    """By the commands of docs/keeping.md, with the programs of this server."""
    given = [text for why, text in blocks(ROOT / "docs/keeping.md") if "test_postgresql" in why]
    address = server.replace("+psycopg", "")
    backup, restore = (
        t.replace("postgresql://user:password@host/gradebook", address) for t in given
    )
    path = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])

    def type_in(commands: str) -> None:
        how = {"cwd": own_course.root, "env": os.environ | {"PATH": path}}
        subprocess.run(["bash", "-e", "-c", commands], check=True, **how)

    hand_in(own_course, "all-right")
    process = started(own_course, "--db", server)
    assert not process.wait(240), printed_by(process, own_course, 0)
    type_in(backup)
    type_in(f'psql "{address}" --command="DROP SCHEMA public CASCADE; CREATE SCHEMA public"')
    type_in(restore)
    process = started(own_course, "--db", server)
    printed = printed_by(process, own_course, 240)
    assert json.loads(printed.splitlines()[-1])["graded_before"] == 1, printed


def test_a_server_that_does_not_answer_is_one_line(own_course: Course):
    url = "postgresql+psycopg://instructor@127.0.0.1:9/postgres"
    process = started(hand_in(own_course, "all-right"), "--db", url)
    printed = printed_by(process, own_course, 60)
    assert process.returncode == 2
    assert "gradebook" in printed
    assert "Traceback" not in printed
