"""CompleteHandOut: what every hand-out carries comes into it when it is generated."""

import json
from pathlib import Path

from nbformat import NotebookNode

import labkit
from grading.kernel.execute import Resources
from grading.labs import find_lab
from grading.preprocessors.base import GradingPreprocessor

LABKIT = Path(labkit.__file__).parent
AT_THE_TOP = ("conftest.py",)  # where pytest looks for it; all else goes into the folder labkit


class CompleteHandOut(GradingPreprocessor):
    """In generate_assignment: add labkit, and points.json, which says what each exercise is worth.

    nbconvert writes what a preprocessor leaves in resources["outputs"] beside the notebook.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        name = resources["nbgrader"]["assignment"]
        if self.course.hidden_half(name).is_dir():  # or it is no lab of ours
            points = json.dumps(find_lab(self.course, name).points, indent=2)
            resources.setdefault("outputs", {}).update(
                labkit_files() | {"points.json": f"{points}\n".encode()}
            )
        return nb, resources


def labkit_files() -> dict[str, bytes]:
    """The files of labkit, by where they come to lie in a hand-out."""
    return {
        path.name if path.name in AT_THE_TOP else f"labkit/{path.name}": path.read_bytes()
        for path in sorted(LABKIT.iterdir())
        if path.suffix in (".py", ".json")
    }
