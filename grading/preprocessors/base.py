"""What the preprocessors have in common."""

from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from grading.cells import is_test
from grading.course import Course

METADATA = "grading"  # of a notebook: its status, findings and verdicts; in resources: questions
WAITS = "waits"  # in a cell's METADATA: whether a person has still to give its points
TESTED = "grading_tested"  # in resources: a copy of the notebook that ran with its hidden tests
PROBE = "grading_probe"  # of a cell that asks: its exercise


class GradingPreprocessor(NbGraderPreprocessor):
    """A step that knows in which course it is."""

    @cached_property
    def course(self) -> Course:
        return Course(Path(CourseDirectory(config=self.config).root))


def graded_id(cell: NotebookNode) -> str:
    """The grade_id of an autograded test cell, or an empty string."""
    return cell.metadata.nbgrader.grade_id if is_test(cell) else ""
