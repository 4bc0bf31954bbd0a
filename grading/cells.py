"""The cells of a notebook as nbgrader marks them; without nbgrader, which takes long to import."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.course import CourseError


def read_cells(path: Path) -> list[NotebookNode]:
    """All cells of a notebook of ours. Raises CourseError where it cannot be read."""
    try:
        return nbformat.read(path, as_version=4).cells
    except Exception as error:  # nbformat raises whatever a damaged file leads it to
        raise CourseError(f"{path} cannot be read: {type(error).__name__}: {error}") from error


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


def _mark(cell: NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})
