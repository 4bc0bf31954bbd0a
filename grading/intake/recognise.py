"""Which cell of the hand-out each of a student's cells is, whatever an editor has made of it.

A cell is known by its grade_id; where an editor has lost that, by its id, by its text, or by what
it defines. By looks alone: Python's own parser can be crashed by what it is given, and the class
with it. What is guessed wrongly costs nobody a point, as every cell of a student's is run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import nbformat
from nbformat import NotebookNode

from grading.intake.hand_out import HandOut, code_of, grade_id


@dataclass(frozen=True)
class Piece:
    """A cell of a student's, or the part of one that stands for one cell of the hand-out.

    stands_for: its grade_id, or an empty string for what is the student's own.
    named: whether its own grade_id says so. is_part: whether it was cut out of a cell.
    """

    cell: NotebookNode
    stands_for: str = ""
    named: bool = False
    is_part: bool = False


def recognise(submitted: list[NotebookNode], hand_out: HandOut) -> list[Piece]:
    """The pieces of a notebook, in its order, each with what it stands for."""
    named = {grade_id(cell) for cell in submitted}
    pieces: list[Piece] = []
    for cell in submitted:
        own = grade_id(cell) if grade_id(cell) in hand_out.cells else ""
        wanted = {n: t for n, t in hand_out.tests.items() if n == own or n not in named}
        pieces += _cut(Piece(cell, own, named=bool(own)), wanted)
    pieces = _by_id(pieces, hand_out)
    return _by_definition(pieces, hand_out)


def defines(source: str, name: str) -> bool:
    """Whether code gives a meaning to a name, at its top level."""
    forms = (
        rf"(?:async[ \t]+)?def[ \t]+{name}\b",
        rf"class[ \t]+{name}\b",
        rf"(?:\w+[ \t]*=[ \t]*)*{name}[ \t]*(?::[^=\n]*)?=(?!=)",
        rf"(?:from|import)[ \t].*\b{name}\b",
    )
    return bool(re.search(rf"^(?:{'|'.join(forms)})", source, re.MULTILINE))


def gives(cell: NotebookNode, names: list[str]) -> bool:
    """Whether a cell is code that gives a meaning to one of these names."""
    return cell.cell_type == "code" and any(defines(cell.source, name) for name in names)


def _cut(piece: Piece, tests: dict[str, NotebookNode]) -> Iterator[Piece]:
    """A piece; or, where a whole test was merged into it, the test and what is around it."""
    source = piece.cell.source
    for name, test in tests.items() if piece.cell.cell_type == "code" else ():
        lines = source.splitlines()
        place = _place(code_of(test.source), lines)
        if place is None:
            continue
        others = {other: test for other, test in tests.items() if other != name}
        yield from _cut(_part(piece, lines[: place[0]], tests), others)
        own = piece.stands_for == name
        whole = piece.cell | {"source": test.source, "metadata": piece.cell.metadata if own else {}}
        yield Piece(nbformat.from_dict(whole), name, named=own)
        yield from _cut(_part(piece, lines[place[1] :], tests), others)
        return
    if code_of(source) or not piece.is_part:
        yield piece


def _part(piece: Piece, lines: list[str], tests: dict[str, NotebookNode]) -> Piece:
    """What is beside a test in a cell: the student's, or the answer if the cell is named so."""
    cell = nbformat.from_dict(piece.cell | {"source": "\n".join(lines), "id": ""})
    if piece.stands_for and piece.stands_for not in tests:
        return Piece(cell, piece.stands_for, named=True, is_part=True)
    return Piece(nbformat.from_dict(cell | {"metadata": {}}), is_part=True)


def _place(wanted: list[str], lines: list[str]) -> tuple[int, int] | None:
    """Where in these lines some code stands, whatever empty lines and comments are in between.

    No code, as in a test that is wholly hidden, stands nowhere.
    """
    numbers = [number for number, line in enumerate(lines) if code_of(line)]
    code = [lines[number].rstrip() for number in numbers]
    for first in range(len(code) - len(wanted) + 1) if wanted else ():
        if code[first : first + len(wanted)] == wanted:
            return numbers[first], numbers[first + len(wanted) - 1] + 1
    return None


def _by_id(pieces: list[Piece], hand_out: HandOut) -> list[Piece]:
    taken = {piece.stands_for for piece in pieces}
    ids = {cell.id: name for name, cell in hand_out.cells.items() if name not in taken}
    return [
        piece if piece.stands_for else replace(piece, stands_for=ids.get(piece.cell.get("id"), ""))
        for piece in pieces
    ]


def _by_definition(pieces: list[Piece], hand_out: HandOut) -> list[Piece]:
    """Answers that are still missing: the last cell that defines what is asked, before its test."""
    found = list(pieces)
    for name in hand_out.answers:
        if any(piece.stands_for == name for piece in found):
            continue
        places = [
            place
            for place, piece in enumerate(found)
            if not piece.stands_for and gives(piece.cell, hand_out.asked[name])
        ]
        test = _place_of_test(found, name, hand_out)
        place = max([p for p in places if p < test] or places, default=None)
        if place is not None:
            found[place] = replace(found[place], stands_for=name)
    return found


def _place_of_test(pieces: list[Piece], answer: str, hand_out: HandOut) -> int:
    """Where the test of an answer stands, or the end."""
    names = list(hand_out.cells)
    behind = [name for name in names[names.index(answer) :] if name in hand_out.tests][:1]
    places = [place for place, piece in enumerate(pieces) if [piece.stands_for] == behind]
    return places[-1] if places else len(pieces)
