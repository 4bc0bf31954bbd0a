"""LayOut: how pages show a graded notebook: the answers open, what everybody has closed."""

import re
from collections.abc import Mapping
from itertools import groupby

from nbformat import NotebookNode

from grading.cells import is_graded, is_test
from grading.intake.hand_out import HandOut, grade_id, text_of
from grading.intake.released import released
from grading.kernel.execute import Resources
from grading.preprocessors.base import METADATA, GradingPreprocessor

HEADING = re.compile(r"#+ +(.+)")


class LayOut(GradingPreprocessor):
    """Note in the cells what the templates of feedback and Formgrader need to know."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids, asked = resources["nbgrader"], resources[METADATA]
        release = self.course.folder("release", ids["assignment"]) / f"{ids['notebook']}.ipynb"
        answer_cells = _answered_above(nb.cells) | {
            name: question.exercise.answer_cell for name, question in asked.items()
        }
        lay_out(nb.cells, released(release), answer_cells)
        return nb, resources


def _answered_above(cells: list[NotebookNode]) -> dict[str, str]:
    """For each test that stands for itself the answer above it, which is what it tests."""
    found, answer = {}, ""
    for cell in cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            answer = grade_id(cell)
        elif is_test(cell) and answer:
            found[grade_id(cell)] = answer
    return found


def lay_out(cells: list[NotebookNode], hand_out: HandOut, answer_cells: Mapping[str, str]) -> None:
    """Note of an answer which exercises it `answers`; of cells in a row that everybody has, on the
    first what `opens` there, and on the last that it `closes`.

    answer_cells: the grade_id of the cell in which each exercise is answered.
    """
    for cell in cells:
        answers = [name for name, answer in answer_cells.items() if answer == grade_id(cell)]
        if is_graded(cell) and not is_test(cell):  # by hand
            answers = [grade_id(cell)]
        if answers:
            _note(cell, "answers", answers)
    for everybody_has, run in groupby(cells, lambda cell: _is_part_of(hand_out, cell)):
        if everybody_has:
            together = list(run)
            _note(together[0], "opens", _about(together))
            _note(together[-1], "closes", True)


def _is_part_of(hand_out: HandOut, cell: NotebookNode) -> bool:
    """Whether a cell is as it was handed out; an answer or a test never counts as such."""
    marks = cell.metadata.get("nbgrader", {})
    return (
        not (marks.get("solution") or is_graded(cell))
        and tuple(text_of(cell.source)) in hand_out.texts
    )


def _note(cell: NotebookNode, name: str, value: object) -> None:
    cell.metadata.setdefault(METADATA, NotebookNode())[name] = value


def _about(cells: list[NotebookNode]) -> str:
    """The headings under which these cells stand."""
    begin = (HEADING.match(cell.source) for cell in cells if cell.cell_type == "markdown")
    headings = [found[1].replace("`", "") for found in begin if found]
    return f"From the notebook: {'; '.join(headings) or 'text and figures'}"
