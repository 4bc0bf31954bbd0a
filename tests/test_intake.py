"""Intake: whatever is handed in becomes a notebook to grade, and what was wrong a finding."""

import json
import re
from copy import deepcopy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.intake import Submission, UnreadableError, read_notebook, rebuild, take_in


def cell(grade_id: str, source: str, **kind):
    marks = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    nbgrader = marks | kind | {"grade_id": grade_id}
    return new_code_cell(source, id=grade_id, metadata={"nbgrader": nbgrader})


@pytest.fixture
def release():
    return new_notebook(
        cells=[
            new_markdown_cell("# Lesson", id="lesson"),
            cell("setup", "import numpy as np", locked=True),
            cell("f-answer", "def f(): raise NotImplementedError()", solution=True),
            cell("f", "check(f)", grade=True, locked=True, points=2),
            cell("g-answer", "def g(): raise NotImplementedError()", solution=True),
            cell("g", "check(g)", grade=True, locked=True, points=1),
        ]
    )


@pytest.fixture
def submitted(release):
    notebook = deepcopy(release)
    notebook.cells[2].source = "def f(): return 1"
    return notebook


def sources(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells]


def test_answers_are_kept_and_nothing_is_found(submitted, release):
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt) == sources(submitted)
    assert findings == []


def test_own_cells_stay_where_the_student_put_them(submitted, release):
    submitted.cells.insert(2, new_code_cell("def helper(): ..."))
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt) == sources(submitted)
    assert findings == []


def test_the_order_of_the_student_is_kept(submitted, release):
    submitted.cells.append(submitted.cells.pop(2))
    rebuilt, _ = rebuild(submitted, release)
    assert sources(rebuilt) == sources(submitted)


def test_a_deleted_test_is_put_back_behind_its_answer(submitted, release):
    del submitted.cells[3]
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt)[2:4] == ["def f(): return 1", "check(f)"]
    assert findings == ["Cell f was deleted; it was put back as it was handed out."]


def test_everything_deleted_gives_the_release_back(release):
    rebuilt, findings = rebuild(new_notebook(), release)
    assert sources(rebuilt) == sources(release)[1:], "the unlocked text is the student's to delete"
    assert len(findings) == 5


def test_a_copied_test_counts_once(submitted, release):
    submitted.cells.insert(4, deepcopy(submitted.cells[3]))
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt).count("check(f)") == 1
    assert findings == ["Cell f is there more than once; the first one was graded."]


def test_a_copied_answer_still_runs(submitted, release):
    """In the kernel the later definition wins, as it did for the student."""
    copy = deepcopy(submitted.cells[2])
    copy.source = "def f(): return 2"
    submitted.cells.insert(3, copy)
    rebuilt, _ = rebuild(submitted, release)
    assert sources(rebuilt)[2:4] == ["def f(): return 1", "def f(): return 2"]
    assert len({cell.id for cell in rebuilt.cells}) == len(rebuilt.cells)
    nbformat.validate(rebuilt)


def test_an_edited_test_is_restored_with_its_points(submitted, release):
    submitted.cells[3].source = "pass"
    submitted.cells[3].metadata.nbgrader.points = 100
    rebuilt, findings = rebuild(submitted, release)
    assert rebuilt.cells[3] == release.cells[3]
    assert findings == ["Locked cell f was edited; it was put back as it was handed out."]


def test_an_answer_turned_into_text_is_run_as_code(submitted, release):
    answer = submitted.cells[2]
    submitted.cells[2] = new_markdown_cell(answer.source, id=answer.id, metadata=answer.metadata)
    rebuilt, findings = rebuild(submitted, release)
    assert rebuilt.cells[2].cell_type == "code"
    assert "was turned into a markdown cell" in findings[0]


def test_nothing_of_the_nbgrader_metadata_is_believed(submitted, release):
    submitted.cells.append(cell("mine", "print('points!')", grade=True, points=50))
    for handed_in in submitted.cells:
        if "nbgrader" in handed_in.metadata:
            handed_in.metadata.nbgrader.schema_version = 99
    rebuilt, _ = rebuild(submitted, release)
    assert "nbgrader" not in rebuilt.cells[-1].metadata
    assert all(c.metadata.nbgrader.schema_version == 3 for c in rebuilt.cells[1:-1])


def as_bytes(content) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is an empty file"),
        (b"  \n", "is an empty file"),
        (b'{"cells": [', "is not valid JSON (line 1"),
        (b"\xff\xfe\x00", "is not UTF-8 text (byte 0)"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"[]", "is JSON, but not a Jupyter notebook"),
        (b'"hello"', "is JSON, but not a Jupyter notebook"),
        (as_bytes({"cells": []}), "is JSON, but not a Jupyter notebook"),
        (
            as_bytes({"nbformat": 4, "nbformat_minor": 5, "metadata": {}}),
            "is not a Jupyter notebook",
        ),
        (
            as_bytes({"nbformat": "x", "nbformat_minor": 5, "cells": []}),
            "is not a Jupyter notebook",
        ),
    ],
    ids=[
        "empty",
        "blank",
        "cut off",
        "not UTF-8",
        "deep",
        "list",
        "string",
        "no format",
        "no cells",
        "format x",
    ],
)
def test_an_unreadable_file_is_named_and_graded_as_blank(content, reason, release):
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        read_notebook(content)
    submission = Submission("ada", "lab", {"one.ipynb": content})
    notebook, findings = take_in("one", submission, release)
    assert notebook == release
    assert findings[0].startswith(f"one.ipynb {reason}")


def test_a_missing_file_is_graded_as_blank(release):
    notebook, findings = take_in("one", Submission("ada", "lab", {}), release)
    assert notebook == release
    assert findings == ["one.ipynb is missing; the blank hand-out was graded."]


def test_an_old_notebook_format_is_read(release, submitted):
    """nbformat 3 keeps its cells in worksheets; what can be read is graded."""
    old = nbformat.convert(deepcopy(submitted), 3)
    assert "def f(): return 1" in sources(read_notebook(nbformat.writes(old, version=3).encode()))


def test_links_and_folders_named_like_notebooks_are_left_out(tmp_path):
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "ada"
    (folder / "one.ipynb").mkdir(parents=True)
    (folder / "two.ipynb").symlink_to(tmp_path / "secret")
    (folder / "notes.txt").write_text("mine")
    submission = Submission.read("ada", "lab", folder)
    assert submission.files == {"notes.txt": b"mine"}
    assert submission.findings == (
        "one.ipynb is not a regular file; it was left out.",
        "two.ipynb is not a regular file; it was left out.",
    )
