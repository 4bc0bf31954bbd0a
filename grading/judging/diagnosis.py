"""Name the misconception behind a wrong answer, if one explains all that was answered."""

import re
from contextlib import redirect_stdout

import numpy as np

from grading.judging.answers import Answer, read_answers
from grading.judging.difference import difference
from grading.judging.exercise import Aspect, Case, Exercise
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.words import Words
from grading.judging.written import Misconception
from grading.kernel import probe

PLAIN = Words()


def diagnose(
    question: Question, answers: list[Answer], lost: tuple[str, ...], lab: Lab
) -> Misconception | None:
    """The misconception of this exercise that gives these very answers, or None.

    lost: the aspects that these answers lose.
    """
    known = [
        m
        for m in lab.misconceptions
        if m.exercise == question.exercise.id and _loses_the_same(m, question, set(lost))
    ]
    rounds = len(question.rounds(answers))
    for needed in range(rounds, 0, -1):  # a mistake before it may spoil one round, not the other
        explaining = (m for m in known if _explains(m, question, answers, lab, needed))
        if found := next(explaining, None):
            return found
    return None


def _loses_the_same(misconception: Misconception, question: Question, lost: set[str]) -> bool:
    """Whether it breaks what is lost; but for refusals, which any but some come with or without."""
    if misconception.unsteady or _is_about_refusals(misconception, question):
        return misconception.loses == lost
    refusals = {name for name, cases in question.cases.items() if any(c.refuses for c in cases)}
    return misconception.loses - refusals == lost - refusals


def _explains(
    misconception: Misconception, question: Question, answers: list[Answer], lab: Lab, needed: int
) -> bool:
    """Whether it gives all the answers of so many rounds."""
    if misconception.unsteady:  # what it answers now is not what it answered then
        return _answers_the_same_differently(question, answers)
    known = question.known(misconception.definition, lambda: _Known(misconception, question, lab))
    about_refusals = _is_about_refusals(misconception, question)

    def same(aspect: Aspect, case: Case, place: int, given: Answer) -> bool:
        if case.refuses and not about_refusals:
            return True
        wrong = known.answer(place)
        if case.refuses:  # how a student words it says nothing
            return wrong.kinds[:1] == given.kinds[:1]
        return _same(question.exercise, aspect, given, wrong)

    asked = [(a, case) for a in question.exercise.aspects for case in question.cases[a.name]]
    tried = list(enumerate(answers))
    rounds = (tried[i : i + len(asked)] for i in range(0, len(tried), len(asked)))
    with np.errstate(all="ignore"):
        explained = sum(  # up to the first case that tells them apart
            all(same(*case, *each) for case, each in zip(asked, one_round, strict=True))
            for one_round in rounds
        )
    return explained >= needed


class _Known:
    """The answers of a misconception to a question, each computed when it is looked at."""

    def __init__(self, misconception: Misconception, question: Question, lab: Lab) -> None:
        self._names = misconception.fresh(lab.reference_codes(misconception.exercise))
        self._asked, self._packed, self._drivers = misconception.asked, question.packed, lab.drivers
        self._answers: dict[int, Answer] = {}

    def answer(self, place: int) -> Answer:
        if place not in self._answers:
            packed = [self._packed[place]]
            with redirect_stdout(None):  # to print is a mistake, too, and not for the terminal
                content = probe.answer(packed, self._asked, self._names, self._drivers)
            self._answers[place] = read_answers(content, 1)[0]
        return self._answers[place]


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
    return all(
        not difference(name, one.values[name], other.values[name], PLAIN)
        if name in one.values and name in other.values
        else (name in one.values, one.unfit.get(name))
        == (name in other.values, other.unfit.get(name))
        for name in names
    )


def _form(answer: Answer, name: str) -> str:
    return answer.form(name) if name in answer.values else answer.unfit.get(name, "")


def _words(message: str) -> str:
    """An error's message without its numbers, which depend on the student's own names and sizes."""
    return re.sub(r"\d+", "", message)
