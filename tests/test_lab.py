"""The self-checks of the hand-out: wrong answers are caught with a message, right ones pass."""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grading.course import Course
from grading.exercises import EXERCISES
from grading.handin import instructors_answers, submit
from grading.misconceptions import MISCONCEPTIONS
from grading.variants import VARIANTS
from grading.worker import write_files

HANDED_OUT = Path(__file__).parents[1] / "source/lab02"


@pytest.fixture(scope="module")
def lab():
    sys.path.insert(0, str(HANDED_OUT))
    yield importlib.import_module("lab")
    sys.path.remove(str(HANDED_OUT))


def check_of(lab, exercise: str):
    return getattr(lab, f"check_{exercise.replace('-', '_')}")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_passes(exercise, lab, reference, capsys):
    check_of(lab, exercise)(reference(exercise))
    assert capsys.readouterr().out.startswith("Good: ")


@pytest.mark.parametrize("misconception", MISCONCEPTIONS, ids=lambda m: f"{m.exercise}: {m.name}")
def test_a_misconception_is_caught_and_explained(misconception, lab, course):
    """By a message of the check, or by the student's own exception where that says it all."""
    with pytest.raises((lab.CheckFailed, ValueError)) as failure:
        check_of(lab, misconception.exercise)(misconception.fresh(course.reference_codes()))
    message = str(failure.value)
    assert misconception.says in message
    assert "def " not in message, "a message leads, it does not give code"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: f"{v.exercise}: {v.name}")
def test_a_right_answer_in_another_form_passes(variant, lab, course, capsys):
    check_of(lab, variant.exercise)(variant.fresh(course.reference_codes()))
    assert capsys.readouterr().out.startswith("Good: ")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_unwritten_answer_raises_not_implemented(exercise, lab):
    class Unwritten:
        def __init__(self, *args, **kwargs):
            raise NotImplementedError

        def forward(self):
            raise NotImplementedError

    with pytest.raises(NotImplementedError):
        check_of(lab, exercise)(Unwritten)


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


def test_the_lab_is_imported_without_matplotlib():
    """The first cell must not keep a student waiting: figures load it when they are drawn."""
    code = "import sys, lab; sys.exit('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=HANDED_OUT, check=False)
    assert done.returncode == 0


def run_lab(folder: Path) -> str:
    """What `python -m lab` prints."""
    command = [sys.executable, "-m", "lab"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_progress_of_a_blank_hand_out(own_course: Course):
    printed = run_lab(own_course.folder("release", "lab02"))
    assert printed.count("not right yet") == len(EXERCISES)
    for points, first in ((7, "window-mask"), (7, "global-mask"), (6, "split-heads")):
        assert f"vouch for 0 of {points} points" in printed
        assert f"Look next at exercise 1, {first}." in printed


def test_progress_in_the_middle_of_the_work(own_course: Course):
    folder = own_course.folder("release", "lab02")
    answers = instructors_answers(own_course, "lab02")
    answers["masked-attention-answer"] = "def masked_attention(Q, K, V, mask):\n    return V, mask"
    del answers["which-window-answer"]
    write_files(folder, submit(own_course, "lab02", "ada", answers).files)
    (folder / "03_multi_head.ipynb").write_text("{")
    printed = run_lab(folder)
    assert "vouch for 4 of 7 points" in printed
    assert "Look next at exercise 2, masked-attention." in printed
    assert "Look next at exercise 2, which-window." in printed
    assert "03_multi_head.ipynb cannot be read" in printed


def test_points_in_the_progress_are_those_of_the_exercises(lab):
    points = importlib.import_module("checks.progress").POINTS
    assert {name: worth for of in points.values() for name, worth in of.items()} == {
        exercise.id: exercise.points for exercise in EXERCISES.values()
    }
