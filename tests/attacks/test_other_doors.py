"""The attacks again, by other ways into the grader, and many at the same moment.

A few, drawn anew each time; `ATTACKS=200 uv run pytest tests/attacks` takes them all.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterable

import pytest
from nbgrader.api import Gradebook

from attacks.corpus import Attack, hand_in_class, honest_class, without
from attacks.kinds import ATTACKS
from clusters import Cluster
from grading.batch.assignment import register
from grading.batch.recorder import Recorder
from grading.course import Course
from gradings import ASSIGNMENT, grade, lines_of, needs_sandbox

FEW, MANY = int(os.environ.get("ATTACKS", "6")), int(os.environ.get("ATTACKS", "20"))
OF_CODE = [attack for attack in ATTACKS if attack.code]  # nbgrader wants whole notebooks
HONEST, HONEST_EARNS = "m-honest-student", without("attended-pairs")
MIB = 1 << 20

pytestmark = needs_sandbox


def drawn(attacks: Iterable[Attack], number: int) -> list[Attack]:
    pool = list(attacks)
    return random.SystemRandom().sample(pool, min(number, len(pool)))


def with_attacks(course: Course, attacks: list[Attack], *settings: str) -> Course:
    """A class of these, and of one honest student."""
    honest = [one for one in honest_class(course) if one.student == HONEST]
    hand_in_class(course, attacks, honest, *settings)
    with Recorder.open(course, ASSIGNMENT) as recorder:
        register(course, ASSIGNMENT, recorder.gradebook)
    return course


def require_earned(course: Course, attacks: list[Attack]) -> None:
    """Nobody has more than they must, by the gradebook, and the honest one has what they earned."""
    allowed = {attack.name: set(attack.marks_by_status.values()) for attack in attacks}
    allowed[HONEST] = {HONEST_EARNS}
    with Gradebook(course.database_url) as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions(ASSIGNMENT)}
    wrong = {
        student: f"{scores.get(student)} and not {marks}"
        for student, marks in allowed.items()
        if scores.get(student) not in marks
    }
    assert not wrong
    assert set(scores) == set(allowed)


def require_ended_well(course: Course, attacks: list[Attack]) -> None:
    """So does grades.csv, which names the status, too."""
    lines = lines_of(course)
    wrong = {
        attack.name: lines[attack.name]["status"]
        for attack in attacks
        if lines[attack.name]["status"] not in attack.marks_by_status
    }
    assert not wrong
    require_earned(course, attacks)


def test_through_nbgrader_autograde(own_course: Course):
    attacks = drawn(OF_CODE, FEW)
    course = with_attacks(own_course, attacks)
    command = [sys.executable, "-m", "nbgrader", "autograde", "--create", ASSIGNMENT]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    require_earned(course, attacks)


def test_through_a_cluster(own_course: Course, cluster: Cluster):
    attacks = drawn(ATTACKS, FEW)
    course = with_attacks(own_course, attacks)
    grade(course, scheduler=cluster.address)
    require_ended_well(course, attacks)
    left = list(cluster.folder.rglob("kernel-*"))
    assert not left, "a worker left something of a kernel behind"


def test_many_at_the_same_moment(own_course: Course, monkeypatch: pytest.MonkeyPatch):
    """More than the machine has cores for, and each with less than it could take of it."""
    attacks = drawn(ATTACKS, MANY)
    course = with_attacks(own_course, attacks, f"c.SteadyExecute.memory = {600 * MIB}")
    monkeypatch.setattr("grading.batch.grade_class.WORKERS", MANY)
    grade(course)
    most = {attack.name: max(attack.marks_by_status.values()) for attack in attacks}
    lines = lines_of(course)
    for student, line in lines.items():  # there are no seconds for some: they may be timed out
        assert line["status"] != "infrastructure failure", line
        assert float(line["total"]) <= most.get(student, HONEST_EARNS), line
    assert set(lines) == {*most, HONEST}
    assert float(lines[HONEST]["total"]) == HONEST_EARNS
