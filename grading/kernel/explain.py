"""What stopped a cell for reasons that its author could not see: nobody answers, other versions."""

import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from textwrap import shorten

from nbformat import NotebookNode

from grading.intake import findings
from grading.status import Finding

MAX_MESSAGE = 200  # characters
MODULE = re.compile(r"No module named '([^']{1,80})'")


def explain(cells: list[NotebookNode]) -> Iterator[Finding]:
    """A finding for each cell that failed because of where it was graded."""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield from _of_error(cell.id, output.ename, output.evalue)


def _of_error(cell: str, name: str, message: str) -> Iterator[Finding]:
    module = MODULE.search(message)
    if name == "StdinNotImplementedError":
        yield findings.asks_for_input(cell)
    elif name == "SyntaxError":
        why = shorten(message, MAX_MESSAGE, placeholder="...")
        yield findings.is_no_code_for(cell, f"Python {platform.python_version()}", why)
    elif name == "ModuleNotFoundError" and module:
        yield findings.needs_module(cell, module[1])
    elif name in ("AttributeError", "ImportError") and "numpy" in message.lower():
        yield findings.failed_with(cell, f"NumPy {version('numpy')}")
