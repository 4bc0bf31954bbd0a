"""Wrong answers in worker processes, a share of them at a time.

Those of a share stand side by side: they are asked the same, so most is computed once for all.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import lru_cache

from grading.course import Course
from grading.judging.exercise import Exercise
from grading.judging.lab import Lab
from grading.labs import find_lab
from grading.proof.self_checks import self_checks
from grading.proof.trial import Step, Trial
from grading.proof.wrong_answers import wrong_answers

SHARES = 40  # so many that no process is left with much to do while the others have ended


def in_workers(
    course: Course, lab: Lab, exercises: list[Exercise], pool: Executor
) -> Iterator[Step]:
    """Steps that wait for a share each of the wrong answers to these exercises."""
    ids = tuple(exercise.id for exercise in exercises)
    for number in range(SHARES):
        share = pool.submit(_share, course, lab.name, ids, number)
        yield Step("wrong answers", share.result)


def _share(course: Course, lab: str, exercises: tuple[str, ...], number: int) -> list[Trial]:
    tried = _all(course, lab, exercises)
    ends = [len(tried) * place // SHARES for place in (number, number + 1)]
    return [trial for trials in tried[slice(*ends)] for trial in trials()]


@lru_cache(1)
def _all(
    course: Course, name: str, exercises: tuple[str, ...]
) -> list[Callable[[], Iterator[Trial]]]:
    """What is to be tried: the same in each process."""
    lab = find_lab(course, name)
    chosen = [lab.exercises[exercise] for exercise in exercises]
    return list(wrong_answers(course, lab, self_checks(course, name), chosen))
