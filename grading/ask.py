"""`ask` in a source notebook: an instructor's answer is judged at once, in the notebook itself."""

from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import HTML, display

from grading import probe
from grading.course import Course
from grading.exercise import Question
from grading.exercises import EXERCISES
from grading.judge import judge


def ask(exercise: str, answer: Any) -> None:
    """Judge `answer` (a function or class) with fresh inputs and show the verdict.

    Raises AssertionError unless it earns all points. Under autograding this cell's hidden part is
    not run at all: see grading/preprocessors.py.
    """
    question = Question.draw(EXERCISES[exercise], np.random.default_rng())
    verdict = judge(question, probe.answer(question.packed(), answer), Course.find(Path.cwd()))
    display(HTML(verdict.as_html()))
    if verdict.lost:
        raise AssertionError(verdict.as_text())
