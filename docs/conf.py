"""The site: these pages, and the notebooks of the hand-outs with their figures.

    uv run --group docs sphinx-build -W docs docs/_build/html

Nothing is fetched, neither by the build nor by a reader's browser: MathJax lies beside the pages.
"""

import logging
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from sphinx.application import Sphinx
from traitlets.config import Config

from grading.course import Course
from grading.proof.handin import instructors_answers, submit
from grading.soundness import sound_labs

HERE = Path(__file__).parent

project = "Sliding window attention"
author = "its contributors"
html_theme = "furo"
html_static_path = ["_static"]
html_js_files = ["scrolling.js"]
html_title = project
extensions = ["myst_nb", "sphinx-mathjax-offline"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # below, with the answers that the pages do not show


CONTENTS = """```{toctree}
:glob:
:maxdepth: 1

*_*
```
"""

logging.getLogger("traitlets").setLevel(logging.WARNING)  # nbclient tells of every kernel


def make_notebooks(app: Sphinx) -> None:
    """Run the hand-outs with the instructor's answers, then show them with their stubs."""
    course = Course(HERE.parent)
    shutil.rmtree(HERE / "notebooks", ignore_errors=True)
    for lab in sound_labs(course):
        folder = HERE / "notebooks" / lab
        folder.mkdir(parents=True)
        make_notebooks_of(lab, course, folder)
        title = (course.folder("source", lab) / "README.md").read_text("utf-8").splitlines()[0]
        (folder / "index.md").write_text(f"{title}\n\n{CONTENTS}", encoding="utf-8")


def make_notebooks_of(assignment: str, course: Course, folder: Path) -> None:
    filled = submit(course, assignment, "site", instructors_answers(course, assignment)).files
    for path in course.release_notebooks(assignment):
        shown, run = (
            nbformat.reads(text, as_version=4)
            for text in (path.read_text("utf-8"), filled[path.name].decode())
        )
        NotebookClient(
            run,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        ).execute()
        for cell, executed in zip(shown.cells, run.cells, strict=True):
            if cell.cell_type == "code":
                cell.outputs = executed.outputs
        nbformat.write(shown, folder / path.name)


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", make_notebooks)
