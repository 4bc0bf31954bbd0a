"""What an exercise is to the grader: aspects that carry points, and cases that try them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from grading import probe

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One call, whose result is compared with the reference's.

    refuses: instead, the argument that must be refused, and its value (the shape of an array): a
        ValueError has to name both.
    accepted: instead, the call need only return. Who refuses every input has checked none.
    """

    inputs: Inputs
    refuses: tuple[str, Any] | None = None
    accepted: bool = False

    def __str__(self) -> str:
        """The inputs in short; weights of a layer say nothing to a reader and are left out."""
        shown = {name: v for name, v in self.inputs.items() if name[:2] not in ("W_", "b_")}
        return ", ".join(f"{name}={_brief(value)}" for name, value in shown.items())


@dataclass(frozen=True)
class Aspect:
    """One thing to get right, worth its own points. All its cases must be right.

    values: names of the shown values that are compared; what the exercise returns when empty.
    region: from inputs to a bool array; only entries where it is True are compared.
    exact_dtype: the type and dtype must be the reference's, too.
    driver: the function of probe.py that makes the call, when it is not the exercise's.
    """

    name: str
    points: float
    cases: Callable[[Generator], list[Case]]
    values: tuple[str, ...] = ()
    region: Callable[[Inputs], np.ndarray] | None = None
    exact_dtype: bool = False
    driver: str | None = None


@dataclass(frozen=True)
class Notebook:
    """Where exercises are: a notebook of an assignment."""

    assignment: str
    name: str


@dataclass(frozen=True)
class Exercise:
    """One autograded cell. `id` is its grade_id, `answer` what the student defines there."""

    id: str
    notebook: Notebook
    answer: str
    returns: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    module: str = "building_blocks"
    driver: str = "call_function"

    @property
    def points(self) -> float:
        return sum(aspect.points for aspect in self.aspects)


@dataclass(frozen=True)
class Question:
    """The cases of one exercise, drawn for one student."""

    exercise: Exercise
    cases: dict[str, list[Case]] = field(hash=False)  # by aspect name

    @classmethod
    def draw(cls, exercise: Exercise, rng: Generator) -> "Question":
        return cls(exercise, {aspect.name: aspect.cases(rng) for aspect in exercise.aspects})

    def packed(self) -> list[dict[str, Any]]:
        """What the kernel is asked, as JSON values: inputs, and nothing about right answers."""
        return [
            {
                "driver": aspect.driver or self.exercise.driver,
                "returns": list(self.exercise.returns),
                "inputs": {name: probe.pack(value) for name, value in case.inputs.items()},
            }
            for aspect in self.exercise.aspects
            for case in self.cases[aspect.name]
        ]

    def by_aspect(self, answers: list[Any]) -> dict[str, list[Any]]:
        """Answers to `packed()`, sorted back to their aspects."""
        remaining = iter(answers)
        return {name: [next(remaining) for _ in cases] for name, cases in self.cases.items()}


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    return repr(value)
