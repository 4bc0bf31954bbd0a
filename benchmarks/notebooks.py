"""How long a student waits: `uv run python benchmarks/notebooks.py`.

Each notebook of the hand-out, with the instructor's answers, is run in a fresh kernel, and `lab` is
imported in a fresh interpreter. Of several runs the quickest counts; beside it stands the processor
time of the kernel, which says how much of the wait was other work on this machine.
"""

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import psutil
from nbclient import NotebookClient
from traitlets.config import Config

from grading.course import Course
from grading.files import write_files
from grading.proof.handin import instructors_answers, submit

ASSIGNMENT = "lab02"
RUNS = 3
GOALS = {"first figure": 5.0, "run all": 20.0, "import lab": 0.5}  # seconds
IMPORTS = """
import time
started = time.perf_counter()
import numpy
numpy_is_there = time.perf_counter()
import lab
lab_is_there = time.perf_counter()
import matplotlib.figure, matplotlib.backends.backend_agg
print(numpy_is_there - started, lab_is_there - numpy_is_there, time.perf_counter() - lab_is_there)
"""


@dataclass(frozen=True)
class Waited:
    """Seconds from the start of the kernel, and the processor time of the kernel."""

    first_figure: float
    run_all: float
    processor: float


def main() -> None:
    course = Course(Path(__file__).resolve().parents[1])
    answers = instructors_answers(course, ASSIGNMENT)
    with TemporaryDirectory() as name:
        folder = Path(name) / ASSIGNMENT
        shutil.copytree(course.folder("release", ASSIGNMENT), folder)
        write_files(folder, submit(course, ASSIGNMENT, "benchmark", answers).files)
        before, lab, later = min((imports(folder) for _ in range(RUNS)), key=sum)
        print(f"{'import, seconds':<24}{'numpy':>14}{'import lab':>14}{'matplotlib':>14}")
        print(f"{'':<24}{before:>14.2f}{lab:>14.2f}{later:>14.2f}")
        print(f"with numpy: {before + lab:.2f}; matplotlib is imported with the first figure\n")

        print(f"{'notebook, seconds':<24}{'first figure':>14}{'run all':>14}{'processor':>14}")
        for path in sorted(folder.glob("*.ipynb")):
            tries = [run(path) for _ in range(RUNS)]
            best = min(tries, key=lambda waited: waited.run_all)
            first = min(waited.first_figure for waited in tries)
            print(f"{path.stem:<24}{first:>14.1f}{best.run_all:>14.1f}{best.processor:>14.1f}")
    print("\nGoals: " + ", ".join(f"{name} {limit:g}" for name, limit in GOALS.items()))


def imports(folder: Path) -> tuple[float, ...]:
    """Seconds to import numpy, then lab, then what the first figure needs."""
    command = [sys.executable, "-c", IMPORTS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return tuple(map(float, done.stdout.split()))


def run(path: Path) -> Waited:
    """Run one notebook from top to bottom, as Run All does."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    )
    started, first_figure = time.perf_counter(), 0.0
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            if not first_figure and "<img" in str(cell.get("outputs", "")):
                first_figure = time.perf_counter() - started
        run_all = time.perf_counter() - started
        used = psutil.Process(client.km.provisioner.pid).cpu_times()
    return Waited(first_figure, run_all, used.user + used.system)


if __name__ == "__main__":
    main()
