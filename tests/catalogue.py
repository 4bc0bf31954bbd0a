"""The labs of this checkout, for the tests that are about each of them, and what they are worth."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from grading.course import Course
from grading.judging.exercise import Exercise
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.soundness import sound_labs

ROOT = Path(__file__).parents[1]
LABS = sound_labs(Course(ROOT))  # or no test begins: what does not fit together is named
EXERCISES: dict[str, tuple[Lab, Exercise]] = {
    exercise.id: (lab, exercise) for lab in LABS.values() for _, exercise in lab.entries
}
MISCONCEPTIONS = [(lab, wrong) for lab in LABS.values() for wrong in lab.misconceptions]
OTHER_ANSWERS = [(lab, answer) for lab in LABS.values() for answer in lab.other_answers]

every_lab = pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
every_exercise = pytest.mark.parametrize("exercise", EXERCISES)
every_misconception = pytest.mark.parametrize(
    ("lab", "wrong"), MISCONCEPTIONS, ids=[f"{m.exercise}: {m.name}" for _, m in MISCONCEPTIONS]
)
every_other_answer = pytest.mark.parametrize(
    ("lab", "answer"), OTHER_ANSWERS, ids=[f"{a.exercise}: {a.name}" for _, a in OTHER_ANSWERS]
)


@lru_cache(100)
def draw(exercise: str, seed: int = 0) -> Question:
    """A question. Who asks the same again does not have right answers computed again."""
    return Question.draw(EXERCISES[exercise][1], np.random.default_rng(seed))


def worth(exercise: str, *aspects: str) -> float:
    """The points of an exercise, or of some of its aspects."""
    _, found = EXERCISES[exercise]
    by_name = {aspect.name: aspect.points for aspect in found.aspects}
    return sum(by_name[name] for name in aspects or by_name)


def worth_of_notebooks(lab: str, *numbers: int) -> float:
    """The points of some notebooks of a lab, which are counted from 1; without any, of all."""
    notebooks = list(LABS[lab].points.values())
    chosen = [notebooks[number - 1] for number in numbers] or notebooks
    return sum(points for notebook in chosen for points in notebook.values())
