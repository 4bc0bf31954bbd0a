"""Right answers in other forms: what a grader must not take for wrong."""

from collections.abc import Callable
from typing import Any

from grading.written_answer import WrittenAnswer

REGISTERED: list[WrittenAnswer] = []


def variant(exercise: str, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the decorated function or class as a right answer."""

    def enter(definition: Callable[..., Any]) -> Callable[..., Any]:
        REGISTERED.append(WrittenAnswer(exercise, name, definition))
        return definition

    return enter
