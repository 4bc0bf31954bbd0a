"""What grading one submission gave."""

from dataclasses import dataclass
from datetime import datetime

from nbformat import NotebookNode

from grading.intake.submission import Submission
from grading.judging.verdict import Verdict
from grading.preprocessors.base import METADATA
from grading.reports.summary import Summary
from grading.status import Status


@dataclass(frozen=True)
class GradedSubmission:
    """A submission with its summary. `notebooks` are what the student gets back."""

    submission: Submission
    handed_in: datetime | None  # UTC
    summary: Summary
    notebooks: dict[str, NotebookNode]

    @property
    def status(self) -> Status:
        return self.summary.status

    @property
    def verdicts(self) -> list[Verdict]:
        return verdicts_in(self.notebooks)

    @property
    def earned(self) -> float:
        return sum(verdict.earned for verdict in self.verdicts)


def verdicts_in(notebooks: dict[str, NotebookNode]) -> list[Verdict]:
    return [
        Verdict.from_json(verdict)
        for notebook in notebooks.values()
        for verdict in notebook.metadata[METADATA].verdicts
    ]
