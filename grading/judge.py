"""Compare a student's answers with the reference's, aspect by aspect, outside the kernel."""

from typing import Any

import numpy as np

from grading import probe
from grading.answers import Answer, ForgedError, read_answers
from grading.course import Course
from grading.exercise import Aspect, Case, Exercise, Question
from grading.status import Status
from grading.verdict import Mark, Verdict

# Wide enough for float32 arithmetic written in another order, far too narrow for a mistake.
RTOL, ATOL = 1e-4, 1e-5

NOT_STARTED = "Not started: the answer still raises NotImplementedError."
FORGED = "What came back was not an answer to the question that was asked."

AXES = {
    "mask": ("query", "key"),
    "weights": ("query", "key"),
    "output": ("position", "feature"),
}


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
    marks = []
    for aspect in exercise.aspects:
        trials = zip(
            question.cases[aspect.name], given[aspect.name], expected[aspect.name], strict=True
        )
        problem = next(filter(None, (_problem(exercise, aspect, *trial) for trial in trials)), "")
        marks.append(Mark(aspect.name, aspect.points, passed=not problem, problem=problem))
    return Verdict(exercise.id, tuple(marks), status=_status(answers))


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


def difference(
    name: str, got: np.ndarray, expected: np.ndarray, region: np.ndarray | None = None
) -> str:
    """The first entry (inside the region) where got is not expected, in words; "" when none."""
    if got.shape != expected.shape:
        return f"{name}: expected shape {expected.shape}, got {got.shape}"
    with np.errstate(all="ignore"):  # of infinite numbers, which a student may return
        wrong = ~np.isclose(got, expected, RTOL, ATOL)
    if region is not None:
        wrong &= region
    if not wrong.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"{_place(name, first)}: expected {_shown(expected[first])}, got {_shown(got[first])}"


def _place(name: str, index: tuple[int, ...]) -> str:
    if not index:
        return name
    axes = AXES.get(name)
    if axes is None:
        return f"{name}[{', '.join(map(str, index))}]"
    leading = [f"[{', '.join(map(str, index[:-2]))}]"] if len(index) > 2 else []
    last = ", ".join(f"{axis} {i}" for axis, i in zip(axes, index[-2:], strict=True))
    return f"{''.join([name, *leading])} at {last}"


def _shown(value: Any) -> str:
    if isinstance(value, np.bool_):
        return "blocked (True)" if value else "open (False)"
    return f"{value:.4g}"
