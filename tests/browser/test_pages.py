"""What grading leaves to be read: each page of feedback and the report, without the network."""

from pathlib import Path

import pytest

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
    assert len(pages) == 30, "ten students, three notebooks"
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
