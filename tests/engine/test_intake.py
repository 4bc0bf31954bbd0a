"""Intake: whatever is handed in becomes a notebook to grade, and what was wrong a finding."""

import json
import os
import re
import subprocess
from copy import deepcopy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.intake.notebook import MAX_MARKDOWN, UnreadableError, read_notebook
from grading.intake.rebuild import rebuild, take_in
from grading.intake.submission import MAX_FILES, Submission
from grading.status import Status


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


def texts(findings) -> list[str]:
    return [finding.text for finding in findings]


def sources(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells]


def test_answers_are_kept_and_nothing_is_found(submitted, release):
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt) == sources(submitted)
    assert texts(findings) == []


def test_own_cells_stay_where_the_student_put_them(submitted, release):
    submitted.cells.insert(2, new_code_cell("def helper(): ..."))
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt) == sources(submitted)
    assert texts(findings) == []


def test_the_order_of_the_student_is_kept(submitted, release):
    submitted.cells.append(submitted.cells.pop(2))
    rebuilt, _ = rebuild(submitted, release)
    assert sources(rebuilt) == sources(submitted)


def test_a_deleted_test_is_put_back_behind_its_answer(submitted, release):
    del submitted.cells[3]
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt)[2:4] == ["def f(): return 1", "check(f)"]
    assert texts(findings) == ["Cell f was deleted; it was put back as it was handed out."]


def test_everything_deleted_gives_the_release_back(release):
    rebuilt, findings = rebuild(new_notebook(), release)
    assert sources(rebuilt) == sources(release)[1:], "the unlocked text is the student's to delete"
    assert len(findings) == 5


def test_a_copied_test_counts_once(submitted, release):
    submitted.cells.insert(4, deepcopy(submitted.cells[3]))
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt).count("check(f)") == 1
    assert texts(findings) == ["Cell f is there more than once; the first one was graded."]


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
    assert texts(findings) == [
        "The points or the lock of cell f were changed; they were put back.",
        "Locked cell f was edited; it was put back as it was handed out.",
    ]
    assert {finding.status for finding in findings} == {Status.TAMPERED}


def test_cells_that_lost_their_metadata_are_recognised(submitted, release):
    """As Colab and other editors leave a notebook: cell ids may survive, or not even those."""
    for handed_in in submitted.cells:
        handed_in.metadata = {}
    submitted.cells[4].source = "import numpy\n\ndef g(): return 3"
    submitted.cells[4].id = "another"
    rebuilt, findings = rebuild(submitted, release)
    assert sources(rebuilt) == sources(submitted)
    assert [cell.metadata for cell in rebuilt.cells] == [cell.metadata for cell in release.cells]
    assert "Cell f-answer had lost its name; it was recognised by its cell id." in texts(findings)
    assert "Cell g-answer had lost its name; it was recognised by its definition of g." in texts(
        findings
    )
    assert {finding.status for finding in findings} == {Status.DAMAGED}


def test_text_of_a_student_cannot_become_html_and_ours_is_kept(submitted, release):
    release.cells[0].source = submitted.cells[0].source = "<details>a hint</details>"
    submitted.cells.append(new_markdown_cell("a < b <script>alert(1)</script>"))
    rebuilt, _ = rebuild(submitted, release)
    assert rebuilt.cells[0].source == "<details>a hint</details>"
    assert rebuilt.cells[-1].source == "a < b &lt;script>alert(1)&lt;/script>"


def test_an_answer_turned_into_text_is_run_as_code(submitted, release):
    answer = submitted.cells[2]
    submitted.cells[2] = new_markdown_cell(answer.source, id=answer.id, metadata=answer.metadata)
    rebuilt, findings = rebuild(submitted, release)
    assert rebuilt.cells[2].cell_type == "code"
    assert "was turned into a markdown cell" in texts(findings)[0]


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
        (as_bytes({"nbformat": 4, "cells": [{}] * 1001}), "has 1,001 cells"),
        (b'{"nbformat": 4, "cells": ' + b"9" * 5000 + b"}", "holds a number that is too long"),
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
        "many cells",
        "long number",
    ],
)
def test_an_unreadable_file_is_named_and_graded_as_blank(content, reason, release):
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        read_notebook(content)
    submission = Submission("ada", "lab", {"one.ipynb": content})
    notebook, findings = take_in("one", submission, release)
    assert notebook == release
    assert texts(findings)[0].startswith(f"one.ipynb {reason}")


def test_a_missing_file_is_graded_as_blank(release):
    notebook, findings = take_in("one", Submission("ada", "lab", {}), release)
    assert notebook == release
    assert texts(findings) == ["one.ipynb is missing; the blank hand-out was graded."]


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
    assert texts(submission.findings) == [
        "one.ipynb is not a regular file; it was left out.",
        "two.ipynb is not a regular file; it was left out.",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        None,
        {},
        {"cell_type": "code"},
        {"cell_type": "alien", "source": "", "metadata": {}},
        {"cell_type": "code", "source": ["a", 3], "metadata": {}},
        {"cell_type": "code", "source": "x = 1", "metadata": [], "outputs": 3},
        {"cell_type": "code", "source": "x = 1", "metadata": {}, "id": ["a"]},
        {"cell_type": "code", "source": "x = 1", "metadata": {"nbgrader": {"grade_id": ["f"]}}},
        {"cell_type": "markdown", "source": "x", "metadata": {"a": [[[[[]]]]]}, "attachments": 1},
    ],
    ids=str,
)
def test_one_odd_cell_does_not_cost_the_others(cell, submitted, release):
    raw = json.loads(nbformat.writes(submitted))
    raw["cells"].append(cell)
    rebuilt, _ = rebuild(read_notebook(as_bytes(raw)), release)
    assert "def f(): return 1" in sources(rebuilt)
    nbformat.validate(rebuilt)


def test_a_folder_of_too_many_files_keeps_its_notebooks(tmp_path):
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}.txt").write_text("x")
    (tmp_path / "z.ipynb").write_text("{}")
    submission = Submission.read("ada", "lab", tmp_path)
    assert "z.ipynb" in submission.files
    assert len(submission.files) == MAX_FILES
    assert "more than" in texts(submission.findings)[0]


def test_folders_nested_a_thousand_deep_cost_nothing_else(tmp_path):
    (tmp_path / "notes.txt").write_text("kept")
    at = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("a", dir_fd=at)
        at, outer = os.open("a", os.O_RDONLY, dir_fd=at), at
        os.close(outer)
    os.close(at)
    try:
        submission = Submission.read("ada", "lab02", tmp_path)
    finally:  # Python's own rmtree gives up
        subprocess.run(["rm", "-rf", tmp_path / "a"], check=True)
    assert set(submission.files) == {"notes.txt"}
    (finding,) = submission.findings
    assert "left out" in str(finding)


def test_a_text_too_long_for_formulas_is_cut():
    text = "\\begin{a}" * 20_000
    content = json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {"cell_type": "markdown", "metadata": {}, "source": text},
            ],
        }
    ).encode()
    (cell,) = read_notebook(content).cells
    assert len(cell.source) <= MAX_MARKDOWN + 100
    assert "left out" in cell.source
