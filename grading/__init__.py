"""The grader: from a submission to answers, verdicts, grades and a report."""

from typing import Any

__all__ = ["ask"]


def __getattr__(name: str) -> Any:
    """`from grading import ask`, in a source notebook. Nobody else waits for what it imports."""
    if name == "ask":
        from grading.asking import ask

        return ask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
