"""Gradings to be tested: a small class that is handed in, and `grade` in a process of its own."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from rich.console import Console

from catalogue import LABS, worth, worth_of_notebooks
from grading.batch.grade_class import grade_class
from grading.course import CONFIG_FILE, Course, copy_course
from grading.demo import demo_class
from grading.files import write_files
from grading.kernel import sandbox

needs_sandbox = pytest.mark.skipif(bool(sandbox.why_not()), reason=sandbox.why_not() or "here")


def why_no_other_users() -> str:
    """Why this process may not act for others; empty when it may."""
    if os.getuid() != 0:
        return "only root can become somebody else"
    mapped = Path("/proc/self/uid_map")
    if mapped.exists() and mapped.read_text().split()[2] == "1":
        return "there is one user alone in this namespace"
    return ""


needs_other_users = pytest.mark.skipif(
    bool(why_no_other_users()), reason=why_no_other_users() or "here"
)
ASSIGNMENT = "lab02"
LAB = LABS[ASSIGNMENT]
ALL = worth_of_notebooks(ASSIGNMENT)
MARKS_BY_HAND = {  # of the demo class
    "all-right": (ALL, "graded"),
    "blank": (0, "graded"),
    "half-done": (worth_of_notebooks(ASSIGNMENT, 1), "graded"),
    "off-by-one": (ALL - worth("window-mask", "the window"), "graded"),
    "not-scaled": (ALL - worth("masked-attention", "scale"), "graded"),
    "rows-only": (  # what is built on that mask is not charged again
        ALL - worth("global-mask", "global columns", "window and globals together"),
        "graded",
    ),
    "broken-file": (worth_of_notebooks(ASSIGNMENT, 1, 3, 4), "damaged"),
    "missing-file": (worth_of_notebooks(ASSIGNMENT, 1, 2, 3), "damaged"),
    "renamed-file": (ALL, "graded"),
    "deleted-test": (ALL, "graded"),
}
KILLS = int(os.environ.get("KILLS", "2"))
STUDENTS = ("all-right", "broken-file", "half-done", "off-by-one", "rows-only")
COPIES = int(os.environ.get("COPIES", "1"))  # of each of them, in the class that is killed
CLASS = (*STUDENTS, *(f"{one}-{n}" for n in range(2, COPIES + 1) for one in STUDENTS))
PRINTED = "printed.txt"
GRADE = Path(sys.executable).with_name("grade")


def copy_to_grade(course: Course, root: Path) -> Course:
    """The course elsewhere. What tests hand in there is our own: without a sandbox where there is
    none, `grade` and nbgrader's commands run it all the same."""
    copy = sandbox.or_trust(copy_course(course, root))
    if copy.trusts_submissions:
        with (root / CONFIG_FILE).open("a") as config:
            config.write("\nc.SteadyExecute.confine = False\n")
    return copy


def trust_in(course: Course) -> list[str]:
    """What `grade` is told where there is no sandbox."""
    return ["--trust-submissions"] if course.trusts_submissions else []


def hand_in(course: Course, *students: str) -> Course:
    files = {submission.student: submission.files for submission in demo_class(course, LAB)}
    for student in students:
        original = re.sub(r"-\d+$", "", student)
        write_files(course.folder("submitted", ASSIGNMENT, student), files[original])
    return course


def zipped(entries: Iterable[tuple[str, bytes]], how: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these, in this order; names may be there twice."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", how) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


def grade(course: Course, assignment: str = ASSIGNMENT, **how) -> list[dict]:
    """Grade quietly; the events that machines are told."""
    console = Console(file=io.StringIO())
    grade_class(course, assignment, console, **how, as_json=True)
    return [json.loads(line) for line in console.file.getvalue().splitlines()]


def started(course: Course, *options: str) -> subprocess.Popen:
    """Grade in a process of its own. Into a file, because a pipe that nobody reads would fill."""
    command = [GRADE, ASSIGNMENT, "--json", *options, *trust_in(course)]
    with (course.root / PRINTED).open("a") as file:
        return subprocess.Popen(command, cwd=course.root, stdout=file, stderr=subprocess.STDOUT)


def printed_by(process: subprocess.Popen, course: Course, seconds: float) -> str:
    """What a grading has printed when it ends, which takes it no longer than so many seconds."""
    process.wait(seconds)
    return (course.root / PRINTED).read_text()


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def wait_for_marks(course: Course, process: subprocess.Popen) -> None:
    """Until the first submission is finished, or the grading ends."""
    wait_for(lambda: journal(course) or process.poll() is not None, 240, "nothing was graded")
    assert journal(course), f"ended without marks: {printed_by(process, course, 0)}"


def lines_of(course: Course) -> dict[str, dict[str, str]]:
    """Of grades.csv, by student."""
    with (course.root / "grades.csv").open(encoding="utf-8") as file:
        return {line["student"]: line for line in csv.DictReader(file)}


def journal(course: Course) -> list[str]:
    path = course.root / ".grading" / f"{ASSIGNMENT}.jsonl"
    return path.read_text().splitlines() if path.exists() else []
