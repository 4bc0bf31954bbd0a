"""The notebooks: kept clean, in agreement with the grader, and run cell by cell with nbval."""

import ast
import itertools
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils

from catalogue import EXERCISES, ROOT, every_lab
from grading.course import Course
from grading.proof.handin import instructors_answers, submit

SOURCE = sorted((ROOT / "source").glob("*/*.ipynb"))
RELEASE = sorted((ROOT / "release").glob("*/*.ipynb"))
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def name_of(path: Path) -> str:
    return "/".join((*path.parts[-3:-1], path.stem))


every_notebook = pytest.mark.parametrize("path", SOURCE + RELEASE, ids=name_of)
source_notebook = pytest.mark.parametrize("path", SOURCE, ids=name_of)


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
        _, exercise = EXERCISES[grade_id]
        (ask,) = (
            node
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ask"
        )
        assert [ast.literal_eval(ask.args[0]), ast.unparse(ask.args[1])] == [
            grade_id,
            exercise.answer,
        ]
        assert cell.source.index("lab.check_") < cell.source.index("### BEGIN HIDDEN TESTS")


@source_notebook
def test_a_notebook_is_no_longer_than_five_exercises(path):
    assert 1 <= len(list(filter(utils.is_grade, cells(path)))) <= 5


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


def nbval(folder: Path, **settings: str) -> dict[str, str]:
    """Run pytest as a student would in this folder: what failed, by cell, with its message."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=report.xml"]
    env = os.environ | settings
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    results = {
        f"{case.get('classname')}::{case.get('name')}": case.find("failure")
        for case in ElementTree.parse(folder / "report.xml").getroot().iter("testcase")
    }
    code = [c for path in folder.glob("*.ipynb") for c in cells(path) if c.cell_type == "code"]
    assert len(results) == len(code), f"not every cell was reported: {done.stdout}"
    return {name: found.text for name, found in results.items() if found is not None}


@every_lab
def test_the_source_runs_from_top_to_bottom(lab, own_course: Course):
    """What only takes long is run below: other cells than the answers are the same there."""
    assert nbval(own_course.folder("source", lab.name), LAB_QUICK="1") == {}


@every_lab
def test_the_release_filled_with_right_answers_runs(lab, own_course: Course):
    folder = own_course.folder("release", lab.name)
    filled = submit(own_course, lab.name, "ada", instructors_answers(own_course, lab.name))
    for name, content in filled.files.items():
        (folder / name).write_bytes(content)
    assert nbval(folder) == {}


@every_lab
def test_the_blank_release_fails_only_where_an_exercise_is_missing(lab, own_course: Course):
    failed = nbval(own_course.folder("release", lab.name))
    cells_failed = {name.split("::")[-1] for name in failed}
    assert set(lab.exercises) <= cells_failed, "a self-check passes on a stub"
    for name, message in failed.items():
        assert "not written yet" in message, f"{name} fails otherwise: {message}"
