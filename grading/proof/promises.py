"""What the text of an exercise promises, sentence by sentence, and the aspects that ask for it."""

import ast
import re
from collections.abc import Iterator

from grading.course import Course
from grading.judging.lab import Lab
from grading.proof.handin import instructors_answers

NO_PROMISE = r"Example"  # a paragraph that begins so shows what others say
NEW_ENTRY = r"\w+(, \w+)*: "  # of a list, as in "first, last: ints"


def promises(source: str) -> list[str]:
    """The sentences of the docstrings in a solution cell, in order, none twice.

    Those of examples are left out.
    """
    found: dict[str, None] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for paragraph in re.split(r"\n\s*\n", ast.get_docstring(node) or ""):
                if paragraph and not re.match(NO_PROMISE, paragraph):
                    found |= dict.fromkeys(_sentences(paragraph))
    return list(found)


def unasked(course: Course, lab: Lab) -> Iterator[str]:
    """A line for each promise that no aspect asks for, and for each that none makes."""
    cells = instructors_answers(course, lab.name)
    elsewhere = {f"{e.id}: {aspect.name}" for _, e in lab.entries for aspect in e.aspects}
    for exercise in lab.exercises.values():
        made = promises("" if exercise.answered_in else cells.get(exercise.answer_cell, ""))
        asked = lab.promises.get(exercise.id, {})
        for sentence in made:
            if not asked.get(sentence):
                yield f"{exercise.id}: no aspect is named that asks for the promise {sentence!r}"
        known = elsewhere | {aspect.name for aspect in exercise.aspects}
        for sentence, aspects in asked.items():
            if sentence not in made:
                yield f"{exercise.id}: a promises.py speaks of {sentence!r}, which is not promised"
            for name in sorted(set(aspects) - known):
                yield f"{exercise.id}: a promises.py names {name!r}, which is no aspect of it"


def _sentences(paragraph: str) -> Iterator[str]:
    """Of a paragraph, or of a list with a heading, whose entries are told apart by their names."""
    heading, *lines = paragraph.splitlines()
    if not heading.endswith(":"):
        lines = [" ".join([heading, *map(str.strip, lines)])]
    entries: list[str] = []
    for line in map(str.strip, lines):
        if entries and not re.match(NEW_ENTRY, line):
            entries[-1] += f" {line}"
        else:
            entries.append(line)
    for entry in entries:
        yield from re.split(r"(?<=\.) (?=[A-Z])", entry)
