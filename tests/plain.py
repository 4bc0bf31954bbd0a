"""Assignments of nbgrader's own kind: its example, and one with every kind of cell it knows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from grading.course import CONFIG_FILE, Course
from grading.files import write_files
from grading.kernel import sandbox
from grading.proof.handin import Answers, submit
from grading.release import generate

OURS = "from grading import configure\n\nc = get_config()\nconfigure(c)\n"
STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'stock'\n"
EXAMPLE = Path(nbgrader.__file__).parent / "docs/source/user_guide"  # of nbgrader's documentation
PROGRAMS = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # alembic

ANSWER = {"grade": False, "locked": False, "solution": True, "task": False}
TEST = {"grade": True, "locked": True, "solution": False, "task": False}
BY_HAND = {"grade": True, "locked": False, "solution": True, "task": False}
TASK = {"grade": False, "locked": True, "solution": False, "task": True}

SECRET = "nobody-may-read-this"
SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TESTS = {
    "visible": "assert double(1) == 2",
    "half-hidden": f"""\
assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(-3) == -6, "{SECRET}"
### END HIDDEN TESTS""",
    "all-hidden": f"""\
### BEGIN HIDDEN TESTS
secret = "{SECRET}"
assert double(secret) == secret + secret
### END HIDDEN TESTS""",
    "partial": """\
rights = sum(double(n) == 2 * n for n in range(-2, 2))
rights / 4 * 2.5""",
    "with-a-value": "double(5)\n'all is well'",
    "with-nothing": "# nothing is tested here",
}
POINTS = {"visible": 3, "half-hidden": 2, "partial": 2.5}  # all others give 1


def course_in(root: Path, config: str = OURS) -> Course:
    """An empty course. Where there is no sandbox, what tests hand in is trusted."""
    root.mkdir(parents=True, exist_ok=True)
    (root / CONFIG_FILE).write_text(config)
    course = sandbox.or_trust(Course(root))
    if course.trusts_submissions and config == OURS:
        (root / CONFIG_FILE).write_text(config + "c.SteadyExecute.confine = False\n")
    return course


def cell(kind: dict[str, bool], name: str, source: str, points: float = 0) -> NotebookNode:
    """A cell as nbgrader marks it; a manually graded answer may be text, and a task always is."""
    marks = {"schema_version": 3, "grade_id": name, **kind} | ({"points": points} if points else {})
    is_text = kind is TASK or (kind is BY_HAND and not source.startswith("#"))
    make = new_markdown_cell if is_text else new_code_cell
    return make(source, id=name, metadata={"nbgrader": marks})


def every_kind() -> NotebookNode:
    """A notebook with a solution, tests of all sorts, and what a person grades."""
    cells = [
        new_code_cell("import warnings", id="setup"),
        cell(ANSWER, "double", SOLUTION),
        *(cell(TEST, name, source, POINTS.get(name, 1)) for name, source in TESTS.items()),
        cell(BY_HAND, "essay", "Your text.", 4),
        cell(BY_HAND, "program", "# YOUR CODE HERE", 5),
        cell(TASK, "drawing", "Draw it on paper.", 2),
    ]
    return new_notebook(cells=cells)


def add(course: Course, assignment: str, **notebooks: NotebookNode) -> Course:
    """An assignment in source/, and its hand-out."""
    folder = course.folder("source", assignment)
    folder.mkdir(parents=True)
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return hand_out(course, assignment)


def add_example(course: Course) -> Course:
    """nbgrader's own: the source, and the submissions of its documentation."""
    shutil.copytree(EXAMPLE / "source/ps1", course.folder("source", "ps1"))
    for student in ("bitdiddle", "hacker"):
        folder = EXAMPLE / "submitted" / student / "ps1"
        shutil.copytree(folder, course.folder("submitted", "ps1", student))
    return hand_out(course, "ps1")


def hand_out(course: Course, assignment: str) -> Course:
    """By nbgrader, but in this process: its command, which others try, takes seconds to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", PROGRAMS)
        generate(course, assignment, course.root / "release", into_gradebook=True)
    return course


def hand_in(course: Course, assignment: str, students: dict[str, Answers]) -> Course:
    for student, answers in students.items():
        files = submit(course, assignment, student, answers).files
        write_files(course.folder("submitted", assignment, student), files)
    return course


def nbgrader_says(course: Course, *command: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=course.root,
        env=os.environ | {"PATH": PROGRAMS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


def marks(course: Course, assignment: str) -> dict[str, dict[str, tuple]]:
    """What the gradebook holds of each student's cells: points, and whether a person is needed."""
    with Gradebook(course.database_url) as gradebook:
        return {
            submission.student_id: {
                grade.name: (grade.auto_score, grade.needs_manual_grade, grade.max_score)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(assignment)
        }
