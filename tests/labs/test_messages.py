"""What the self-checks say of a slip: the words that lead to it, and none that blame what is right.

A slip is an edit of the instructor's answer, as its notebook has it.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
import pytest

import slips
import slips_in_bonus
import slips_in_patterns
from catalogue import EXERCISES, LABS
from grading.course import Course
from grading.proof.handin import instructors_answers
from grading.proof.self_checks import check_of, hand_out_module
from labkit.steps import CheckFailed
from right_forms import RIGHT
from slips import Edits

SLIPS = slips_in_patterns.SLIPS | slips.SLIPS | slips_in_bonus.SLIPS


@pytest.fixture(scope="module")
def faces(course: Course) -> dict[str, ModuleType]:
    """The module lab of each hand-out."""
    return {name: hand_out_module(course.folder("source", name), "lab") for name in LABS}


@pytest.fixture(scope="module")
def check(faces) -> Callable[[str], Callable[[Any], None]]:
    """The self-check of an exercise."""
    return lambda exercise: check_of(faces[EXERCISES[exercise][0].name], exercise)


@pytest.fixture(scope="module")
def edited(course: Course) -> Callable[[str, Edits], Any]:
    """The instructor's answer to an exercise with edits, beside the references for all others."""
    sources = {name: instructors_answers(course, name) for name in LABS}
    given = {name: given_functions(course, name) for name in LABS}

    def edit(exercise: str, edits: Edits) -> Any:
        lab, asked = EXERCISES[exercise]
        source = sources[lab.name][f"{exercise}-answer"]
        for old, new in edits:
            assert old in source, f"the answer to {exercise} no longer says {old!r}"
            source = source.replace(old, new)
        namespace: dict[str, Any] = {"__name__": "edited"}
        for code in lab.reference_codes(exercise):
            exec(code, namespace)
        exec(f"import functools\nimport numpy as np\n{given[lab.name]}\n{source}", namespace)
        return namespace[asked.answer]

    return edit


def given_functions(course: Course, assignment: str) -> str:
    """What notebooks define for their students, outside of the answers."""
    return "\n\n".join(
        cell.source
        for path in sorted(course.folder("source", assignment).glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.source.startswith("def split_heads") and "nbgrader" not in cell.metadata
    )


@pytest.mark.parametrize(("exercise", "edits", "says", "never"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named_and_nothing_else(exercise, edits, says, never, check, edited):
    answer = edited(exercise, edits)
    with pytest.raises(Exception) as failure:  # noqa: PT011 - the student's own, or CheckFailed
        check(exercise)(answer)
    said = "\n".join([str(failure.value), *getattr(failure.value, "__notes__", [])])
    assert says in said
    assert never not in said


@pytest.mark.parametrize(("exercise", "edits"), RIGHT.values(), ids=RIGHT)
def test_a_right_answer_passes_however_it_is_put(exercise, edits, check, edited, capsys):
    check(exercise)(edited(exercise, edits))
    assert capsys.readouterr().out.startswith("Good: ")


def test_a_partial_or_an_object_passes_as_a_function(check, edited):
    attention = edited("global-attention", ())

    class Attention:
        def __call__(self, *arguments, **options):
            return attention(*arguments, **options)

    check("global-attention")(Attention())


def test_a_stand_in_leaves_no_trace(check, edited):
    attention, layer = edited("global-attention", ()), edited("attention-layer", ())
    for exercise, answer in (("global-attention", attention), ("attention-layer", layer)):
        part = answer if exercise == "global-attention" else answer.forward
        before = dict(part.__globals__)
        check(exercise)(answer)
        assert part.__globals__ == before


def test_numbers_in_other_objects_count_as_kept(faces):
    class Pair:
        def __init__(self):
            self.both = [np.zeros(3), {"values": np.zeros(4)}]

    class Cache:
        __slots__ = ("pair", "unset")

        def __init__(self):
            self.pair = Pair()

    assert faces["lab02_bonus"].numbers_kept(Cache()) == 7


def test_a_picture_is_drawn_below_the_message_and_only_where_it_is_seen(monkeypatch):
    drawn: list[str] = []
    monkeypatch.setattr("labkit.drawing.after_the_cell", lambda show: show())
    for are_shown in (False, True):
        monkeypatch.setattr("labkit.drawing.are_shown", lambda shown=are_shown: shown)
        failure = CheckFailed("sentence", "as text", lambda: drawn.append("picture"))
        for _ in range(2):  # Jupyter asks twice
            shown = "\n".join(failure._render_traceback_())
            assert "sentence" in shown
            assert ("as text" in shown) != are_shown
        assert drawn == ["picture"] * are_shown
    assert str(failure) == "sentence\nas text", "whoever sees no picture has it as text"
