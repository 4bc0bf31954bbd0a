"""A released notebook, and what the cells of others are compared with."""

import re
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode
from nbgrader import utils

DEFINITION = re.compile(r"^(?:def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class HandOut:
    """The cells of a release that are graded or locked, or take an answer, by grade_id."""

    release: NotebookNode

    @cached_property
    def cells(self) -> dict[str, NotebookNode]:
        return {grade_id(cell): cell for cell in self.release.cells if grade_id(cell)}

    @cached_property
    def setup(self) -> NotebookNode | None:
        """The first code cell, which imports what the others use; students may change it."""
        code = (cell for cell in self.release.cells if cell.cell_type == "code")
        first = next(code, None)
        return None if first is None or grade_id(first) or not text_of(first.source) else first

    @cached_property
    def answers(self) -> dict[str, NotebookNode]:
        """Cells that take an answer."""
        return {name: cell for name, cell in self.cells.items() if utils.is_solution(cell)}

    @cached_property
    def tests(self) -> dict[str, NotebookNode]:
        """Locked code cells."""
        return {
            name: cell
            for name, cell in self.cells.items()
            if cell.cell_type == "code" and not utils.is_solution(cell)
        }

    @cached_property
    def asked(self) -> dict[str, list[str]]:
        """What each solution cell is to define, and what each test behind it asks for."""
        found: dict[str, list[str]] = {}
        names: list[str] = []
        for name, cell in self.cells.items():
            names = DEFINITION.findall(cell.source) if utils.is_solution(cell) else names
            found[name] = names
        return found

    @cached_property
    def texts(self) -> dict[tuple[str, ...], str]:
        """The sources of its cells, by what editors leave of them."""
        return {tuple(text_of(c.source)): c.source for c in reversed(self.release.cells)}


def text_of(source: str) -> list[str]:
    """The lines of a cell without what editors change by themselves: ends of lines, empty lines."""
    return [line.rstrip() for line in source.splitlines() if line.strip()]


def code_of(source: str) -> list[str]:
    """The same without comments: a test without its explanation is the same test."""
    return [line for line in text_of(source) if not line.startswith("#")]


def grade_id(cell: NotebookNode) -> str:
    mark = cell.metadata.get("nbgrader")
    return str(mark.get("grade_id", "")) if isinstance(mark, dict) else ""
