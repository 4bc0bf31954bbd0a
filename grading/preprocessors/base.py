"""What the preprocessors have in common."""

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.course import Course

Resources = dict[str, Any]
METADATA = "grading"  # of a notebook: its status, findings and verdicts; in resources: questions
PROBE = "grading_probe"  # of a cell that asks: its exercise


class GradingPreprocessor(NbGraderPreprocessor):
    """A step that knows in which course it is."""

    @property
    def course(self) -> Course:
        return Course(Path(CourseDirectory(config=self.config).root))


def graded_id(cell: NotebookNode) -> str:
    """The grade_id of an autograded test cell, or an empty string."""
    if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
        return cell.metadata.nbgrader.grade_id
    return ""
