"""The self-checks of the hand-outs: wrong answers are caught with a message, right ones pass."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from catalogue import (
    EXERCISES,
    LABS,
    ROOT,
    every_exercise,
    every_lab,
    every_misconception,
    every_other_answer,
    worth,
    worth_of_notebooks,
)
from grading.course import Course
from grading.files import write_files
from grading.proof.handin import instructors_answers, submit
from grading.proof.self_checks import check_of, hand_out_module
from labkit.points import points_in
from labkit.steps import CheckFailed


@pytest.fixture(scope="module")
def faces(course: Course) -> dict[str, ModuleType]:
    """The module lab of each hand-out."""
    return {name: hand_out_module(course.folder("source", name), "lab") for name in LABS}


@pytest.fixture(scope="module")
def check(faces) -> Callable[[str], Callable[[Any], None]]:
    """The self-check of an exercise."""
    return lambda exercise: check_of(faces[EXERCISES[exercise][0].name], exercise)


@pytest.fixture
def face(faces) -> ModuleType:
    return faces["lab02"]


@every_exercise
def test_the_reference_passes(exercise, check, reference, capsys):
    check(exercise)(reference(exercise))
    assert capsys.readouterr().out.startswith("Good: ")


@every_misconception
def test_a_misconception_that_is_caught_is_explained(lab, wrong, check):
    """By a message of the check, or by the student's own exception where that says it all.

    What a check does not see, the hidden one does; `grade check` wants most of them to be seen.
    """
    try:
        check(wrong.exercise)(wrong.fresh(lab.reference_codes(wrong.exercise))[wrong.asked])
    except Exception as failure:
        message = "\n".join([str(failure), *getattr(failure, "__notes__", [])])
    else:
        return
    assert wrong.says in message
    assert "def " not in message, "a message leads, it does not give code"


@every_other_answer
def test_a_right_answer_in_another_form_passes(lab, answer, check, capsys):
    check(answer.exercise)(answer.fresh(lab.reference_codes(answer.exercise))[answer.asked])
    assert capsys.readouterr().out.startswith("Good: ")


@every_exercise
def test_an_unwritten_answer_raises_not_implemented(exercise, check):
    class Unwritten:
        def __init__(self, *args, **kwargs):
            raise NotImplementedError

        def forward(self):
            raise NotImplementedError

    with pytest.raises(NotImplementedError):
        check(exercise)(Unwritten)


def test_what_is_not_written_is_said_in_words_without_a_traceback(face):
    def create_sliding_window_mask(seq_len, window_size):
        raise NotImplementedError()

    with pytest.raises(NotImplementedError) as failure:
        face.check_window_mask(create_sliding_window_mask)
    shown = " ".join("\n".join(failure.value._render_traceback_()).split())
    assert "Not written yet:" in shown
    assert "create_sliding_window_mask still says raise NotImplementedError()" in shown
    assert "Traceback" not in shown


def test_the_first_wrong_query_and_key_are_named(face):
    def one_too_wide(seq_len, window_size):
        back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
        return (back < 0) | (back > window_size)

    with pytest.raises(CheckFailed, match="First wrong cell: query 3, key 0"):
        face.check_window_mask(one_too_wide)


def test_jupyter_shows_the_message_without_a_traceback():
    shown = "\n".join(CheckFailed("the window is too wide")._render_traceback_())
    assert "the window is too wide" in shown
    assert "Traceback" not in shown


@every_lab
def test_the_lab_is_imported_without_matplotlib(lab, course: Course):
    """The first cell must not keep a student waiting: figures load it when they are drawn."""
    code = "import sys, lab; sys.exit('matplotlib' in sys.modules)"
    folder = course.folder("source", lab.name)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, check=False)
    assert done.returncode == 0


def run_lab(folder: Path) -> str:
    """What `python -m lab` prints."""
    command = [sys.executable, "-m", "lab"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@every_lab
def test_progress_of_a_blank_hand_out(lab, own_course: Course):
    printed = run_lab(own_course.folder("release", lab.name))
    assert printed.count("not written yet") == len(lab.exercises)
    for name, points in lab.points.items():
        of_notebook = printed.partition(f"\n{name}\n")[2]
        assert f"vouch for 0 of {sum(points.values()):g} points" in of_notebook
        assert f"Look next at exercise 1, {next(iter(points))}." in of_notebook


def test_progress_in_the_middle_of_the_work(own_course: Course):
    folder = own_course.folder("release", "lab02")
    answers = instructors_answers(own_course, "lab02")
    answers["masked-attention-answer"] = "def masked_attention(Q, K, V, mask):\n    return V, mask"
    del answers["which-window-answer"]
    write_files(folder, submit(own_course, "lab02", "ada", answers).files)
    (folder / "03_multi_head.ipynb").write_text("{")
    printed = run_lab(folder)
    whole = worth_of_notebooks("lab02", 1)
    left = whole - worth("masked-attention")
    assert f"vouch for {left:g} of {whole:g} points" in printed
    assert re.search("masked-attention +[0-9.]+ points? +not right yet", printed)
    assert re.search("which-window +[0-9.]+ points? +not written yet", printed)
    assert "Look next at exercise 2, masked-attention." in printed
    assert "Look next at exercise 2, which-window." in printed
    assert "03_multi_head.ipynb cannot be read" in printed


@every_lab
@pytest.mark.parametrize("half", ["source", "release"])
def test_points_in_the_progress_are_those_of_the_exercises(half, lab, course: Course):
    """In a hand-out they are written down; in source they are read from the notebooks."""
    folder = course.folder(half, lab.name)
    assert (folder / "points.json").exists() == (half == "release")
    assert points_in(folder) == lab.points


def test_steps_that_labs_have_in_common_are_the_same():
    """Each hand-out is whole; what two of them say of a mask, they say in the same words."""
    one, other = (ROOT / "source" / lab / "checks/masks.py" for lab in ("lab02", "lab02_bonus"))
    assert one.read_bytes() == other.read_bytes(), f"copy {one} to {other}"
