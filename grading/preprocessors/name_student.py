"""NameStudent: feedback says whose it is."""

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook, Student

from grading.intake.text import plain_markdown
from grading.kernel.execute import Resources
from grading.preprocessors.base import GradingPreprocessor


class NameStudent(GradingPreprocessor):
    """Feedback: say whose it is, by the name in the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            name_student(nb, gradebook.find_student(ids["student"]))
        return nb, resources


def name_student(nb: NotebookNode, student: Student) -> None:
    names = " ".join(filter(None, (student.first_name, student.last_name)))
    whose = f"{names} ({student.id})" if names else student.id
    text = f"Feedback for **{plain_markdown(whose)}**"
    nb.cells.insert(0, new_markdown_cell(text, id="whose-feedback-this-is"))
