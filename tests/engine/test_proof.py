"""`grade check` itself: it must fail on any hole, and its mutants must be what they say."""

import ast
from dataclasses import replace

import pytest

from catalogue import LABS, MISCONCEPTIONS, OTHER_ANSWERS, ROOT, every_lab
from grading.batch.pool import WORKERS, processes
from grading.course import Course
from grading.judging.lab import Lab
from grading.kernel import sandbox
from grading.proof import self_checks as checking
from grading.proof import wrong_answers
from grading.proof.handin import other_answers
from grading.proof.mutants import Mutant, mutants
from grading.proof.originals import originals
from grading.proof.promises import promises, unasked
from grading.proof.prove import _missing, _seen_too_little, prove
from grading.proof.self_checks import self_checks
from grading.proof.trial import CHECKS, KINDS, Trial
from grading.proof.wrong_answers import of_equivalent, of_misconception, of_mutant
from grading.status import Status

LAB = LABS["lab02"]
COURSE = Course(ROOT)
ORIGINALS = {(lab, each.name): each for lab in LABS for each in originals(COURSE, LABS[lab])}
ONE_TOO_WIDE = next(
    m for m in LAB.misconceptions if (m.exercise, m.name) == ("window-mask", "window one too wide")
)


@pytest.fixture(scope="module")
def all_mutants() -> dict[tuple[str, str], list[Mutant]]:
    """By lab and the name of the right answer."""
    return {key: list(original.mutants()) for key, original in ORIGINALS.items()}


def problems(trials) -> list[str]:
    return [trial.problem for trial in trials if trial.problem]


def test_a_misconception_that_loses_something_else_is_a_hole():
    wrong = replace(ONE_TOO_WIDE, loses=frozenset({"dtype"}))
    (problem,) = problems(of_misconception(wrong, LAB, lambda *_: ""))
    assert "loses the window; it should lose dtype" in problem


def test_a_misconception_called_by_another_name_is_a_hole():
    wrong = replace(ONE_TOO_WIDE, name="something else")
    (problem,) = problems(of_misconception(wrong, LAB, lambda *_: ""))
    assert "is called 'window one too wide'" in problem


def test_a_self_check_that_speaks_of_something_else_is_a_hole():
    (problem,) = problems(of_misconception(ONE_TOO_WIDE, LAB, lambda *_: "wrong dtype"))
    assert "the self-check says" in problem


@pytest.mark.parametrize("module", [wrong_answers, checking])
def test_an_answer_that_never_ends_is_one_that_is_caught(module, monkeypatch):
    """A mutant of a loop may be endless; for a student, the kernel would end it."""

    def endless(*_):
        while True:
            pass

    monkeypatch.setattr(module, "SECONDS", 1)
    exercise = LAB.exercises["window-mask"]
    if module is checking:
        assert "more than 1 s" in self_checks(COURSE, "lab02")(exercise.id, endless)
    else:
        verdict = wrong_answers._judged({exercise.answer: endless}, exercise, LAB, "0")
        assert (verdict.earned, verdict.status) == (0, Status.TIMED_OUT)


def test_a_mutant_that_nobody_notices_is_a_hole(all_mutants):
    of_module = all_mutants["lab02", "building_blocks"]
    mutant = next(m for m in of_module if m.definition == "receptive_field")
    other = (LAB.exercises["attended-pairs"],)  # which does not call it
    original = replace(ORIGINALS["lab02", "building_blocks"], answers=other)
    (problem,) = problems(of_mutant(mutant, original, LAB, lambda *_: ""))
    assert "earns everything" in problem


def test_a_self_check_that_refuses_what_is_let_pass_is_a_hole(all_mutants):
    original = ORIGINALS["lab02", "building_blocks"]
    mutant = next(m for m in all_mutants["lab02", "building_blocks"])
    assert not problems(of_equivalent(mutant, original, LAB, lambda *_: ""))
    (problem, *_) = problems(of_equivalent(mutant, original, LAB, lambda *_: "wrong"))
    assert "refuses what may earn everything" in problem


@pytest.mark.parametrize("kind", ["right", "blank", "other", "misconceptions"])
def test_an_exercise_without_some_kind_of_proof_is_a_hole(kind):
    exercises = list(LAB.exercises.values())
    trials = [Trial(exercise.id, k, True) for exercise in exercises for k in KINDS]
    assert problems(_missing(trials, exercises)) == []
    trials.remove(Trial("split-heads", kind, True))
    assert problems(_missing(trials, exercises)) == [f"nothing was tried: {kind}"]


def test_self_checks_that_see_too_little_are_a_hole():
    trials = [Trial(e, k, k != CHECKS) for e in LAB.exercises for k in KINDS]
    (problem,) = _seen_too_little(trials)
    assert f"the self-checks see 0 of {len(LAB.exercises)} wrong answers" in problem


@pytest.mark.parametrize("original", ORIGINALS, ids="/".join)
def test_there_are_many_mutants_each_with_one_change(original, all_mutants):
    names = [str(mutant) for mutant in all_mutants[original]]
    assert len(names) >= 3 * len({e.answer for e in ORIGINALS[original].answers})
    assert len(set(names)) == len(names), "two mutants are called the same"
    for mutant in all_mutants[original]:
        before, after = mutant.change.split(" → ")
        assert before != after


def test_there_are_thousands_of_mutants(all_mutants):
    assert sum(map(len, all_mutants.values())) >= 3000


@every_lab
def test_mutants_are_made_of_all_kinds_of_right_answers(lab: Lab):
    """The reference, the instructor's cells, and one other form of each exercise."""
    names = {name for of, name in ORIGINALS if of == lab.name}
    for exercise in lab.exercises.values():
        assert exercise.module in names
        assert exercise.answered_in or exercise.answer_cell in names
        assert any(name.startswith(f"{exercise.id}: ") for name in names)


SLIPS = {  # what people do, in a text where they could, and what they have then
    "keepdims is forgotten": ("x.max(axis=-1, keepdims=True)", "x.max(axis=-1)"),
    "another axis": ("x.sum(axis=-1)", "x.sum(axis=-2)"),
    "blocked with 0": ("np.where(y, -np.inf, x)", "np.where(y, 0, x)"),
    "blocked with a number": ("np.where(y, -np.inf, x)", "np.where(y, -10000.0, x)"),
    "blocked and open exchanged": ("np.where(y, -np.inf, x)", "np.where(y, x, -np.inf)"),
    "the shift is dropped": ("np.exp(x - x.max())", "np.exp(x)"),
    "the scale is dropped": ("x @ y / n ** 0.5", "x @ y"),
    "a rounded root": ("np.sqrt(n)", "np.floor(np.sqrt(n))"),
    "a copy is dropped": ("x.copy()", "x"),
    "written into an argument": ("x / n", "np.divide(x, n, out=x)"),
    "always float32": ("y", "np.float32(y)"),
    "always float64": ("y", "np.float64(y)"),
    "whole numbers": ("y", "np.asarray(y).astype(int)"),
    "a list": ("y", "list(y)"),
    "axes of length 1 lost": ("y", "np.squeeze(y)"),
    "only one of two": ("(x, y)", "x"),
    "the wrong order": ("(x, y)", "(y, x)"),
    "the first left out": ("range(n)", "range(0 + 1, n)"),
    "the last left out": ("range(n)", "range(0, n - 1)"),
    "one key too many": ("x[a:b]", "x[a:b + 1]"),
    "None by truth": ("y if x is not None else n", "y if x else n"),
    "an argument not passed on": ("f(x, y)", "f(x)"),
    "a name not passed on": ("f(x, n=n)", "f(x)"),
    "the axis of batches": ("x.shape[-2]", "x.shape[1]"),
    "a limit left out": ("max(0, n)", "n"),
    "the other limit": ("max(0, n)", "min(0, n)"),
}


@pytest.mark.parametrize(("right", "slip"), SLIPS.values(), ids=SLIPS)
def test_the_slips_that_people_make_are_made(right, slip):
    made = {m.change.split(" → ")[1] for m in mutants(f"def f(x, y, n):\n    return {right}", "f")}
    wanted = ast.unparse(ast.parse(f"def f():\n    return {slip}").body[0].body)
    assert wanted in made


def test_what_is_computed_once_may_be_kept_by_a_slip():
    text = "def f(x):\n    y = x + 1\n    return y"
    assert any("vars(f).setdefault('y', x + 1)" in mutant.change for mutant in mutants(text, "f"))


@every_lab
def test_every_mutant_that_is_let_pass_exists(lab: Lab, all_mutants):
    for original, let_pass in lab.equivalent.items():
        assert set(let_pass) <= {str(mutant) for mutant in all_mutants[lab.name, original]}


def test_the_catalogues_are_large_enough():
    assert len(MISCONCEPTIONS) >= 40
    assert len(OTHER_ANSWERS) >= 25
    assert len({(m.exercise, m.definition) for _, m in MISCONCEPTIONS}) == len(MISCONCEPTIONS)


@every_lab
def test_every_promise_is_asked_for(lab: Lab):
    assert list(unasked(COURSE, lab)) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "no aspect is named that asks for the promise"),
        ({"The number of pairs, an int.": ()}, "no aspect is named that asks for the promise 'The"),
        ({"It runs fast.": ("an int",)}, "speaks of 'It runs fast.', which is not promised"),
        ({"The number of pairs, an int.": ("speed",)}, "names 'speed', which is no aspect of it"),
    ],
)
def test_a_promise_that_nobody_asks_for_is_a_hole(asked, said):
    lab = Lab(LAB.name, LAB.folder)
    vars(lab)["promises"] = LAB.promises | {"attended-pairs": asked}
    assert any(said in line for line in unasked(COURSE, lab))


def test_the_sentences_of_a_docstring():
    cell = '''
def f(x):
    """Does a thing. And another
    one.

    Args:
        x, y: numbers. At least 1,
            or 2.
    Returns:

    Example:
        >>> f(1)
    """
'''
    wanted = [
        "Does a thing.",
        "And another one.",
        "x, y: numbers.",
        "At least 1, or 2.",
        "Returns:",
    ]
    assert promises(cell) == wanted


@every_lab
def test_other_forms_leave_no_answer_out(lab: Lab, course):
    given = [exercise for _, given in other_answers(course, lab) for exercise in given]
    assert sorted(given) == sorted(answer.exercise for answer in lab.other_answers)
    handed_in = b"".join(f for each, _ in other_answers(course, lab) for f in each.files.values())
    for answer in lab.other_answers:
        name = answer.definition.__name__
        there = f"def {name}(".encode() in handed_in or f"class {name}".encode() in handed_in
        assert there, answer.name


@every_lab
def test_the_self_checks_pass_the_reference(lab: Lab, course):
    check = self_checks(course, lab.name)
    for exercise in lab.exercises.values():
        assert check(exercise.id, lab.reference(exercise)) == ""


def test_one_exercise_of_a_lab_with_several_notebooks_is_proven_alone(course):
    with processes(WORKERS) as pool:
        proof = prove(sandbox.or_trust(course), "lab02", pool, "attended-pairs")
    assert proof.holes == []
    assert proof.exercises == ("attended-pairs",)
    assert {trial.kind for trial in proof.trials} == set(KINDS)
