"""How the cases of an aspect are drawn, whatever the exercise."""

from collections.abc import Callable
from typing import Any

from numpy.random import Generator

from grading.judging.exercise import Case, Inputs

Draw = Callable[[Generator], list[Case]]


def repeat(times: int, draw: Callable[[Generator], Inputs]) -> Draw:
    return lambda rng: [Case(draw(rng)) for _ in range(times)]


def again(first: Callable[[Generator], Inputs], second: Callable[[Generator], Inputs]) -> Draw:
    """Three calls, the last of them the first once more: to see who remembers or guesses."""

    def draw(rng: Generator) -> list[Case]:
        one, other = first(rng), second(rng)
        return [Case(one), Case(other), Case(one)]

    return draw


def shuffled(rng: Generator, cases: list[Case]) -> list[Case]:
    """In any order: who goes by the place of an input has not looked at it."""
    return [cases[place] for place in rng.permutation(len(cases))]


def refused(inputs: Inputs, name: str, value: Any) -> Case:
    return Case(inputs | {name: value}, refuses=(name, value))
