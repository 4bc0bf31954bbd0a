"""The notebooks of a submission, as far as they can be read: plain cells, whatever they were."""

import codecs
import json
import re
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grading.intake.pictures import kept_attachments
from grading.status import readable

MAX_CELLS, MAX_SOURCE = 1000, 256 << 10  # characters, of all cells together
MAX_MARKDOWN = 20_000  # characters of a cell; nbconvert takes quadratic time to look for formulas
BLANKS = re.compile(r" {201,}")  # so is it with these
BLANK_LINES = re.compile(r"\n(?:[ \t\f\v]*\n){20,}")
CELL_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")


class UnreadableError(Exception):
    """The notebook cannot be read; the message says why, after its name."""


def read_notebook(content: bytes) -> NotebookNode:
    """The notebook in these bytes, as nbformat 4 with plain cells. Raises UnreadableError."""
    raw = _read_json(content)
    if not isinstance(raw, dict) or "nbformat" not in raw:
        raise UnreadableError("is JSON, but not a Jupyter notebook")
    if "worksheets" in raw:  # where nbformat 3 kept its cells
        _require_few(_cells_in_worksheets(raw["worksheets"]))
        try:
            raw = nbformat.reads(json.dumps(raw), as_version=4)
        except Exception as error:  # nbformat raises whatever a damaged structure leads it to
            reason = f"is not a Jupyter notebook ({type(error).__name__})"
            raise UnreadableError(reason) from error
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError("is not a Jupyter notebook: it has no list of cells")
    _require_few(len(cells))
    plain = plain_cells(cells)
    if sum(len(cell.source) for cell in plain) > MAX_SOURCE:
        raise UnreadableError(f"holds more than {MAX_SOURCE >> 10} KB of text and code")
    return new_notebook(cells=plain)


def _require_few(cells: int) -> None:
    if cells > MAX_CELLS:
        raise UnreadableError(f"has {cells:,} cells (at most {MAX_CELLS:,} are read)")


def _cells_in_worksheets(worksheets: Any) -> int:
    sheets = worksheets if isinstance(worksheets, list) else []
    found = (sheet.get("cells") for sheet in sheets if isinstance(sheet, dict))
    return sum(len(cells) for cells in found if isinstance(cells, list))


def _read_json(content: bytes) -> Any:
    if not content.strip():
        raise UnreadableError("is an empty file")
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return json.loads(content.decode("utf-16" if marked else "utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        if b"\n<<<<<<<" in content:
            raise UnreadableError("holds the marks of a merge conflict of git") from error
        raise UnreadableError(f"is not valid JSON (line {error.lineno}: {error.msg})") from error
    except RecursionError as error:
        raise UnreadableError("is nested too deeply to be a notebook") from error
    except ValueError as error:  # Python does not read integers of thousands of digits
        raise UnreadableError("holds a number that is too long") from error


def plain_cells(cells: list[Any]) -> list[NotebookNode]:
    """New cells with source, id, pictures and what nbgrader noted on them: nothing else is read."""
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
    noted = {name: v for name, v in noted.items() if isinstance(v, str | int | float)}
    if not isinstance(cell_id, str) or not CELL_ID.fullmatch(cell_id):
        cell_id = new_code_cell().id
    plain: dict[str, Any] = {"cell_type": cell["cell_type"], "id": cell_id}
    # highlighting takes quadratic time for empty lines
    source = BLANK_LINES.sub("\n" * 20, readable("".join(cell["source"])))
    if cell["cell_type"] == "markdown":
        source = BLANKS.sub(" " * 200, source)
        if len(source) > MAX_MARKDOWN:
            left = f"{len(source) - MAX_MARKDOWN:,} more characters are in the file as handed in"
            source = f"{source[:MAX_MARKDOWN]}\n\n({left}.)"
    plain |= {"metadata": {"nbgrader": noted} if noted else {}, "source": source}
    if cell["cell_type"] == "code":
        plain |= {"outputs": [], "execution_count": None}
    elif pictures := kept_attachments(cell.get("attachments")):
        plain["attachments"] = pictures
    return nbformat.from_dict(plain)
