"""Compare a student's answers with the reference's, aspect by aspect, outside the kernel."""

from dataclasses import replace
from typing import Any

from grading import probe
from grading.answers import Answer, ForgedError, read_answers
from grading.course import Course
from grading.diagnosis import diagnose
from grading.difference import difference, picture
from grading.exercise import Aspect, Case, Exercise, Question
from grading.status import Status
from grading.verdict import Diagnosis, Mark, Verdict

NOT_STARTED = "Not started: the answer still raises NotImplementedError."
FORGED = "What came back was not an answer to the question that was asked."


def judge(question: Question, content: Any, course: Course) -> Verdict:
    """The verdict on what one kernel sent in answer to one question."""
    exercise = question.exercise
    packed = question.packed()
    try:
        answers = read_answers(content, len(packed))
    except ForgedError:
        return nothing(exercise, FORGED, Status.TAMPERED)
    if all(answer.kinds[:1] == ("NotImplementedError",) for answer in answers):
        return nothing(exercise, NOT_STARTED)
    function = getattr(course.reference(exercise.module), exercise.answer)
    right = read_answers(probe.answer(packed, function), len(packed))
    given, expected = question.by_aspect(answers), question.by_aspect(right)
    marks = tuple(
        _mark(
            exercise,
            aspect,
            question.cases[aspect.name],
            given[aspect.name],
            expected[aspect.name],
        )
        for aspect in exercise.aspects
    )
    verdict = Verdict(exercise.id, marks, status=_status(answers))
    if not verdict.lost:
        return verdict
    known = diagnose(question, answers, verdict.lost, course.reference_codes(exercise.id))
    return replace(verdict, diagnosis=Diagnosis(known.name, known.hint) if known else Diagnosis())


def _mark(
    exercise: Exercise,
    aspect: Aspect,
    cases: list[Case],
    given: list[Answer],
    expected: list[Answer],
) -> Mark:
    """The mark for one aspect; what is told is the first thing wrong."""
    for case, answer, right in zip(cases, given, expected, strict=True):
        problem = _problem(exercise, aspect, case, answer, right)
        if problem:
            drawn = picture(answer.values.get("mask"), right.values.get("mask"))
            return Mark(aspect.name, aspect.points, passed=False, problem=problem, picture=drawn)
    return Mark(aspect.name, aspect.points, passed=True)


def _status(answers: list[Answer]) -> Status:
    if any("MemoryError" in answer.kinds for answer in answers):
        return Status.OUT_OF_MEMORY
    return Status.GRADED


def nothing(exercise: Exercise, note: str, status: Status = Status.GRADED) -> Verdict:
    """A verdict that earns nothing, for the reason given."""
    marks = tuple(Mark(aspect.name, aspect.points, passed=False) for aspect in exercise.aspects)
    return Verdict(exercise.id, marks, note, status)


def _problem(
    exercise: Exercise, aspect: Aspect, case: Case, answer: Answer, expected: Answer
) -> str:
    """What is wrong with one answer, or an empty string."""
    if case.refuses:
        seen = _refusal(*case.refuses, answer)
    else:
        seen = _first_wrong(exercise, aspect, case, answer, expected)
    return f"for {case}: {seen}" if seen else ""


def _refusal(name: str, value: Any, answer: Answer) -> str:
    wanted = f"expected a ValueError that names {name} and its value, {value}"
    if not answer.kinds:
        return f"{wanted}, got a result"
    if "ValueError" not in answer.kinds:
        return f"{wanted}, got {answer.error}"
    if name not in answer.message or str(value).strip("(),") not in answer.message:
        return f"{wanted}, got the message {answer.message!r}"
    return ""


def _first_wrong(
    exercise: Exercise, aspect: Aspect, case: Case, answer: Answer, expected: Answer
) -> str:
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
        seen = difference(name, got, right, region)
        if seen:
            return seen
    return ""
