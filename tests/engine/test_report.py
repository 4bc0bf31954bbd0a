"""The class report, the lists for learning platforms, and submissions that are alike."""

import csv
import io
import itertools
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from grading.batch.grade_class import grade_class
from grading.course import Course
from grading.files import write_files
from grading.proof.handin import instructors_answers, other_answers, submit
from grading.reports.alike import SHORTEST, THRESHOLD, alike, fingerprint, runs_of_tokens
from grading.reports.class_page import write_page
from grading.reports.class_report import ClassReport, Row
from grading.reports.figures import distribution, points_by_exercise
from grading.reports.platforms import write_canvas, write_moodle
from grading.reports.table import show
from grading.status import Status
from gradings import ALL, ASSIGNMENT, LAB


class Elements(HTMLParser):
    """Tags and their attributes, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(printed: str, demo_root: Path) -> str:
    return (demo_root / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def small() -> ClassReport:
    """Two students, one of whom could not be graded, and a name to be escaped."""
    names = {"first_name": "Ada", "last_name": "Lovelace", "lms_user_id": "4711"}
    ada = Row("ada", Status.GRADED, points={"one": 1.5}, **names)
    unlucky = Row("<b>zoë</b>", Status.FAILED, ("The grader failed.",))
    return ClassReport({"one": 2.0}, {"one": "1.1"}, (ada, unlucky))


def test_the_report_needs_nothing_beside_it(page):
    elements = Elements()
    elements.feed(page)
    assert not {"script", "link", "iframe"} & {tag for tag, _ in elements.found}
    sources = [value for _, a in elements.found for name, value in a.items() if name == "src"]
    assert sources
    assert all(source.startswith("data:") for source in sources)


def test_of_a_large_class_the_terminal_shows_who_needs_a_look():
    fine = [Row(f"fine-{n}", Status.GRADED, points={"one": 2.0}) for n in range(5000)]
    late = Row("late", Status.TIMED_OUT, ("A cell ran too long.",), points={"one": 0.5})
    console = Console(file=io.StringIO(), width=80)
    show(ClassReport({"one": 2.0}, {"one": "1.1"}, (*fine, late)), console)
    printed = console.file.getvalue()
    assert "fine-" not in printed
    assert re.search(r"late +0\.5 +0\.5 +timed out", printed), printed
    assert "late: A cell ran too long." in printed
    assert "1 of 5,001" in printed
    assert "grades.csv" in printed


def test_every_figure_says_in_words_what_it_shows(page, lines):
    elements = Elements()
    elements.feed(page)
    texts = [attributes["alt"] for tag, attributes in elements.found if tag == "img"]
    assert len(texts) == 2
    best = [line for line in lines.values() if float(line["total"]) >= 0.9 * ALL]
    assert f"{0.9 * ALL:g} to {ALL:g}: {len(best)}" in texts[0]
    assert {"all-right", "deleted-test"} <= {line["student"] for line in best}
    assert "attended-pairs 90 %" in texts[1], "all but the blank one of ten"


@pytest.mark.parametrize(
    "words",
    [
        "Submissions: 10, of them graded: 10.",
        'window one too wide</td><td class="number">1</td><td>off-by-one',
        "The most common mistake, of 1 student:\n<strong>window one too wide</strong>",
        "Something is missing or unreadable, ask for it: broken-file, missing-file",
        'damaged</td><td class="number">2',
        "02_global_tokens.ipynb is not valid JSON",
        "100 %</td><td>all-right, deleted-test",
        "A place to look, not a verdict",
    ],
)
def test_the_report_tells_the_class(words, page):
    assert words in page


@pytest.fixture
def taught() -> ClassReport:
    """A class of six, some of whom wait, with two misconceptions, and one of the class's absent."""
    points = {"one": 2.0, "two": 4.0}

    def row(student: str, *earned: float, status=Status.GRADED, **diagnoses: str) -> Row:
        of_exercises = dict(zip(points, earned, strict=True))
        return Row(student, status, (), diagnoses, points=of_exercises)

    return ClassReport(
        points,
        {"one": "1.1", "two": "1.2"},
        (
            row("ada", 2, 4),
            row("bob", 1, 2, one="off by one"),
            row("cyd", 1, 1, two="no scale"),
            row("dan", 0, 0),
            row("eve", 2, 1, status=Status.DAMAGED, two="no scale"),
            Row("fay", Status.FAILED, ("The grader failed.",)),
        ),
        (Row("gus", Status.NOT_HANDED_IN),),
        {("two", "no scale"): "What does the square root do?"},
    )


def test_the_report_begins_with_what_a_teacher_does_next(taught, tmp_path):
    write_page(taught, "lab", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    first, _, statistics = page.partition("<h2>Points</h2>")
    said = " ".join(re.sub(r"<[^>]*>", " ", first.partition("<main>")[2]).split())
    assert said.startswith("lab: class report What to do next Talk about The most common mistake")
    assert "of 2 students: no scale , in 1.2 two (cyd, eve)" in said
    assert "What does the square root do?" in said
    assert "largest share of its points: 1.2 two , with a mean of 1.60 of 4." in said
    assert re.findall(r"<td>(dan|cyd|eve|bob|ada)</td>", first) == ["dan", "cyd"], "least first"
    for waits in ("grade again: fay", "ask for it: eve", "ask for it: gus"):
        assert waits in said
    for figure in ("mean 2.8", "<img", "off by one"):
        assert figure not in first
        assert figure in statistics


def test_the_terminal_begins_with_it_too(taught):
    console = Console(file=io.StringIO(), width=60)
    show(taught, console)
    first, second, *others = console.file.getvalue().splitlines()[:5]
    assert first.startswith("Talk about: no scale, in 1.2 two (cyd, eve). What does")
    assert second == "Help, with less than half of the points: dan, cyd"
    assert [line.rpartition(": ")[2] for line in others] == ["fay", "eve", "gus"]


def test_where_no_mistake_is_known_the_exercise_that_cost_most_is_named(small):
    console = Console(file=io.StringIO(), width=200)
    show(small, console)
    assert "Talk about: 1.1 one, which cost the largest share of its points.\n" in (
        console.file.getvalue()
    )


def test_names_of_students_are_text(small, tmp_path):
    write_page(small, "lab02", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>zoë</b>" not in page
    assert "&lt;b&gt;zoë&lt;/b&gt;" in page


def test_a_class_without_any_points_has_a_report(small, tmp_path):
    nobody = ClassReport(small.exercises, small.headings, small.rows[1:])
    write_page(nobody, "lab02", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Submissions: 1, of them graded: 0." in page


def test_canvas_gets_its_columns(small, tmp_path):
    write_canvas(small, "lab02", tmp_path / "canvas.csv")
    with (tmp_path / "canvas.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "lab02"],
        ["    Points Possible", "", "", "", "", "2"],
        ["Lovelace, Ada", "4711", "", "ada", "", "1.5"],
    ]


def test_moodle_gets_its_columns(small, tmp_path):
    write_moodle(small, "lab02", tmp_path / "moodle.csv")
    with (tmp_path / "moodle.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {
            "Username": "ada",
            "First name": "Ada",
            "Last name": "Lovelace",
            "Email address": "",
            "lab02": "1.5",
        }
    ]


def test_who_has_not_handed_in_is_named_and_counts_for_nothing(own_course: Course):
    """Beside one who got 0, and one whose graded submission was taken away again."""
    for student in ("blank", "gone"):
        files = submit(own_course, ASSIGNMENT, student, {}).files
        write_files(own_course.folder("submitted", ASSIGNMENT, student), files)
    console = Console(file=io.StringIO(), width=200)
    before = grade_class(own_course, ASSIGNMENT, console)
    shutil.rmtree(own_course.root / "submitted/gone")
    alone = grade_class(own_course, ASSIGNMENT, console)
    with Gradebook(own_course.database_url) as gradebook:
        gradebook.add_student("norah", first_name="Norah", last_name="Jones", email="n@example.org")
    console = Console(file=io.StringIO(), width=200)
    report = grade_class(own_course, ASSIGNMENT, console)

    assert (before.totals, alone.totals, report.totals) == ([0, 0], [0], [0])
    for figure in (distribution, points_by_exercise):
        assert figure(report).alt == figure(alone).alt
    printed = console.file.getvalue()
    assert re.search(r"^blank +0 .* 0 graded *$", printed, re.MULTILINE)
    assert re.search(r"^norah +not handed in *$", printed, re.MULTILINE)
    assert "gone: The gradebook holds points of an earlier submission" in printed
    with (own_course.root / "grades.csv").open(encoding="utf-8") as file:
        lines = {line["student"]: line for line in csv.DictReader(file)}
    assert [(name, line["status"], line["total"]) for name, line in lines.items()] == [
        ("blank", "graded", "0"),
        ("gone", "not handed in", ""),
        ("norah", "not handed in", ""),
    ]
    page = (own_course.root / "report.html").read_text(encoding="utf-8")
    assert "Submissions: 1, of them graded: 1.\nNot handed in: 2." in page
    assert "<td>norah</td><td>Norah Jones</td><td>n@example.org</td>" in page
    for platform in ("canvas", "moodle"):  # where an empty grade would overwrite one
        assert "norah" not in (own_course.root / f"grades-{platform}.csv").read_text("utf-8")


def test_of_a_large_class_the_terminal_shows_first_who_needs_a_look():
    absent = tuple(Row(f"absent-{n:03}", Status.NOT_HANDED_IN) for n in range(200))
    late = Row("late", Status.TIMED_OUT, points={"one": 0.5})
    console = Console(file=io.StringIO(), width=80)
    show(ClassReport({"one": 2.0}, {"one": "1.1"}, (late,), absent), console)
    printed = console.file.getvalue()
    assert re.search(r"late +0\.5 +0\.5 +timed out", printed), printed
    assert printed.count("not handed in") == 99
    assert "100 of 201 students" in printed


def runs_of(course: Course, answers: dict[str, str]) -> np.ndarray:
    files = submit(course, ASSIGNMENT, "somebody", answers).files.values()
    return fingerprint(
        [nbformat.reads(f.decode(), as_version=4) for f in files], handed_out(course)
    )


def handed_out(course: Course) -> np.ndarray:
    notebooks = (nbformat.read(p, as_version=4) for p in course.release_notebooks(ASSIGNMENT))
    return runs_of_tokens(notebooks)


def test_renamed_and_commented_copies_are_alike(course):
    answers = instructors_answers(course, ASSIGNMENT)
    renamed = {
        cell: "# my own work\n" + re.sub(r"\bweights\b", "w", source).replace("scores", "s")
        for cell, source in answers.items()
    }
    (found,) = alike({"ada": runs_of(course, answers), "eve": runs_of(course, renamed)})
    assert found.students == ("ada", "eve")
    assert found.share == 1


def test_answers_of_different_people_are_not(course):
    people = {}
    for submission, _ in other_answers(course, LAB):
        files = submission.files.values()
        notebooks = [nbformat.reads(f.decode(), as_version=4) for f in files]
        people[submission.student] = fingerprint(notebooks, handed_out(course))
    assert len(people) > 4
    assert alike(people) == []


def test_the_text_of_the_hand_out_does_not_count(course):
    assert len(runs_of(course, {})) == 0
    assert alike({"ada": runs_of(course, {}), "eve": runs_of(course, {})}) == []


@pytest.mark.parametrize("seed", range(20))
def test_all_pairs_are_found_that_comparing_all_with_all_finds(seed):
    draw = np.random.default_rng(seed)
    people = {
        f"student {n:02}": np.flatnonzero(draw.random(6 * SHORTEST) < draw.uniform(0.8, 1))
        for n in range(15)
    }
    sets = {student: set(runs.tolist()) for student, runs in people.items()}
    shares = {
        pair: len(sets[pair[0]] & sets[pair[1]]) / len(sets[pair[0]] | sets[pair[1]])
        for pair in itertools.combinations(sets, 2)
    }
    near = {pair: share for pair, share in shares.items() if share >= THRESHOLD}
    assert 0 < len(near) < len(shares)
    found = alike({student: runs.astype(np.uint32) for student, runs in people.items()})
    assert {one.students: one.share for one in found} == near


def test_very_many_copies_are_one_group():
    runs = np.arange(10 * SHORTEST, dtype=np.uint32)
    (found,) = alike({f"student {n:04}": runs for n in range(2000)})
    assert len(found.students) == 2000
