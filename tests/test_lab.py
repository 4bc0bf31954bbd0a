"""The self-checks of the hand-outs: wrong answers are caught with a message, right ones pass."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from grading.course import Course
from grading.exercise import Exercise
from grading.exercises import ASSIGNMENTS, EXERCISES
from grading.handin import instructors_answers, submit
from grading.misconceptions import MISCONCEPTIONS
from grading.self_checks import check_of, hand_out_module
from grading.variants import VARIANTS
from grading.worker import write_files

every_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS)


@pytest.fixture(scope="module")
def labs(course: Course) -> dict[str, ModuleType]:
    """The module lab of each assignment."""
    return {name: hand_out_module(course.folder("source", name), "lab") for name in ASSIGNMENTS}


@pytest.fixture
def lab(labs) -> ModuleType:
    return labs["lab02"]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_passes(exercise, labs, reference, capsys):
    check_of(labs, exercise)(reference(exercise))
    assert capsys.readouterr().out.startswith("Good: ")


@pytest.mark.parametrize("misconception", MISCONCEPTIONS, ids=lambda m: f"{m.exercise}: {m.name}")
def test_a_misconception_is_caught_and_explained(misconception, labs, course):
    """By a message of the check, or by the student's own exception where that says it all."""
    exercise = misconception.exercise
    failures = (*(lab.CheckFailed for lab in labs.values()), ValueError, LookupError)
    with pytest.raises(failures) as failure:
        check_of(labs, exercise)(misconception.fresh(course.reference_codes(exercise)))
    message = str(failure.value)
    assert misconception.says in message
    assert "def " not in message, "a message leads, it does not give code"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: f"{v.exercise}: {v.name}")
def test_a_right_answer_in_another_form_passes(variant, labs, course, capsys):
    answer = variant.fresh(course.reference_codes(variant.exercise))
    check_of(labs, variant.exercise)(answer)
    assert capsys.readouterr().out.startswith("Good: ")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_unwritten_answer_raises_not_implemented(exercise, labs):
    class Unwritten:
        def __init__(self, *args, **kwargs):
            raise NotImplementedError

        def forward(self):
            raise NotImplementedError

    with pytest.raises(NotImplementedError):
        check_of(labs, exercise)(Unwritten)


def test_the_first_wrong_query_and_key_are_named(lab):
    def one_too_wide(seq_len, window_size):
        back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
        return (back < 0) | (back > window_size)

    with pytest.raises(lab.CheckFailed, match="First wrong cell: query 3, key 0"):
        lab.check_window_mask(one_too_wide)


def test_jupyter_shows_the_message_without_a_traceback(lab):
    shown = "\n".join(lab.CheckFailed("the window is too wide")._render_traceback_())
    assert "the window is too wide" in shown
    assert "Traceback" not in shown


@every_assignment
def test_the_lab_is_imported_without_matplotlib(assignment, course: Course):
    """The first cell must not keep a student waiting: figures load it when they are drawn."""
    code = "import sys, lab; sys.exit('matplotlib' in sys.modules)"
    folder = course.folder("source", assignment)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, check=False)
    assert done.returncode == 0


def run_lab(folder: Path) -> str:
    """What `python -m lab` prints."""
    command = [sys.executable, "-m", "lab"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@every_assignment
def test_progress_of_a_blank_hand_out(assignment, own_course: Course):
    printed = run_lab(own_course.folder("release", assignment))
    by_notebook: dict[str, list[Exercise]] = {}
    for exercise in EXERCISES.values():
        if exercise.notebook.assignment == assignment:
            by_notebook.setdefault(exercise.notebook.name, []).append(exercise)
    assert printed.count("not written yet") == sum(map(len, by_notebook.values()))
    for name, exercises in by_notebook.items():
        of_notebook = printed.partition(f"\n{name}\n")[2]
        points = sum(exercise.points for exercise in exercises)
        assert f"vouch for 0 of {points:g} points" in of_notebook
        assert f"Look next at exercise 1, {exercises[0].id}." in of_notebook


def test_progress_in_the_middle_of_the_work(own_course: Course):
    folder = own_course.folder("release", "lab02")
    answers = instructors_answers(own_course, "lab02")
    answers["masked-attention-answer"] = "def masked_attention(Q, K, V, mask):\n    return V, mask"
    del answers["which-window-answer"]
    write_files(folder, submit(own_course, "lab02", "ada", answers).files)
    (folder / "03_multi_head.ipynb").write_text("{")
    printed = run_lab(folder)
    assert "vouch for 4 of 7 points" in printed
    assert re.search("masked-attention +3 points +not right yet", printed)
    assert re.search("which-window +1 point +not written yet", printed)
    assert "Look next at exercise 2, masked-attention." in printed
    assert "Look next at exercise 2, which-window." in printed
    assert "03_multi_head.ipynb cannot be read" in printed


@every_assignment
def test_points_in_the_progress_are_those_of_the_exercises(assignment, course: Course):
    points = hand_out_module(course.folder("source", assignment), "checks.points").POINTS
    assert {(name, e): worth for name, of in points.items() for e, worth in of.items()} == {
        (exercise.notebook.name, exercise.id): exercise.points
        for exercise in EXERCISES.values()
        if exercise.notebook.assignment == assignment
    }
