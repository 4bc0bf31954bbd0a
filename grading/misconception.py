"""What a misconception is: a wrong answer that students really give, with a name and a hint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grading.written_answer import WrittenAnswer


@dataclass(frozen=True)
class Misconception(WrittenAnswer):
    """A wrong answer and what becomes of it.

    loses: the aspects that it breaks, all of them.
    hint: where to look, for the student who gave it. It leads; it does not give the answer.
    says: words that the visible self-check must use for it.
    unsteady: it answers the same question differently each time, and is known by that.
    """

    loses: frozenset[str]
    hint: str
    says: str
    unsteady: bool = False


REGISTERED: list[Misconception] = []


def misconception(
    exercise: str,
    name: str,
    *,
    loses: tuple[str, ...],
    hint: str,
    says: str,
    unsteady: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the decorated function or class into the catalogue."""

    def enter(definition: Callable[..., Any]) -> Callable[..., Any]:
        entry = Misconception(exercise, name, definition, frozenset(loses), hint, says, unsteady)
        REGISTERED.append(entry)
        return definition

    return enter
