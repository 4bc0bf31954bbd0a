"""Hand in as a student would: the released notebooks with answers in their solution cells."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader import utils

from grading.course import Course, CourseError
from grading.intake.submission import Submission
from grading.judging.lab import Lab

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
    Raises CourseError for an answer to a cell that is not there.
    """
    files, left = {}, set(answers)
    for path in course.release_notebooks(assignment):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if utils.is_solution(cell):
                name = cell.metadata.nbgrader.grade_id
                cell.source = answers.get(name, cell.source)
                left.discard(name)
        arrange(notebook)
        files[path.name] = nbformat.writes(notebook).encode()
    if left:
        raise CourseError(f"The hand-out of {assignment} has no cell {', '.join(sorted(left))}.")
    return Submission(student, assignment, files)


def other_answers(course: Course, lab: Lab) -> list[tuple[Submission, set[str]]]:
    """Right answers in other forms, each with the exercises that are answered in one there.

    Between them, these students give every form there is. They hand in the notebooks that have
    one, arranged in other ways, too, each way for every third of them.
    """
    right = instructors_answers(course, lab.name)
    sources: dict[str, list[str]] = {}
    for answer in lab.other_answers:
        if lab.exercises[answer.exercise].answer_cell in right:  # or its notebook is not here
            sources.setdefault(answer.exercise, []).append(answer.source)
    arrangements = cycle((_spread_out, _chatty, _answers_first))
    found = []
    for number in range(max(map(len, sources.values()), default=0)):
        given = {name: own[number] for name, own in sources.items() if number < len(own)}
        answers = {lab.exercises[name].answer_cell: source for name, source in given.items()}
        student = f"other-answers-{number}"
        submission = submit(course, lab.name, student, right | answers, next(arrangements))
        of_form = {f"{lab.notebook_of(name)}.ipynb" for name in given}
        files = {name: file for name, file in submission.files.items() if name in of_form}
        exercises = {e.id for _, e in lab.entries if e.answer_cell in answers}
        found.append((replace(submission, files=files), exercises))
    return found


def _spread_out(notebook: NotebookNode) -> None:
    """Helper functions in cells of their own, above."""
    cells = []
    for cell in notebook.cells:
        if utils.is_solution(cell):
            parts = cell.source.split("\n\n\n")
            cells += [new_code_cell(helper) for helper in parts[:-2]]
            cell.source = "\n\n\n".join(parts[-2:])
        cells.append(cell)
    notebook.cells = cells


def _chatty(notebook: NotebookNode) -> None:
    """Prints, warnings, results and plots in the answer cells."""
    for cell in filter(utils.is_solution, notebook.cells):
        cell.source = (
            "import warnings\n\nimport numpy\n\nwarnings.warn('on stderr')\nprint('hello')\n\n"
            f"{cell.source}\n\nnumpy.log(numpy.zeros(1))  # warns as well, and shows a result"
        )


def _answers_first(notebook: NotebookNode) -> None:
    """All answers right behind the first code cell, in front of the text and the tests."""
    answers = [cell for cell in notebook.cells if utils.is_solution(cell)]
    others = [cell for cell in notebook.cells if not utils.is_solution(cell)]
    first = next(i for i, cell in enumerate(others) if cell.cell_type == "code")
    notebook.cells = [*others[: first + 1], *answers, *others[first + 1 :]]
