"""Rebuild what was handed in: whatever a student hands in becomes notebooks that can be graded.

Every notebook is rebuilt from the release: the student's cells stay as they are and where they are,
everything that is ours is as it was handed out. What had to be mended becomes a finding, in words.
"""

from copy import copy, deepcopy

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader import utils

from grading.intake import findings
from grading.intake.hand_out import HandOut, code_of, grade_id, text_of
from grading.intake.recognise import Piece, defines, gives, recognise
from grading.intake.setup import apart, is_changed_setup, put_setup_first
from grading.intake.text import showable_markdown
from grading.status import Finding

MARKS = ("grade", "solution", "locked", "task", "points")  # of nbgrader, on a cell


def rebuild(
    submitted: NotebookNode | None, hand_out: HandOut
) -> tuple[NotebookNode, list[Finding]]:
    """The release with the student's answers and own cells in it, in the student's order.

    submitted: of plain cells, as read_notebook gives them; without one, the blank release is left.
    """
    if submitted is None:
        return deepcopy(hand_out.release), []
    pieces = recognise(submitted.cells, hand_out)
    counts = _those_that_count(pieces, hand_out)
    cells: list[NotebookNode] = []
    found: list[Finding] = []
    for piece in pieces:
        if counts.get(piece.stands_for) is piece:
            restored, of_cell = _restore(piece, hand_out)
            cells += restored
            found += of_cell
        elif piece.stands_for in counts:
            found.append(findings.is_there_twice(piece.stands_for))
            ours = hand_out.cells[piece.stands_for].source
            same = code_of(piece.cell.source) == code_of(ours)
            cells += [] if same else _own_cells(piece.cell, hand_out)
        elif not piece.stands_for:
            cells += _own_cells(piece.cell, hand_out)
    there = {piece.stands_for for piece in pieces}
    for name in [name for name in hand_out.cells if name not in counts]:
        found.append(_put_back(cells, name, hand_out, moved=name in there))
    put_setup_first(cells, hand_out)
    unnamed = [name for name in hand_out.cells if name in counts and not counts[name].named]
    if unnamed:
        found.insert(0, findings.had_lost_their_names(unnamed))
    rebuilt = copy(hand_out.release)
    rebuilt.metadata = deepcopy(rebuilt.metadata)
    rebuilt.cells = _with_ids_of_their_own(cells)
    return rebuilt, list(dict.fromkeys(found))


def _those_that_count(pieces: list[Piece], hand_out: HandOut) -> dict[str, Piece]:
    """The piece that stands for each cell of the release: of several answers the first, of several
    copies of a test the last, so that what is asked is what the student left at the end.

    A blank answer counts for nothing where what it asks for is given in another cell.
    """
    tests = {piece.stands_for: piece for piece in pieces if piece.stands_for in hand_out.tests}
    others = {p.stands_for: p for p in reversed(pieces) if p.stands_for not in hand_out.tests}
    counts = {name: piece for name, piece in (others | tests).items() if name}
    for name, blank in hand_out.answers.items():
        asked = hand_out.asked[name]
        given = [p for p in pieces if not p.stands_for and gives(p.cell, asked)]
        is_blank = name in counts and text_of(counts[name].cell.source) == text_of(blank.source)
        if not (is_blank and given):
            continue
        del counts[name]
        for test in [test for test in hand_out.tests if hand_out.asked[test] == asked]:
            if test in counts and pieces.index(counts[test]) < pieces.index(given[0]):
                del counts[test]  # it comes behind what it asks for
    return counts


def _restore(piece: Piece, hand_out: HandOut) -> tuple[list[NotebookNode], list[Finding]]:
    """The cell of the release with the student's answer; what is locked is as it was handed out."""
    name, submitted = piece.stands_for, piece.cell
    ours = deepcopy(hand_out.cells[name])
    found = []
    if submitted.cell_type != ours.cell_type:
        found.append(findings.was_retyped(name, submitted.cell_type, ours.cell_type))
    marks, right = submitted.metadata.get("nbgrader", {}), ours.metadata.nbgrader
    remarked = piece.named and any(marks.get(mark) != right.get(mark) for mark in MARKS)
    if utils.is_solution(ours):
        _answer(ours, submitted)
        earlier = marks.get("checksum") != right.get("checksum")
        if remarked:
            found.append(findings.is_of_earlier() if earlier else findings.was_remarked(name))
        return [ours], found
    says = code_of if ours.cell_type == "code" else text_of
    edited = says(submitted.source) != says(ours.source)
    if (edited or remarked) and _is_as_handed_out(submitted):
        found.append(findings.is_of_earlier())
    elif edited or remarked:
        found.append(findings.was_edited(name) if edited else findings.was_remarked(name))
        asked = hand_out.asked[name]
        if edited and any(defines(submitted.source, each) for each in asked):
            return [*_own_cells(submitted, hand_out), ours], found
    return [ours], found


def _answer(ours: NotebookNode, submitted: NotebookNode) -> None:
    """Put what a student wrote into the cell for it. A text comes with the pictures in it."""
    if ours.cell_type == "code":
        ours.source = submitted.source
    elif text_of(submitted.source) != text_of(ours.source):  # or it is as it was handed out
        ours.source = showable_markdown(submitted)
        ours |= {"attachments": pictures} if (pictures := submitted.get("attachments")) else {}


def _is_as_handed_out(cell: NotebookNode) -> bool:
    """Whether a locked cell is what its own checksum says: then the hand-out was another one."""
    source = "\n".join(cell.source.splitlines())
    for text in (source, source.rstrip()):
        try:
            right = utils.compute_checksum(NotebookNode(cell | {"source": text}))
        except (AttributeError, KeyError, TypeError, ValueError):  # marks of other kinds, or none
            return False
        if right == cell.metadata.nbgrader.get("checksum"):
            return True
    return False


def _put_back(cells: list[NotebookNode], name: str, hand_out: HandOut, moved: bool) -> Finding:
    """Put a missing cell of the release behind the one that it follows.

    A test comes behind the last cell that defines what it asks for, too: what is asked is what the
    student left at the end. Of a missing answer nothing runs, or it would undo one that was given
    elsewhere.
    """
    names, asked = list(hand_out.cells), hand_out.asked[name]
    before = names[: names.index(name)]
    giving = [place for place, cell in enumerate(cells) if gives(cell, asked)]
    places = [place for place, cell in enumerate(cells) if grade_id(cell) in before]
    cell = deepcopy(hand_out.cells[name])
    if not utils.is_solution(cell):
        cells.insert(max([*places, *giving], default=-1) + 1, cell)
        return findings.was_moved(name) if moved else findings.was_put_back(name)
    if cell.cell_type == "code":
        cell.source = f"# The cell {name} is not in the notebook that was handed in."
    cells.insert(max(places, default=-1) + 1, cell)
    return findings.was_answered_elsewhere(name) if giving else findings.was_deleted(name)


def _own_cells(cell: NotebookNode, hand_out: HandOut) -> list[NotebookNode]:
    """A cell the student added or may change: kept as it is, without any claim to points."""
    own = nbformat.from_dict(cell | {"metadata": {}})
    if cell.cell_type == "code":
        return apart(own) if is_changed_setup(cell, hand_out) else [own]
    ours = hand_out.texts.get(tuple(text_of(cell.source)))
    own.source = showable_markdown(cell) if ours is None else ours
    return [own]


def _with_ids_of_their_own(cells: list[NotebookNode]) -> list[NotebookNode]:
    """A copied cell carries the id of its original; nbformat wants every id once."""
    used: set[str] = set()
    for cell in cells:
        if not cell.get("id") or cell.id in used:
            cell.id = new_code_cell().id
        used.add(cell.id)
    return cells
