"""`grade check` itself: it must fail on any hole, and its mutants must be what they say."""

from dataclasses import replace

import pytest

from grading.course import Course
from grading.equivalent import EQUIVALENT
from grading.exercises import ASSIGNMENTS, EXERCISES
from grading.handin import other_forms
from grading.misconceptions import MISCONCEPTIONS
from grading.mutants import Mutant, mutants
from grading.proof import KINDS, Trial, _gaps, _of_misconception, _of_mutant
from grading.self_checks import self_checks
from grading.variants import VARIANTS

MODULES = dict.fromkeys(exercise.module for exercise in EXERCISES.values())
ONE_TOO_WIDE = next(
    m for m in MISCONCEPTIONS if (m.exercise, m.name) == ("window-mask", "window one too wide")
)


@pytest.fixture(scope="module")
def all_mutants(course: Course) -> dict[str, list[Mutant]]:
    """By module."""
    return {module: list(mutants(course.reference_source(module))) for module in MODULES}


def problems(trials) -> list[str]:
    return [trial.problem for trial in trials if trial.problem]


def test_a_misconception_that_loses_something_else_is_a_hole(course):
    wrong = replace(ONE_TOO_WIDE, loses=frozenset({"dtype"}))
    (problem,) = problems(_of_misconception(wrong, course, lambda *_: ""))
    assert "loses the window; it should lose dtype" in problem


def test_a_misconception_called_by_another_name_is_a_hole(course):
    wrong = replace(ONE_TOO_WIDE, name="something else")
    (problem,) = problems(_of_misconception(wrong, course, lambda *_: ""))
    assert "is called 'window one too wide'" in problem


def test_a_self_check_that_speaks_of_something_else_is_a_hole(course):
    (problem,) = problems(_of_misconception(ONE_TOO_WIDE, course, lambda *_: "wrong dtype"))
    assert "the self-check says" in problem


def test_a_mutant_that_nobody_notices_is_a_hole(course, all_mutants):
    mutant = next(m for m in all_mutants["building_blocks"] if m.definition == "receptive_field")
    using = [EXERCISES["attended-pairs"]]  # which does not call it
    (problem,) = problems(_of_mutant(mutant, using, course, lambda *_: ""))
    assert "earns everything" in problem


@pytest.mark.parametrize("kind", ["right", "blank", "forms", "wrong"])
def test_an_exercise_without_some_kind_of_proof_is_a_hole(kind):
    trials = [Trial(e, k, True) for e in EXERCISES for k in KINDS]
    assert problems(_gaps(trials)) == []
    trials.remove(Trial("split-heads", kind, True))
    assert problems(_gaps(trials)) == [f"nothing was tried: {kind}"]


def test_self_checks_that_see_too_little_are_a_hole():
    trials = [Trial(e, k, k != "checks") for e in EXERCISES for k in KINDS]
    found = problems(_gaps(trials))
    assert len(found) == len(ASSIGNMENTS)
    assert all("the self-checks see 0 of" in problem for problem in found)


@pytest.mark.parametrize("module", MODULES)
def test_there_are_many_mutants_each_with_one_change(module, all_mutants):
    names = [str(mutant) for mutant in all_mutants[module]]
    assert len(names) >= 30
    assert len(set(names)) == len(names), "two mutants are called the same"
    for mutant in all_mutants[module]:
        before, after = mutant.change.split(" → ")
        assert before != after


def test_every_mutant_that_is_let_pass_exists(all_mutants):
    for module, let_pass in EQUIVALENT.items():
        assert set(let_pass) <= {str(mutant) for mutant in all_mutants[module]}


def test_the_catalogues_are_large_enough():
    assert len(MISCONCEPTIONS) >= 40
    assert len(VARIANTS) >= 25
    assert len({(m.exercise, m.name) for m in MISCONCEPTIONS}) == len(MISCONCEPTIONS)


def test_other_forms_leave_no_variant_out(course):
    submissions = [form for assignment in ASSIGNMENTS for form in other_forms(course, assignment)]
    handed_in = b"".join(file for form in submissions for file in form.files.values())
    for variant in VARIANTS:
        assert f"def {variant.definition.__name__}(".encode() in handed_in or (
            f"class {variant.definition.__name__}".encode() in handed_in
        ), variant.name


def test_the_self_checks_pass_the_reference(course):
    check = self_checks(course)
    for exercise in EXERCISES.values():
        answer = getattr(course.reference(exercise.module), exercise.answer)
        assert check(exercise.id, answer) == ""
