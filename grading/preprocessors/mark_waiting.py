"""MarkWaiting: feedback says which points a person has still to give."""

from collections.abc import Iterable

from nbformat import NotebookNode
from nbgrader.api import Grade, Gradebook

from grading.kernel.execute import Resources
from grading.preprocessors.base import METADATA, WAITS, GradingPreprocessor


class MarkWaiting(GradingPreprocessor):
    """Feedback: no points are not the same as none so far, which nbgrader shows as 0, too."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(
                ids["notebook"], ids["assignment"], ids["student"]
            )
            mark_waiting(nb, submitted.grades)
        return nb, resources


def mark_waiting(nb: NotebookNode, grades: Iterable[Grade]) -> None:
    waiting = {g.name for g in grades if g.auto_score is None and g.manual_score is None}
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in waiting:
            cell.metadata.setdefault(METADATA, NotebookNode())[WAITS] = True
