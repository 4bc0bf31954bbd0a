"""What the work itself costs: a class's cells and questions, in one plain Python process.

No kernel, no sandbox, no gradebook, no page: nothing could grade in less. What a hand-out imports
from elsewhere is imported already; its own modules are imported anew for each notebook.
"""

import contextlib
import io
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.pop(0)  # this folder has a file with the name of the package that it measures

from labkit.progress import ONLY_ANSWERS

os.environ.update(ONLY_ANSWERS)  # before NumPy, which reads them when it is imported

import matplotlib.pyplot  # noqa: F401
import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from grading.course import Course
from grading.files import files_in, write_files
from grading.intake.folders import submitted_folders
from grading.judging.question import Question
from grading.kernel import probe
from grading.labs import find_lab
from grading.preprocessors.base import graded_id


def main() -> None:
    """Arguments: a course, an assignment, and how many of its submissions. Prints seconds each."""
    course, assignment, number = Course(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    lab = find_lab(course, assignment)
    questions = {
        name: Question.of_run(exercise, b"benchmark", "")
        for name, exercise in lab.exercises.items()
    }
    folders = submitted_folders(course, assignment)
    handed_out = files_in(course, course.folder("release", assignment))
    with tempfile.TemporaryDirectory() as beside:
        write_files(Path(beside), handed_out)
        os.chdir(beside)
        sys.path.append(beside)
        begun = time.process_time()
        for folder in folders[:number]:
            for notebook in sorted(folder.glob("*.ipynb")):
                run(nbformat.read(notebook, as_version=4).cells, questions, lab, handed_out)
        print((time.process_time() - begun) / number)


def run(cells, questions, lab, handed_out) -> None:
    """The cells of a notebook in a namespace of their own, and behind a test what it asks."""
    own = {Path(name).parts[0].removesuffix(".py") for name in handed_out}
    names: dict = {"__name__": "__main__"}
    read = TransformerManager().transform_cell
    before = set(sys.modules)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        for cell in cells:
            if cell.cell_type != "code":
                continue
            with contextlib.suppress(Exception):
                exec(compile(read(cell.source), "cell", "exec"), names)
            question = questions.get(graded_id(cell))
            if question and question.exercise.answer in names:
                probe.answer(question.packed, question.exercise.answer, names, lab.drivers)
    for module in set(sys.modules) - before:
        if module.split(".")[0] in own:
            del sys.modules[module]


if __name__ == "__main__":
    main()
