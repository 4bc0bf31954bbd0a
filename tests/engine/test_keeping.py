"""A gradebook that is lost comes back, by the commands of docs/keeping.md."""

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from catalogue import ROOT
from grading.course import Course
from gradings import ASSIGNMENT, MARKS_BY_HAND, grade, hand_in, lines_of, started, wait_for_marks
from guides import Person, blocks

STUDENTS = ("all-right", "half-done")


@pytest.fixture
def instructor(own_course: Course, programs: Path) -> Person:
    return Person(own_course.root, programs)


def commands() -> tuple[str, str]:
    """How the page backs up and restores."""
    here = [text for why, text in blocks(ROOT / "docs/keeping.md") if "test_keeping" in why]
    backup, restore = here
    return backup, restore


def lose_gradebook(course: Course) -> None:
    (course.root / "gradebook.db").write_bytes(b"what a broken disk gives back")
    (course.root / "gradebook.db-journal").write_bytes(b"of another gradebook")


def test_a_restored_gradebook_has_all_marks_points_and_comments(own_course, instructor):
    grade(hand_in(own_course, *STUDENTS))
    give_by_hand(own_course)
    grade(own_course)
    before = given(own_course), (own_course.root / "grades.csv").read_text()
    backup, restore = commands()
    instructor.type(backup)
    lose_gradebook(own_course)
    instructor.type(restore)
    told = grade(own_course)[-1]
    assert (told["graded_before"], told["done"]) == (len(STUDENTS), 0)
    assert (given(own_course), (own_course.root / "grades.csv").read_text()) == before


def give_by_hand(course: Course) -> None:
    """As Formgrader does."""
    with Gradebook(course.database_url) as gradebook:
        notebook = gradebook.find_submission_notebook("01_sliding_window", ASSIGNMENT, "half-done")
        notebook.grades[0].manual_score = 0.25
        notebook.comments[0].manual_comment = "See me about the first line."
        gradebook.db.commit()


def given(course: Course) -> list[tuple]:
    with Gradebook(course.database_url) as gradebook:
        cells = [
            (submission.student_id, notebook.name, cell.name, value)
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
            for notebook in submission.notebooks
            for cells, column in ((notebook.grades, "score"), (notebook.comments, "comment"))
            for cell in cells
            for value in [getattr(cell, column)]
        ]
    assert any(value == 0.25 for *_, value in cells)
    assert any(value == "See me about the first line." for *_, value in cells)
    return sorted(cells, key=repr)


def test_a_backup_made_while_a_class_is_graded(own_course, instructor):
    process = started(hand_in(own_course, *STUDENTS))
    wait_for_marks(own_course, process)
    backup, restore = commands()
    instructor.type(backup)
    process.kill()
    process.wait()
    lose_gradebook(own_course)
    instructor.type(restore)
    marks = {s: (float(one["total"]), one["status"]) for s, one in lines_of(own_course).items()}
    assert marks == {student: MARKS_BY_HAND[student] for student in STUDENTS}
