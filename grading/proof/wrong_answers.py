"""Wrong answers beside the judge: every misconception, and every mutant of the reference."""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any
from zlib import crc32

import numpy as np

from grading.judging.exercise import Exercise
from grading.judging.judge import judge
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.verdict import Verdict
from grading.judging.written import Misconception
from grading.kernel import probe
from grading.proof.mutants import Mutant, mutants
from grading.proof.self_checks import Check
from grading.proof.trial import CHECKS, MUTANTS, WRONG, Step, Trial

DRAWS = 5  # of inputs; each misconception is judged on one of them


def wrong_answers(lab: Lab, check: Check, exercises: list[Exercise]) -> Iterator[Step]:
    """Steps that try the wrong answers to these exercises."""
    for wrong in lab.misconceptions:
        if any(exercise.id == wrong.exercise for exercise in exercises):
            run = partial(of_misconception, wrong, lab, check)
            yield Step(f"{wrong.exercise}, a misconception", run)
    for module in dict.fromkeys(exercise.module for exercise in exercises):
        let_pass = lab.equivalent.get(module, {})
        others = [exercise for _, exercise in lab.entries if exercise not in exercises]
        using = [exercise for exercise in (*exercises, *others) if exercise.module == module]
        for mutant in mutants(lab.reference_source(module)):
            if str(mutant) not in let_pass:
                run = partial(of_mutant, mutant, using, lab, check)
                yield Step(f"a mutant of {mutant.definition}", run)


def let_pass_for_nothing(lab: Lab) -> Iterator[str]:
    """A line for each mutant that a lab lets pass and that is none of its reference."""
    for module, let_pass in lab.equivalent.items():
        known = {str(mutant) for mutant in mutants(lab.reference_source(module))}
        for mutant in sorted(set(let_pass) - known):
            yield f"an equivalent.py lets pass what is no mutant of {module}: {mutant}"


def of_misconception(wrong: Misconception, lab: Lab, check: Check) -> Iterator[Trial]:
    """It loses exactly what it breaks, is called by its name, and the self-check sees it."""
    draw = crc32(wrong.definition.__name__.encode()) % DRAWS
    problem = misjudged(wrong, lab, str(draw))
    yield Trial(wrong.exercise, WRONG, not problem, problem)
    said = check(wrong.exercise, wrong.fresh(lab.reference_codes(wrong.exercise))[wrong.asked])
    misnamed = said and wrong.says not in said
    problem = f"the self-check says of {wrong.name!r}: {said}" if misnamed else ""
    yield Trial(wrong.exercise, CHECKS, bool(said), problem)


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


def of_mutant(mutant: Mutant, using: list[Exercise], lab: Lab, check: Check) -> Iterator[Trial]:
    """It is caught. It counts for the first exercise that notices it."""

    def loses(exercise: Exercise) -> bool:
        return bool(_judged(vars(mutant.load()), exercise, lab, "0").lost)

    noticed = next(filter(loses, using), None)
    problem = "" if noticed else f"this mutant of the reference earns everything: {mutant}"
    first = noticed or using[0]
    yield Trial(first.id, MUTANTS, bool(noticed), problem)
    said = ((e, check(e.id, getattr(mutant.load(), e.answer))) for e in using)
    exercise, message = next((pair for pair in said if pair[1]), (first, ""))
    misnamed = message.startswith("CheckFailed") and not _names_something(message, exercise, lab)
    problem = f"the self-check says of {mutant}: {message}" if misnamed else ""
    yield Trial(first.id, CHECKS, bool(message), problem)


def _judged(names: dict[str, Any], exercise: Exercise, lab: Lab, draw: str) -> Verdict:
    """The answer that is among these names, on inputs that are the same each time."""
    question = _question(exercise, lab.name, draw)
    with np.errstate(all="ignore"):
        answers = probe.answer(question.packed, exercise.answer, names, lab.drivers)
        return judge(question, answers, lab)


@lru_cache(DRAWS)
def _question(exercise: Exercise, lab: str, draw: str) -> Question:
    return Question.of_student(exercise, b"proof", lab, draw)


def _names_something(message: str, exercise: Exercise, lab: Lab) -> bool:
    """Whether a message speaks of the answer, of what it returns or of what it was given."""
    names = {exercise.answer, *exercise.returns, *lab.words.spoken}
    for aspect in exercise.aspects:
        names.update(aspect.values, aspect.cases(np.random.default_rng(0))[0].inputs)
    return any(re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", message) for name in names)
