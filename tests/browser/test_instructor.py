"""An instructor works in Formgrader: generates, autogrades, and reads the verdicts."""

import pytest

from attacks.test_other_doors import FEW, HONEST, OF_CODE, drawn, require_earned, with_attacks
from catalogue import worth
from clicking import open_formgrader
from grading.course import Course
from grading.demo import demo_class
from grading.files import write_files
from gradings import ALL, ASSIGNMENT, LAB, MARKS_BY_HAND

WHOLE = worth("global-mask")
LOST = worth("global-mask", "global columns", "window and globals together")
VERDICT = f"global-mask: {WHOLE - LOST:g} of {WHOLE:g} points"

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def collected(own_course: Course) -> Course:
    """A course with two submissions, as it is after collecting."""
    for submission in demo_class(own_course, LAB):
        if submission.student in ("all-right", "rows-only"):
            folder = own_course.folder("submitted", ASSIGNMENT, submission.student)
            write_files(folder, submission.files)
    return own_course


def test_formgrader_gives_the_marks_that_grade_gives(page, lab, collected, screenshot):
    formgrader, row = open_formgrader(page, lab(collected.root))
    row.locator(".assign a").click()
    done = formgrader.locator("#success-modal")
    expect(done).to_contain_text("Successfully created")
    done.get_by_role("button", name="OK").click()
    done.wait_for(state="detached")
    expect(row.locator(".num-submissions")).to_have_text("2")
    screenshot("assignments")
    row.locator(".num-submissions a").click()

    for student in ("all-right", "rows-only"):
        score, _ = MARKS_BY_HAND[student]
        row = formgrader.locator("#main-table tr", has_text=student)
        row.locator(".autograde a").click()
        expect(done).to_contain_text("Successfully autograded", timeout=120_000)
        done.get_by_role("button", name="OK").click()
        done.wait_for(state="detached")
        expect(row.locator(".score")).to_have_text(f"{score:g} / {ALL:g}")
    screenshot("graded")

    row.locator("a", has_text="None").click()  # the name; nobody has told the gradebook one
    formgrader.locator("#main-table a", has_text="02_global_tokens").click()
    body = formgrader.locator("body")
    expect(body).to_contain_text(VERDICT, timeout=30_000)
    expect(body).to_contain_text("expected open (False), got blocked (True)")
    page.wait_for_timeout(1000)  # Formgrader goes to the top of the page when it is ready
    screenshot("submission")
    expect(formgrader.get_by_text("Information crosses a window slowly")).to_be_hidden()
    formgrader.get_by_role("link", name="global-mask").click()
    answer = formgrader.get_by_role("heading", name="global-mask", exact=True)
    expect(answer).to_be_in_viewport()
    formgrader.get_by_text(VERDICT).scroll_into_view_if_needed()
    screenshot("verdicts")
    assert page.script_errors == []
    assert page.off_site == []


def test_attacks_through_formgrader_earn_what_they_must(page, lab, own_course: Course):
    """As its buttons ask for it, one after the other, of the same server."""
    attacks = drawn(OF_CODE, FEW)
    address = lab(with_attacks(own_course, attacks).root)
    page.goto(f"{address}/formgrader")
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    for student in (*(attack.name for attack in attacks), HONEST):
        answered = page.request.post(
            f"{address}/formgrader/api/submission/{ASSIGNMENT}/{student}/autograde",
            headers={"X-XSRFToken": cookies["_xsrf"]},
            timeout=400_000,
        )
        assert answered.json()["success"], f"{student}: {answered.text()}"
    require_earned(own_course, attacks)
