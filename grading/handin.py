"""Hand in as a student would: the released notebooks with answers in their solution cells."""

import nbformat
from nbgrader import utils

from grading.course import Course
from grading.submission import Submission

Answers = dict[str, str]


def instructors_answers(course: Course, assignment: str) -> Answers:
    """The source of every solution cell in source/, by grade_id."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for path in sorted(course.folder("source", assignment).glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if utils.is_solution(cell)
    }


def submit(course: Course, assignment: str, student: str, answers: Answers) -> Submission:
    """The release with these answers; cells without one stay as they were handed out."""
    files = {}
    for path in course.release_notebooks(assignment):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if utils.is_solution(cell):
                cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        files[path.name] = nbformat.writes(notebook).encode()
    return Submission(student, assignment, files)
