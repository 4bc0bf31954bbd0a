"""An answer that calls earlier ones, in whatever way: its own work is what is judged."""

from typing import Any

import pytest

from catalogue import EXERCISES, ROOT, draw
from grading.course import Course
from grading.judging.judge import judge
from grading.kernel import probe
from grading.proof.self_checks import self_checks

EARLIER = """
from functools import lru_cache, partial

import numpy as np


def create_local_mask(n, w):
    back = np.subtract.outer(np.arange(n), np.arange(n))
    return (back < 0) | (back >= w + {slip})


def create_strided_mask(n, stride):
    back = np.subtract.outer(np.arange(n), np.arange(n))
    return (back < 0) | (back % stride != 0)
"""
FORMS = {
    "by position": "return create_local_mask(n, w) & create_strided_mask(n, s)",
    "by its own names": "return create_local_mask(n, w=w) & create_strided_mask(stride=s, n=n)",
    "unpacked": "return create_local_mask(*(n, w)) & create_strided_mask(**{'n': n, 'stride': s})",
    "from a list": "return KEPT[0](n, w) & KEPT[1](n, s)",
    "partial": "return LOCAL(n, w) & STRIDED(n, s)",
    "by another name": "return other(n, w) & create_strided_mask(n, s)",
    "as a default": "return local(n, w) & create_strided_mask(n, s)",
    "no more than the length": (
        "return create_local_mask(n, min(n, w) if n > 0 else w)"
        " & create_strided_mask(n, min(n, s) if n > 0 else s)"
    ),
}
COMBINED = """
KEPT = [create_local_mask, create_strided_mask]
LOCAL, STRIDED = partial(create_local_mask), partial(create_strided_mask)
other = create_local_mask


def create_combined_mask(n, w, s, local=create_local_mask):
    for name, value in (("seq_len", n), ("window_size", w), ("stride", s)):
        if value < 1:
            raise ValueError(f"{name} is {value}; it must be at least 1")
    FORM
"""


def names(form: str, slip: int) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(EARLIER.format(slip=slip) + COMBINED.replace("FORM", FORMS[form]), space)
    return space


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("slip", [0, 1], ids=["right", "earlier one wrong"])
def test_a_mistake_in_an_earlier_answer_costs_nothing_here(form, slip):
    lab, exercise = EXERCISES["combined-mask"]
    question = draw(exercise.id)
    space = names(form, slip)
    before = space["create_local_mask"].__code__
    answers = probe.answer(question.packed, exercise.answer, space, lab.drivers)
    verdict = judge(question, answers, lab)
    assert not verdict.lost, verdict.as_text()
    assert space["create_local_mask"].__code__ is before, "all is as it was"


@pytest.mark.parametrize("form", FORMS)
def test_the_self_check_sees_it_so_too(form):
    space = names(form, slip=1)
    said = self_checks(Course(ROOT), "lab01")("combined-mask", space["create_combined_mask"])
    assert not said
