"""Assignments without a lab behind them: nbgrader's own cells, in our sandbox, with its marks."""

import io
import re

import nbformat
import pytest
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from plain import (
    ANSWER,
    BY_HAND,
    OURS,
    SECRET,
    SOLUTION,
    STOCK,
    TEST,
    TESTS,
    add,
    add_example,
    cell,
    course_in,
    every_kind,
    hand_in,
    hand_out,
    marks,
    nbgrader_says,
)
from rich.console import Console

from grading.batch.grade_class import grade_class
from grading.course import Course, CourseError
from grading.new import make_lab
from grading.proof.check import check
from grading.proof.handin import instructors_answers, submit
from gradings import grade, lines_of, needs_sandbox

STUDENTS = {
    "right": {
        "double": "def double(x):\n    return x + x",
        "essay": "A text.",
        "program": "print('done')",
    },
    "blank": {},
    "text-only": {"essay": "A text."},
    "wrong": {"double": "def double(x):\n    return x"},
    "wrong-where-hidden": {"double": "def double(x):\n    return x * 2 if x > 0 else 0"},
    "only-numbers": {"double": "def double(x):\n    return 2 * int(x)"},
    "warns": {"double": "def double(x):\n    warnings.warn('slow')\n    return 2 * x"},
    "talks": {"double": "def double(x):\n    print('called with', x)\n    return 2 * x"},
    "does-not-run": {"double": "def double(x)\n    return 2 * x"},
}

PNG = (  # of one dot
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
PICTURE_AND_LINK = "As it shows: ![graph](attachment:graph.png) <script>alert(1)</script>"


def printed(course: Course, assignment: str) -> str:
    console = Console(file=io.StringIO(), width=200)
    grade_class(course, assignment, console)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def class_of(tmp_path_factory) -> Course:
    """A class graded by us."""
    course = add(course_in(tmp_path_factory.mktemp("ours") / "course"), "ps2", tasks=every_kind())
    grade(hand_in(course, "ps2", STUDENTS), "ps2")
    return course


def test_marks_are_those_of_nbgrader_to_the_last_digit(class_of: Course, tmp_path):
    stock = add(course_in(tmp_path / "stock", STOCK), "ps2", tasks=every_kind())
    nbgrader_says(hand_in(stock, "ps2", STUDENTS), "autograde", "ps2")
    assert marks(class_of, "ps2") == marks(stock, "ps2")


def test_so_are_those_of_its_own_example(tmp_path):
    stock = add_example(course_in(tmp_path / "stock", STOCK))
    ours = add_example(course_in(tmp_path / "ours", OURS))
    nbgrader_says(stock, "autograde", "ps1")
    grade(ours, "ps1")
    assert marks(ours, "ps1") == marks(stock, "ps1")


def test_nbgraders_own_command_marks_as_grade_does(class_of: Course, tmp_path):
    other = add(course_in(tmp_path / "other"), "ps2", tasks=every_kind())
    nbgrader_says(hand_in(other, "ps2", STUDENTS), "autograde", "ps2")
    nbgrader_says(other, "generate_feedback", "ps2")
    assert marks(other, "ps2") == marks(class_of, "ps2")
    for student in STUDENTS:
        page = other.folder("feedback", "ps2", student) / "tasks.html"
        assert "? of 2" in page.read_text(), "the task waits for a person"


def test_what_waits_for_a_person_is_counted(class_of: Course):
    said = printed(class_of, "ps2")
    assert "3 cells of 9 students wait for you, in Formgrader: essay, program, drawing" in said
    line = lines_of(class_of)["right"]
    assert (line["waiting"], line["total"], line["maximum"]) == ("3", "10.5", "21.5")
    assert line["essay"] == "", "no points are not none"
    assert lines_of(class_of)["blank"]["waiting"] == "1", "an answer left as it was earns 0"
    page = (class_of.root / "report.html").read_text()
    assert "visible, checked beside the code" in page
    assert "essay, waits for you: 2" in page
    canvas = (class_of.root / "grades-canvas.csv").read_text()
    assert "right" not in canvas, "a total that lacks points is none to be imported"


def test_points_given_by_hand_make_the_total_whole(tmp_path):
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    grade(hand_in(course, "ps2", {"right": STUDENTS["right"]}), "ps2")
    page = course.folder("feedback", "ps2", "right") / "tasks.html"
    assert "Up to 11 more are given by a person" in page.read_text()
    with Gradebook(course.database_url) as gradebook:
        (notebook,) = gradebook.find_submission("ps2", "right").notebooks
        for mark in notebook.grades:
            if mark.auto_score is None:
                mark.manual_score, mark.needs_manual_grade = mark.max_score, False
        notebook.comments[0].manual_comment = "Well done."
        gradebook.db.commit()
    said = printed(course, "ps2")
    line = lines_of(course)["right"]
    assert (line["waiting"], line["total"]) == ("0", "21.5")
    assert "wait" not in said
    assert "right" in (course.root / "grades-canvas.csv").read_text()
    assert "21.5 of 21.5 points" in page.read_text(), "feedback follows without --force"
    assert "Well done." in page.read_text()
    grade(course, "ps2", again=True)
    line = lines_of(course)["right"]
    assert (line["waiting"], line["total"]) == ("0", "21.5"), "what was given stays given"


def test_what_a_hidden_test_says_is_told_to_nobody(class_of: Course):
    for folder in ("feedback", "autograded"):
        pages = list(class_of.folder(folder, "ps2").parent.rglob("*ps2/tasks.*"))
        assert len(pages) == len(STUDENTS)
        for page in pages:
            assert SECRET not in page.read_text(), page
    page = (class_of.folder("feedback", "ps2", "wrong-where-hidden") / "tasks.html").read_text()
    assert "the part of the test that you can see passed, and its hidden part did not" in page


READS = {  # what code beside a test can look into, and keeps for a cell behind it
    "frames": """\
import sys
def double(x):
    frame = sys._getframe(1)
    kept.append((frame.f_code.co_consts, dict(frame.f_locals)))
    return 2 * x""",
    "source": """\
import linecache, sys
def double(x):
    kept.append("".join(linecache.getlines(sys._getframe(1).f_code.co_filename)))
    return 2 * x""",
    "history": """\
def double(x):
    kept.extend(In)
    return 2 * x""",
    "memory": """\
import gc
def double(x):
    kept.extend(o for o in gc.get_objects() if isinstance(o, dict) and "secret" in o)
    return 2 * x""",
    "arguments": """\
def double(x):
    kept.append(x)
    return 2 * x""",
}


@needs_sandbox
@pytest.mark.parametrize("way", READS)
def test_what_code_can_read_of_a_hidden_test_reaches_nobody(way: str, tmp_path):
    """It may read; but of the kernel in which it can, nothing is shown, and nothing is left."""
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    keeps = (
        "import pathlib, tempfile\nfile = pathlib.Path(tempfile.gettempdir(), 'kept')\nkept = []\n"
    )
    program = """\
import pathlib
print(kept, [p.read_text() for p in pathlib.Path(file.parent).glob("kept*")])
for place in (file, pathlib.Path("kept"), pathlib.Path.home() / "kept"):
    try:
        place.write_text(repr(kept))
    except OSError:
        pass
"""
    answers = {"double": keeps + READS[way], "program": program, "essay": "A text."}
    hand_in(course, "ps2", {"curious": answers, "later": answers})
    grade(course, "ps2")
    texts = [p for p in course.root.rglob("*") if p.is_file() and "source" not in p.parts]
    leaked = [p for p in texts if SECRET.encode() in p.read_bytes() and p.name != "gradebook.db"]
    assert not leaked
    assert marks(course, "ps2")["curious"]["visible"] == (3, False, 3), "it ran all the same"


def test_a_hidden_test_that_changes_is_a_reason_to_grade_again(tmp_path):
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    hand_in(course, "ps2", {"wrong-where-hidden": STUDENTS["wrong-where-hidden"]})
    assert done(grade(course, "ps2"))["graded_before"] == 0
    assert done(grade(course, "ps2"))["graded_before"] == 1
    path = course.folder("source", "ps2") / "tasks.ipynb"
    path.write_text(path.read_text().replace("double(-3) == -6", "double(4) == 8"))
    hand_out(course, "ps2")
    assert done(grade(course, "ps2"))["graded_before"] == 0
    assert marks(course, "ps2")["wrong-where-hidden"]["half-hidden"] == (2, False, 2)


def done(events: list[dict]) -> dict:
    return next(event for event in events if event["event"] == "done")


@pytest.mark.parametrize(
    ("how", "code", "status"),
    [
        ("ends its kernel", "import os\ndef double(x):\n    os._exit(0)", "crashed"),
        ("never returns", "def double(x):\n    while True: pass", "timed out"),
    ],
)
def test_a_test_that_does_not_come_to_its_end_earns_nothing(how, code, status, tmp_path):
    """Behind it no cell has an output, which nbgrader would take for full points."""
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    (course.root / "nbgrader_config.py").open("a").write("c.Execute.timeout = 2\n")
    hand_in(course, "ps2", {"stops": {"double": code}, "right": STUDENTS["right"]})
    grade(course, "ps2")
    lines = lines_of(course)
    assert lines["stops"]["status"] == status, how
    assert (lines["right"]["status"], lines["right"]["total"]) == ("graded", "10.5")
    earned = {name: score for name, (score, *_) in marks(course, "ps2")["stops"].items()}
    assert earned["visible"] == 0
    assert earned["half-hidden"] == 0
    if status == "crashed":
        assert earned["with-nothing"] == 0


def test_a_cluster_marks_them_too(cluster, class_of: Course, tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed (group cluster)")
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    grade(hand_in(course, "ps2", STUDENTS), "ps2", scheduler=cluster.address)
    assert marks(course, "ps2") == marks(class_of, "ps2")


def test_judged_plain_and_manual_cells_stand_in_one_notebook(tmp_path):
    """A lab whose notebook has a test that stands for itself and a text that a person reads."""
    course = course_in(tmp_path / "course")
    make_lab(course, "mixed")
    folder = course.folder("source", "mixed")
    notebook = nbformat.read(folder / "01_shares.ipynb", as_version=4)
    notebook.cells += [
        cell(ANSWER, "double", SOLUTION),
        cell(TEST, "half-hidden", TESTS["half-hidden"], 2),
        cell(BY_HAND, "essay", "Your text.", 4),
    ]
    nbformat.write(notebook, folder / "01_shares.ipynb")
    for path in folder.iterdir():
        if path.is_file():
            path.write_text(path.read_text().replace("**2 points**", "**8 points**"))
    readme = folder / "README.md"
    readme.write_text(readme.read_text().replace("**2**", "**8**"))
    hand_out(course, "mixed")
    right = instructors_answers(course, "mixed")
    hand_in(
        course,
        "mixed",
        {
            "right": right | {"essay": "A text."},
            "wrong": right | {"double": "def double(x):\n    return 2 * abs(x)"},
            "blank": {},
        },
    )
    grade(course, "mixed")
    earned = {
        student: {name: score for name, (score, *_) in cells.items()}
        for student, cells in marks(course, "mixed").items()
    }
    assert earned == {
        "right": {"mixed-shares": 2, "half-hidden": 2, "essay": None},
        "wrong": {"mixed-shares": 2, "half-hidden": 0, "essay": None},
        "blank": {"mixed-shares": 0, "half-hidden": 0, "essay": 0},
    }
    page = (course.root / "report.html").read_text()
    assert "half-hidden, checked beside the code" in page
    assert "mixed-shares, checked" not in page


def test_a_written_answer_comes_with_its_pictures_and_cannot_harm_who_reads_it(tmp_path):
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    hand_in(course, "ps2", {"ada": {"essay": PICTURE_AND_LINK}})
    path = course.folder("submitted", "ps2", "ada") / "tasks.ipynb"
    notebook = nbformat.read(path, as_version=4)
    essay = next(c for c in notebook.cells if c.source == PICTURE_AND_LINK)
    essay.attachments = {"graph.png": {"image/png": PNG}}
    nbformat.write(notebook, path)
    grade(course, "ps2")
    page = (course.folder("feedback", "ps2", "ada") / "tasks.html").read_text()
    assert f"data:image/png;base64,{PNG}" in page
    assert "<script>alert" not in page
    assert marks(course, "ps2")["ada"]["essay"] == (None, True, 4)


def test_notebooks_of_an_older_format_whose_cells_have_no_ids_are_graded(tmp_path):
    """As nbgrader's own example is. A student adds a cell, and another changes the set-up."""
    course = course_in(tmp_path / "course")
    notebook = every_kind()
    for each in notebook.cells:
        del each["id"]
    notebook.nbformat_minor = 4
    add(course, "ps2", tasks=notebook)
    hand_in(course, "ps2", {"ada": STUDENTS["right"], "bob": STUDENTS["right"]})
    for student, source in (("ada", "x = 1"), ("bob", "import warnings, math")):
        path = course.folder("submitted", "ps2", student) / "tasks.ipynb"
        theirs = nbformat.read(path, as_version=4)
        theirs.cells.insert(1, nbformat.v4.new_code_cell(source))
        del theirs.cells[1]["id"]
        nbformat.write(theirs, path)
    grade(course, "ps2")
    for student in ("ada", "bob"):
        assert lines_of(course)[student]["total"] == "10.5"
        path = course.folder("autograded", "ps2", student) / "tasks.ipynb"
        nbformat.validate(nbformat.read(path, as_version=4))


def test_the_name_of_a_file_decides_where_two_notebooks_have_the_same_cells(tmp_path):
    """A browser has numbered one of them; another student has handed in one alone."""
    course = add(course_in(tmp_path / "course"), "ps2", one=every_kind(), two=every_kind())
    hand_in(course, "ps2", {"ada": STUDENTS["right"], "bob": STUDENTS["right"]})
    folders = {name: course.folder("submitted", "ps2", name) for name in ("ada", "bob")}
    wrong = submit(course, "ps2", "ada", {}).files["one.ipynb"]
    (folders["ada"] / "one.ipynb").write_bytes(wrong)
    (folders["ada"] / "two.ipynb").rename(folders["ada"] / "two (1).ipynb")
    (folders["bob"] / "two.ipynb").unlink()
    grade(course, "ps2")
    lines = lines_of(course)
    assert (lines["ada"]["one/visible"], lines["ada"]["two/visible"]) == ("0", "3")
    assert (lines["bob"]["one/visible"], lines["bob"]["two/visible"]) == ("3", "0")
    assert lines["bob"]["status"] == "damaged"


def test_a_hand_out_that_is_older_than_its_source_is_not_graded(tmp_path):
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    hand_in(course, "ps2", {"ada": STUDENTS["right"]})
    path = course.folder("source", "ps2") / "tasks.ipynb"
    path.write_text(path.read_text().replace('"points": 2.5', '"points": 5'))
    with pytest.raises(CourseError, match="has not the cells and points of its source"):
        grade(course, "ps2")


def test_what_an_instructor_may_have_in_a_notebook_stops_nobody(tmp_path):
    """An empty first cell, a kernel of another name, cells called as columns are, no points."""
    course = course_in(tmp_path / "course")
    cells = [
        nbformat.v4.new_code_cell("", id="empty"),
        cell(ANSWER, "double", SOLUTION),
        cell(TEST, "total", "assert double(2) == 4", 3),
        cell(TEST, "status", "assert double(3) == 6", 1),
    ]
    notebook = new_notebook(cells=cells)
    spec = {"name": "my-own", "display_name": "mine", "language": "python"}
    notebook.metadata.kernelspec = spec
    add(course, "ps2", tasks=notebook)
    hand_in(course, "ps2", {"ada": {"double": STUDENTS["right"]["double"]}, "blank": {}})
    path = course.folder("submitted", "ps2", "ada") / "tasks.ipynb"
    theirs = nbformat.read(path, as_version=4)
    theirs.cells.append(nbformat.v4.new_code_cell("print('mine')"))
    nbformat.write(theirs, path)
    grade(course, "ps2")
    lines = lines_of(course)
    assert (lines["ada"]["total"], lines["ada"]["status"]) == ("4", "graded")
    assert (lines["ada"]["tasks/total"], lines["ada"]["tasks/status"]) == ("3", "1")
    add(course, "ps3", text=new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
    hand_in(course, "ps3", {"ada": {}})
    grade(course, "ps3")
    assert lines_of(course)["ada"]["status"] == "graded"


WRITES = {
    "a file that was handed out": "open('data.txt', 'a').write('x')",
    "a new one in a subfolder": "open('sub/new.txt', 'w').write('x')",
    "a database": """\
import sqlite3
with sqlite3.connect('shop.db') as shop:
    shop.execute('create table goods (name text)')""",
}


@pytest.mark.parametrize("what", WRITES)
def test_files_beside_the_notebook_may_be_changed_and_are_as_handed_out_for_the_next(
    what, tmp_path
):
    course = course_in(tmp_path / "course")
    test = f"{WRITES[what]}\nassert open('data.txt').read().strip('x') == 'data'"
    cells = [cell(ANSWER, "a", SOLUTION), cell(TEST, "writes", test, 1)]
    folder = course.folder("source", "ps2")
    (folder / "sub").mkdir(parents=True)
    (folder / "data.txt").write_text("data")
    (folder / "shop.db").write_bytes(b"")
    (folder / "sub/data.txt").write_text("data")
    nbformat.write(new_notebook(cells=cells), folder / "tasks.ipynb")
    hand_out(course, "ps2")
    hand_in(course, "ps2", {"ada": {}, "bob": {}})
    grade(course, "ps2")
    lines = lines_of(course)
    assert {line["total"] for line in lines.values()} == {"1"}
    assert (course.folder("release", "ps2") / "data.txt").read_text() == "data"


def test_a_hidden_test_finds_files_that_are_not_handed_out_and_nobody_else_does(tmp_path):
    course = course_in(tmp_path / "course")
    test = """\
assert double(1) == 2
### BEGIN HIDDEN TESTS
assert double(3) == int(open('answers.txt').read())
### END HIDDEN TESTS"""
    own = "import os\nprint(os.listdir())"
    cells = [cell(ANSWER, "double", SOLUTION), cell(TEST, "half", test, 2)]
    add(course, "ps2", tasks=new_notebook(cells=[*cells, nbformat.v4.new_code_cell(own)]))
    (course.folder("source", "ps2") / "answers.txt").write_text("6")
    hand_in(course, "ps2", {"ada": {"double": STUDENTS["right"]["double"]}})
    grade(course, "ps2")
    assert lines_of(course)["ada"]["total"] == "2"
    page = (course.folder("feedback", "ps2", "ada") / "tasks.html").read_text()
    assert "answers.txt" not in page


def test_cells_of_two_notebooks_may_have_one_name(tmp_path):
    """nbgrader wants them to differ within a notebook only."""
    course = add(course_in(tmp_path / "course"), "ps2", one=every_kind(), two=every_kind())
    hand_in(course, "ps2", {"right": STUDENTS["right"]})
    (course.folder("submitted", "ps2", "right") / "two.ipynb").write_bytes(
        (course.folder("release", "ps2") / "two.ipynb").read_bytes()
    )
    grade(course, "ps2")
    line = lines_of(course)["right"]
    assert (line["one/visible"], line["two/visible"]) == ("3", "0")
    assert (line["total"], line["maximum"]) == ("11.5", "43")  # a test of nothing is passed twice


def test_check_proves_plain_tests_and_finds_one_that_gives_points_for_nothing(tmp_path):
    course = add(course_in(tmp_path / "course"), "ps2", tasks=every_kind())
    console = Console(file=io.StringIO(), width=200)
    assert not check(course, "ps2", "", console, as_json=False)
    said = console.file.getvalue()
    assert re.search(r"half-hidden +1/1 +1/1 .* proven", said)
    assert re.search(r"with-nothing +1/1 +0/1 .* not proven", said)


@pytest.mark.parametrize(
    ("language", "test", "words"),
    [
        ("python", "ask('its-test', double)", ["its-test", "ask(…)", "no entry"]),
        ("R", "stopifnot(double(1) == 2)", ["tasks.ipynb", "written in r", "only Python"]),
    ],
)
def test_what_cannot_be_graded_is_refused_in_one_line(language, test, words, tmp_path):
    course = course_in(tmp_path / "course")
    notebook = new_notebook(cells=[cell(ANSWER, "a", SOLUTION), cell(TEST, "its-test", test, 1)])
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "-", "language": language}
    hand_in(add(course, "ps3", tasks=notebook), "ps3", {"ada": {}})
    with pytest.raises(CourseError) as refused:
        grade(course, "ps3")
    assert all(word in str(refused.value) for word in words)
