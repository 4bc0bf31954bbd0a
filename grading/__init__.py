"""The grader: from a submission to answers, verdicts, grades and a report.

What courses use of it stands here: `configure` in nbgrader_config.py, `ask` in source notebooks.
"""

from typing import Any

__all__ = ["ask", "configure"]


def __getattr__(name: str) -> Any:
    """Loaded when it is asked for: nobody else waits for what it imports."""
    if name == "ask":
        from grading.asking import ask

        return ask
    if name == "configure":
        from grading.settings import configure

        return configure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
