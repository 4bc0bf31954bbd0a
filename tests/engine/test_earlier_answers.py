"""A mistake in an earlier answer is not charged again where a later one builds on it."""

import numpy as np
import pytest

from catalogue import EXERCISES, MISCONCEPTIONS, draw
from grading.judging.judge import judge
from grading.judging.verdict import Verdict
from grading.kernel import probe

BUILT_ON = [
    pytest.param(lab, wrong, later, id=f"{later.id} on {wrong.name}")
    for lab, wrong in MISCONCEPTIONS
    for later in lab.exercises.values()
    if wrong.asked in later.builds_on and wrong.exercise != later.id
]


def verdict_on(lab, exercise, names, lost_before=()) -> Verdict:
    question = draw(exercise.id)
    with np.errstate(all="ignore"):
        answers = probe.answer(question.packed, exercise.answer, names, lab.drivers)
        return judge(question, answers, lab, lost_before)


@pytest.mark.parametrize(("lab", "wrong", "later"), BUILT_ON)
def test_what_builds_on_a_wrong_answer_loses_nothing(lab, wrong, later):
    names = wrong.fresh(lab.reference_codes(later.id))
    verdict = verdict_on(lab, later, names, [wrong.exercise])
    assert verdict.lost == (), verdict.as_text()
    if verdict.not_charged:
        assert wrong.asked in verdict.not_charged
        assert wrong.exercise in verdict.not_charged


def test_what_is_wrong_whatever_it_builds_on_is_charged():
    lab, later = EXERCISES["block-mask"]
    names = dict(lab.names_beside(later))
    names["keys_of_block"] = lambda start, stop, window_size: (0, 0)
    names["block_mask"] = lambda start, stop, window_size: np.ones((3, 3), dtype=bool)
    assert len(verdict_on(lab, later, names).lost) == len(later.aspects)


def test_nothing_is_said_where_nothing_earlier_is_wrong():
    for lab, exercise in EXERCISES.values():
        assert verdict_on(lab, exercise, dict(lab.names_beside(exercise))).not_charged == ""
