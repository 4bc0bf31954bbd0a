"""The right answers of which mutants are made: the reference, the instructor's, one other form."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import CodeType

import nbformat
from nbgrader import utils

from grading.course import Course
from grading.judging.exercise import Exercise
from grading.judging.lab import Lab
from grading.proof.handin import instructors_answers
from grading.proof.mutants import Mutant, mutants


@dataclass(frozen=True)
class Original:
    """A right answer, by the name under which equivalent.py knows it.

    answers: the exercises that are answered in it. others: more that may notice a change of it.
    beside: what is run first, for the names that it uses.
    """

    name: str
    source: str
    answers: tuple[Exercise, ...]
    others: tuple[Exercise, ...] = ()
    beside: tuple[CodeType, ...] = ()

    def mutants(self) -> Iterator[Mutant]:
        asked = {exercise.answer for exercise in self.answers}
        return mutants(self.source, asked, self.beside)


def originals(course: Course, lab: Lab) -> Iterator[Original]:
    """All of a lab."""
    for module in dict.fromkeys(exercise.module for _, exercise in lab.entries):
        using = [exercise for _, exercise in lab.entries if exercise.module == module]
        yield Original(module, lab.reference_source(module), tuple(using))
    right = instructors_answers(course, lab.name)
    for notebook in lab.notebooks:
        given = tuple(_given(course.folder("source", lab.name) / f"{notebook}.ipynb"))
        exercises = lab.in_notebook(notebook)
        for exercise in exercises:
            others = tuple(each for each in exercises if each != exercise)
            beside = (*lab.reference_codes(exercise.id), *given)
            cell = exercise.answer_cell
            if cell in right and not exercise.answered_in:
                yield Original(cell, right[cell], (exercise,), others, beside)
            forms = (answer for answer in lab.other_answers if answer.exercise == exercise.id)
            for form in islice(forms, 1):
                name = f"{exercise.id}: {form.name}"
                yield Original(name, form.source, (exercise,), others, beside)


def _given(path: Path) -> Iterator[CodeType]:
    """What a notebook itself defines and imports for the answers in it."""
    for cell in nbformat.read(path, as_version=4).cells if path.is_file() else ():
        if cell.cell_type == "code" and not utils.is_grade(cell) and not utils.is_solution(cell):
            body = [node for node in ast.parse(cell.source).body if _is_given(node)]
            yield compile(ast.Module(body, []), f"<{cell.id}>", "exec")


def _is_given(node: ast.stmt) -> bool:
    match node:
        case ast.Import(names=[ast.alias(name=name)]):
            return name != "lab"
    return isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ImportFrom)
