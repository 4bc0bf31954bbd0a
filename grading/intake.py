"""Take a submission in: whatever a student hands in becomes notebooks that can be graded.

Every notebook is rebuilt from the release by grade_id, so that the student's answers are kept and
everything else is as it was handed out. What had to be mended becomes a finding, in words.
"""

import json
import warnings
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

MAX_BYTES = 20 << 20


class UnreadableError(Exception):
    """The notebook cannot be read; the message says why, after its name."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in, as bytes: nothing in it has been looked at yet."""

    student: str
    assignment: str
    files: dict[str, bytes]
    findings: tuple[str, ...] = ()

    @classmethod
    def read(cls, student: str, assignment: str, folder: Path) -> "Submission":
        files, findings = {}, []
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or (path.is_dir() and path.suffix == ".ipynb"):
                findings.append(f"{name} is not a regular file; it was left out.")
            elif path.is_file() and path.stat().st_size > MAX_BYTES:
                findings.append(f"{name} is larger than {MAX_BYTES >> 20} MB; it was left out.")
            elif path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
                files[name] = path.read_bytes()
        return cls(student, assignment, files, tuple(findings))

    @property
    def timestamp(self) -> datetime | None:
        """When it was handed in (UTC), from the file that nbgrader puts beside the notebooks."""
        text = self.files.get("timestamp.txt", b"").decode(errors="replace").strip()
        try:
            return utils.parse_utc(text) if text else None
        except (ValueError, OverflowError):
            return None


def read_notebook(content: bytes) -> NotebookNode:
    """The notebook in these bytes, as nbformat 4. Raises UnreadableError."""
    if not content.strip():
        raise UnreadableError("is an empty file")
    try:
        text = content.decode()
        raw = json.loads(text)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is not valid JSON (line {error.lineno}: {error.msg})") from error
    except RecursionError as error:
        raise UnreadableError("is nested too deeply to be a notebook") from error
    if not isinstance(raw, dict) or "nbformat" not in raw:
        raise UnreadableError("is JSON, but not a Jupyter notebook")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing cell ids are mended, not a student's concern
            notebook = nbformat.reads(text, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if _is_cell(cell)]
    except Exception as error:  # nbformat raises whatever a damaged structure leads it to
        raise UnreadableError(f"is not a Jupyter notebook ({type(error).__name__})") from error
    return notebook


def take_in(
    name: str, submission: Submission, release: NotebookNode
) -> tuple[NotebookNode, list[str]]:
    """The notebook to grade, and the findings; the blank release where nothing can be read."""
    file = f"{name}.ipynb"
    if file not in submission.files:
        return deepcopy(release), [f"{file} is missing; the blank hand-out was graded."]
    try:
        submitted = read_notebook(submission.files[file])
    except UnreadableError as reason:
        return deepcopy(release), [f"{file} {reason}; the blank hand-out was graded."]
    return rebuild(submitted, release)


def rebuild(submitted: NotebookNode, release: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The release with the student's answers and own cells in it, in the student's order."""
    known = {_grade_id(cell): cell for cell in release.cells if _grade_id(cell)}
    cells: list[NotebookNode] = []
    placed: dict[str, int] = {}
    findings = []
    for cell in submitted.cells:
        grade_id = _grade_id(cell)
        if grade_id not in known:
            cells.append(_own_cell(cell))
        elif grade_id in placed:
            findings.append(f"Cell {grade_id} is there more than once; the first one was graded.")
            cells += [_own_cell(cell)] if utils.is_solution(known[grade_id]) else []
        else:
            placed[grade_id] = len(cells)
            cells.append(deepcopy(known[grade_id]))
            findings += _restore(cells[-1], cell)
    for grade_id in [grade_id for grade_id in known if grade_id not in placed]:
        findings.append(f"Cell {grade_id} was deleted; it was put back as it was handed out.")
        _insert(cells, known, grade_id)

    rebuilt = deepcopy(release)
    rebuilt.cells = _with_ids_of_their_own(cells)
    return rebuilt, findings


def _restore(cell: NotebookNode, submitted: NotebookNode) -> list[str]:
    """Fill a release cell with the student's answer; a locked cell stays as it was handed out."""
    grade_id = _grade_id(cell)
    findings = []
    if submitted.cell_type != cell.cell_type:
        findings.append(
            f"Cell {grade_id} was turned into a {submitted.cell_type} cell; "
            f"it was graded as the {cell.cell_type} cell it is."
        )
    if utils.is_solution(cell):
        cell.source = submitted.source
    elif submitted.source != cell.source:
        findings.append(f"Locked cell {grade_id} was edited; it was put back as it was handed out.")
    return findings


def _insert(cells: list[NotebookNode], known: dict[str, NotebookNode], grade_id: str) -> None:
    """Put a missing release cell behind the release cell that it follows."""
    before = list(known)[: list(known).index(grade_id)]
    places = [i for i, cell in enumerate(cells) if _grade_id(cell) in before]
    cells.insert(places[-1] + 1 if places else 0, deepcopy(known[grade_id]))


def _own_cell(cell: NotebookNode) -> NotebookNode:
    """A cell the student added or may change: kept as it is, without any claim to points."""
    own = deepcopy(cell)
    own.metadata = NotebookNode()
    if own.cell_type == "code":
        own.outputs, own.execution_count = [], None
    return own


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


def _is_cell(cell: NotebookNode) -> bool:
    return (
        cell.cell_type in ("code", "markdown", "raw")
        and isinstance(cell.source, str)
        and isinstance(cell.metadata, dict)
    )
