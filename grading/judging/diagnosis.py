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
    possible = (m for m in known if _may_explain(m, question, set(lost)))
    return next((m for m in possible if _explains(m, question, answers, lab)), None)


def _may_explain(misconception: Misconception, question: Question, lost: set[str]) -> bool:
    """Whether it loses nothing that is not lost; and where that says most of it, the same."""
    if misconception.unsteady or _is_about_refusals(misconception, question):
        return misconception.loses == lost
    return misconception.loses <= lost


def _explains(
    misconception: Misconception, question: Question, answers: list[Answer], lab: Lab
) -> bool:
    """Whether it gives all the answers of one round: a mistake before it may spoil the other.

    If it is about bad input, all else is right, and need not be looked at again.
    """
    if misconception.unsteady:  # what it answers now is not what it answered then
        return _answers_the_same_differently(question, answers)
    names = misconception.fresh(lab.reference_codes(misconception.exercise))
    about_refusals = _is_about_refusals(misconception, question)

    def same(aspect: Aspect, case: Case, packed: dict[str, Any], given: Answer) -> bool:
        if aspect.name not in misconception.loses if about_refusals else case.refuses:
            return True
        wrong = read_answers(probe.answer([packed], misconception.asked, names, lab.drivers), 1)[0]
        if case.refuses or case.accepted:  # how a student words it says nothing
            return wrong.kinds[:1] == given.kinds[:1]
        return _same(question.exercise, aspect, given, wrong)

    asked = [(a, case) for a in question.exercise.aspects for case in question.cases[a.name]]
    tried = list(zip(question.packed(), answers, strict=True))
    rounds = (tried[i : i + len(asked)] for i in range(0, len(tried), len(asked)))
    with np.errstate(all="ignore"):
        return any(  # up to the first case that tells them apart
            all(same(*case, *each) for case, each in zip(asked, one_round, strict=True))
            for one_round in rounds
        )


def _is_about_refusals(misconception: Misconception, question: Question) -> bool:
    """Whether it shows in bad input alone. Any other may come with or without a check of input."""
    return all(any(c.refuses for c in question.cases[aspect]) for aspect in misconception.loses)


def _answers_the_same_differently(question: Question, answers: list[Answer]) -> bool:
    given, *_ = question.rounds(answers)
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
    names = aspect.values or exercise.returns
    if aspect.exact_dtype:
        return all(_form(one, name) == _form(other, name) for name in names)
    return all(_alike(one, other, name) for name in names)


def _alike(one: Answer, other: Answer, name: str) -> bool:
    """Whether a value is the same, unfit for the same reason, or missing, in both answers."""
    if name in one.values and name in other.values:
        return not difference(name, one.values[name], other.values[name], PLAIN)
    are_there = name in one.values or name in other.values
    return not are_there and one.unfit.get(name) == other.unfit.get(name)


def _form(answer: Answer, name: str) -> str:
    return answer.form(name) if name in answer.values else answer.unfit.get(name, "")


def _words(message: str) -> str:
    """An error's message without its numbers, which depend on the student's own names and sizes."""
    return re.sub(r"\d+", "", message)
