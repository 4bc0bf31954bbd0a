"""Compare a student's answers with the reference's, aspect by aspect, outside the kernel."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from grading.judging.answers import Answer, ForgedError, read_answers
from grading.judging.diagnosis import diagnose
from grading.judging.difference import difference
from grading.judging.exercise import Aspect, Case, Exercise
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.verdict import Diagnosis, Mark, Verdict
from grading.judging.words import Value, Words
from grading.kernel import probe
from grading.status import Status

NOT_STARTED = "Not started: the answer still raises NotImplementedError."
FORGED = "What came back was not an answer to the question that was asked."


def judge(
    question: Question,
    content: Any,
    lab: Lab,
    lost_before: Collection[str] = (),
    *,
    diagnosed: bool = True,
) -> Verdict:
    """The verdict on what one kernel sent in answer to one question.

    lost_before: earlier exercises of the notebook that lost points, for what is said.
    diagnosed: whether a misconception is looked for, or the marks are all that is wanted.
    """
    exercise = question.exercise
    try:
        answers = read_answers(content, len(question.packed))
    except ForgedError:
        return no_points(exercise, FORGED, Status.TAMPERED)
    if all(answer.kinds[:1] == ("NotImplementedError",) for answer in answers):
        return no_points(exercise, NOT_STARTED)
    right = question.known(exercise.answer, lambda: _right_answers(question, lab))
    own, *others = (
        _marks(question, given, expected, lab.words)
        for given, expected in zip(question.rounds(answers), question.rounds(right), strict=True)
    )
    marks = _with_substance(
        question,
        [
            next((mark for mark in tried if mark.passed), tried[0])
            for tried in zip(own, *others, strict=True)
        ],
    )
    not_charged = [m.aspect for i, m in enumerate(marks) if m.passed and not own[i].passed]
    verdict = Verdict(
        exercise.id,
        marks,
        status=_status(answers),
        not_charged=_not_charged(exercise, not_charged, lab, lost_before) if not_charged else "",
    )
    if not verdict.lost or not diagnosed:
        return verdict
    known = diagnose(question, answers, verdict.lost, lab)
    return replace(verdict, diagnosis=Diagnosis(known.name, known.hint) if known else Diagnosis())


def _right_answers(question: Question, lab: Lab) -> list[Answer]:
    """What the reference answers."""
    exercise, names = question.exercise, lab.names_beside(question.exercise)
    content = probe.answer(question.packed, exercise.answer, names, lab.drivers)
    return read_answers(content, len(question.packed))


def _marks(
    question: Question,
    given: dict[str, list[Answer]],
    expected: dict[str, list[Answer]],
    words: Words,
) -> list[Mark]:
    """One for each aspect."""
    return [
        _mark(
            question.exercise,
            aspect,
            zip(
                question.cases[aspect.name], given[aspect.name], expected[aspect.name], strict=True
            ),
            words,
        )
        for aspect in question.exercise.aspects
    ]


def _with_substance(question: Question, marks: list[Mark]) -> tuple[Mark, ...]:
    """Where nothing but the form of an answer is right, that is worth nothing."""
    is_form = {a.name: a.is_form for a in question.exercise.aspects}
    is_refusal = {name: any(c.refuses for c in cases) for name, cases in question.cases.items()}
    if any(m.passed for m in marks if not is_form[m.aspect] and not is_refusal[m.aspect]):
        return tuple(marks)
    return tuple(
        replace(mark, passed=False, problem="counts as soon as something else is right")
        if mark.passed and is_form[mark.aspect]
        else mark
        for mark in marks
    )


def _not_charged(
    exercise: Exercise, aspects: list[str], lab: Lab, lost_before: Collection[str]
) -> str:
    """Why these aspects are right, although they are not with what the student wrote before."""
    earlier = {e.id: e.answer for e in lab.exercises.values() if e.answer in exercise.builds_on}
    wrong = {name: answer for name, answer in earlier.items() if name in lost_before}
    names = " or ".join(dict.fromkeys(wrong.values() or exercise.builds_on))
    has_its_points = f", which has its points in {', '.join(wrong)}" if wrong else ""
    return (
        f"Right with another function in place of your {names}, and not with your own: "
        f"{', '.join(aspects)}. Nothing is taken off for that here. Mend {names} "
        f"first{has_its_points}."
    )


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
            return _unfit(name, answer, right)
        if aspect.exact_dtype:
            seen = _other_form(name, answer, expected)
        else:
            seen = difference(name, got, right, words, region)
        if seen:
            return seen
    return ""


def _unfit(name: str, answer: Answer, expected: Value) -> str:
    """What is in the place of a value that is neither numbers nor a text."""
    seen = answer.unfit.get(name, "is missing")
    if isinstance(expected, str) and "text" not in seen and name in answer.types:
        return f"{name}: expected a text, got a value of type {answer.types[name]}"
    return f"{name} {seen}"


def _other_form(name: str, answer: Answer, expected: Answer) -> str:
    """Where the type, the dtype or the shape of a value is another. Any integers are integers."""
    got, right = answer.form(name), expected.form(name)
    return "" if got == right else f"{name}: expected {right}, got {got}"


def _refusal(name: str, value: Any, answer: Answer) -> str:
    wanted = f"expected a ValueError that names {name} and its value, {value}"
    if not answer.kinds:
        return f"{wanted}, got a result"
    if "ValueError" not in answer.kinds:
        return f"{wanted}, got {answer.error}"
    if name not in answer.message or str(value).strip("(),") not in answer.message:
        return f"{wanted}, got the message {answer.message!r}"
    return ""
