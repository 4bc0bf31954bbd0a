"""Compare a student's answers with the reference's, aspect by aspect, outside the kernel."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from grading.judging import probe
from grading.judging.answers import Answer, ForgedError, read_answers
from grading.judging.diagnosis import diagnose
from grading.judging.difference import difference
from grading.judging.exercise import Aspect, Case, Exercise
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.verdict import Diagnosis, Mark, Verdict
from grading.judging.words import Words
from grading.status import Status

NOT_STARTED = "Not started: the answer still raises NotImplementedError."
FORGED = "What came back was not an answer to the question that was asked."


def judge(question: Question, content: Any, lab: Lab) -> Verdict:
    """The verdict on what one kernel sent in answer to one question."""
    exercise = question.exercise
    packed = question.packed()
    try:
        answers = read_answers(content, len(packed))
    except ForgedError:
        return no_points(exercise, FORGED, Status.TAMPERED)
    if all(answer.kinds[:1] == ("NotImplementedError",) for answer in answers):
        return no_points(exercise, NOT_STARTED)
    reference = probe.answer(packed, lab.reference(exercise), lab.drivers)
    right = read_answers(reference, len(packed))
    given, expected = question.by_aspect(answers), question.by_aspect(right)
    marks = []
    for aspect in exercise.aspects:
        name = aspect.name
        tried = zip(question.cases[name], given[name], expected[name], strict=True)
        marks.append(_mark(exercise, aspect, tried, lab.words))
    verdict = Verdict(exercise.id, tuple(marks), status=_status(answers))
    if not verdict.lost:
        return verdict
    known = diagnose(question, answers, verdict.lost, lab)
    return replace(verdict, diagnosis=Diagnosis(known.name, known.hint) if known else Diagnosis())


def no_points(exercise: Exercise, note: str, status: Status = Status.GRADED) -> Verdict:
    """A verdict that earns nothing, for the reason given."""
    marks = tuple(Mark(aspect.name, aspect.points, passed=False) for aspect in exercise.aspects)
    return Verdict(exercise.id, marks, note, status)


def _mark(
    exercise: Exercise,
    aspect: Aspect,
    tried: Iterable[tuple[Case, Answer, Answer]],
    words: Words,
) -> Mark:
    """The mark for one aspect; what is told is the first thing wrong.

    tried: each case with the answer that was given and the right one.
    """
    for case, answer, right in tried:
        seen = _problem(exercise, aspect, case, answer, right, words)
        if seen:
            problem = f"for {words.inputs(case.inputs)}: {seen}"
            picture = words.picture(answer.values, right.values)
            return Mark(aspect.name, aspect.points, passed=False, problem=problem, picture=picture)
    return Mark(aspect.name, aspect.points, passed=True)


def _status(answers: list[Answer]) -> Status:
    if any("MemoryError" in answer.kinds for answer in answers):
        return Status.OUT_OF_MEMORY
    return Status.GRADED


def _problem(
    exercise: Exercise, aspect: Aspect, case: Case, answer: Answer, expected: Answer, words: Words
) -> str:
    """What is wrong with one answer, or an empty string."""
    if case.refuses:
        return _refusal(*case.refuses, answer)
    if answer.kinds:
        return f"raised {answer.error}"
    if case.accepted:
        return ""
    region = aspect.region(case.inputs) if aspect.region else None
    for name in aspect.values or exercise.returns:
        right, got = expected.values[name], answer.values.get(name)
        if got is None:
            return f"{name} {answer.unfit.get(name, 'is missing')}"
        if aspect.exact_dtype:
            kind, right_kind = answer.types.get(name), expected.types[name]
            if kind != right_kind or got.dtype != right.dtype:
                return f"{name}: expected {right_kind} of {right.dtype}, got {kind} of {got.dtype}"
        seen = difference(name, got, right, words, region)
        if seen:
            return seen
    return ""


def _refusal(name: str, value: Any, answer: Answer) -> str:
    wanted = f"expected a ValueError that names {name} and its value, {value}"
    if not answer.kinds:
        return f"{wanted}, got a result"
    if "ValueError" not in answer.kinds:
        return f"{wanted}, got {answer.error}"
    if name not in answer.message or str(value).strip("(),") not in answer.message:
        return f"{wanted}, got the message {answer.message!r}"
    return ""
