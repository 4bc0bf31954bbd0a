"""Cells mean in our kernels what they mean in Jupyter's: the same notebooks, run both ways."""

import os
import re

import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import Execute

from grading.kernel.execute import STOPPED, SteadyExecute
from grading.kernel.warm import WarmProcess, fork_warm_process
from gradings import needs_sandbox

CELLS = {
    "what is printed": "print('a', end='')\nprint('b')\nimport sys\nprint('c', flush=True)",
    "what is said of trouble": "import sys\nprint('said', file=sys.stderr)",
    "a value": "40 + 2",
    "a value that is not shown": "40 + 2;",
    "several displays": (
        "display(1, 'two')\nprint('between')\ndisplay({'text/html': '<b>3</b>'}, raw=True)"
    ),
    "a display that is changed": "h = display('before', display_id=True)\nh.update('after')",
    "a display that is changed in a later cell": "h.update('much later')",
    "outputs that are cleared": (
        "from IPython.display import clear_output\n"
        "print('gone')\nclear_output()\nprint('there')\nclear_output(wait=True)\nprint('last')"
    ),
    "an error": "def f():\n    return 1 / 0\nf()",
    "an error of one's own": "class Mine(ValueError): pass\nraise Mine('a\\nb')",
    "an error behind another": (
        "try:\n    {}[1]\nexcept KeyError as e:\n    raise TypeError('no') from e"
    ),
    "no Python": "def (",
    "an end": "raise SystemExit(3)",
    "a question to the user": "input('name?')",
    "a magic": "%%capture kept\nprint('hidden')",
    "what a magic kept": "kept.stdout",
    "a magic that is none": "%no_such_magic",
    "what is stored": "x = 5\n%store x",
    "a program": (
        "import subprocess\nprint(subprocess.run(['echo', 'hi'], capture_output=True).stdout)"
    ),
    "a shell": "found = !echo one; echo two\nfound",
    "waiting": "import asyncio\nawait asyncio.sleep(0.01)\n'waited'",
    "a figure": "import matplotlib.pyplot as plt\nfigure = plt.figure(figsize=(1, 1))",
    "a figure, asked for": "%matplotlib inline\nplt.plot([1, 2]);",
    "earlier values": "_, __, Out[3], In[3]",
    "the numbers of cells": "get_ipython().execution_count",
    "a name": "__name__, get_ipython().__class__.__mro__[-1]",
    "something that forks": (
        "import multiprocessing\n"
        "def work(n):\n    return n * n\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    found = pool.map(work, [2, 3])\n"
        "found"
    ),
    "a number at random": "import numpy as np\nnp.random.seed(0)\nnp.random.rand()",
    "much that is printed": "print('x' * 300_000)",
    "strange characters": "print('é \\U0001f600 \\x00')",
    "nothing": "pass",
}


def run(step: Execute, cells: list[NotebookNode], folder) -> list[NotebookNode]:
    notebook = new_notebook(cells=cells)
    resources = {"metadata": {"path": str(folder)}}
    notebook, _ = step.preprocess(notebook, resources)
    assert STOPPED not in resources
    return notebook.cells


def seen(cell: NotebookNode) -> tuple:
    """What people see of a cell: neither in which pieces a text came, nor a traceback's colours."""
    shown: list[list] = []
    for output in cell.get("outputs", []):
        match output.output_type:
            case "stream" if shown and shown[-1][:2] == ["stream", output.name]:
                shown[-1][2] += output.text
            case "stream":
                shown.append(["stream", output.name, output.text])
            case "error":
                shown.append(["error", output.ename, output.evalue])
            case kind:
                data = {
                    mime: "a picture" if mime.startswith("image/") else value
                    for mime, value in output.data.items()
                }
                shown.append([kind, data])
    text = re.sub(r"0x[0-9a-f]+|\(\d+\.py", "somewhere", repr(shown))
    return cell.get("execution_count"), text


def all_seen(step: Execute, folder) -> dict[str, tuple]:
    cells = [new_code_cell(source) for source in CELLS.values()]
    return dict(zip(CELLS, map(seen, run(step, cells, folder)), strict=True))


@pytest.fixture(scope="session")
def in_jupyter(tmp_path_factory) -> dict[str, tuple]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MPLBACKEND", raising=False)  # which other tests set for themselves
        return all_seen(Execute(), tmp_path_factory.mktemp("jupyter"))


@pytest.fixture(scope="session")
def trusted(tmp_path_factory) -> dict[str, tuple]:
    return all_seen(SteadyExecute(confine=False), tmp_path_factory.mktemp("trusted"))


@pytest.fixture(scope="session")
def confined(tmp_path_factory) -> dict[str, tuple]:
    return all_seen(SteadyExecute(confine=True), tmp_path_factory.mktemp("confined"))


@pytest.mark.parametrize("what", CELLS)
def test_a_cell_shows_what_it_shows_in_jupyter(what, in_jupyter, trusted):
    assert trusted[what] == in_jupyter[what]


@needs_sandbox
@pytest.mark.parametrize("what", CELLS)
def test_a_cell_shows_in_a_sandbox_what_it_shows_in_jupyter(what, in_jupyter, confined):
    assert confined[what] == in_jupyter[what]


def test_a_cell_that_takes_too_long_is_interrupted_and_the_next_one_runs(tmp_path):
    too_long = ["print('begun')\nwhile True:\n    pass", "'the next'"]
    stock, own = (
        list(map(seen, run(step, [new_code_cell(source) for source in too_long], tmp_path)))
        for step in (Execute(timeout=2), SteadyExecute(timeout=2, confine=False))
    )
    assert own == stock
    assert "CellTimeoutError" in own[0][1]


def test_a_warm_process_that_is_killed_costs_nobody_a_kernel(tmp_path):
    """A worker's is forked from the grader's, and does without it; one that is gone is replaced."""
    of_the_grader = WarmProcess.started()
    fork_warm_process(of_the_grader.control)
    first = warm_process_seen_from(tmp_path)
    of_the_grader.control.close()
    assert warm_process_seen_from(tmp_path) == first, "a worker's own ended with the grader's"
    killed = psutil.Process(first)
    killed.kill()
    killed.wait()
    assert warm_process_seen_from(tmp_path) != first
    fork_warm_process(of_the_grader.control)
    assert warm_process_seen_from(tmp_path), "a closed socket kept a kernel from being started"


def test_what_a_cell_writes_can_be_read_whatever_the_umask_of_who_grades(tmp_path):
    before = os.umask(0o077)
    try:
        fork_warm_process(WarmProcess.started().control)
    finally:
        os.umask(before)
    asked = new_code_cell("import os\nos.umask(0)")
    (cell,) = run(SteadyExecute(confine=False), [asked], tmp_path)
    assert int(cell.outputs[0].data["text/plain"]) == 0o022


def warm_process_seen_from(folder) -> int:
    """Its number, as the parent of the kernel's parent."""
    look = "import psutil\npsutil.Process().parents()[1].pid"
    (cell,) = run(SteadyExecute(confine=False), [new_code_cell(look)], folder)
    return int(cell.outputs[0].data["text/plain"])
