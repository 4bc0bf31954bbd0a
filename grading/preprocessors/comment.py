"""Comment: tell the gradebook, too, how grading a notebook ended."""

from collections.abc import Mapping

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Comment as GradebookComment
from nbgrader.api import Gradebook

from grading.kernel.execute import Resources
from grading.preprocessors.base import METADATA, GradingPreprocessor
from grading.status import Status


class Comment(GradingPreprocessor):
    """Behind SaveAutoGrades: tell the gradebook, too, how grading a notebook ended."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(
                ids["notebook"], ids["assignment"], ids["student"]
            )
            comment_on_status(nb, {comment.name: comment for comment in submitted.comments})
            gradebook.db.commit()
        return nb, resources


def comment_on_status(nb: NotebookNode, comments: Mapping[str, GradebookComment]) -> None:
    """On the first answer, unless there is nothing to say."""
    status = Status(nb.metadata[METADATA].status)
    answers = [c.metadata.nbgrader.grade_id for c in nb.cells if utils.is_solution(c)]
    if answers and status is not Status.GRADED:
        comments[answers[0]].auto_comment = f"{status.value}: {status.meaning}"
