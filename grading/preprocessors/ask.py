"""Ask: a cell behind each autograded cell that calls the student's answer on inputs of its own."""

import inspect
import json
import secrets

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.kernel import probe
from grading.kernel.execute import Resources
from grading.labs import find_lab
from grading.preprocessors.base import METADATA, PROBE, GradingPreprocessor, graded_id
from labkit import stand_ins

# Both texts run as one: the first has what the second calls.
PROBE_SOURCE = "\n".join(map(inspect.getsource, (stand_ins, probe)))


class Ask(GradingPreprocessor):
    """Put a cell behind each autograded cell that asks the exercise's inputs of this student.

    The inputs are drawn anew in every run: who knows those of the last one knows nothing.
    A cell without an exercise is left to its own test, see RunTests.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids, draw = resources["nbgrader"], secrets.token_hex(8)
        lab = find_lab(self.course, ids["assignment"])
        nb.metadata[METADATA].draw = draw
        questions: dict[str, Question] = {}
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            name = graded_id(cell)
            if name not in lab.exercises:
                continue
            questions[name] = Question.of_student(
                lab.exercises[name], self.course.secret(), ids["student"], draw
            )
            cells.append(_probe_cell(questions[name], lab))
        nb.cells = cells
        resources[METADATA] = questions
        return nb, resources


def _probe_cell(question: Question, lab: Lab) -> NotebookNode:
    """It uses nothing by a name that a student could have given another meaning."""
    exercise, name = question.exercise, f"_{secrets.token_hex(8)}"
    source = "\n".join(
        (
            f"from builtins import exec as {name}_exec, globals as {name}_names",
            f"{name} = {{'__name__': 'probe'}}",
            f"{name}_exec({PROBE_SOURCE!r}, {name})",
            f"{name}['show']({exercise.id!r}, {json.dumps(question.packed)!r}, "
            f"{exercise.answer!r}, {name}_names(), {lab.drivers_source!r})",
        )
    )
    return new_code_cell(source, metadata={PROBE: exercise.id})
