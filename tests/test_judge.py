"""The judge: what earns points, what loses which, and what a kernel may send without harm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import probe
from grading.course import Course
from grading.exercise import Question
from grading.exercises import EXERCISES
from grading.judge import NOT_STARTED, difference, judge
from grading.misconceptions import MISCONCEPTIONS
from grading.verdict import Verdict


def draw(exercise: str, seed: int = 0) -> Question:
    return Question.draw(EXERCISES[exercise], np.random.default_rng(seed))


def verdict_on(answer, exercise: str, course: Course, seed: int = 0) -> Verdict:
    question = draw(exercise, seed)
    return judge(question, probe.answer(question.packed(), answer), course)


def reference(exercise: str, course: Course):
    return getattr(course.reference(EXERCISES[exercise].module), EXERCISES[exercise].answer)


@pytest.mark.parametrize("exercise", EXERCISES)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_reference_earns_everything_on_any_draw(exercise, seed, course):
    verdict = verdict_on(reference(exercise, course), exercise, course, seed)
    assert verdict.earned == EXERCISES[exercise].points, verdict.as_text()


@pytest.mark.parametrize("misconception", MISCONCEPTIONS, ids=lambda m: f"{m.exercise}: {m.name}")
@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_a_misconception_loses_what_it_breaks_and_nothing_else(misconception, seed, course):
    verdict = verdict_on(misconception.answer, misconception.exercise, course, seed)
    assert set(verdict.lost) == misconception.loses, verdict.as_text()


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_exercise_has_a_known_misconception(exercise):
    assert any(m.exercise == exercise for m in MISCONCEPTIONS)


class Unfinished:
    """Called, it is like any stub of the hand-out, be it of a function or of the class."""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError

    def forward(self):
        raise NotImplementedError


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_stub_earns_nothing_and_is_called_not_started(exercise, course):
    verdict = verdict_on(Unfinished, exercise, course)
    assert verdict.earned == 0
    assert verdict.note == NOT_STARTED


@pytest.mark.parametrize(
    "lazy",
    [
        lambda *args, **kwargs: None,
        lambda *args, **kwargs: 0,
        lambda *args, **kwargs: np.zeros((8, 8), dtype=bool),
        lambda *args, **kwargs: (np.zeros((8, 3)), np.eye(8)),
    ],
    ids=["None", "zero", "zeros", "zeros and identity"],
)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_answer_without_work_earns_nothing(exercise, lazy, course):
    assert verdict_on(lazy, exercise, course).earned == 0


@pytest.mark.parametrize(
    "answers",
    [
        None,
        [],
        "all right",
        [None] * 999,
        [{"values": {"pairs": {"npy": "not base64"}}}] * 6,
        [{"values": {"pairs": {"npy": "AAAA"}}}] * 6,
        [{"values": {"pairs": 3}}] * 6,
        [{"values": []}] * 6,
        [{"error": "oops"}] * 6,
        [{"error": {"kinds": [], "message": ""}}] * 6,
        [{"values": {"pairs": {"npy": "A" * (2 << 20)}}}] * 6,
        [{"values": {"pairs": probe.pack(np.array(["12"]))}}] * 6,
        [{"values": {"pairs": probe.pack(np.array(np.nan))}}] * 6,
        [{"values": {"pairs": probe.pack(np.full((1, 1), 7))}}] * 6,
    ],
    ids=str,
)
def test_anything_may_come_from_the_kernel(answers, course):
    assert judge(draw("attended-pairs"), answers, course).earned == 0


def test_a_question_holds_no_answer(course):
    """What is sent to the kernel is inputs alone: no value of the reference is among them."""
    for exercise in EXERCISES:
        question = draw(exercise)
        assert all(set(case) == {"driver", "returns", "inputs"} for case in question.packed())


def test_different_students_get_different_inputs(course):
    first, second, again = (
        Question.draw(
            EXERCISES["window-mask"], course.random(student, "01", "window-mask")
        ).packed()
        for student in ("ada", "grace", "ada")
    )
    assert first != second
    assert first == again, "an instructor must be able to draw a student's inputs again"


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (np.zeros((2, 2)), np.zeros((2, 2)), ""),
        (np.zeros((2, 3)), np.zeros((2, 2)), "mask: expected shape (2, 2), got (2, 3)"),
        (
            np.array([[False, True], [False, False]]),
            np.array([[False, True], [True, False]]),
            "mask at query 1, key 0: expected blocked (True), got open (False)",
        ),
        (
            np.ones((1, 2, 2)),
            np.array([[[1, 1], [1, 3.5]]]),
            "mask[0] at query 1, key 1: expected 3.5, got 1",
        ),
        (np.array([[np.nan]]), np.array([[0.5]]), "mask at query 0, key 0: expected 0.5, got nan"),
    ],
)
def test_the_first_difference_is_told_in_words(got, expected, message):
    assert difference("mask", got, expected) == message


def test_answers_in_other_forms_are_right_where_only_numbers_count(course):
    """Lists, ints for bools and float32 arithmetic cost the dtype aspect at most."""
    create = reference("window-mask", course)
    as_lists = verdict_on(lambda **inputs: create(**inputs).tolist(), "window-mask", course)
    assert as_lists.lost == ("dtype",)

    attend = reference("masked-attention", course)

    def in_float32(Q, K, V, mask):
        output, weights = attend(*(a.astype(np.float32) for a in (Q, K, V)), mask)
        return output.astype(Q.dtype), weights.astype(Q.dtype)

    assert verdict_on(in_float32, "masked-attention", course).lost == ()


def test_a_verdict_can_be_read_as_text_and_as_html(course):
    verdict = verdict_on(lambda **inputs: 1 / 0, "window-mask", course)
    assert "raised ZeroDivisionError: division by zero" in verdict.as_text()
    assert "&lt;" in Verdict("<b>", ()).as_html(), "text of a student must not become HTML"
    assert Verdict.from_json(verdict.as_json()) == verdict
