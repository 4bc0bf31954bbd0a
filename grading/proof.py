"""`grade check`: prove that the source, the release, the reference and the grader agree.

In real kernels: the instructor's answers earn everything, the blank hand-out nothing because it is
not started, right answers in other forms everything. Beside the judge: every misconception loses
exactly what it breaks and is called by its name, and every mutant of the reference is caught. The
visible self-checks are tried on the same wrong answers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from grading import probe
from grading.course import Course
from grading.equivalent import EQUIVALENT
from grading.exercise import Exercise
from grading.exercises import ASSIGNMENTS, EXERCISES
from grading.handin import instructors_answers, other_forms, submit
from grading.judge import NOT_STARTED, judge
from grading.misconceptions import MISCONCEPTIONS, Misconception
from grading.mutants import Mutant, mutants
from grading.run import WORKERS
from grading.self_checks import Check, self_checks
from grading.verdict import Verdict
from grading.worker import grade_submission
from grading.workers import processes

RIGHT, BLANK, FORMS = "right", "blank", "forms"
WRONG, MUTANTS, VISIBLE = "wrong", "mutants", "checks"
KINDS = {
    RIGHT: "the instructor's answer earns everything",
    BLANK: "the hand-out as it is earns nothing, because it is not started",
    FORMS: "submissions in which right answers in other forms earn everything",
    WRONG: "misconceptions that lose what they break and are called by their name",
    MUTANTS: "mutants of the reference that lose something",
    VISIBLE: "wrong answers and mutants that the visible self-checks catch",
}

DRAWS = 5  # each misconception is judged on so many draws of inputs
SEEN_AT_LEAST = 0.85  # of an assignment's wrong answers, by its visible self-checks


@dataclass(frozen=True)
class Trial:
    """One answer given to the grader. It passed if the grader did what it should."""

    exercise: str
    kind: str
    passed: bool
    problem: str = ""  # what must be mended, if anything


def prove(course: Course) -> list[Trial]:
    """Every trial of every exercise, of all assignments."""
    check = self_checks(course)
    with np.errstate(all="ignore"):
        trials = [
            *_in_kernels(course),
            *(trial for m in MISCONCEPTIONS for trial in _of_misconception(m, course, check)),
            *_of_mutants(course, check),
        ]
    return [*trials, *_gaps(trials)]


def _in_kernels(course: Course) -> Iterator[Trial]:
    """Whole submissions: the instructor's, the blank one, and those in other forms."""
    submissions = [
        submission
        for assignment in ASSIGNMENTS
        for submission in (
            submit(course, assignment, RIGHT, instructors_answers(course, assignment)),
            submit(course, assignment, BLANK, {}),
            *other_forms(course, assignment),
        )
    ]
    with processes(WORKERS) as pool:
        for graded in pool.map(grade_submission, submissions, repeat(course)):
            student = graded.submission.student
            kind = student if student in (RIGHT, BLANK) else FORMS
            for verdict in graded.verdicts:
                good = verdict.note == NOT_STARTED if kind == BLANK else not verdict.lost
                problem = "" if good else f"{student}: {verdict.as_text()}"
                yield Trial(verdict.exercise, kind, good, problem)


def _of_misconception(wrong: Misconception, course: Course, check: Check) -> Iterator[Trial]:
    problems = (_misjudged(wrong, course, str(draw)) for draw in range(DRAWS))
    problem = next(filter(None, problems), "")
    yield Trial(wrong.exercise, WRONG, not problem, problem)
    said = check(wrong.exercise, wrong.fresh(course.reference_codes(wrong.exercise)))
    misnamed = said and wrong.says not in said
    yield Trial(
        wrong.exercise,
        VISIBLE,
        bool(said),
        f"the self-check says of {wrong.name!r}: {said}" if misnamed else "",
    )


def _misjudged(wrong: Misconception, course: Course, draw: str) -> str:
    """What the judge gets wrong about a misconception, on one draw."""
    question = course.question(wrong.exercise, wrong.name, draw)
    answers = probe.answer(question.packed(), wrong.fresh(course.reference_codes(wrong.exercise)))
    verdict = judge(question, answers, course)
    if set(verdict.lost) != wrong.loses:
        return (
            f"{wrong.name!r} loses {', '.join(verdict.lost) or 'nothing'}; "
            f"it should lose {', '.join(sorted(wrong.loses))}"
        )
    called = verdict.diagnosis.name if verdict.diagnosis else ""
    return "" if called == wrong.name else f"{wrong.name!r} is called {called or 'nothing'!r}"


def _of_mutants(course: Course, check: Check) -> Iterator[Trial]:
    """Each mutant counts for the first exercise that notices it."""
    modules = dict.fromkeys(exercise.module for exercise in EXERCISES.values())
    for module in modules:
        using = [exercise for exercise in EXERCISES.values() if exercise.module == module]
        for mutant in mutants(course.reference_source(module)):
            if str(mutant) not in EQUIVALENT.get(module, ()):
                yield from _of_mutant(mutant, using, course, check)


def _of_mutant(
    mutant: Mutant, using: list[Exercise], course: Course, check: Check
) -> Iterator[Trial]:
    noticed = next((e for e in using if _judged(mutant, e, course).lost), None)
    problem = "" if noticed else f"this mutant of the reference earns everything: {mutant}"
    first = noticed or using[0]
    yield Trial(first.id, MUTANTS, bool(noticed), problem)
    said = ((e, check(e.id, getattr(mutant.load(), e.answer))) for e in using)
    exercise, message = next((pair for pair in said if pair[1]), (first, ""))
    misnamed = message.startswith("CheckFailed") and not _names_something(message, exercise)
    problem = f"the self-check says of {mutant}: {message}" if misnamed else ""
    yield Trial(first.id, VISIBLE, bool(message), problem)


def _judged(mutant: Mutant, exercise: Exercise, course: Course) -> Verdict:
    question = course.question(exercise.id, str(mutant), "0")
    answer = getattr(mutant.load(), exercise.answer)
    return judge(question, probe.answer(question.packed(), answer), course)


def _names_something(message: str, exercise: Exercise) -> bool:
    """Whether a message speaks of the answer, of what it returns or of what it was given."""
    names = {exercise.answer, *exercise.returns, *probe.LAYER_ATTRIBUTES, "output", "weights"}
    for aspect in exercise.aspects:
        names.update(aspect.values, aspect.cases(np.random.default_rng(0))[0].inputs)
    return any(re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", message) for name in names)


def _gaps(trials: list[Trial]) -> Iterator[Trial]:
    """Kinds of proof that an exercise lacks, and self-checks that see too little."""
    for exercise in EXERCISES:
        tried = {trial.kind for trial in trials if trial.exercise == exercise}
        for kind in (RIGHT, BLANK, WRONG, FORMS):
            if kind not in tried:
                yield Trial(exercise, kind, False, f"nothing was tried: {kind}")
    unknown = {trial.exercise for trial in trials} - set(EXERCISES)
    yield from (Trial(u, RIGHT, False, "no entry in grading/exercises/") for u in unknown)
    for assignment in ASSIGNMENTS:
        own = [e.id for e in EXERCISES.values() if e.notebook.assignment == assignment]
        seen = [t.passed for t in trials if t.kind == VISIBLE and t.exercise in own]
        if sum(seen) < SEEN_AT_LEAST * len(seen):
            problem = f"the self-checks see {sum(seen)} of {len(seen)} wrong answers"
            yield Trial(own[0], VISIBLE, False, problem)
