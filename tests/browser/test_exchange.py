"""From release to feedback by clicking: Formgrader on one side, Assignment List on the other."""

from pathlib import Path

import pytest

from clicking import in_list, listed, open_formgrader
from grading.course import Course
from grading.files import write_files
from grading.proof.handin import instructors_answers, submit
from gradings import ALL, ASSIGNMENT

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def desk(own_course: Course, tmp_path: Path) -> Path:
    """A student's folder, with the two settings that the guide for instructors names."""
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.Exchange.root = {str(own_course.root / '.exchange')!r}\n"
        "c.CourseDirectory.course_id = 'sliding-window-lab'\n"
        "c.CourseDirectory.student_id = 'ada'\n"  # here both people have one account
    )
    return folder


def done(formgrader) -> None:
    """Wait until Formgrader says that it worked, and put the message away."""
    dialog = formgrader.locator("#success-modal")
    expect(dialog).to_contain_text("Success", timeout=120_000)
    dialog.get_by_role("button", name="OK").click()
    dialog.wait_for(state="detached")


def test_from_release_to_feedback(page, lab, own_course, desk, screenshot):
    instructor = lab(own_course.root)
    formgrader, row = open_formgrader(page, instructor)
    for button in ("assign", "release"):
        row.locator(f".{button} a").click()
        done(formgrader)
    expect(row.locator(".status")).to_have_text("released")
    screenshot("released")

    student = lab(desk)
    in_list(page, student, "released").get_by_role("button", name="Fetch").click()
    fetched = listed(page, "fetched")
    expect(fetched.get_by_role("button", name="Submit")).to_be_visible()
    answers = instructors_answers(own_course, ASSIGNMENT)
    write_files(desk / ASSIGNMENT, submit(own_course, ASSIGNMENT, "ada", answers).files)
    fetched.get_by_role("button", name="Submit").click()
    submitted = listed(page, "submitted")
    expect(submitted.get_by_role("button", name="Fetch Feedback")).to_be_visible()
    screenshot("submitted")

    formgrader, row = open_formgrader(page, instructor)
    row.locator(".collect a").click()
    done(formgrader)
    row.locator(".num-submissions a").click()
    of_ada = formgrader.locator("#main-table tr", has_text="ada")
    of_ada.locator(".autograde a").click()
    done(formgrader)
    expect(of_ada.locator(".score")).to_have_text(f"{ALL:g} / {ALL:g}")
    of_ada.locator("a").first.click()
    with page.expect_response(lambda answer: "/api/comments" in answer.url):  # before it listens
        formgrader.locator("#main-table a", has_text="01_sliding_window").click()
    comment = formgrader.locator("#window-mask-answer-comment")
    comment.fill("Well put, Ada.")
    with page.expect_response(lambda answer: "/api/comment/" in answer.url):
        comment.blur()
    screenshot("commented")

    formgrader, row = open_formgrader(page, instructor)
    for button in ("generate-feedback", "release-feedback"):
        row.locator(f".{button} a").click()
        done(formgrader)

    in_list(page, student, "submitted").get_by_role("button", name="Fetch Feedback").click()
    expect(page.locator("#submitted_assignments_list")).to_contain_text("view feedback")
    screenshot("feedback")
    (feedback,) = desk.glob(f"{ASSIGNMENT}/feedback/*/01_sliding_window.html")
    assert "Well put, Ada." in feedback.read_text(encoding="utf-8")
    assert page.script_errors == []
    assert page.off_site == []
