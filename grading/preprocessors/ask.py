"""Ask: a cell behind each autograded cell that calls the student's answer on inputs of its own."""

import base64
import marshal
import secrets
from functools import lru_cache
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grading.judging.exercise import Exercise
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.kernel.execute import ASKED, Resources
from grading.labs import find_lab
from grading.preprocessors.base import METADATA, PROBE, GradingPreprocessor, graded_id

DRAW = "grading_draw"  # in resources: the name of a draw that several notebooks share


class Ask(GradingPreprocessor):
    """Put a cell behind each autograded cell that asks its exercise's inputs.

    The inputs are drawn anew in every run, which is one notebook, unless resources name a draw for
    more: who knows those of the last run knows nothing.
    A cell without an exercise is left to its own test, see RunTests.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        draw = resources.get(DRAW) or secrets.token_hex(8)
        lab = find_lab(self.course, resources["nbgrader"]["assignment"])
        secret = self.course.secret()
        nb.metadata[METADATA].draw = draw
        questions: dict[str, Question] = {}
        asked, cells = {}, []
        for cell in nb.cells:
            cells.append(cell)
            name = graded_id(cell)
            if name not in lab.exercises:
                continue
            questions[name] = _question(lab.exercises[name], secret, draw)
            cells.append(new_code_cell(f"# {name} is asked here", metadata={PROBE: name}))
            asked[cells[-1].id] = _request(questions[name], lab)
        nb.cells = cells
        resources[METADATA], resources[ASKED] = questions, asked
        return nb, resources


@lru_cache
def _question(exercise: Exercise, secret: bytes, draw: str) -> Question:
    """For all who are asked the same: what is known about it is found out once."""
    return Question.of_run(exercise, secret, draw)


def _request(question: Question, lab: Lab) -> dict[str, Any]:
    """The arguments of probe.show, but for the notebook's names."""
    return {
        "exercise": question.exercise.id,
        "question": question.packed,
        "name": question.exercise.answer,
        "drivers": _compiled(lab.drivers_source),
    }


@lru_cache
def _compiled(source: str) -> str:
    """The code of the drivers, which each kernel runs anew."""
    return base64.b64encode(marshal.dumps(compile(source, "drivers", "exec"))).decode()
