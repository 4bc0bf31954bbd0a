"""`grade check`: prove that the source, the release, the reference and the judge agree.

Every exercise three ways: the instructor's answer earns everything, the blank hand-out nothing
because it is not started, and every known misconception exactly what it does not break.
"""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from grading import probe
from grading.course import Course
from grading.exercise import Exercise
from grading.exercises import EXERCISES
from grading.handin import instructors_answers, submit
from grading.judge import NOT_STARTED, judge
from grading.misconceptions import MISCONCEPTIONS, Misconception
from grading.verdict import Verdict
from grading.worker import grade_submission

DRAWS = 5  # each misconception is judged on so many draws of inputs


@dataclass(frozen=True)
class Proof:
    exercise: Exercise
    right: Verdict | None
    blank: Verdict | None
    misconceptions: int
    problems: tuple[str, ...]


def prove(course: Course, assignment: str) -> list[Proof]:
    """Run the instructor's notebooks and the blank ones in real kernels, and judge the rest."""
    answers = instructors_answers(course, assignment)
    right = _verdicts(course, assignment, "instructor", answers)
    blank = _verdicts(course, assignment, "blank", {})
    unknown = [name for name in (right | blank) if name not in EXERCISES]
    if unknown:
        raise LookupError(f"No entry in grading/exercises.py for {', '.join(unknown)}")
    return [_prove(course, e, right.get(e.id), blank.get(e.id)) for e in EXERCISES.values()]


def _verdicts(
    course: Course, assignment: str, student: str, answers: dict[str, str]
) -> dict[str, Verdict]:
    graded = grade_submission(submit(course, assignment, student, answers), course)
    return {verdict.exercise: verdict for verdict in graded.verdicts}


def _prove(
    course: Course, exercise: Exercise, right: Verdict | None, blank: Verdict | None
) -> Proof:
    problems = []
    if right is None or right.earned < exercise.points:
        seen = right.as_text() if right else "no such cell in the notebooks"
        problems.append(f"the instructor's answer does not earn all points: {seen}")
    if blank is None or blank.earned or blank.note != NOT_STARTED:
        seen = blank.as_text() if blank else "no such cell in the notebooks"
        problems.append(f"the blank hand-out does not fail as not started: {seen}")
    known = [m for m in MISCONCEPTIONS if m.exercise == exercise.id]
    problems += [problem for m in known if (problem := _misjudged(course, exercise, m))]
    if not known:
        problems.append("no misconception is known")
    return Proof(exercise, right, blank, len(known), tuple(problems))


def _misjudged(course: Course, exercise: Exercise, misconception: Misconception) -> str:
    for draw in range(DRAWS):
        question = course.question(exercise.id, misconception.name, str(draw))
        answers = probe.answer(question.packed(), misconception.answer)
        lost = set(judge(question, answers, course).lost)
        if lost != misconception.loses:
            return (
                f"{misconception.name!r} loses {', '.join(sorted(lost)) or 'nothing'}; "
                f"it should lose {', '.join(sorted(misconception.loses))}"
            )
    return ""


def show(proofs: list[Proof], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("exercise")
    for column in ("instructor", "blank", "misconceptions"):
        table.add_column(column, justify="right")
    table.add_column("verdict")
    for proof in proofs:
        of = f"/{proof.exercise.points:g}"
        table.add_row(
            proof.exercise.id,
            f"{proof.right.earned:g}{of}" if proof.right else "-",
            f"{proof.blank.earned:g}{of}" if proof.blank else "-",
            str(proof.misconceptions),
            "not proven" if proof.problems else "proven",
        )
    console.print(table)
    for proof in proofs:
        for problem in proof.problems:
            console.print(f"{proof.exercise.id}: {problem}", markup=False, highlight=False)
