"""Readable reports of `uv run pytest`: cells by their names, and no code where one fails."""

import os
import re

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from labkit.progress import ONLY_ANSWERS

os.environ.update(ONLY_ANSWERS)  # of the kernels


class Cell(IPyNbCell):
    """A cell whose failure is reported by its error alone; the code is in the notebook."""

    def reportinfo(self):
        return self.path, None, f"{self.path.stem}, {self.name}"

    def repr_failure(self, excinfo):
        traceback = getattr(excinfo.value, "inner_traceback", None)
        if traceback is None:
            return super().repr_failure(excinfo)
        if "Not written yet" in traceback or "NotImplementedError" in traceback.splitlines()[-1]:
            return "not written yet, or needs what is not written yet"
        return re.sub(r"\x1b\[[0-9;]*m", "", traceback).strip("-\n")  # without colours


class Notebook(IPyNbFile):
    """A notebook whose cells are called by their grade_id, or else by their id."""

    def collect(self):
        for item in super().collect():
            cell = item.cell
            name = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", item.name)
            yield Cell.from_parent(
                self, name=name, cell_num=item.cell_num, cell=cell, options=item.options
            )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collected = yield
    return [
        Notebook.from_parent(parent, path=file_path) if isinstance(file, IPyNbFile) else file
        for file in collected
    ]
