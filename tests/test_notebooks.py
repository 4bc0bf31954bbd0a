"""The notebooks: kept clean, in agreement with the grader, and run cell by cell with nbval."""

import ast
import itertools
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils

from grading.course import Course
from grading.exercise import Notebook
from grading.exercises import ASSIGNMENTS, EXERCISES
from grading.handin import instructors_answers, submit

ROOT = Path(__file__).parents[1]
SOURCE = sorted((ROOT / "source").glob("*/*.ipynb"))
RELEASE = sorted((ROOT / "release").glob("*/*.ipynb"))
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def name_of(path: Path) -> str:
    return "/".join((*path.parts[-3:-1], path.stem))


every_notebook = pytest.mark.parametrize("path", SOURCE + RELEASE, ids=name_of)
source_notebook = pytest.mark.parametrize("path", SOURCE, ids=name_of)
every_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS)


def cells(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


@every_notebook
def test_a_notebook_is_kept_as_source_code(path):
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    in_order = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert text == in_order, "keys sorted, indented by one, one newline at the end"
    for cell in content["cells"]:
        assert not cell.get("outputs"), f"{cell['id']} is stored with outputs"
        assert cell.get("execution_count") is None, f"{cell['id']} is stored with a count"
        assert KEBAB.fullmatch(cell["id"]), f"{cell['id']} is no readable cell id"
        assert "".join(cell["source"]).strip(), f"{cell['id']} is empty"
    ids = [cell["id"] for cell in content["cells"]]
    assert len(ids) == len(set(ids))
    assert set(content["metadata"]) == {"kernelspec", "language_info"}


@every_notebook
def test_headings_are_in_order(path):
    text = "\n".join(cell.source for cell in cells(path) if cell.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, flags=re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    steps = itertools.pairwise(levels)
    assert all(after <= before + 1 for before, after in steps), levels


@source_notebook
def test_every_autograded_cell_asks_its_own_exercise(path):
    for cell in filter(utils.is_grade, cells(path)):
        grade_id = cell.metadata.nbgrader.grade_id
        exercise = EXERCISES[grade_id]
        (ask,) = (
            node
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ask"
        )
        assert [ast.literal_eval(ask.args[0]), ast.unparse(ask.args[1])] == [
            grade_id,
            exercise.answer,
        ]
        assert exercise.notebook == Notebook(path.parent.name, path.stem)
        assert cell.metadata.nbgrader.points == exercise.points
        assert cell.source.index("lab.check_") < cell.source.index("### BEGIN HIDDEN TESTS")


@source_notebook
def test_points_are_written_in_the_text(path):
    text = "\n".join(cell.source for cell in cells(path) if cell.cell_type == "markdown")
    graded = [c.metadata.nbgrader.points for c in cells(path) if utils.is_grade(c)]
    written = [
        int(points) for points in re.findall(r"^### .*\((\d+) points?\)", text, re.MULTILINE)
    ]
    assert written == graded
    assert len(graded) <= 5
    assert f"{sum(graded):g} points" in text


@source_notebook
def test_every_exercise_has_hints_in_steps_that_give_no_answer(path):
    found = cells(path)
    code = {
        line.strip()
        for cell in filter(utils.is_solution, found)
        for line in cell.source.partition("### BEGIN SOLUTION")[2].splitlines()
        if len(line.strip()) > 12
    }
    for graded in filter(utils.is_grade, found):
        name = graded.metadata.nbgrader.grade_id
        (hints,) = (cell.source for cell in found if cell.id == f"{name}-hints")
        assert hints.count("<details>") == hints.count("</details>") in (2, 3), name
        assert re.findall("<summary>(.*)</summary>", hints) == [
            f"Hint {number}" for number in range(1, hints.count("<details>") + 1)
        ]
        assert not [line for line in code if line in hints], f"a hint of {name} gives code away"


@every_notebook
def test_the_last_code_cell_shows_the_progress(path):
    last = [cell for cell in cells(path) if cell.cell_type == "code"][-1]
    assert last.source == f'lab.show_progress("{path.stem}")'


def exercises_of(assignment: str) -> dict[str, float]:
    """Points by exercise, in the order of the notebooks."""
    own = (e for e in EXERCISES.values() if e.notebook.assignment == assignment)
    return {exercise.id: exercise.points for exercise in own}


def test_every_exercise_has_its_cell():
    graded = [c.metadata.nbgrader for path in SOURCE for c in cells(path) if utils.is_grade(c)]
    assert sorted(mark.grade_id for mark in graded) == sorted(EXERCISES)


def test_the_lab_is_worth_twenty_points():
    assert sum(exercises_of("lab02").values()) == 20


@every_assignment
def test_the_readme_lists_the_exercises_and_their_points(assignment):
    text = (ROOT / "source" / assignment / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\| `([a-z-]+)` \| (\d+) \|$", text, flags=re.MULTILINE)
    assert {name: int(points) for name, points in listed} == exercises_of(assignment)
    assert f"| **{sum(exercises_of(assignment).values()):g}** |" in text


def nbval(folder: Path) -> dict[str, str]:
    """Run pytest as a student would in this folder: what failed, by cell, with its message."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=report.xml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    results = {
        f"{case.get('classname')}::{case.get('name')}": case.find("failure")
        for case in ElementTree.parse(folder / "report.xml").getroot().iter("testcase")
    }
    code = [c for path in folder.glob("*.ipynb") for c in cells(path) if c.cell_type == "code"]
    assert len(results) == len(code), f"not every cell was reported: {done.stdout}"
    return {name: found.text for name, found in results.items() if found is not None}


@every_assignment
def test_the_source_runs_from_top_to_bottom(assignment, own_course: Course):
    assert nbval(own_course.folder("source", assignment)) == {}


@every_assignment
def test_the_release_filled_with_right_answers_runs(assignment, own_course: Course):
    folder = own_course.folder("release", assignment)
    filled = submit(own_course, assignment, "ada", instructors_answers(own_course, assignment))
    for name, content in filled.files.items():
        (folder / name).write_bytes(content)
    assert nbval(folder) == {}


@every_assignment
def test_the_blank_release_fails_only_where_an_exercise_is_missing(assignment, own_course: Course):
    failed = nbval(own_course.folder("release", assignment))
    cells_failed = {name.split("::")[-1] for name in failed}
    assert set(exercises_of(assignment)) <= cells_failed, "a self-check passes on a stub"
    for name, message in failed.items():
        assert "not written yet" in message, f"{name} fails otherwise: {message}"
