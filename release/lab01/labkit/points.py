"""What each exercise of a hand-out is worth, by notebook."""

import json
from pathlib import Path

FILE = "points.json"  # comes into a hand-out when it is generated


def points_in(folder: Path) -> dict[str, dict[str, float]]:
    """From the hand-out's own file; in source/, where there is none, from the notebooks."""
    written = folder / FILE
    if written.is_file():
        return json.loads(written.read_text("utf-8"))
    found = {path.stem: _of_notebook(path) for path in sorted(folder.glob("*.ipynb"))}
    return {name: points for name, points in found.items() if points}


def _of_notebook(path: Path) -> dict[str, float]:
    marks = [
        cell["metadata"].get("nbgrader", {})
        for cell in json.loads(path.read_text("utf-8"))["cells"]
    ]
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}
