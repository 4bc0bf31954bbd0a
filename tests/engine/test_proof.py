"""`grade check` itself: it must fail on any hole, and its mutants must be what they say."""

from dataclasses import replace

import pytest

from catalogue import EXERCISES, LABS, MISCONCEPTIONS, OTHER_ANSWERS, every_lab
from grading.judging.lab import Lab
from grading.kernel import sandbox
from grading.proof.handin import other_answers
from grading.proof.mutants import Mutant, mutants
from grading.proof.prove import _missing, _seen_too_little, prove
from grading.proof.self_checks import self_checks
from grading.proof.trial import CHECKS, KINDS, Trial
from grading.proof.wrong_answers import of_misconception, of_mutant

LAB = LABS["lab02"]
MODULES = dict.fromkeys((lab.name, e.module) for lab, e in EXERCISES.values())
ONE_TOO_WIDE = next(
    m for m in LAB.misconceptions if (m.exercise, m.name) == ("window-mask", "window one too wide")
)


@pytest.fixture(scope="module")
def all_mutants() -> dict[tuple[str, str], list[Mutant]]:
    """By lab and module."""
    return {
        (lab, module): list(mutants(LABS[lab].reference_source(module))) for lab, module in MODULES
    }


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


def test_a_mutant_that_nobody_notices_is_a_hole(all_mutants):
    of_module = all_mutants["lab02", "building_blocks"]
    mutant = next(m for m in of_module if m.definition == "receptive_field")
    using = [LAB.exercises["attended-pairs"]]  # which does not call it
    (problem,) = problems(of_mutant(mutant, using, LAB, lambda *_: ""))
    assert "earns everything" in problem


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


@pytest.mark.parametrize("module", MODULES, ids="/".join)
def test_there_are_many_mutants_each_with_one_change(module, all_mutants):
    names = [str(mutant) for mutant in all_mutants[module]]
    lab, of_module = module
    answers = {e.answer for _, e in LABS[lab].entries if e.module == of_module}
    assert len(names) >= 3 * len(answers)
    assert len(set(names)) == len(names), "two mutants are called the same"
    for mutant in all_mutants[module]:
        before, after = mutant.change.split(" → ")
        assert before != after


def test_there_are_hundreds_of_mutants(all_mutants):
    assert sum(map(len, all_mutants.values())) >= 450


@every_lab
def test_every_mutant_that_is_let_pass_exists(lab: Lab, all_mutants):
    for module, let_pass in lab.equivalent.items():
        assert set(let_pass) <= {str(mutant) for mutant in all_mutants[lab.name, module]}


def test_the_catalogues_are_large_enough():
    assert len(MISCONCEPTIONS) >= 40
    assert len(OTHER_ANSWERS) >= 25
    assert len({(m.exercise, m.definition) for _, m in MISCONCEPTIONS}) == len(MISCONCEPTIONS)


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
    proof = prove(sandbox.or_trust(course), "lab02", "attended-pairs")
    assert proof.holes == []
    assert proof.exercises == ("attended-pairs",)
    assert {trial.kind for trial in proof.trials} == set(KINDS)
