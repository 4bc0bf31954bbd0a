"""The engine with a lab about something else: bools about primes are neither blocked nor open."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grading.course import Course
from grading.judging.judge import judge
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.rehearsal import rehearse
from grading.judging.verdict import Verdict
from grading.kernel import probe

LAB = """
from grading.judging.words import Words, grid

NOTEBOOKS = ("01_primes",)
WORDS = Words(
    axes={"divides": ("number", "divisor")},
    truth={"divides": ("no divisor", "divisor")},
    pictures={"divides": grid("-x", "no divisor", "divisor")},
    left_out=("secret",),
)
"""
EXERCISES = """
from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Exercise


def numbers(rng):
    return {"numbers": rng.permutation(np.arange(2, 30))[:8], "secret_seed": 7}


import numpy as np

IS_PRIME = Exercise(
    id="is-prime", answer="is_prime", module="primes", returns=("prime",), driver="without_seed",
    aspects=(Aspect("primes", 1.0, repeat(3, numbers)),),
)
DIVIDES = Exercise(
    id="divides", answer="divides", module="primes", returns=("divides",),
    aspects=(Aspect("divisors", 1.0, lambda rng: [Case({"n": int(rng.integers(4, 9))})]),),
)
from grading.judging.exercise import Case
"""
DRIVERS = '''
def without_seed(call):
    """Nobody but us needs the seed."""
    call.inputs.pop("secret_seed")
    return call.make()
'''
REFERENCE = """
import numpy as np


def is_prime(numbers):
    return np.array([n > 1 and all(n % d for d in range(2, n)) for n in numbers])


def divides(n):
    number = np.arange(1, n)
    return number[:, np.newaxis] % number == 0
"""
MISCONCEPTIONS = """
import numpy as np

from grading.judging.written import misconception


@misconception("is-prime", "odd numbers", loses=("primes",), hint="What of 9?", says="9")
def odd(numbers):
    return np.asarray(numbers) % 2 == 1
"""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    folder = tmp_path / "primes"
    for name, text in {
        "lab.py": LAB,
        "drivers.py": DRIVERS,
        "reference/primes.py": REFERENCE,
        "primes/exercises.py": EXERCISES,
        "primes/misconceptions.py": MISCONCEPTIONS,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Lab("primes", folder)


def verdict_on(answer, exercise: str, lab: Lab) -> Verdict:
    question = Question.draw(lab.exercises[exercise], np.random.default_rng(0))
    name = question.exercise.answer
    answers = probe.answer(question.packed, name, {name: answer}, lab.drivers)
    return judge(question, answers, lab)


def test_a_bool_is_told_as_it_is(lab):
    verdict = verdict_on(lambda numbers: np.zeros(len(numbers), dtype=bool), "is-prime", lab)
    (mark,) = verdict.marks
    assert "expected True, got False" in mark.problem
    assert mark.picture == ""
    for word in ("blocked", "open", "query", "key", "secret_seed"):
        assert word not in verdict.as_text()


def test_a_lab_has_its_own_words_and_pictures(lab):
    verdict = verdict_on(lambda n: np.eye(n - 1, dtype=bool), "divides", lab)
    (mark,) = verdict.marks
    assert "divides at number 1, divisor 0: expected divisor (True), got no divisor (False)" in (
        mark.problem
    )
    assert "(- no divisor, x divisor, [ ] wrong)" in mark.picture
    assert "[-]" in mark.picture


def test_its_misconceptions_are_called_by_their_names(lab):
    answer = lab.misconceptions[0].fresh(lab.reference_codes("is-prime"))["is_prime"]
    verdict = verdict_on(answer, "is-prime", lab)
    assert verdict.diagnosis.name == "odd numbers"


def test_its_right_answers_earn_everything(lab):
    for name, exercise in lab.exercises.items():
        assert verdict_on(lab.reference(exercise), name, lab).lost == ()


def test_its_drivers_travel_as_text_that_needs_nothing_of_ours(lab):
    """In a kernel there is no grading: the text alone must do."""
    namespace: dict[str, object] = {}
    exec(lab.drivers_source, namespace)
    question = Question.draw(lab.exercises["is-prime"], np.random.default_rng(0))
    names = lab.names_beside(lab.exercises["is-prime"])
    there = probe.answer(question.packed, "is_prime", names, namespace)
    assert there == probe.answer(question.packed, "is_prime", names, lab.drivers)


def test_labs_of_two_courses_do_not_meet(lab, tmp_path: Path):
    other = tmp_path / "other/primes"
    shutil.copytree(lab.folder, other)
    path = other / "reference/primes.py"
    path.write_text(path.read_text().replace("n > 1 and", "n == 2 or"))
    (other / "primes/exercises.py").write_text(EXERCISES.replace("1.0, repeat", "5.0, repeat"))
    two = Lab("primes", other)
    assert (lab.exercises["is-prime"].points, two.exercises["is-prime"].points) == (1, 5)
    one, another = (each.reference(each.exercises["is-prime"]) for each in (lab, two))
    assert one.__code__ != another.__code__


def test_a_call_shows_what_became_of_its_arrays():
    call = probe.Call(lambda x: x.sort(), {"x": np.array([2, 1])}, returns=["result"])
    shown = call.make()
    assert shown["x after the call"].tolist() == [1, 2]
    assert SimpleNamespace(**{"result": shown["result"]}).result is None


def test_the_words_of_this_course_are_those_of_its_labs(course: Course):
    from grading.labs import find_lab

    words = find_lab(course, "lab02").words
    assert words.entry("mask", np.bool_(True)) == "blocked (True)"
    assert words.entry("prime", np.bool_(True)) == "True"


def test_an_answer_that_cannot_be_compared_is_told_to_its_author(lab):
    """Words, where numbers or a text are wanted: before anybody is graded."""
    path = lab.folder / "reference/primes.py"
    first_line = "    number = np.arange(1, n)\n"
    assert first_line in path.read_text()
    path.write_text(path.read_text().replace(first_line, '    return ["two", "three"]\n'))
    said = [problem for _, problem in rehearse(lab)]
    assert any("cannot be compared: let a driver show it" in problem for problem in said), said
