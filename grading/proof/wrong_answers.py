"""Wrong answers beside the judge: every misconception, and every mutant of right ones."""

import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any
from zlib import crc32

import numpy as np

from grading.batch.process import TookTooLongError, in_time
from grading.course import Course
from grading.judging.exercise import Exercise
from grading.judging.judge import judge, no_points
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.verdict import Verdict
from grading.judging.written import Misconception
from grading.kernel import probe
from grading.proof.mutants import Mutant
from grading.proof.originals import Original, originals
from grading.proof.self_checks import Check
from grading.proof.trial import CHECKS, MUTANTS, SECONDS, WRONG, Trial
from grading.status import Status

DRAWS = 5  # of inputs; each misconception is judged on one of them


def wrong_answers(
    course: Course, lab: Lab, check: Check, exercises: list[Exercise]
) -> Iterator[Callable[[], Iterator[Trial]]]:
    """What tries the wrong answers to these exercises, one after the other."""
    for exercise in exercises:
        of_exercise = (wrong for wrong in lab.misconceptions if wrong.exercise == exercise.id)
        for wrong in sorted(of_exercise, key=_draw):
            yield partial(of_misconception, wrong, lab, check)
    for original in originals(course, lab):
        let_pass = lab.equivalent.get(original.name, {})
        if any(exercise in exercises for exercise in original.answers):
            for mutant in original.mutants():
                of = of_equivalent if str(mutant) in let_pass else of_mutant
                yield partial(of, mutant, original, lab, check)


def let_pass_for_nothing(course: Course, lab: Lab) -> Iterator[str]:
    """A line for each mutant that a lab lets pass and that is none of its right answers'."""
    known = {each.name: set(map(str, each.mutants())) for each in originals(course, lab)}
    for name, let_pass in lab.equivalent.items():
        for mutant in sorted(set(let_pass) - known.get(name, set())):
            yield f"an equivalent.py lets pass what is no mutant of {name}: {mutant}"


def of_misconception(wrong: Misconception, lab: Lab, check: Check) -> Iterator[Trial]:
    """It loses exactly what it breaks, is called by its name, and the self-check sees it."""
    problem = misjudged(wrong, lab, _draw(wrong))
    yield Trial(wrong.exercise, WRONG, not problem, problem)
    said = check(wrong.exercise, wrong.fresh(lab.reference_codes(wrong.exercise))[wrong.asked])
    misnamed = said and wrong.says not in said
    problem = f"the self-check says of {wrong.name!r}: {said}" if misnamed else ""
    yield Trial(wrong.exercise, CHECKS, bool(said), problem)


def _draw(wrong: Misconception) -> str:
    return str(crc32(wrong.definition.__name__.encode()) % DRAWS)


def misjudged(wrong: Misconception, lab: Lab, draw: str) -> str:
    """What the judge gets wrong about a misconception, on one draw."""
    names = wrong.fresh(lab.reference_codes(wrong.exercise))
    verdict = _judged(names, lab.exercises[wrong.exercise], lab, draw)
    if set(verdict.lost) != wrong.loses:
        return (
            f"{wrong.name!r} loses {', '.join(verdict.lost) or 'nothing'}; "
            f"it should lose {', '.join(sorted(wrong.loses))}"
        )
    called = verdict.diagnosis.name if verdict.diagnosis else ""
    return "" if called == wrong.name else f"{wrong.name!r} is called {called or 'nothing'!r}"


def of_mutant(mutant: Mutant, original: Original, lab: Lab, check: Check) -> Iterator[Trial]:
    """It is caught. It counts for the first exercise that notices it."""
    asked = _asked(mutant, original)
    exercises = dict.fromkeys((*asked, *original.answers, *original.others))
    noticed = next((each for each in exercises if _notices(each, mutant, lab)), None)
    problem = "" if noticed else f"this mutant of {original.name} earns everything: {mutant}"
    first = noticed or asked[0]
    yield Trial(first.id, MUTANTS, bool(noticed), problem)
    said = _said(mutant, asked, check)
    misnamed = (
        message
        for exercise, message in said
        if message.startswith("CheckFailed") and not _names_something(message, exercise, lab)
    )
    of = ", ".join(sorted(_spoken_of(first, lab)))
    problem = next(
        (f"the self-check says of {mutant}, with none of the words {of}: {m}" for m in misnamed), ""
    )
    yield Trial(first.id, CHECKS, bool(said), problem)


def of_equivalent(mutant: Mutant, original: Original, lab: Lab, check: Check) -> Iterator[Trial]:
    """What costs nothing, no visible check refuses: marks are never laxer than what is seen."""
    for exercise, message in _said(mutant, _asked(mutant, original), check):
        problem = f"the self-check refuses what may earn everything, {mutant}: {message}"
        yield Trial(exercise.id, CHECKS, False, problem)


def _asked(mutant: Mutant, original: Original) -> tuple[Exercise, ...]:
    """The exercises that ask for what was changed; of a part of answers, all of them."""
    named = tuple(e for e in original.answers if e.answer == mutant.definition)
    return named or original.answers


def _said(
    mutant: Mutant, exercises: tuple[Exercise, ...], check: Check
) -> list[tuple[Exercise, str]]:
    """What visible checks refuse, with their words."""
    said = [(each, check(each.id, mutant.names()[each.answer])) for each in exercises]
    return [(exercise, message) for exercise, message in said if message]


def _notices(exercise: Exercise, mutant: Mutant, lab: Lab) -> bool:
    """Whether a mutant loses an aspect. They are asked in turn, up to the first that is lost."""
    return any(
        _judged(mutant.names(), part, lab, "0", diagnosed=False).lost for part in _parts(exercise)
    )


@cache
def _parts(exercise: Exercise) -> list[Exercise]:
    """Each aspect alone; but a form, which is worth nothing on its own, beside the first."""
    first, *_ = exercise.aspects
    alone = [(aspect,) for aspect in exercise.aspects if not aspect.is_form]
    beside = [(first, aspect) for aspect in exercise.aspects if aspect.is_form]
    return [replace(exercise, aspects=aspects) for aspects in (*alone, *beside)]


def _judged(
    names: dict[str, Any], exercise: Exercise, lab: Lab, draw: str, *, diagnosed: bool = True
) -> Verdict:
    """The answer that is among these names, on inputs that are the same each time.

    One that does not come to an end earns nothing, as in a kernel.
    """
    question = _question(exercise, lab.name, draw)
    asked = question.packed, exercise.answer, names, lab.drivers
    with np.errstate(all="ignore"), redirect_stdout(None):
        try:
            answers = in_time(SECONDS, probe.answer, *asked)
        except TookTooLongError as error:
            return no_points(exercise, str(error), Status.TIMED_OUT)
        return judge(question, answers, lab, diagnosed=diagnosed)


@lru_cache(DRAWS + 20)
def _question(exercise: Exercise, lab: str, draw: str) -> Question:
    return Question.of_run(exercise, b"proof", f"{lab}/{draw}")


def _names_something(message: str, exercise: Exercise, lab: Lab) -> bool:
    """Whether a message speaks of the answer, of what it returns or of what it was given."""
    names = _spoken_of(exercise, lab)
    return any(re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", message) for name in names)


@cache
def _spoken_of(exercise: Exercise, lab: Lab) -> set[str]:
    names = {exercise.answer, *exercise.returns, *lab.words.spoken}
    for aspect in exercise.aspects:
        names.update(aspect.values, aspect.cases(np.random.default_rng(0))[0].inputs)
    return names
