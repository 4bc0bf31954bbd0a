"""The judge: what earns points, what loses which, and what a kernel may send without harm."""

import os
import secrets
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import EXERCISES, LABS, MISCONCEPTIONS, draw, every_exercise, worth
from grading.judging.answers import read_answers
from grading.judging.difference import difference
from grading.judging.exercise import Aspect
from grading.judging.judge import NOT_STARTED, judge
from grading.judging.question import Question
from grading.judging.verdict import Verdict
from grading.judging.words import Words
from grading.kernel import probe

WORDS = LABS["lab02"].words
DRAWS = int(os.environ.get("DRAWS", "1"))


def judged(exercise: str, content: object) -> Verdict:
    """The verdict on what a kernel sent."""
    return judge(draw(exercise), content, EXERCISES[exercise][0])


def verdict_on(
    answer,
    exercise: str,
    seed: int = 0,
    beside: dict | None = None,
    question: Question | None = None,
) -> Verdict:
    """beside: names in the notebook; the reference's where none are given."""
    lab, entry = EXERCISES[exercise]
    names = dict(lab.names_beside(entry)) if beside is None else beside
    names[entry.answer] = answer
    question = question or draw(exercise, seed)
    with np.errstate(all="ignore"):  # of wrong answers, which may divide by 0
        answers = probe.answer(question.packed, entry.answer, names, lab.drivers)
        return judge(question, answers, lab)


@every_exercise
@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_reference_earns_everything_on_any_draw(exercise, seed, reference):
    verdict = verdict_on(reference(exercise), exercise, seed)
    assert verdict.earned == worth(exercise), verdict.as_text()


@every_exercise
@pytest.mark.parametrize("_", range(DRAWS))
def test_misconceptions_lose_what_they_break_and_are_called_by_name_on_any_draw(exercise, _):
    """On another one in each run; `grade check` has those that stay the same."""
    seed = secrets.randbits(32)
    question = draw(exercise, seed)
    for lab, wrong in MISCONCEPTIONS:
        if wrong.exercise == exercise:
            names = wrong.fresh(lab.reference_codes(exercise))
            verdict = verdict_on(names[wrong.asked], exercise, beside=names, question=question)
            what = f"seed {seed}, {wrong.definition.__name__}: {verdict.as_text()}"
            assert set(verdict.lost) == wrong.loses, what
            assert verdict.diagnosis.name == wrong.name, what


@every_exercise
def test_every_exercise_has_a_known_misconception(exercise):
    assert any(wrong.exercise == exercise for _, wrong in MISCONCEPTIONS)


def unfinished(*args, **kwargs):
    raise NotImplementedError


class Unfinished:
    """Called, it is like any stub of the hand-out, be it of a function or of the class."""

    __globals__: ClassVar = {"sliding_window_attention": unfinished}  # no more is what is beside it

    def __init__(self, *args, **kwargs):
        raise NotImplementedError

    def forward(self):
        raise NotImplementedError


@every_exercise
def test_a_stub_earns_nothing_and_is_called_not_started(exercise):
    verdict = verdict_on(Unfinished, exercise)
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
@every_exercise
def test_an_answer_without_work_earns_nothing(exercise, lazy):
    assert verdict_on(lazy, exercise).earned == 0


def packed(**changes):
    return {"values": {"pairs": probe.pack(np.array(7)) | changes}, "types": {"pairs": "int"}}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "all right",
        {},
        {"values": []},
        {"values": {}, "types": []},
        {"values": {"pairs": 3}, "types": {}},
        {"values": {"pairs": {"npy": "AAAA"}}, "types": {}},
        {"values": {"pairs": {"unfit": 3}}, "types": {}},
        {"values": {}, "types": {"pairs": ["int"]}},
        {"error": "oops"},
        {"error": {"kinds": [], "message": ""}},
        {"error": {"kinds": ["ValueError"], "message": 3}},
        {"error": {"kinds": [3], "message": ""}},
        {"values": {"pairs": {"text": 3}}, "types": {}},
        {"values": {"pairs": {"text": ["7"]}}, "types": {}},
        {"values": {"pairs": {"text": "7", "dtype": "<f8"}}, "types": {}},
        {"values": {"pairs": {"text": "7" * (probe.MAX_TEXT + 1)}}, "types": {}},
        {"values": {"pairs": {"text": "half a pair: \ud800"}}, "types": {}},
        packed(data="not base64"),
        packed(data="A" * (8 << 20)),
        packed(data=7),
        packed(dtype="|O"),
        packed(dtype="<U2"),
        packed(dtype="<c16"),
        packed(dtype="<f9"),
        packed(dtype="<f8,<f8"),
        packed(dtype=["<f8"]),
        packed(shape=[10**12]),
        packed(shape=[-1]),
        packed(shape=[0, 10**30]),
        packed(shape=[True]),
        packed(shape=[1] * 99),
        packed(shape={"0": 1}),
    ],
    ids=lambda answer: str(answer)[:60],
)
def test_what_the_probe_cannot_have_sent_is_forged(answer):
    verdict = judged("attended-pairs", [answer] * len(draw("attended-pairs").packed))
    assert (verdict.earned, verdict.status.value) == (0, "tampered")


@pytest.mark.parametrize(
    "content",
    [None, [], {}, "all right", [packed()] * 5, [packed()] * 999],
    ids=lambda c: str(c)[:9],
)
def test_so_are_answers_that_are_not_one_for_each_question(content):
    assert judged("attended-pairs", content).status.value == "tampered"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (np.nan, "expected"),
        (np.inf, "expected"),
        (np.full((1, 1), 7), "shape"),
        ("12", "is not an array of numbers (it is a text)"),
        (None, "is None: nothing was returned"),
        (3 + 4j, "is not an array of numbers"),
        ([[1], [2, 3]], "cannot be made into an array"),
        (np.zeros(1 << 20), "is too large"),
        (10**400, "is not an array of numbers"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_answer_is_told_apart_from_a_forged_one(value, problem):
    verdict = verdict_on(lambda *inputs: value, "attended-pairs")
    assert (verdict.earned, verdict.status.value) == (0, "graded")
    of_numbers = [m for m in verdict.marks if m.aspect != "an int"]  # it may well have this form
    assert all(problem in mark.problem for mark in of_numbers), verdict.as_text()


class Awkward:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")


class Mute(Exception):  # noqa: N818
    def __str__(self):
        raise RuntimeError("no message")


@pytest.mark.parametrize("thrown", [Mute(), SystemExit(3), RecursionError(), MemoryError()])
def test_whatever_an_answer_raises_costs_it_alone(thrown):
    def answer(seq_len, window_size):
        raise thrown

    verdict = verdict_on(answer, "attended-pairs")
    expected = "out of memory" if isinstance(thrown, MemoryError) else "graded"
    assert (verdict.earned, verdict.status.value) == (0, expected)
    assert type(thrown).__name__ in verdict.marks[0].problem


def test_an_object_that_refuses_to_be_an_array_is_a_wrong_answer():
    verdict = verdict_on(lambda *inputs: Awkward(), "attended-pairs")
    assert "cannot be made into an array" in verdict.marks[0].problem


@pytest.mark.parametrize(
    "exercise",
    [e for e, (_, known) in EXERCISES.items() if "bad input" in {a.name for a in known.aspects}],
)
def test_refusing_every_input_earns_nothing(exercise):
    """Not even by a message that names every argument and many numbers."""
    names = sorted({n for cases in draw(exercise).cases.values() for c in cases for n in c.inputs})

    class Refuse:
        def __init__(self, *args, **kwargs):
            raise ValueError(f"{', '.join(names)} {list(range(-99, 999))}")

    assert verdict_on(Refuse, exercise).earned == 0


def test_a_question_holds_no_answer():
    """What is sent to the kernel is inputs alone: no value of the reference is among them."""
    for exercise in EXERCISES:
        question = draw(exercise)
        names = {"driver", "returns", "by_name", "parts", "inputs"}
        assert all(set(case) == names for case in question.packed)


def test_inputs_differ_by_run_and_secret_and_can_be_drawn_again():
    def inputs(secret: bytes, draw: str):
        _, exercise = EXERCISES["window-mask"]
        return Question.of_run(exercise, secret, draw).packed

    assert inputs(b"a secret", "1") != inputs(b"another", "1"), (
        "who knows the draw knows the inputs"
    )
    assert inputs(b"a secret", "1") != inputs(b"a secret", "2"), "two runs asked the same"
    assert inputs(b"a secret", "1") == inputs(b"a secret", "1"), "they cannot be drawn again"


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
        (np.ones((1, 1, 1)), np.array([[[3.5]]]), "mask[0, 0, 0]: expected 3.5, got 1"),
        (np.array([[np.nan]]), np.array([[0.5]]), "mask at query 0, key 0: expected 0.5, got nan"),
    ],
)
def test_the_first_difference_is_told_in_words(got, expected, message):
    assert difference("mask", got, expected, WORDS) == message


def test_a_place_is_named_by_its_axes():
    got = np.zeros((2, 3, 4, 4))
    got[1, 2, 3, 0] = 0.25
    told = "weights at batch 1, head 2, query 3, key 0: expected 0, got 0.25"
    assert difference("weights", got, np.zeros_like(got), WORDS) == told
    assert "at head 2, query 3" in difference("weights", got[1], np.zeros_like(got[1]), WORDS)


PICTURE = ". X X\n. . X\n. . ."


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (PICTURE, ""),
        (
            ". X X\n. . .\n. . .",
            "line 2 (row 1): expected `. . X`, got `. . .`; the first difference is at sign 5",
        ),
        (
            ". X X\n. . X\n. . . ",
            "line 3 (row 2): expected `. . .`, got `. . . `; the first difference is at sign 6",
        ),
        (
            ". X X\r\n. . X\r\n. . .",
            "line 1 (row 0): expected `. X X`, got `. X X\\r`; the first difference is at sign 6",
        ),
        (
            "\x1b[2J. X X",
            "line 1 (row 0): expected `. X X`, got `\\x1b[2J. X X`; "
            "the first difference is at sign 1",
        ),
        (PICTURE + "\n", "all lines are right, but there is a newline at the end; expected none"),
        (PICTURE + "\n\n", "expected 3 lines, got 5 lines; those in both are the same"),
        (". X X", "expected 3 lines, got 1 line; those in both are the same"),
        ("", "line 1 (row 0): expected `. X X`, got ``; the first difference is at sign 1"),
        (np.array(7), "expected a text, got a number"),
        (np.zeros((3, 3)), "expected a text, got an array of shape (3, 3)"),
    ],
    ids=repr,
)
def test_the_first_line_of_a_text_that_differs_is_told_in_words(got, message):
    words = Words(axes={"picture": ("row",)})
    told = f"picture: {message}" if message else ""
    assert difference("picture", got, PICTURE, words) == told


def test_of_a_long_line_what_is_around_the_difference_is_shown():
    seen = difference("text", "a" * 5000 + "b", "a" * 5001, Words())
    assert "sign 5001" in seen
    assert len(seen) < 300


@given(st.text(), st.text())
def test_two_texts_are_the_same_or_their_difference_is_printable(got, expected):
    seen = difference("text", got, expected, Words())
    assert bool(seen) == (got != expected)
    assert seen.isprintable()


class Loud(str):
    """A text of a student's own, which says other things of itself."""

    __slots__ = ()

    def __eq__(self, other):
        return True

    def __str__(self):
        return "right"

    __hash__ = str.__hash__


class Pretender:
    """No text, whatever it says of its class."""

    __class__ = str  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (PICTURE, {"text": PICTURE}),
        (np.str_(PICTURE), {"text": PICTURE}),
        (Loud("wrong"), {"text": "wrong"}),
        ("nul \0 and \u202e", {"text": "nul \0 and \u202e"}),
        ("x" * probe.MAX_TEXT, {"text": "x" * probe.MAX_TEXT}),
        ("x" * (probe.MAX_TEXT + 1), {"unfit": "is too long (it is a text of 65537 characters)"}),
        ("\ud800", {"unfit": "is a text that UTF-8 cannot hold"}),
        (b". X", {"unfit": "is not an array of numbers (its dtype is |S3)"}),
        ([". X", ". ."], {"unfit": "is not an array of numbers (its dtype is <U3)"}),
    ],
    ids=lambda each: repr(each)[:40],
)
def test_a_text_is_shown_as_it_is_or_not_at_all(value, shown):
    seen = probe.show_value(value)
    assert seen == shown
    assert type(seen.get("text", "")) is str


def test_what_only_says_that_it_is_a_text_is_an_error_of_its_own():
    verdict = verdict_on(lambda *inputs: Pretender(), "attended-pairs")
    assert (verdict.earned, verdict.status.value) == (0, "graded")


def form_of(value) -> str:
    content = {"values": {"x": probe.show_value(value)}, "types": {"x": type(value).__name__}}
    return read_answers([content], 1)[0].form("x")


@pytest.mark.parametrize("value", [0.5, np.float64(0.5), np.float32(0.5), np.array(0.5)])
def test_a_single_float_is_one_in_any_form(value):
    assert form_of(value) == "a float"


@pytest.mark.parametrize("value", [0, True, np.array([0.5]), [0.5], "0.5"])
def test_what_is_no_single_float_is_told_apart(value):
    assert form_of(value) != "a float"


def test_a_text_is_one_in_any_form():
    assert form_of("x") == form_of(np.str_("x")) == form_of(Loud("x")) == "a text"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "signs: expected a text"),
        ([". X"], "of type list"),
        ("\ud800", "UTF-8"),
        ("x" * (1 << 17), "is too long"),
        (PICTURE, "expected `"),
    ],
    ids=lambda each: repr(each)[:20],
)
def test_what_is_wrong_with_a_text_is_said(value, problem):
    lab, entry = EXERCISES["mask-picture"]
    plain = replace(
        entry,
        aspects=(Aspect("the signs", 1.0, entry.aspects[0].cases, values=("signs",)),),
        returns=("signs",),
    )
    question = Question.draw(plain, np.random.default_rng(0))
    reference = lab.reference(entry)

    def told(answer):
        names = {plain.answer: answer}
        content = probe.answer(question.packed, plain.answer, names, {})
        return judge(question, content, lab, diagnosed=False)

    assert told(reference).lost == ()
    assert (told(lambda mask: value).earned, told(lambda mask: value).status.value) == (0, "graded")
    assert problem in told(lambda mask: value).as_text()


def test_a_large_count_that_is_off_by_one_is_wrong():
    assert difference("pairs", np.array(1_000_001), np.array(1_000_000), WORDS)


def test_a_wrong_mask_is_drawn_beside_the_right_one():
    expected = np.array([[False, True], [False, False]])
    got = np.array([[False, True], [True, False]])
    draw_mask = WORDS.pictures["mask"]
    assert draw_mask(got, expected).splitlines()[1:] == [" .  #      .  #", "[#] .      .  ."]
    assert draw_mask(got, np.zeros((3, 3), dtype=bool)) == "", "shapes that differ are not drawn"
    assert draw_mask(np.zeros((99, 99)), np.ones((99, 99))) == "", "nobody can look at so much"


def test_two_mistakes_at_once_are_not_called_by_the_name_of_one():
    def both(Q, K, V, mask):  # not scaled, and masked after the softmax
        scores = Q @ np.swapaxes(K, -1, -2)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = np.where(mask, 0, shares / shares.sum(axis=-1, keepdims=True))
        return weights @ V, weights

    verdict = verdict_on(both, "masked-attention")
    assert verdict.diagnosis.name == ""
    assert "No mistake that we know" in verdict.as_text()


def test_a_mistake_is_named_whether_or_not_bad_input_is_refused():
    def one_too_wide(seq_len, window_size):
        back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
        return (back < 0) | (back > window_size)

    verdict = verdict_on(one_too_wide, "window-mask")
    assert set(verdict.lost) == {"the window", "bad input"}
    assert verdict.diagnosis.name == "window one too wide"


def test_answers_in_other_forms_are_right_where_only_numbers_count(reference):
    """Lists, ints for bools and float32 arithmetic cost the dtype aspect at most."""
    create = reference("window-mask")
    as_lists = verdict_on(lambda *inputs: create(*inputs).tolist(), "window-mask")
    assert as_lists.lost == ("dtype",)

    attend = reference("masked-attention")

    def in_float32(Q, K, V, mask):
        output, weights = attend(*(a.astype(np.float32) for a in (Q, K, V)), mask)
        return output.astype(Q.dtype), weights.astype(Q.dtype)

    assert verdict_on(in_float32, "masked-attention").lost == ()


def test_a_verdict_can_be_read_as_text_and_as_html():
    verdict = verdict_on(lambda *inputs: 1 / 0, "window-mask")
    assert "raised ZeroDivisionError: division by zero" in verdict.as_text()
    assert "&lt;" in Verdict("<b>", ()).as_html(), "text of a student must not become HTML"
    assert Verdict.from_json(verdict.as_json()) == verdict
