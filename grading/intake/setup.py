"""The set-up, the first code cell of a hand-out: ours, though students add their imports to it."""

import re
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

from grading.intake.hand_out import HandOut, grade_id, text_of

ALONE = re.compile(r"(?:import|from)[ \t]|[%!]")  # how a line begins that may fail by itself
MAX_PARTS = 50
MAX_LONG = 10_000  # characters of a set-up; one that is longer is run as it is


def put_setup_first(cells: list[NotebookNode], hand_out: HandOut) -> None:
    """The set-up is ours: it runs as it was handed out, before any other code of the release."""
    if hand_out.setup is None:
        return
    ours = [place for place, cell in enumerate(cells) if grade_id(cell)]
    code = [place for place, cell in enumerate(cells) if cell.cell_type == "code"]
    before = [text_of(cells[place].source) for place in code if place < min(ours, default=0)]
    if text_of(hand_out.setup.source) not in before:
        cells.insert(min(code, default=len(cells)), deepcopy(hand_out.setup))


def is_changed_setup(cell: NotebookNode, hand_out: HandOut) -> bool:
    if hand_out.setup is None:
        return False
    ours, theirs = text_of(hand_out.setup.source), text_of(cell.source)
    return theirs != ours and (cell.id == hand_out.setup.id or ours[-1] in theirs)


def apart(cell: NotebookNode) -> list[NotebookNode]:
    """A set-up with lines of the student's: an import that fails costs only itself."""
    parts: list[list[str]] = []
    source = cell.source
    if source.startswith("%%") or '"""' in source or "'''" in source or len(source) > MAX_LONG:
        return [cell]
    for line in source.splitlines():
        goes_on = parts and (line[:1].isspace() or not line or _is_open(parts[-1]))
        begins = ALONE.match(line) or (parts and ALONE.match(parts[-1][0]))
        if not parts or (begins and not goes_on and len(parts) < MAX_PARTS):
            parts.append([])
        parts[-1].append(line)
    return [nbformat.from_dict(cell | {"source": "\n".join(lines)}) for lines in parts]


def _is_open(lines: list[str]) -> bool:
    """Whether a bracket or a line has not come to its end, by its looks."""
    text = "\n".join(lines)
    return text.endswith("\\") or any(text.count(a) > text.count(b) for a, b in ("()", "[]", "{}"))
