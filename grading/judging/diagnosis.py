"""Name the misconception behind a wrong answer, if one explains all that was answered."""

import re
from typing import Any

import numpy as np

from grading.judging import probe
from grading.judging.answers import Answer, read_answers
from grading.judging.difference import difference
from grading.judging.exercise import Aspect, Case, Exercise
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.words import Words
from grading.judging.written import Misconception

PLAIN = Words()


def diagnose(
    question: Question, answers: list[Answer], lost: tuple[str, ...], lab: Lab
) -> Misconception | None:
    """The misconception of this exercise that gives these very answers, or None.

    lost: the aspects that these answers lose.
    """
    known = (m for m in lab.misconceptions if m.exercise == question.exercise.id)
    explaining = (
        m
        for m in known
        if (not m.unsteady or m.loses == set(lost)) and _explains(m, question, answers, lab)
    )
    return next(explaining, None)


def _explains(
    misconception: Misconception, question: Question, answers: list[Answer], lab: Lab
) -> bool:
    if misconception.unsteady:  # what it answers now is not what it answered then
        return _answers_the_same_differently(question, answers)
    wrong = misconception.fresh(lab.reference_codes(misconception.exercise))
    asked = [(a, case) for a in question.exercise.aspects for case in question.cases[a.name]]
    with np.errstate(all="ignore"):
        return all(  # up to the first case that tells them apart
            _same(question.exercise, aspect, given, _answer(packed, wrong, lab))
            for (aspect, case), packed, given in zip(asked, question.packed(), answers, strict=True)
            if not case.refuses or _is_about_refusals(misconception, question)
        )


def _answer(packed: dict[str, Any], wrong: Any, lab: Lab) -> Answer:
    (answer,) = read_answers(probe.answer([packed], wrong, lab.drivers), 1)
    return answer


def _is_about_refusals(misconception: Misconception, question: Question) -> bool:
    """Whether it shows in bad input alone. Any other may come with or without a check of input."""
    return all(any(c.refuses for c in question.cases[aspect]) for aspect in misconception.loses)


def _answers_the_same_differently(question: Question, answers: list[Answer]) -> bool:
    given = question.by_aspect(answers)
    return any(
        not _same(question.exercise, aspect, given[aspect.name][i], given[aspect.name][j])
        for aspect in question.exercise.aspects
        for i, j in _asked_again(question.cases[aspect.name])
    )


def _asked_again(cases: list[Case]) -> list[tuple[int, int]]:
    """Pairs of places at which the same inputs are asked."""
    return [
        (i, j) for j in range(len(cases)) for i in range(j) if cases[i].inputs is cases[j].inputs
    ]


def _same(exercise: Exercise, aspect: Aspect, one: Answer, other: Answer) -> bool:
    """Whether two answers are the same as far as the aspect looks."""
    if one.kinds or other.kinds:
        return one.kinds[:1] == other.kinds[:1] and _words(one.message) == _words(other.message)
    if aspect.exact_dtype and (one.types != other.types or _dtypes(one) != _dtypes(other)):
        return False
    return all(
        one.unfit[name] == other.unfit.get(name)
        if name in one.unfit
        else name in one.values
        and name in other.values
        and not difference(name, one.values[name], other.values[name], PLAIN)
        for name in aspect.values or exercise.returns
    )


def _words(message: str) -> str:
    """An error's message without its numbers, which depend on the student's own names and sizes."""
    return re.sub(r"\d+", "", message)


def _dtypes(answer: Answer) -> dict[str, str]:
    return {name: array.dtype.str for name, array in answer.values.items()}
