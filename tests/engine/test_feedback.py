"""Feedback begins with what matters, and what everybody has is closed."""

from copy import deepcopy
from html import unescape
from html.parser import HTMLParser

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grading.course import Course
from grading.intake.hand_out import HandOut
from grading.intake.rebuild import rebuild
from grading.judging.verdict import Diagnosis, Mark, Verdict
from grading.preprocessors.base import METADATA
from grading.preprocessors.lay_out import lay_out
from grading.preprocessors.rebuild import note_findings
from grading.preprocessors.summarize import HEADING, summarize
from grading.reports.feedback import Page, render

RIGHT = Verdict("f", (Mark("shape", 1, True), Mark("values", 1, True)))
PARTLY = Verdict(
    "f",
    (
        Mark("shape", 1, True),
        Mark("values", 0.5, False, "expected 2, got 3"),
        Mark("bad input", 0.5, False, "expected a ValueError, got a result"),
    ),
    diagnosis=Diagnosis(),
)
NAMED = Verdict("f", PARTLY.marks, diagnosis=Diagnosis("one too many", "Count again."))


def marked(source: str, grade_id: str, **kind) -> NotebookNode:
    marks = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    nbgrader = marks | {"grade_id": grade_id} | kind
    return new_code_cell(source, id=grade_id, metadata={"nbgrader": nbgrader})


RELEASE = new_notebook(
    cells=[
        new_markdown_cell("# The lesson\n\nA text of ours."),
        new_code_cell("draw('a figure of ours')"),
        marked("def f(): ...", "f-answer", solution=True),
        marked("check(f)", "f", grade=True, locked=True, points=2),
        new_markdown_cell("## Afterwards"),
    ]
)


@pytest.fixture
def graded():
    """A notebook as it is after the judge, with this verdict."""

    def make(verdict: Verdict, submitted: NotebookNode | None = None) -> NotebookNode:
        notebook, found = rebuild(submitted or deepcopy(RELEASE), HandOut(RELEASE))
        note_findings(notebook, found)
        notebook.metadata[METADATA].verdicts = [verdict.as_json()]
        (test,) = [cell for cell in notebook.cells if cell.source == "check(f)"]
        data = {"text/plain": str(verdict.earned), "text/html": verdict.as_html()}
        said = new_output("stream", text="what the check said")
        test.outputs = [new_output("execute_result", data=data), said]
        lay_out(notebook.cells, HandOut(RELEASE), {"f": "f-answer"})
        summarize(notebook)
        return notebook

    return make


class Reader(HTMLParser):
    """A page as it is read: its text, and that of what is closed; headings; links and anchors."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open = self.closed = ""
        self.headings: list[str] = []
        self.anchors: set[str | None] = set()
        self.links: list[str | None] = []
        self.within: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in ("details", "summary", "h1", "h2", "style"):
            self.within.append(tag)
        if tag in ("h1", "h2") and "details" not in self.within:
            self.headings.append("")
        self.anchors |= {value for name, value in attrs if name in ("id", "name")}
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        if self.within and self.within[-1] == tag:
            self.within.pop()

    def handle_data(self, data):
        if self.within and self.within[-1] in ("h1", "h2") and "details" not in self.within:
            self.headings[-1] += data
        if "style" in self.within:
            return
        if "details" in self.within and "summary" not in self.within:
            self.closed += data
        else:
            self.open += data


@pytest.fixture
def read(course: Course):
    """The page that a student gets for a notebook."""

    def page(notebook: NotebookNode) -> Reader:
        for cell in notebook.cells:
            if cell.get("id") == "f":
                cell.metadata.nbgrader.score = float(cell.outputs[0].data["text/plain"])
        summarize(notebook)
        totals = {"score": 0, "max_score": 2, "late_penalty": 0}
        return Reader(render([Page("01_lesson", notebook, totals)], course)["01_lesson.html"])

    return page


def summary(notebook: NotebookNode) -> str:
    return unescape(notebook.cells[0].source)


@pytest.mark.parametrize(
    ("verdict", "points", "right", "next_step"),
    [
        (RIGHT, "2 of 2", "all of it", ""),
        (PARTLY, "1 of 2", "shape", "values: expected 2, got 3"),
        (NAMED, "1 of 2", "shape", "This looks like: one too many. Count again."),
        (
            Verdict("f", (Mark("shape", 2, False),), "Not started."),
            "0 of 2",
            "nothing yet",
            "Not started.",
        ),
    ],
)
def test_the_summary_says_what_is_right_and_one_thing_to_look_at(
    verdict, points, right, next_step, graded
):
    notebook = graded(verdict)
    cells = f"<td>{points}</td><td>{right}</td><td>{next_step}</td>"
    assert cells in summary(notebook)
    assert f"**{points} points**" in summary(notebook)


def test_the_summary_of_feedback_has_the_points_of_the_gradebook(graded):
    notebook = graded(PARTLY)
    assert "before anything is changed by hand" in summary(notebook)
    for cell in notebook.cells:
        if cell.get("id") == "f":
            cell.metadata.nbgrader.score = 1.5
        if cell.get("id") == "f-answer":
            cell.metadata.nbgrader.comment = "Nearly."
    summarize(notebook, late_penalty=0.2)
    assert "**1.3 of 2 points**. The late submission penalty of 0.2" in summary(notebook)
    assert "<td>1.5 of 2, changed by hand</td>" in summary(notebook)
    assert "f</a> (with a comment)" in summary(notebook)
    assert sum(HEADING in cell.source for cell in notebook.cells) == 1


def test_points_that_a_person_has_to_give_are_not_claimed(graded):
    essay = marked("", "essay", grade=True, solution=True, points=3)
    notebook = graded(PARTLY)
    notebook.cells.append(essay)
    summarize(notebook)
    assert "<td>? of 3</td><td></td><td>The points are given by a person.</td>" in summary(notebook)


def test_what_a_student_causes_to_be_said_stays_text(graded, read):
    problem = "raised E: <script>x</script>\n\n# Loud\n\n$$\n</td></table>\n\n[here](javascript:x)"
    notebook = graded(Verdict("f", (Mark("values", 2, False, problem),), diagnosis=Diagnosis()))
    page = read(notebook)
    assert "values: raised E: <script>x</script> # Loud $$ </td></table> [here]" in page.open
    assert not [link for link in page.links if link and "script" in link]
    assert "Loud" not in page.headings


def test_a_page_is_the_summary_and_the_answers_and_the_rest_is_closed(graded, read):
    submitted = deepcopy(RELEASE)
    submitted.cells[2].source = "def f(): return 'my answer'"
    own = [new_code_cell("my_helper()"), new_markdown_cell("A note of mine.")]
    submitted.cells[2:2] = own
    submitted.cells[0].source += " And a line of mine."
    page = read(graded(PARTLY, submitted))
    assert page.headings == ["01_lesson", HEADING[3:], "The lesson", "f"], "one goes by them"
    assert page.open.index("1 of 2 points") < page.open.index("my answer")
    for visible in ("my_helper", "A note of mine", "And a line of mine", "expected 2, got 3"):
        assert visible in page.open
    for closed in ("a figure of ours", "what the check said"):
        assert closed in page.closed
    for names in ("From the notebook: text and figures", "From the notebook: Afterwards"):
        assert names in page.open, "what is closed says what it is"


def test_the_links_of_the_summary_lead_to_the_answers(graded, read):
    page = read(graded(NAMED))
    assert "#at-f-answer" in page.links
    leading_here = {link[1:] for link in page.links if link and link.startswith("#")}
    assert leading_here <= page.anchors
