"""What an exercise is to the grader: aspects that carry points, and cases that try them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

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


@dataclass(frozen=True)
class Aspect:
    """One thing to get right, worth its own points. All its cases must be right.

    values: names of the shown values that are compared; what the exercise returns when empty.
    region: from inputs to a bool array; only entries where it is True are compared.
    exact_dtype: only the type, the shape and the dtype are compared, not the numbers.
    of_form: says nothing about numbers, as a dtype or memory do. Then it is worth its points only
        if an aspect that does has earned some.
    driver: the function of the lab's drivers.py that makes the call, when it is not the exercise's.
    """

    name: str
    points: float
    cases: Callable[[Generator], list[Case]]
    values: tuple[str, ...] = ()
    region: Callable[[Inputs], np.ndarray] | None = None
    exact_dtype: bool = False
    of_form: bool = False
    driver: str = ""

    @property
    def is_form(self) -> bool:
        """Whether it says nothing about numbers."""
        return self.exact_dtype or self.of_form


@dataclass(frozen=True)
class Exercise:
    """One autograded cell.

    id: its grade_id. answer: what the student defines, as the reference does in `module`.
    returns: names for what the answer returns.
    by_name: inputs that stand behind the * of the answer. All others are given by position, so
        cases name them in the order of its parameters.
    driver: the function of the lab's drivers.py that makes the calls, if they are more than that.
    builds_on: names of earlier answers that this one may use. All is asked twice: with the
        student's own, and with those that STAND_INS in drivers.py makes. An aspect is right if
        either is: a mistake in an earlier answer is not charged again.
    answered_in: when it has no solution cell of its own, that in which it is answered, without
        its -answer.
    """

    id: str
    answer: str
    module: str
    returns: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    by_name: tuple[str, ...] = ()
    driver: str = ""
    builds_on: tuple[str, ...] = ()
    answered_in: str = ""

    @property
    def answer_cell(self) -> str:
        """The grade_id of the cell in which the answer is written."""
        return f"{self.answered_in or self.id}-answer"

    @property
    def points(self) -> float:
        return sum(aspect.points for aspect in self.aspects)
