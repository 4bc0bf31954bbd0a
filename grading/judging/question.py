"""A question: the cases of one exercise, drawn for one student, and packed for a kernel."""

import hmac
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from grading.judging import probe
from grading.judging.exercise import Case, Exercise


@dataclass(frozen=True)
class Question:
    """The cases of one exercise, by the name of the aspect that they try."""

    exercise: Exercise
    cases: dict[str, list[Case]] = field(hash=False)

    @classmethod
    def draw(cls, exercise: Exercise, rng: Generator) -> "Question":
        return cls(exercise, {aspect.name: aspect.cases(rng) for aspect in exercise.aspects})

    @classmethod
    def of_student(cls, exercise: Exercise, secret: bytes, student: str, draw: str) -> "Question":
        """The inputs of an exercise for one student in one run, which is named by its draw.

        The seed comes from a secret that stays in the course folder, so that nobody can foresee
        the inputs and the instructor can draw the same ones again.
        """
        name = "/".join((exercise.id, student, draw)).encode()
        return cls.draw(exercise, np.random.default_rng(list(hmac.digest(secret, name, "sha256"))))

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
