"""Compare a student's answers with the reference's, aspect by aspect.

Nothing here runs in the kernel, and nothing from the kernel is trusted: answers are parsed as data.
"""

from typing import Any

import numpy as np

from grading import probe
from grading.course import Course
from grading.exercise import Aspect, Case, Exercise, Question
from grading.verdict import Mark, Verdict

# Wide enough for float32 arithmetic written in another order, far too narrow for a mistake.
RTOL, ATOL = 1e-4, 1e-5
MAX_BYTES = 1 << 20

NOT_STARTED = "Not started: the answer still raises NotImplementedError."

AXES = {
    "mask": ("query", "key"),
    "weights": ("query", "key"),
    "output": ("position", "feature"),
}


def judge(question: Question, answers: Any, course: Course) -> Verdict:
    """The verdict on the answers that one kernel gave to one question."""
    exercise = question.exercise
    if not isinstance(answers, list) or len(answers) != len(question.packed()):
        return nothing(exercise, "The notebook gave no answer to this exercise.")
    if all(_kinds(answer)[:1] == ["NotImplementedError"] for answer in answers):
        return nothing(exercise, NOT_STARTED)
    function = getattr(course.reference(exercise.module), exercise.answer)
    expected = question.by_aspect(probe.answer(question.packed(), function))
    given = question.by_aspect(answers)
    marks = []
    for aspect in exercise.aspects:
        trials = zip(
            question.cases[aspect.name], given[aspect.name], expected[aspect.name], strict=True
        )
        problem = next(filter(None, (_problem(exercise, aspect, *trial) for trial in trials)), "")
        marks.append(Mark(aspect.name, aspect.points, passed=not problem, problem=problem))
    return Verdict(exercise.id, tuple(marks))


def nothing(exercise: Exercise, note: str) -> Verdict:
    """A verdict that earns nothing, for the reason given."""
    marks = tuple(Mark(aspect.name, aspect.points, passed=False) for aspect in exercise.aspects)
    return Verdict(exercise.id, marks, note)


def _problem(exercise: Exercise, aspect: Aspect, case: Case, answer: Any, expected: Any) -> str:
    """What is wrong with one answer, or an empty string."""
    seen = (
        _refusal(case, answer)
        if case.blames
        else _first_wrong(exercise, aspect, case, answer, expected)
    )
    return f"for {case}: {seen}" if seen else ""


def _refusal(case: Case, answer: Any) -> str:
    kinds = _kinds(answer)
    if not kinds:
        return f"expected a ValueError that names {case.blames}, got a result"
    if "ValueError" not in kinds:
        return f"expected a ValueError that names {case.blames}, got {_error(answer)}"
    if str(case.blames) not in answer["error"]["message"]:
        return f"the ValueError does not name {case.blames}: {answer['error']['message']!r}"
    return ""


def _first_wrong(exercise: Exercise, aspect: Aspect, case: Case, answer: Any, expected: Any) -> str:
    if _kinds(answer):
        return f"raised {_error(answer)}"
    region = aspect.region(case.inputs) if aspect.region else None
    for name in aspect.values or exercise.returns:
        right = probe.unpack(expected["values"][name])
        try:
            got = _array(answer["values"][name])
        except (KeyError, TypeError, ValueError):
            return f"{name} is missing or is not an array of numbers"
        if aspect.exact_dtype:
            kind = answer.get("types", {}).get(name)
            if kind != expected["types"][name] or got.dtype != right.dtype:
                wanted = f"{expected['types'][name]} of {right.dtype}"
                return f"{name}: expected {wanted}, got {str(kind)[:40]} of {got.dtype}"
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


def _array(packed: Any) -> np.ndarray:
    """A numeric array from the kernel. Raises ValueError for anything else."""
    if not isinstance(packed, dict) or len(packed.get("npy", "")) > MAX_BYTES:
        raise ValueError("no array, or one that is too large")
    array = probe.unpack(packed)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"dtype {array.dtype} is no number")
    return array


def _kinds(answer: Any) -> list[str]:
    """Names of the exception's classes, most special first; empty for a result."""
    try:
        return [str(kind) for kind in answer["error"]["kinds"]]
    except (KeyError, TypeError):
        return []


def _error(answer: Any) -> str:
    return f"{_kinds(answer)[0]}: {answer['error']['message']}"
