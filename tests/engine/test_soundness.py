"""The registry of labs: what does not fit together is refused in a line that names both places."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from grading.cli import run
from grading.course import Course
from grading.new import make_lab

NOTEBOOK = "source/lab03/01_shares.ipynb"
ENTRIES = "solutions/lab03/shares/exercises.py"


@pytest.fixture
def small(course: Course, tmp_path: Path) -> Path:
    """The root of a course with one small lab."""
    shutil.copy(course.root / "nbgrader_config.py", tmp_path)
    make_lab(Course(tmp_path), "lab03")
    return tmp_path


def refused(root: Path, *arguments: str, monkeypatch) -> list[str]:
    """The lines with which a command refuses."""
    monkeypatch.chdir(root)
    console = Console(file=io.StringIO(), width=80)
    assert run(list(arguments), console) == 2, console.file.getvalue()
    return console.file.getvalue().splitlines()


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{path} has no {old}"
    path.write_text(text.replace(old, new), "utf-8")


def points_in_cell(root: Path) -> None:
    replace(root / NOTEBOOK, '"points": 2', '"points": 4')


def points_in_heading(root: Path) -> None:
    replace(root / NOTEBOOK, "Shares (2 points)", "Shares (4 points)")


def no_points_in_heading(root: Path) -> None:
    replace(root / NOTEBOOK, "Shares (2 points)", "Shares")


def points_in_list(root: Path) -> None:
    replace(root / NOTEBOOK, "of the whole (2 points)", "of the whole (4 points)")


def points_of_notebook(root: Path) -> None:
    replace(root / NOTEBOOK, "**2 points**", "**4 points**")


def points_in_readme(root: Path) -> None:
    replace(root / "source/lab03/README.md", "`lab03-shares` | 2 |", "`lab03-shares` | 4 |")


def no_points_in_readme(root: Path) -> None:
    replace(root / "source/lab03/README.md", "`lab03-shares`", "`another`")


def total_in_readme(root: Path) -> None:
    replace(root / "source/lab03/README.md", "**2**", "**4**")


def points_of_aspects(root: Path) -> None:
    replace(root / ENTRIES, '"bad input", 1.0', '"bad input", 0.5')


def cell_without_an_entry(root: Path) -> None:
    replace(root / ENTRIES, 'id="lab03-shares"', 'id="another"')
    for name in ("misconceptions", "other_answers"):
        replace(root / f"solutions/lab03/shares/{name}.py", '"lab03-shares"', '"another"')


def essay(root: Path) -> None:
    notebook = nbformat.read(root / NOTEBOOK, as_version=4)
    mark = {"grade": True, "solution": True, "points": 3, "grade_id": "why", "locked": False}
    cell = nbformat.v4.new_markdown_cell("Why?", metadata={"nbgrader": mark})
    notebook.cells.append(cell)
    nbformat.write(notebook, root / NOTEBOOK)


def task(root: Path) -> None:
    notebook = nbformat.read(root / NOTEBOOK, as_version=4)
    mark = {"task": True, "grade": False, "solution": False, "points": 3, "grade_id": "why"}
    notebook.cells.append(nbformat.v4.new_markdown_cell("Why?", metadata={"nbgrader": mark}))
    nbformat.write(notebook, root / NOTEBOOK)


def answer_marked_by_hand(root: Path) -> None:
    notebook = nbformat.read(root / NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.solution = True
    nbformat.write(notebook, root / NOTEBOOK)


def no_hidden_half(root: Path) -> None:
    shutil.rmtree(root / "solutions/lab03")


def no_visible_half(root: Path) -> None:
    shutil.rmtree(root / "source/lab03")


def notebook_not_named(root: Path) -> None:
    (root / NOTEBOOK).rename(root / "source/lab03/02_other.ipynb")


def two_of_one_id(root: Path) -> None:
    text = (root / ENTRIES).read_text()
    (root / ENTRIES).write_text(text + text.partition("import cases\n")[2].replace("SHARES", "TWO"))


HOLES: list[tuple[Callable[[Path], None], tuple[str, ...]]] = [
    (points_in_cell, (f"2 in {ENTRIES}", f"4 in its cell in {NOTEBOOK}")),
    (points_in_heading, (f"2 in {ENTRIES}", f"4 in the heading above it in {NOTEBOOK}")),
    (no_points_in_heading, (f"2 in {ENTRIES}", f"no points in the heading above it in {NOTEBOOK}")),
    (points_in_list, (f"2 in {ENTRIES}", f"4 in the list at the top of {NOTEBOOK}")),
    (points_of_notebook, ("2 by the cells", f"4 in {NOTEBOOK}")),
    (points_in_readme, (f"2 in {ENTRIES}", "4 in source/lab03/README.md")),
    (no_points_in_readme, (f"2 in {ENTRIES}", "no points in source/lab03/README.md")),
    (total_in_readme, ("2 by the cells", "4 in source/lab03/README.md")),
    (points_of_aspects, (f"1.5 in {ENTRIES}", f"2 in its cell in {NOTEBOOK}")),
    (cell_without_an_entry, (f"Cell lab03-shares of {NOTEBOOK}", f"no entry in {ENTRIES}")),
    (cell_without_an_entry, (f"{ENTRIES} has an entry another", f"but {NOTEBOOK} has no test")),
    (task, ("Points in all differ: 5 by the cells", f"2 in {NOTEBOOK}")),
    (answer_marked_by_hand, (f"{ENTRIES} has an entry lab03-shares", f"{NOTEBOOK} has no test")),
    (essay, ("Points in all differ: 5 by the cells", f"2 in {NOTEBOOK}")),
    (no_hidden_half, (f"Cell lab03-shares of {NOTEBOOK}", "no entry in solutions/lab03")),
    (no_visible_half, ("solutions/lab03", "no notebook in source/lab03")),
    (notebook_not_named, ("source/lab03/02_other.ipynb", "solutions/lab03/lab.py")),
    (two_of_one_id, ("Two exercises are called lab03-shares", f"{ENTRIES} and {ENTRIES}")),
]


@pytest.mark.parametrize(("hole", "words"), HOLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_hole_is_refused_in_a_line_that_names_both_places(hole, words, small, monkeypatch):
    hole(small)
    lines = refused(small, "check", monkeypatch=monkeypatch)
    assert any(all(word in line for word in words) for line in lines), lines
    assert all(line.startswith("grade: ") for line in lines), lines


SHARES = "solutions/lab03/shares"
MISTAKES = [
    (ENTRIES, 'module="shares"', 'module="share"', "share.py is missing"),
    (ENTRIES, 'answer="shares"', 'answer="share"', "does not define share."),
    (ENTRIES, 'module="shares",', 'module="shares", driver="run",', "no function 'run'"),
    (ENTRIES, 'returns=("shares",)', 'returns="shares"', "returns is 'shares'"),
    (ENTRIES, 'returns=("shares",)', 'returns=("a", "b")', "2 values are to be returned: a, b"),
    (ENTRIES, '"bad input"', '"the shares"', "two aspects are called 'the shares'"),
    (ENTRIES, "repeat(3, cases.counts)", "cases.counts", "a list of Case is wanted"),
    (ENTRIES, "repeat(3, cases.counts)", "repeat(0, cases.counts)", "a list of Case is wanted"),
    (
        ENTRIES,
        "cases.counts)),",
        'cases.counts), values=("share",)),',
        "shows only: shares, counts",
    ),
    (ENTRIES, "cases.counts)),", "cases.counts), region=lambda i: i[0]),", "KeyError"),
    (f"{SHARES}/cases.py", "size=rng", "sise=rng", "cases of 'the shares' cannot be drawn"),
    (f"{SHARES}/cases.py", '"counts", low)', '"votes", low)', "loses 'bad input'"),
    (
        f"{SHARES}/misconceptions.py",
        '("the shares", "an array of float")',
        '("shares",)',
        "'shares', which is no aspect",
    ),
    (
        f"{SHARES}/misconceptions.py",
        '"lab03-shares"',
        '"lab03-parts"',
        "'lab03-parts', which is no",
    ),
    ("solutions/lab03/lab.py", "divided by", "multiplied by", "DEMO has 'multiplied by"),
    (
        NOTEBOOK,
        '\\"lab03-shares\\", shares',
        '\\"lab03-share\\", shares',
        'must say ask("lab03-shares"',
    ),
    (NOTEBOOK, "### BEGIN HIDDEN", "### HIDDEN", 'must say ask("lab03-shares"'),
    ("source/lab03/lab.py", "import", "imprt", "source/lab03/lab.py cannot be loaded: SyntaxError"),
]


@pytest.mark.parametrize(("path", "old", "new", "words"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_an_authors_mistake_is_named_in_one_line(path, old, new, words, small, monkeypatch):
    replace(small / path, old, new)
    lines = refused(small, "check", monkeypatch=monkeypatch)
    assert any(words in line and "lab03" in line for line in lines), lines
    assert not any("Traceback" in line for line in lines)


@pytest.mark.parametrize("hole", [points_in_cell, cell_without_an_entry, essay])
def test_grading_does_not_start_either(hole, small, monkeypatch):
    (small / "submitted/ada/lab03").mkdir(parents=True)
    release = small / "release/lab03"
    shutil.copytree(small / "source/lab03", release)  # what a hand-out would hold
    hole(small)
    shutil.copy(small / NOTEBOOK, release)
    lines = refused(small, "lab03", monkeypatch=monkeypatch)
    assert any(NOTEBOOK in line for line in lines), lines
    assert not (small / "grades.csv").exists()


def test_a_hand_out_of_other_points_is_refused(small, monkeypatch):
    shutil.copytree(small / "source/lab03", small / "release/lab03")
    replace(small / "release/lab03/01_shares.ipynb", '"points": 2', '"points": 1')
    (line,) = refused(small, "check", "lab03", monkeypatch=monkeypatch)
    assert "1 in its cell in release/lab03/01_shares.ipynb" in line


def test_one_id_in_two_labs_is_refused_and_both_are_named(small, monkeypatch):
    make_lab(Course(small), "lab04")
    for path in [*(small / "solutions/lab04").rglob("*.py"), *(small / "source/lab04").rglob("*")]:
        if path.is_file():
            path.write_text(path.read_text().replace("lab04-shares", "lab03-shares"))
    for arguments in (["check"], ["check", "lab04"]):
        (line,) = refused(small, *arguments, monkeypatch=monkeypatch)
        assert "Two exercises are called lab03-shares" in line
        assert "solutions/lab03/shares/exercises.py and solutions/lab04/shares/exercises" in line


def test_half_a_lab_is_no_concern_of_another(small, monkeypatch):
    make_lab(Course(small), "lab04")
    shutil.rmtree(small / "solutions/lab04")
    monkeypatch.chdir(small)
    console = Console(file=io.StringIO(), width=80)
    assert run(["check", "lab03"], console) == 0, console.file.getvalue()


def test_every_hole_has_a_line_of_its_own(small, monkeypatch):
    points_in_cell(small)
    total_in_readme(small)
    assert len(refused(small, "check", monkeypatch=monkeypatch)) == 2


def test_machines_are_told_in_json(small, monkeypatch):
    points_in_cell(small)
    (line,) = refused(small, "check", "--json", monkeypatch=monkeypatch)
    told = json.loads(line)
    assert told["event"] == "refused"
    assert ENTRIES in told["reason"]


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("lab.py", "x = (", ("solutions/lab03/lab.py cannot be loaded", "SyntaxError")),
        ("lab.py", "x = 1", ("solutions/lab03/lab.py does not define NOTEBOOKS",)),
        ("shares/exercises.py", "import nosuch", ("exercises.py cannot be loaded", "nosuch")),
        ("shares/exercises.py", None, ("shares/exercises.py is missing",)),
    ],
)
def test_what_cannot_be_read_is_one_line(path, text, words, small, monkeypatch):
    broken = small / "solutions/lab03" / path
    broken.unlink() if text is None else broken.write_text(text)
    (line,) = refused(small, "check", monkeypatch=monkeypatch)
    assert all(word in line for word in words), line


def test_a_notebook_that_fails_with_right_answers_is_a_hole(small, monkeypatch):
    replace(small / NOTEBOOK, "lab.check_lab03_shares", "lab.check_lab03_share")
    replace(small / NOTEBOOK, "lab.show_progress(", "lab.show_progres(")
    monkeypatch.chdir(small)
    console = Console(file=io.StringIO(), width=80)
    assert run(["check"], console) == 1
    said = console.file.getvalue()
    for cell, name in {"lab03-shares": "check_lab03_share", "progress": "show_progres"}.items():
        assert f"cell {cell} of 01_shares.ipynb raises AttributeError" in said
        assert f"no attribute '{name}'" in said


def test_an_unknown_lab_or_exercise(small, monkeypatch):
    (line,) = refused(small, "check", "lab99", monkeypatch=monkeypatch)
    assert "'lab99'" in line
    assert "Known: lab03" in line
    (line,) = refused(small, "check", "lab03", "nosuch", monkeypatch=monkeypatch)
    assert "'nosuch'" in line
    assert "Known: lab03-shares" in line
