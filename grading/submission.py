"""What one student handed in, as bytes; and the notebooks in it, as far as they can be read."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader import utils

from grading.status import Finding, readable

MAX_FILE = 20 << 20  # bytes
MAX_FILES, MAX_TOTAL, MAX_DEPTH = 200, 100 << 20, 20
MAX_CELLS, MAX_SOURCE = 1000, 256 << 10  # characters, of all cells together
MAX_MARKDOWN = 20_000  # characters of a cell; nbconvert takes quadratic time to look for formulas
BLANK_LINES = re.compile(r"\n(?:[ \t\f\v]*\n){20,}")
CELL_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")
NOT_HANDED_IN = {".venv", "__pycache__", ".ipynb_checkpoints"}


class UnreadableError(Exception):
    """The notebook cannot be read; the message says why, after its name."""


@dataclass(frozen=True)
class Submission:
    """The files of one student, by name. Nothing in them has been looked at yet."""

    student: str
    assignment: str
    files: dict[str, bytes]
    findings: tuple[Finding, ...] = ()

    @classmethod
    def read(cls, student: str, assignment: str, folder: Path) -> "Submission":
        """Read a folder, however large: what is too much is left out, and noted."""
        files: dict[str, bytes] = {}
        findings, total = [], 0
        for path in _handed_in(folder):
            name = path.relative_to(folder).as_posix()
            if not path.is_file() or path.is_symlink():
                findings.append(Finding(f"{name} is not a regular file; it was left out."))
                continue
            size = path.stat().st_size
            if size > MAX_FILE:
                findings.append(
                    Finding(f"{name} is larger than {MAX_FILE >> 20} MB; it was left out.")
                )
            elif len(files) == MAX_FILES or total + size > MAX_TOTAL:
                much = f"{MAX_FILES} files or {MAX_TOTAL >> 20} MB"
                findings.append(Finding(f"There are more than {much}; the rest was left out."))
                break
            else:
                files[name] = path.read_bytes()
                total += size
        return cls(student, assignment, files, tuple(findings))

    def digest(self, fingerprint: str) -> str:
        """Names what was handed in, together with the fingerprint of what it is graded by."""
        told = hashlib.sha256(fingerprint.encode())
        for name, content in sorted(self.files.items()):
            told.update(f"{readable(name)} {len(content)} ".encode() + content)
        told.update("".join(map(str, self.findings)).encode())
        return told.hexdigest()

    @property
    def timestamp(self) -> datetime | None:
        """When it was handed in (UTC), from the file that nbgrader puts beside the notebooks."""
        text = self.files.get("timestamp.txt", b"").decode(errors="replace").strip()
        try:
            return utils.parse_utc(text) if text else None
        except (ValueError, OverflowError):
            return None


def _handed_in(folder: Path) -> Iterator[Path]:
    """Files, and what should be one: links, pipes, folders named *.ipynb. Notebooks first."""
    paths = sorted(_walk(folder), key=lambda path: (path.suffix != ".ipynb", path))
    for path in paths:
        ordinary_folder = _may_be_entered(path, folder) and path.suffix != ".ipynb"
        if not ordinary_folder and not NOT_HANDED_IN & set(path.relative_to(folder).parts):
            yield path


def _walk(folder: Path, root: Path | None = None) -> Iterator[Path]:
    """All that lies in a folder and below it. Path.rglob fails where folders are nested deeply."""
    with suppress(PermissionError):
        for path in folder.iterdir():
            yield path
            if _may_be_entered(path, root or folder):
                yield from _walk(path, root or folder)


def _may_be_entered(path: Path, root: Path) -> bool:
    deep = len(path.relative_to(root).parts) > MAX_DEPTH
    return not deep and path.is_dir() and not path.is_symlink()


def links(folder: Path) -> list[str]:
    """Names of the links in a submission. They may lead to what is not the student's."""
    return [p.relative_to(folder).as_posix() for p in sorted(_walk(folder)) if p.is_symlink()]


def read_notebook(content: bytes) -> NotebookNode:
    """The notebook in these bytes, as nbformat 4 with plain cells. Raises UnreadableError."""
    raw = _read_json(content)
    if not isinstance(raw, dict) or "nbformat" not in raw:
        raise UnreadableError("is JSON, but not a Jupyter notebook")
    if "worksheets" in raw:  # where nbformat 3 kept its cells
        try:
            raw = nbformat.reads(json.dumps(raw), as_version=4)
        except Exception as error:  # nbformat raises whatever a damaged structure leads it to
            reason = f"is not a Jupyter notebook ({type(error).__name__})"
            raise UnreadableError(reason) from error
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError("is not a Jupyter notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise UnreadableError(f"has {len(cells):,} cells (at most {MAX_CELLS:,} are read)")
    plain = plain_cells(cells)
    if sum(len(cell.source) for cell in plain) > MAX_SOURCE:
        raise UnreadableError(f"holds more than {MAX_SOURCE >> 10} KB of text and code")
    return new_notebook(cells=plain)


def _read_json(content: bytes) -> Any:
    if not content.strip():
        raise UnreadableError("is an empty file")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is not valid JSON (line {error.lineno}: {error.msg})") from error
    except RecursionError as error:
        raise UnreadableError("is nested too deeply to be a notebook") from error
    except ValueError as error:  # Python does not read integers of thousands of digits
        raise UnreadableError("holds a number that is too long") from error


def plain_cells(cells: list[Any]) -> list[NotebookNode]:
    """New cells with the source, the id, and what nbgrader noted on them: nothing else is read."""
    return [_plain(cell) for cell in cells if _is_cell(cell)]


def _is_cell(cell: Any) -> bool:
    return (
        isinstance(cell, dict)
        and cell.get("cell_type") in ("code", "markdown", "raw")
        and (isinstance(cell.get("source"), str) or _is_lines(cell.get("source")))
    )


def _is_lines(source: Any) -> bool:
    return isinstance(source, list) and all(isinstance(line, str) for line in source)


def _plain(cell: dict[str, Any]) -> NotebookNode:
    metadata, cell_id = cell.get("metadata"), cell.get("id")
    noted = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    noted = noted if isinstance(noted, dict) else {}
    noted = {key: value for key, value in noted.items() if isinstance(value, str | int | float)}
    if not isinstance(cell_id, str) or not CELL_ID.fullmatch(cell_id):
        cell_id = new_code_cell().id
    plain: dict[str, Any] = {"cell_type": cell["cell_type"], "id": cell_id}
    # highlighting takes quadratic time for empty lines
    source = BLANK_LINES.sub("\n" * 20, readable("".join(cell["source"])))
    if cell["cell_type"] == "markdown" and len(source) > MAX_MARKDOWN:
        source = f"{source[:MAX_MARKDOWN]}\n\n(The rest of this text was left out.)"
    plain |= {"metadata": {"nbgrader": noted} if noted else {}, "source": source}
    plain |= {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return nbformat.from_dict(plain)
