"""A lab's own code tried on its own right answers: what breaks there is the lab's, no student's."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from grading.judging.exercise import Case, Exercise
from grading.judging.judge import judge
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.kernel import probe


def rehearse(lab: Lab) -> Iterator[tuple[str, str]]:
    """What an author must mend, as the notebook it belongs to and a sentence for each."""
    for notebook, exercise in lab.entries:
        for problem in _misnamed(exercise, lab) or _misbehaving(exercise, lab):
            yield notebook, f"{exercise.id}: {problem}"
    for wrong in lab.misconceptions:
        notebook = lab.notebook_of(wrong.exercise)
        known = [aspect.name for aspect in lab.exercises[wrong.exercise].aspects]
        for aspect in sorted(wrong.loses - set(known)):
            none = f"{wrong.name!r} loses {aspect!r}, which is no aspect of it. Known: "
            yield notebook, f"{wrong.exercise}: {none}{', '.join(known)}."


def _misnamed(exercise: Exercise, lab: Lab) -> list[str]:
    """Names in an entry that stand for nothing, or for two things."""
    lab.reference(exercise)  # raises CourseError where there is none
    found = []
    if not isinstance(exercise.returns, tuple):
        found.append(f"returns is {exercise.returns!r}; write a tuple, with a comma.")
    names = Counter(aspect.name for aspect in exercise.aspects)
    found += [f"two aspects are called {name!r}." for name, n in names.items() if n > 1]
    for driver in dict.fromkeys([exercise.driver, *(a.driver for a in exercise.aspects)]):
        if driver and driver not in lab.drivers:
            found.append(f"drivers.py has no function {driver!r}.")
    for name in exercise.builds_on:
        if name not in lab.stand_ins:
            found.append(f"it builds on {name!r}, for which STAND_INS in drivers.py has nothing.")
    return found


def _misbehaving(exercise: Exercise, lab: Lab) -> Iterator[str]:
    """The first thing that fails when the reference is asked as a student is, and judged."""
    for aspect in exercise.aspects:
        try:
            cases = aspect.cases(np.random.default_rng(0))
        except Exception as error:
            yield f"the cases of {aspect.name!r} cannot be drawn: {_brief(error)}"
            return
        if not cases or not all(isinstance(case, Case) for case in cases):
            yield f"the cases of {aspect.name!r} are {cases!r}; a list of Case is wanted."
            return
    question = Question.draw(exercise, np.random.default_rng(0))
    names, packed = lab.names_beside(exercise), question.packed
    answers = probe.answer(packed, exercise.answer, names, lab.drivers)
    by_name = [case | {"by_name": list(case["inputs"])} for case in packed]
    if answers != probe.answer(by_name, exercise.answer, names, lab.drivers):
        yield (
            "its inputs are given by position: list them in the order of the answer's parameters, "
            "and in by_name what stands behind the *."
        )
        return
    given, *_ = question.rounds(answers)
    for aspect in exercise.aspects:
        wanted = aspect.values or exercise.returns
        for case, answer in zip(question.cases[aspect.name], given[aspect.name], strict=True):
            problem = "" if case.refuses else _not_shown(answer, () if case.accepted else wanted)
            if problem:
                yield f"in {aspect.name!r}, {problem}"
                return
    try:
        verdict = judge(question, answers, lab)
    except Exception as error:
        yield f"its own reference cannot be judged: {_brief(error)}"
    else:
        problems = (mark for mark in verdict.marks if not mark.passed)
        yield from (f"its own reference loses {m.aspect!r}: {m.problem}" for m in problems)


def _not_shown(answer: dict[str, Any], wanted: tuple[str, ...]) -> str:
    """Why a call of the reference does not show what is compared, or an empty string."""
    if "error" in answer:
        return f"the reference raises {answer['error']['kinds'][0]}: {answer['error']['message']}"
    for name in wanted:
        if name not in answer["values"]:
            return f"{name!r} is compared, but the call shows only: {', '.join(answer['values'])}."
        shown = answer["values"][name]
        if "unfit" in shown:
            return (
                f"{name!r} {shown['unfit']}, which cannot be compared: let a driver show it as "
                "numbers or as a text."
            )
    return ""


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
