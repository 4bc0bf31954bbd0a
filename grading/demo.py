"""A small class in a temporary folder, to see the whole course at work: `grade --demo`."""

import shutil
from pathlib import Path

import nbformat
from rich.console import Console

from grading import sandbox
from grading.course import CONFIG_FILE, Course
from grading.exercises import EXERCISES
from grading.handin import Answers, instructors_answers, submit
from grading.misconceptions import MISCONCEPTIONS
from grading.preprocessors import graded_id
from grading.report import ClassReport
from grading.run import grade_class
from grading.submission import Submission
from grading.worker import write_files

ASSIGNMENT = "lab02"
FIRST, SECOND, THIRD = "01_sliding_window", "02_global_tokens", "03_multi_head"
ROWS_ONLY = "global tokens are seen by nobody: rows only"


def demo(course: Course, root: Path, console: Console) -> ClassReport:
    """Grade the class in a copy of the course at root, and say where to look."""
    copy = sandbox.or_trust(copy_course(course, root))  # this class is our own
    for submission in demo_class(copy):
        write_files(copy.folder("submitted", ASSIGNMENT, submission.student), submission.files)
    report = grade_class(copy, ASSIGNMENT, console)
    console.print(f"\nThis class is in {copy.root}", soft_wrap=True, highlight=False)
    console.print("  submitted/   what was handed in")
    console.print("  feedback/    the pages each student gets: open one in a browser")
    console.print("  report.html  the class on one page, for the instructor")
    console.print("  grades.csv   the marks; they are in gradebook.db too, for nbgrader")
    return report


def copy_course(course: Course, root: Path) -> Course:
    """The parts of a course that grading needs, elsewhere: no submissions, no gradebook."""
    ignore = shutil.ignore_patterns("__pycache__", ".*", "uv.lock")
    for part in ("source", "release", "solutions"):
        shutil.copytree(course.root / part, root / part, ignore=ignore)
    shutil.copy(course.root / CONFIG_FILE, root)
    return Course(root)


def demo_class(course: Course) -> list[Submission]:
    """Right, blank, half-done, wrong and damaged: what a real class hands in."""
    right = instructors_answers(course, ASSIGNMENT)
    half = {name: answer for name, answer in right.items() if _notebook(name) == FIRST}

    def hand_in(student: str, answers: Answers) -> Submission:
        return submit(course, ASSIGNMENT, student, answers)

    damaged = [hand_in(name, right) for name in ("broken-file", "missing-file", "deleted-test")]
    for submission, damage in zip(damaged, (_truncate, _misname, _delete_test), strict=True):
        damage(submission.files)
    return [
        hand_in("all-right", right),
        hand_in("blank", {}),
        hand_in("half-done", half),
        hand_in("off-by-one", right | _wrong("window-mask", "window one too wide")),
        hand_in("not-scaled", right | _wrong("masked-attention", "scores not scaled")),
        hand_in("rows-only", right | _wrong("global-mask", ROWS_ONLY)),
        *damaged,
    ]


def _notebook(grade_id: str) -> str:
    exercise = EXERCISES.get(grade_id.removesuffix("-answer"))
    return exercise.notebook.name if exercise else ""


def _wrong(exercise: str, name: str) -> Answers:
    found = next(m for m in MISCONCEPTIONS if (m.exercise, m.name) == (exercise, name))
    return {f"{exercise}-answer": found.source}


def _truncate(files: dict[str, bytes]) -> None:
    files[f"{SECOND}.ipynb"] = files[f"{SECOND}.ipynb"][:1000]


def _misname(files: dict[str, bytes]) -> None:
    files[f"{THIRD} (1).ipynb"] = files.pop(f"{THIRD}.ipynb")


def _delete_test(files: dict[str, bytes]) -> None:
    notebook = nbformat.reads(files[f"{FIRST}.ipynb"].decode(), as_version=4)
    notebook.cells = [cell for cell in notebook.cells if graded_id(cell) != "window-mask"]
    files[f"{FIRST}.ipynb"] = nbformat.writes(notebook).encode()
