"""The grader: from a submission to answers, verdicts, grades and a report."""

from grading.ask import ask

__all__ = ["ask"]
