"""What grading leaves to be read: each page of feedback and the report, without the network."""

import io
import re
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell
from rich.console import Console

from grading.batch.grade_class import grade_class
from grading.files import write_files
from grading.kernel import sandbox
from grading.proof.handin import instructors_answers, submit

WIDTHS = (1280, 800)
IN_SIGHT = "e => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().top < innerHeight"
EXAMINED = {"broken-file", "rows-only"}  # blank, right and wrong answers, and a status


@pytest.fixture
def opened(page, printed, screenshot):
    """Open a page of the graded class from the disk, look at it in both widths, and keep the sight
    of it under a name, if there is one."""
    page.context.set_offline(True)

    def open_page(path: Path, name: str = "") -> None:
        page.goto(path.as_uri())
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            wide = page.evaluate(
                """() => [document.documentElement, ...document.querySelectorAll("pre, table, img")]
                    .filter(e => e.scrollWidth > e.clientWidth + 1
                        || e.offsetWidth > (e.parentElement ?? e).clientWidth)
                    .map(e => e.outerHTML.slice(0, 100))"""
            )
            assert wide == [], f"{path.name} scrolls sideways at {width} pixels"
            if name:
                screenshot(f"{name}-{width}")

    yield open_page
    assert page.script_errors == []
    assert page.off_site == []


def test_feedback_can_be_read_by_everybody(page, opened, demo_root, barriers):
    pages = sorted((demo_root / "feedback").glob("*/lab02/*.html"))
    assert len(pages) == 40, "ten students, four notebooks"
    for path in pages:
        student = path.parts[-3]
        opened(path, f"{student}-{path.stem}" if student in EXAMINED else "")
        assert page.title() == path.stem
        pictures = page.locator("img")
        alts = pictures.evaluate_all("all => all.map(img => img.alt)")
        assert all(alts), f"a figure of {student}, {path.name} has no alternative text"
        if student in EXAMINED:
            assert barriers() == [], f"{student}, {path.name}"


def test_feedback_leads_from_the_points_to_each_exercise(page, opened, demo_root):
    opened(demo_root / "feedback/rows-only/lab02/02_global_tokens.html")
    link = page.get_by_role("link", name="global-attention")
    assert link.evaluate(IN_SIGHT), "the summary comes first"
    heading = page.get_by_role("heading", name="global-attention", exact=True)
    assert not heading.evaluate(IN_SIGHT)
    link.press("Enter")
    assert heading.evaluate(IN_SIGHT)
    page.keyboard.press("Tab")  # goes on from there
    assert page.evaluate(f"({IN_SIGHT})(document.activeElement)")


def test_feedback_shows_the_answers_and_opens_the_rest(page, opened, demo_root):
    opened(demo_root / "feedback/rows-only/lab02/02_global_tokens.html")
    ours = page.get_by_text("Information crosses a window slowly")
    assert not ours.is_visible()
    assert page.get_by_text("def rows_only").is_visible()
    assert page.get_by_text("expected open (False), got blocked (True)").first.is_visible()
    fold = page.locator("summary", has_text="From the notebook: Global tokens")
    fold.press("Enter")
    assert ours.is_visible()
    fold.press("Enter")
    assert not ours.is_visible()


def test_hints_in_feedback_open_and_close(page, opened, demo_root):
    opened(demo_root / "feedback/blank/lab02/01_sliding_window.html")
    page.locator("summary", has_text="Exercise 1.").click()
    hint = page.get_by_text("Take one row, say query 5")
    assert not hint.is_visible()
    page.get_by_text("Hint 1").first.click()
    assert hint.is_visible()


def test_the_class_report_can_be_read_by_everybody(page, opened, demo_root, barriers):
    opened(demo_root / "report.html", "report")
    assert page.locator("main h1").inner_text() == "lab02: class report"
    assert barriers() == []


LIVE = (
    "[Full marks: click here](javascript:alert(1))",
    "![t](http://198.51.100.1/track.png) ![u](file:///etc/passwd)",
    "[x][r] ![y][p]\n\n[r]: vbscript:alert(1)\n[p]: //198.51.100.1/p.png",
    "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>",
)
DISPLAYED = """
from IPython.display import HTML, Javascript, Markdown, display
display(HTML("<img src='http://198.51.100.1/a.png' onerror='alert(1)'><script>alert(2)</script>"))
display(HTML("<a href='javascript:alert(3)'>here</a><iframe src='http://198.51.100.1/'></iframe>"))
display(Javascript("alert(4)"), Markdown("[x](javascript:alert(5))"))
"""


def test_nothing_of_a_student_runs_or_is_fetched_when_a_page_is_opened(page, own_course):
    def arrange(notebook):
        notebook.cells += [new_markdown_cell(text) for text in LIVE]

    answers = instructors_answers(own_course, "lab02")
    answers["window-mask-answer"] += DISPLAYED
    submission = submit(own_course, "lab02", "mallory", answers, arrange)
    files = submission.files | {"[click here](javascript:alert(6)).ipynb": b"{}"}
    write_files(own_course.folder("submitted", "lab02", "mallory"), files)
    grade_class(sandbox.or_trust(own_course), "lab02", Console(file=io.StringIO()))
    asked, dialogs = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    pages = sorted((own_course.root / "feedback/mallory/lab02").glob("*.html"))
    assert len(pages) == 4
    for path in pages:
        page.goto(path.as_uri())
        for fold in page.locator("details").all():
            fold.evaluate("e => { e.open = true }")
        for link in page.locator("a").all():
            assert re.match(r"https?:|#|mailto:", link.get_attribute("href") or "#")
        policy = page.locator("meta[http-equiv='Content-Security-Policy']")
        assert policy.get_attribute("content").startswith("default-src 'none'")
    assert dialogs == []
    ours = ("data:", "/fonts/glyphicons")  # of the styles of nbgrader's page
    others = [url for url in asked if not any(mark in url for mark in ours)]
    assert others == [path.as_uri() for path in pages]
