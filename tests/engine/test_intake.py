"""Intake: whatever is handed in becomes a notebook to grade, and what was wrong a finding."""

import json
import os
import re
import subprocess
from copy import deepcopy

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum

from grading.intake.find import find_notebooks
from grading.intake.hand_out import HandOut
from grading.intake.notebook import MAX_MARKDOWN, UnreadableError, read_notebook
from grading.intake.rebuild import rebuild
from grading.intake.submission import MAX_FILES, Submission
from grading.status import Status


def cell(grade_id: str, source: str, **kind):
    marks = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    nbgrader = marks | kind | {"grade_id": grade_id}
    return new_code_cell(source, id=grade_id, metadata={"nbgrader": nbgrader})


def new_release():
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
def release():
    return new_release()


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
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert sources(rebuilt) == sources(submitted)
    assert texts(findings) == []


def test_own_cells_stay_where_the_student_put_them(submitted, release):
    submitted.cells.insert(2, new_code_cell("def helper(): ..."))
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert sources(rebuilt) == sources(submitted)
    assert texts(findings) == []


def test_the_order_of_the_student_is_kept(submitted, release):
    submitted.cells.append(submitted.cells.pop(2))
    rebuilt, _ = rebuild(submitted, HandOut(release))
    assert sources(rebuilt) == sources(submitted)


def test_a_deleted_test_is_put_back_behind_its_answer(submitted, release):
    del submitted.cells[3]
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert sources(rebuilt)[2:4] == ["def f(): return 1", "check(f)"]
    assert texts(findings) == ["Cell f was deleted; it was put back as it was handed out."]


def test_of_what_was_deleted_the_tests_run_and_no_blank_answer(release):
    """A blank answer that is put back would undo one that was given in another cell."""
    rebuilt, findings = rebuild(new_notebook(), HandOut(release))
    assert sources(rebuilt)[0] == "import numpy as np"
    assert [s for s in sources(rebuilt) if s.startswith("check")] == ["check(f)", "check(g)"]
    assert not any("raise" in source for source in sources(rebuilt))
    deleted = [finding for finding in findings if finding.status is Status.DAMAGED]
    assert [str(f).split(" is")[0] for f in deleted] == ["Cell f-answer", "Cell g-answer"]


def test_a_copied_test_counts_once(submitted, release):
    submitted.cells.insert(4, deepcopy(submitted.cells[3]))
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert sources(rebuilt).count("check(f)") == 1
    assert texts(findings) == ["Cell f is there more than once; it was graded once."]


def test_a_copied_answer_still_runs(submitted, release):
    """In the kernel the later definition wins, as it did for the student."""
    copy = deepcopy(submitted.cells[2])
    copy.source = "def f(): return 2"
    submitted.cells.insert(3, copy)
    rebuilt, _ = rebuild(submitted, HandOut(release))
    assert sources(rebuilt)[2:4] == ["def f(): return 1", "def f(): return 2"]
    assert len({cell.id for cell in rebuilt.cells}) == len(rebuilt.cells)
    nbformat.validate(rebuilt)


def test_an_edited_test_is_restored_with_its_points(submitted, release):
    submitted.cells[3].source = "pass"
    submitted.cells[3].metadata.nbgrader.points = 100
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert rebuilt.cells[3] == release.cells[3]
    assert texts(findings) == ["Locked cell f was edited; it was put back as it was handed out."]
    assert {finding.status for finding in findings} == {Status.TAMPERED}


def test_changed_points_are_put_back(submitted, release):
    submitted.cells[3].metadata.nbgrader.points = 100
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert rebuilt.cells[3] == release.cells[3]
    assert texts(findings) == ["The points or the lock of cell f were changed; they were put back."]
    assert {finding.status for finding in findings} == {Status.TAMPERED}


def test_cells_that_lost_their_metadata_are_recognised(submitted, release):
    """As Colab and other editors leave a notebook: cell ids may survive, or not even those."""
    for handed_in in submitted.cells:
        handed_in.metadata = {}
    submitted.cells[4].source = "import numpy\n\ndef g(): return 3"
    submitted.cells[4].id = "another"
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert sources(rebuilt) == sources(submitted)
    assert [cell.metadata for cell in rebuilt.cells] == [cell.metadata for cell in release.cells]
    assert [finding.split(",")[0] for finding in texts(findings)] == [
        "5 cells had lost their names"
    ]
    assert {finding.status for finding in findings} == {Status.GRADED}


def g_defined(rebuilt) -> list[str]:
    """What runs up to the test of g, of cells that give g a meaning."""
    before = sources(rebuilt)[: sources(rebuilt).index("check(g)")]
    return [s for s in before if re.search(r"\bg\b", s) and not s.startswith("#")]


ANSWERS_TO_G = [
    "def helper(): ...\n\n\ndef g(): return 3",
    "@cache\ndef g(): return 3",
    "g = lambda: 3",
    "f = g = partial(three)",
    "from mine import g",
    "class g: ...",
    "async def g(): ...",
]


@pytest.mark.parametrize("answer", ANSWERS_TO_G)
def test_whatever_gives_g_its_meaning_is_what_its_test_finds(answer, submitted, release):
    """Without any metadata, and with an attempt kept above."""
    submitted.cells[4].source = answer
    submitted.cells.insert(4, new_code_cell("def g(): return 'first attempt'"))
    for handed_in in submitted.cells:
        handed_in.metadata = {}
        handed_in.id = new_code_cell().id
    rebuilt, _ = rebuild(submitted, HandOut(release))
    assert g_defined(rebuilt)[-1] == answer


@pytest.mark.parametrize("answer", ANSWERS_TO_G)
@pytest.mark.parametrize("into", [1, 2, 3], ids=["set-up", "another answer", "another test"])
def test_an_answer_may_be_in_any_cell(answer, into, submitted, release):
    del submitted.cells[4]
    submitted.cells[into].source += f"\n\n\n{answer}"
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert answer in g_defined(rebuilt)[-1]
    if into != 1:  # which is locked here
        assert {finding.status for finding in findings} == {Status.GRADED}


@pytest.mark.parametrize("place", [1, 5, 6], ids=["above", "below its test", "at the end"])
def test_a_blank_answer_does_not_undo_one_given_elsewhere(place, submitted, release):
    submitted.cells.insert(place, new_code_cell("def g(): return 3"))
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert g_defined(rebuilt) == ["def g(): return 3"]
    assert {finding.status for finding in findings} == {Status.GRADED}


def test_a_blank_answer_stays_where_there_is_no_other(submitted, release):
    rebuilt, _ = rebuild(submitted, HandOut(release))
    assert "def g(): raise NotImplementedError()" in sources(rebuilt)


def test_a_missing_test_asks_what_was_left_at_the_end(submitted, release):
    submitted.cells.append(new_code_cell("def f(): return 2"))
    del submitted.cells[3]
    rebuilt, _ = rebuild(submitted, HandOut(release))
    assert sources(rebuilt).index("def f(): return 2") < sources(rebuilt).index("check(f)")


@pytest.fixture
def with_setup(release):
    """A release whose set-up may be changed, as those of the course."""
    release.cells[1] = new_code_cell("import numpy as np\n\nimport lab", id="set-up")
    return release


def ran_first(rebuilt) -> str:
    return next(cell.source for cell in rebuilt.cells if cell.cell_type == "code")


@pytest.mark.parametrize(
    "source",
    ["", "import torch", "from google.colab import drive\nimport numpy as np\nimport lab", "1 +"],
)
def test_the_set_up_runs_as_it_was_handed_out(source, with_setup):
    submitted = deepcopy(with_setup)
    submitted.cells[1].source = source
    rebuilt, findings = rebuild(submitted, HandOut(with_setup))
    assert ran_first(rebuilt) == "import numpy as np\n\nimport lab"
    assert texts(findings) == []
    for line in source.splitlines():
        assert line in "\n".join(sources(rebuilt))


def test_a_deleted_set_up_is_put_back(with_setup):
    submitted = deepcopy(with_setup)
    del submitted.cells[1]
    rebuilt, _ = rebuild(submitted, HandOut(with_setup))
    assert ran_first(rebuilt) == "import numpy as np\n\nimport lab"


def test_a_line_of_a_set_up_that_fails_costs_only_itself(with_setup):
    submitted = deepcopy(with_setup)
    lines = [
        "import torch",
        "from a import (",
        "    b,",
        ")",
        "if b:",
        "    c = 1",
        "%matplotlib",
        "d = 2",
    ]
    submitted.cells[1].source = "\n".join(lines)
    rebuilt, _ = rebuild(submitted, HandOut(with_setup))
    cells = [
        "import torch",
        "from a import (\n    b,\n)",
        "if b:\n    c = 1",
        "%matplotlib",
        "d = 2",
    ]
    assert sources(rebuilt)[2:7] == cells


@pytest.mark.parametrize("change", [lambda s: s.replace("\n", "\r\n"), lambda s: f"{s} \n\n"])
def test_what_editors_do_to_whitespace_is_no_edit(change, with_setup):
    submitted = deepcopy(with_setup)
    for handed_in in submitted.cells:
        handed_in.source = change(handed_in.source)
    _, findings = rebuild(submitted, HandOut(with_setup))
    assert texts(findings) == []


def test_an_earlier_hand_out_is_no_edit(submitted, release):
    old = submitted.cells[3]
    old.source = "check_as_it_was(f)"
    old.metadata.nbgrader.points = 9
    old.metadata.nbgrader.checksum = compute_checksum(old)
    rebuilt, (finding,) = rebuild(submitted, HandOut(release))
    assert rebuilt.cells[3] == release.cells[3]
    assert "an earlier hand-out" in str(finding)
    assert finding.status is Status.GRADED


cells_of_people = st.lists(
    st.tuples(
        st.sampled_from(["f-answer", "f", "g-answer", "g", "setup", "", "mine"]),
        st.sampled_from(
            ["", "check(f)", "x = 1\ncheck(g)\ny", "def f(): ...", "g = 1", "pass", "%%x"]
        ),
        st.booleans(),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(cells=cells_of_people)
def test_whatever_is_handed_in_each_test_stands_once_with_our_marks(cells):
    release = new_release()
    submitted = new_notebook(
        cells=[
            cell(name, source) if named and name else new_code_cell(source, id=name or "x")
            for name, source, named in cells
        ]
    )
    rebuilt, _ = rebuild(submitted, HandOut(release))
    nbformat.validate(rebuilt)
    marked = [c for c in rebuilt.cells if "nbgrader" in c.metadata]
    names = [c.metadata.nbgrader.grade_id for c in marked]
    assert sorted(names) == ["f", "f-answer", "g", "g-answer", "setup"]
    ours = {c.metadata.nbgrader.grade_id: c for c in release.cells if "nbgrader" in c.metadata}
    for c in marked:
        assert c.metadata == ours[c.metadata.nbgrader.grade_id].metadata
        if c.metadata.nbgrader.locked:
            assert c.source == ours[c.metadata.nbgrader.grade_id].source


def with_picture(source: str, attachments=None) -> str:
    """What becomes of a Markdown cell."""
    raw = {"cell_type": "markdown", "metadata": {}, "source": source, "attachments": attachments}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [raw]}
    rebuilt, _ = rebuild(read_notebook(as_bytes(content)), HandOut(new_notebook()))
    html, _ = HTMLExporter().from_notebook_node(rebuilt)
    assert "<script>x" not in html
    return html


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Er"
    "kJggg=="
)


@pytest.mark.parametrize("name", ["image.png", "two%20words.png"])
def test_a_pasted_picture_is_kept(name):
    pictures = {name.replace("%20", " "): {"image/png": PIXEL}}
    assert PIXEL in with_picture(f"![{name}](attachment:{name})", pictures)


@pytest.mark.parametrize(
    "attachments",
    [
        None,
        {},
        [],
        {"a.png": "x"},
        {"a.png": {"image/svg+xml": "<script>x</script>"}},
        {"a.png": {"image/png": "no base 64!"}},
        {"a.png": {"image/png": "A" * (8 << 20)}},
    ],
    ids=["none", "empty", "list", "text", "svg", "broken", "large"],
)
def test_a_picture_that_cannot_be_kept_is_told_in_words(attachments):
    html = with_picture("before ![x](attachment:a.png) after", attachments)
    assert "The picture a.png cannot be shown" in html
    assert "before" in html
    assert "after" in html


def test_a_text_that_cannot_be_rendered_is_shown_as_it_was_written():
    html = with_picture("here ![x][y] <script>x\n\n[y]: attachment:y.png")
    assert "as it was written" in html
    assert "[y]: attachment:y.png" in html


def test_text_of_a_student_cannot_become_html_and_ours_is_kept(submitted, release):
    release.cells[0].source = submitted.cells[0].source = "<details>a hint</details>"
    submitted.cells.append(new_markdown_cell("a < b <script>alert(1)</script>"))
    rebuilt, _ = rebuild(submitted, HandOut(release))
    assert rebuilt.cells[0].source == "<details>a hint</details>"
    assert rebuilt.cells[-1].source == "a < b &lt;script>alert(1)&lt;/script>"


def test_an_answer_turned_into_text_is_run_as_code(submitted, release):
    answer = submitted.cells[2]
    submitted.cells[2] = new_markdown_cell(answer.source, id=answer.id, metadata=answer.metadata)
    rebuilt, findings = rebuild(submitted, HandOut(release))
    assert rebuilt.cells[2].cell_type == "code"
    assert "was turned into a markdown cell" in texts(findings)[0]


def test_nothing_of_the_nbgrader_metadata_is_believed(submitted, release):
    submitted.cells.append(cell("mine", "print('points!')", grade=True, points=50))
    for handed_in in submitted.cells:
        if "nbgrader" in handed_in.metadata:
            handed_in.metadata.nbgrader.schema_version = 99
    rebuilt, _ = rebuild(submitted, HandOut(release))
    assert "nbgrader" not in rebuilt.cells[-1].metadata
    assert all(c.metadata.nbgrader.schema_version == 3 for c in rebuilt.cells[1:-1])


def taken_in(files: dict[str, bytes], release):
    """The notebook `one` of a lab that has no other, and what is found about it."""
    found, _ = find_notebooks(Submission("ada", "lab", files), {"one": HandOut(release)})
    rebuilt, of_cells = rebuild(found["one"].notebook, HandOut(release))
    return rebuilt, found["one"].findings + of_cells


def as_bytes(content) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is an empty file"),
        (b"  \n", "is an empty file"),
        (b'{"cells": [', "is not valid JSON (line 1"),
        (b"\x80\x00", "is not UTF-8 text (byte 0)"),
        (b"{\n<<<<<<< HEAD\n}", "holds the marks of a merge conflict of git"),
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
        "conflict",
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
    notebook, findings = taken_in({"one.ipynb": content}, release)
    assert notebook == release
    assert texts(findings)[0].startswith(f"one.ipynb {reason}")


def test_a_missing_file_is_graded_as_blank(release):
    notebook, findings = taken_in({}, release)
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
    rebuilt, _ = rebuild(read_notebook(as_bytes(raw)), HandOut(release))
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
    assert "as handed in" in cell.source
