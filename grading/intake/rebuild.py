"""Rebuild what was handed in: whatever a student hands in becomes notebooks that can be graded.

Every notebook is rebuilt from the release, so that the student's answers are kept and everything
else is as it was handed out. What had to be mended becomes a finding, in words.
"""

import re
from copy import deepcopy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from grading.intake import findings
from grading.intake.harmless import harmless_markdown
from grading.intake.notebook import UnreadableError, read_notebook
from grading.intake.submission import Submission
from grading.status import Finding

DEFINITION = re.compile(r"^(?:def|class)[ \t]+(\w+)", re.MULTILINE)
MARKS = ("grade", "solution", "locked", "task", "points")  # of nbgrader, on a cell


def take_in(
    name: str, submission: Submission, release: NotebookNode
) -> tuple[NotebookNode, list[Finding]]:
    """The notebook to grade, and the findings; the blank release where nothing can be read."""
    file = f"{name}.ipynb"
    if file not in submission.files:
        return deepcopy(release), [findings.is_missing(file)]
    try:
        submitted = read_notebook(submission.files[file])
    except UnreadableError as reason:
        return deepcopy(release), [findings.is_unreadable(file, str(reason))]
    return rebuild(submitted, release)


def rebuild(submitted: NotebookNode, release: NotebookNode) -> tuple[NotebookNode, list[Finding]]:
    """The release with the student's answers and own cells in it, in the student's order.

    submitted.cells: plain cells, as read_notebook gives them.
    """
    handed_out = {cell.source for cell in release.cells}
    known = {_grade_id(cell): cell for cell in release.cells if _grade_id(cell)}
    cells: list[NotebookNode] = []
    placed: set[str] = set()
    found: list[Finding] = []
    for cell, recognised in _recognise(submitted.cells, known):
        if recognised is None:
            cells.append(_own_cell(cell, handed_out))
            continue
        grade_id = recognised.grade_id
        if grade_id in placed:
            found.append(findings.is_there_twice(grade_id))
            cells += [_own_cell(cell, handed_out)] if utils.is_solution(known[grade_id]) else []
            continue
        placed.add(grade_id)
        cells.append(deepcopy(known[grade_id]))
        found += _restore(cells[-1], cell, recognised)
    for grade_id in [grade_id for grade_id in known if grade_id not in placed]:
        found.append(findings.was_deleted(grade_id))
        _insert(cells, known, grade_id)

    rebuilt = deepcopy(release)
    rebuilt.cells = _with_ids_of_their_own(cells)
    return rebuilt, found


@dataclass(frozen=True)
class Recognised:
    """Which cell of the release a student's cell is, and by what it was recognised."""

    grade_id: str
    by: str


def _recognise(
    submitted: list[NotebookNode], known: dict[str, NotebookNode]
) -> list[tuple[NotebookNode, Recognised | None]]:
    """Each cell with what it is: by its grade_id, or, where editors have lost that, by its own id
    or by what it defines. A cell that another one names by grade_id is not guessed."""
    named = {_grade_id(cell) for cell in submitted}
    by_id = {cell.id: grade_id for grade_id, cell in known.items() if grade_id not in named}
    by_name = {
        _defines(cell): grade_id
        for grade_id, cell in known.items()
        if grade_id not in named and utils.is_solution(cell) and _defines(cell)
    }
    result = []
    for cell in submitted:
        grade_id, own_id, name = _grade_id(cell), cell.get("id", ""), _defines(cell)
        recognised = None
        if grade_id in known:
            recognised = Recognised(grade_id, "grade_id")
        elif own_id in by_id:
            recognised = Recognised(by_id[own_id], "its cell id")
        elif name in by_name:
            recognised = Recognised(by_name[name], f"its definition of {name}")
        result.append((cell, recognised))
    return result


def _defines(cell: NotebookNode) -> str:
    """The name of the first function or class that a code cell defines, or an empty string.

    By its looks: Python's own parser can be crashed by what it is given, and the class with it.
    """
    found = DEFINITION.search(cell.source) if cell.cell_type == "code" else None
    return found[1] if found else ""


def _restore(cell: NotebookNode, submitted: NotebookNode, recognised: Recognised) -> list[Finding]:
    """Fill a release cell with the student's answer; a locked cell stays as it was handed out."""
    grade_id, found = recognised.grade_id, []
    if recognised.by != "grade_id":
        found.append(findings.had_lost_its_name(grade_id, recognised.by))
    elif any(submitted.metadata.nbgrader.get(m) != cell.metadata.nbgrader.get(m) for m in MARKS):
        found.append(findings.points_were_changed(grade_id))
    if submitted.cell_type != cell.cell_type:
        found.append(findings.was_retyped(grade_id, submitted.cell_type, cell.cell_type))
    if utils.is_solution(cell):
        cell.source = submitted.source
    elif submitted.source != cell.source:
        found.append(findings.was_edited(grade_id))
    return found


def _insert(cells: list[NotebookNode], known: dict[str, NotebookNode], grade_id: str) -> None:
    """Put a missing release cell behind the release cell that it follows."""
    before = list(known)[: list(known).index(grade_id)]
    places = [i for i, cell in enumerate(cells) if _grade_id(cell) in before]
    cells.insert(places[-1] + 1 if places else 0, deepcopy(known[grade_id]))


def _own_cell(cell: NotebookNode, handed_out: set[str]) -> NotebookNode:
    """A cell the student added or may change: kept as it is, without any claim to points."""
    trusted = cell.cell_type == "code" or cell.source in handed_out
    source = cell.source if trusted else harmless_markdown(cell.source)
    return NotebookNode(cell | {"metadata": NotebookNode(), "source": source})


def _with_ids_of_their_own(cells: list[NotebookNode]) -> list[NotebookNode]:
    """A copied cell carries the id of its original; nbformat wants every id once."""
    used: set[str] = set()
    for cell in cells:
        if cell.get("id", "") in used:
            cell.id = nbformat.v4.new_code_cell().id
        used.add(cell.get("id", ""))
    return cells


def _grade_id(cell: NotebookNode) -> str:
    mark = cell.metadata.get("nbgrader")
    return str(mark.get("grade_id", "")) if isinstance(mark, dict) else ""
