"""What stopped a cell for reasons that its author could not see: nobody answers, other versions."""

import platform
import re
from collections.abc import Iterator
from importlib.metadata import version

from nbformat import NotebookNode

from grading.intake import findings
from grading.status import Finding

OF_NUMPY = re.compile(r"numpy", re.IGNORECASE)


def explain(cells: list[NotebookNode]) -> Iterator[Finding]:
    """A finding for each cell that failed because of where it was graded."""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type != "error":
                continue
            if output.ename == "StdinNotImplementedError":
                yield findings.asks_for_input(cell.id)
            elif output.ename == "SyntaxError":
                yield findings.is_no_code_for(cell.id, f"Python {platform.python_version()}")
            elif output.ename in ("AttributeError", "ImportError") and _of_numpy(output.evalue):
                yield findings.is_no_code_for(cell.id, f"NumPy {version('numpy')}")


def _of_numpy(message: str) -> bool:
    return bool(OF_NUMPY.search(message))
