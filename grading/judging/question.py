"""A question: the cases of one exercise, drawn for one run, and packed for a kernel."""

import hmac
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import Generator

from grading.judging.exercise import Case, Exercise
from grading.kernel import probe


@dataclass(frozen=True, eq=False)
class Question:
    """The cases of one exercise, by the name of the aspect that they try."""

    exercise: Exercise
    cases: dict[str, list[Case]]
    _known: dict[Hashable, Any] = field(default_factory=dict)

    @classmethod
    def draw(cls, exercise: Exercise, rng: Generator) -> "Question":
        return cls(exercise, {aspect.name: aspect.cases(rng) for aspect in exercise.aspects})

    @classmethod
    def of_run(cls, exercise: Exercise, secret: bytes, draw: str) -> "Question":
        """The inputs of an exercise in one run, which is named by its draw.

        The seed comes from a secret that stays in the course folder, so that nobody can foresee
        the inputs and the instructor can draw the same ones again.
        """
        name = f"{exercise.id}/{draw}".encode()
        return cls.draw(exercise, np.random.default_rng(list(hmac.digest(secret, name, "sha256"))))

    @cached_property
    def packed(self) -> list[dict[str, Any]]:
        """What the kernel is asked, as JSON values: inputs, and nothing about right answers.

        First with the student's own parts; then, if the exercise builds on others, once more with
        stand-ins for them.
        """
        exercise = self.exercise
        return [
            {
                "driver": aspect.driver or exercise.driver,
                "returns": list(exercise.returns),
                "by_name": list(exercise.by_name),
                "parts": list(parts),
                "inputs": {name: probe.pack(value) for name, value in case.inputs.items()},
            }
            for parts in self._rounds
            for aspect in exercise.aspects
            for case in self.cases[aspect.name]
        ]

    def rounds(self, answers: list[Any]) -> list[dict[str, list[Any]]]:
        """Answers to `packed`, by aspect: those with the student's own parts come first."""
        remaining = iter(answers)
        return [
            {name: [next(remaining) for _ in cases] for name, cases in self.cases.items()}
            for _ in self._rounds
        ]

    def known(self, who: Hashable, answers: Callable[[], Any]) -> Any:
        """What these answers are, computed once for each who, however often the question is put."""
        if who not in self._known:
            self._known[who] = answers()
        return self._known[who]

    @property
    def _rounds(self) -> list[tuple[str, ...]]:
        """The names that are stood in for, each time all cases are asked."""
        return [(), self.exercise.builds_on] if self.exercise.builds_on else [()]
