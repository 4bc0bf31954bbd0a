"""What an attack is, and the class in which all of them are handed in together.

An attack is a few lines of Python that run in the answer cells, or a change to the files handed in.
One that must earn nothing comes with functions that are all wrong; one that must keep its marks,
because it harms nobody, with the instructor's answers.
"""

import ast
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import nbformat

from catalogue import worth, worth_of_notebooks
from grading.course import CONFIG_FILE, Course
from grading.files import write_files
from grading.intake.submission import Submission
from grading.proof.handin import Answers, instructors_answers, submit
from gradings import ALL, ASSIGNMENT, LAB

WITHOUT_FIRST = ALL - worth_of_notebooks(ASSIGNMENT, 1)
SHORT_LIMITS = """
c.Execute.timeout = 40
c.SteadyExecute.notebook_timeout = 110
c.SteadyExecute.notebook_output = 4 << 20
c.SteadyExecute.iopub_timeout = 10
c.SteadyExecute.memory = 2 << 30
"""
FIRST_ANSWERS = ("window-mask-answer", "global-mask-answer", "split-heads-answer")


@dataclass(frozen=True)
class Attack:
    name: str
    tries: str
    status: str
    marks: float
    change: Callable[[Path], None] | None = None  # of the folder handed in
    code: str = ""  # put in front of the answers
    cells: tuple[str, ...] = FIRST_ANSWERS
    marks_if: dict[str, float] = field(default_factory=dict, hash=False)  # other marks, by status

    @property
    def marks_by_status(self) -> dict[str, float]:
        """Each way in which it may end, with what it must earn then."""
        return {
            status: self.marks_if.get(status, self.marks) for status in self.status.split(" or ")
        }

    def hand_in(self, course: Course, folder: Path) -> None:
        answers = instructors_answers(course, ASSIGNMENT) if self.marks else wrong_answers()
        if self.code:
            answers |= {cell: f"{self.code}\n\n{answers[cell]}" for cell in self.cells}
        files = submit(course, ASSIGNMENT, self.name, answers).files
        write_files(folder, {name: _without_pictures(content) for name, content in files.items()})
        if self.change:
            self.change(folder)


ATTACKS: list[Attack] = []


def attack(
    status: str,
    marks: float = 0.0,
    *,
    cells: tuple[str, ...] = FIRST_ANSWERS,
    marks_if: dict[str, float] | None = None,
):
    """The body of the decorated function is run in front of the answers in these cells."""

    def enter(function: Callable[[], None]) -> Callable[[], None]:
        tries, code = _docstring_and_body(function)
        name, others = _name(function), marks_if or {}
        ATTACKS.append(Attack(name, tries, status, marks, None, code, cells, others))
        return function

    return enter


def damage(status: str, marks: float = 0.0):
    """The decorated function changes the files in the folder that is handed in."""

    def enter(function: Callable[[Path], None]) -> Callable[[Path], None]:
        tries, _ = _docstring_and_body(function)
        ATTACKS.append(Attack(_name(function), tries, status, marks, change=function))
        return function

    return enter


def wrong_answers() -> Answers:
    return {
        exercise.answer_cell: f"def {exercise.answer}(*args, **kwargs):\n    return 0"
        for exercise in LAB.exercises.values()
    }


def without(*exercises: str) -> float:
    """What is left of all points without those of some exercises."""
    return ALL - sum(map(worth, exercises))


def honest_class(course: Course) -> list[Submission]:
    """Students who sit among the attackers: all right, all but one exercise, and nothing yet."""
    right = instructors_answers(course, ASSIGNMENT)
    missing = right | {"attended-pairs-answer": wrong_answers()["attended-pairs-answer"]}
    return [
        submit(course, ASSIGNMENT, "a-honest-student", right),
        submit(course, ASSIGNMENT, "m-honest-student", missing),
        submit(course, ASSIGNMENT, "z-honest-student", {}),
    ]


def hand_in_class(
    course: Course, attacks: Iterable[Attack], honest: Iterable[Submission], *settings: str
) -> None:
    """Attackers and honest students, in a course with limits that end soon, and more settings."""
    with (course.root / CONFIG_FILE).open("a") as config:
        config.write("\n".join((SHORT_LIMITS, *settings)))
    for attack in attacks:
        attack.hand_in(course, course.folder("submitted", ASSIGNMENT, attack.name))
    for one in honest:
        write_files(course.folder("submitted", ASSIGNMENT, one.student), one.files)


def _without_pictures(content: bytes) -> bytes:
    """The notebook without the cells that only draw: they take long, and test nothing here."""
    notebook = nbformat.reads(content.decode(), as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type != "code" or "nbgrader" in cell.metadata or "import lab" in cell.source
    ]
    return nbformat.writes(notebook).encode()


def _name(function: Callable[..., None]) -> str:
    return function.__name__.replace("_", "-")


def _docstring_and_body(function: Callable[..., None]) -> tuple[str, str]:
    source = dedent(inspect.getsource(function))
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    body = source.splitlines()[definition.body[0].end_lineno :]
    return inspect.getdoc(function) or "", dedent("\n".join(body))
