"""Hand in as a student would: the released notebooks with answers in their solution cells."""

from collections.abc import Callable
from itertools import cycle

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader import utils

from grading.course import Course
from grading.exercises import EXERCISES
from grading.submission import Submission
from grading.variants import VARIANTS

Answers = dict[str, str]


def instructors_answers(course: Course, assignment: str) -> Answers:
    """The source of every solution cell in source/, by grade_id."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for path in sorted(course.folder("source", assignment).glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if utils.is_solution(cell)
    }


def submit(
    course: Course,
    assignment: str,
    student: str,
    answers: Answers,
    arrange: Callable[[NotebookNode], None] = lambda notebook: None,
) -> Submission:
    """The release with these answers; cells without one stay as they were handed out.

    arrange: changes each notebook before it is handed in.
    """
    files = {}
    for path in course.release_notebooks(assignment):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if utils.is_solution(cell):
                cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        arrange(notebook)
        files[path.name] = nbformat.writes(notebook).encode()
    return Submission(student, assignment, files)


def other_forms(course: Course, assignment: str) -> list[Submission]:
    """Right answers in other forms; between them, these students give every form there is.

    Their notebooks are arranged in other ways, too, each way for every third of them.
    """
    right = instructors_answers(course, assignment)
    forms: dict[str, list[str]] = {}
    for variant in VARIANTS:
        if EXERCISES[variant.exercise].notebook.assignment == assignment:
            forms.setdefault(f"{variant.exercise}-answer", []).append(variant.source)
    arrangements = cycle((_spread_out, _chatty, _answers_first))
    return [
        submit(
            course,
            assignment,
            f"other-forms-{number}",
            right | {cell: sources[number % len(sources)] for cell, sources in forms.items()},
            next(arrangements),
        )
        for number in range(max(map(len, forms.values())))
    ]


def _spread_out(notebook: NotebookNode) -> None:
    """Helper functions in cells of their own, above."""
    cells = []
    for cell in notebook.cells:
        if utils.is_solution(cell):
            *helpers, definition, name = cell.source.split("\n\n\n")
            cells += [new_code_cell(helper) for helper in helpers]
            cell.source = f"{definition}\n\n\n{name}"
        cells.append(cell)
    notebook.cells = cells


def _chatty(notebook: NotebookNode) -> None:
    """Prints, warnings, results and plots in the answer cells."""
    for cell in filter(utils.is_solution, notebook.cells):
        cell.source = (
            "import warnings\n\nwarnings.warn('on stderr')\nprint('hello')\n\n"
            f"{cell.source}\n\nnp.log(np.zeros(1))  # warns as well, and shows a result"
        )


def _answers_first(notebook: NotebookNode) -> None:
    """All answers right behind the imports, in front of the text and the tests."""
    answers = [cell for cell in notebook.cells if utils.is_solution(cell)]
    others = [cell for cell in notebook.cells if not utils.is_solution(cell)]
    imports = next(i for i, cell in enumerate(others) if "import numpy" in cell.source)
    notebook.cells = [*others[: imports + 1], *answers, *others[imports + 1 :]]
