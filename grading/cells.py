"""The cells of a notebook as nbgrader marks them; without nbgrader, which takes long to import."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.course import CourseError


def read_cells(path: Path) -> list[NotebookNode]:
    """All cells of a notebook of ours. Raises CourseError where it cannot be read."""
    return read_ours(path).cells


def language(path: Path) -> str:
    """In which a notebook is written, in small letters; Python, if it does not say."""
    said = read_ours(path).metadata
    in_kernel = said.get("kernelspec", {}).get("language", "python")
    return str(said.get("language_info", {}).get("name", in_kernel)).lower()


def read_ours(path: Path) -> NotebookNode:
    """A notebook of ours, all of whose cells have an id, as they have since nbformat 4.5.

    Raises CourseError where it cannot be read.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises whatever a damaged file leads it to
        raise CourseError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
    for place, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{place}")
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


def graded_cells(path: Path) -> list[NotebookNode]:
    """Those that carry points."""
    return [cell for cell in read_cells(path) if is_graded(cell)]


def answer_cells(path: Path) -> set[str]:
    """The names of those in which an answer is written."""
    return {_mark(cell)["grade_id"] for cell in read_cells(path) if _mark(cell).get("solution")}


def is_graded(cell: NotebookNode) -> bool:
    """Whether it carries points."""
    return bool(_mark(cell).get("grade") or _mark(cell).get("task"))


def is_test(cell: NotebookNode) -> bool:
    """Whether it carries points that a machine gives, and not a person."""
    by_hand = _mark(cell).get("solution") or _mark(cell).get("task")
    return is_graded(cell) and cell.cell_type == "code" and not by_hand


def shown_output(kind: str, **parts: Any) -> NotebookNode:
    """An output of a cell, of parts that are as they should be.

    nbformat's own way compares each with the schema of all notebooks, which takes a millisecond.
    """
    return nbformat.from_dict({"output_type": kind, **parts})


def display(data: dict[str, str]) -> NotebookNode:
    """An output that shows the same in several forms, by their MIME types."""
    return shown_output("display_data", data=data, metadata={})


def has_timed_out(cell: NotebookNode) -> bool:
    return "CellTimeoutError" in error_names(cell)


def has_failed(cell: NotebookNode) -> bool:
    """Whether it ended with an exception."""
    return bool(error_names(cell))


def error_names(cell: NotebookNode) -> set[str]:
    """Names of the exceptions that a cell shows."""
    return {out.ename for out in cell.get("outputs", []) if out.output_type == "error"}


def _mark(cell: NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})
