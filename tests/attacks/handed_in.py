"""Right work in the files that editors, platforms and people make: it keeps every point, and nobody
is accused. Each stands for a report about this or another course."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader import utils

from attacks.corpus import damage, without
from attacks.damage import FIRST, NOTEBOOKS, SECOND, THIRD, cell_of, read, write
from gradings import ALL, zipped

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Er"
    "kJggg=="
)


def code(source: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
    return cell | {"execution_count": 7}


def text(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source} | more


def source_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def place_of(notebook: dict[str, Any], grade_id: str) -> int:
    return notebook["cells"].index(cell_of(notebook, grade_id))


def blank_source(folder: Path, grade_id: str) -> str:
    """An answer cell as it was handed out."""
    release = folder.parents[2] / "release" / "lab02"
    return source_of(cell_of(read(release), grade_id))


def put_in_front(folder: Path, grade_id: str, lines: str) -> None:
    """Lines in front of an answer, in its cell."""
    notebook = read(folder)
    answer = cell_of(notebook, grade_id)
    answer["source"] = lines + source_of(answer)
    write(folder, notebook)


def in_every_cell(folder: Path, change: Callable[[str], str]) -> None:
    for name in NOTEBOOKS:
        notebook = read(folder, name)
        for cell in notebook["cells"]:
            cell["source"] = change(source_of(cell))
        write(folder, notebook, name)


def without_names(notebook: dict[str, Any]) -> dict[str, Any]:
    """As Deepnote and Colab write them: metadata of their own, no ids."""
    for cell in notebook["cells"]:
        cell["metadata"] = {"cell_id": "00001-c2d2b1a6", "deepnote_cell_type": cell["cell_type"]}
        cell.pop("id", None)
    return notebook


def merge(notebook: dict[str, Any], answer: str, into: str) -> None:
    """Two cells joined, as the menu of an editor does: the first one's metadata stay."""
    joined = cell_of(notebook, into)
    joined["source"] = f"{source_of(joined)}\n\n\n{source_of(cell_of(notebook, answer))}"
    notebook["cells"].remove(cell_of(notebook, answer))


# pictures and text


@damage("graded", ALL)
def a_picture_pasted_into_text(folder):
    """A screenshot in a Markdown cell, as JupyterLab and VS Code keep it."""
    notebook = read(folder)
    picture = {"image.png": {"image/png": PIXEL}}
    notebook["cells"].append(text("![image.png](attachment:image.png)", attachments=picture))
    write(folder, notebook)


@damage("graded", ALL)
def a_picture_that_is_not_there(folder):
    """A cell with a picture, copied from another notebook without it."""
    notebook = read(folder)
    notebook["cells"].append(
        text("![a](attachment:a%20b.png) and ![b][b]\n\n[b]: attachment:b.png")
    )
    write(folder, notebook)


@damage("graded", ALL)
def a_picture_of_another_kind(folder):
    """A drawing that could hold a script, and one that is no picture at all."""
    notebook = read(folder)
    pictures = {"a.svg": {"image/svg+xml": "<svg onload='x'/>"}, "b.png": {"image/png": [1]}}
    source = "![a](attachment:a.svg) ![b](attachment:b.png)"
    notebook["cells"].append(text(source, attachments=pictures))
    write(folder, notebook)


# cells


@damage("graded", ALL)
def two_answers_in_one_cell(folder):
    """Two answer cells merged."""
    notebook = read(folder)
    merge(notebook, "receptive-field-answer", "attended-pairs-answer")
    write(folder, notebook)


@damage("graded", ALL)
def all_answers_in_the_first_cell(folder):
    """All answers of a notebook in one cell, the others deleted."""
    notebook = read(folder)
    for exercise in ("masked-attention", "attended-pairs", "receptive-field"):
        merge(notebook, f"{exercise}-answer", "window-mask-answer")
    write(folder, notebook)


@damage("graded", ALL)
def an_answer_merged_into_its_test(folder):
    """Answer and test in one cell that carries the name of the test."""
    notebook = read(folder)
    test, answer = (cell_of(notebook, name) for name in ("window-mask", "window-mask-answer"))
    test["source"] = f"{source_of(answer)}\n{source_of(test)}"
    notebook["cells"].remove(answer)
    write(folder, notebook)


@damage("graded", ALL)
def a_test_merged_into_its_answer(folder):
    """The same, with the name of the answer; the comments of the test are gone."""
    notebook = read(folder)
    test, answer = (cell_of(notebook, name) for name in ("window-mask", "window-mask-answer"))
    call = source_of(test).splitlines()[-1]
    answer["source"] = f"{source_of(answer)}\n{call}\n"
    notebook["cells"].remove(test)
    write(folder, notebook)


@damage("graded", ALL)
def names_replaced_and_a_helper_above(folder):
    """Another editor's metadata, and a function of the student's in front of the one asked."""
    notebook = read(folder)
    answer = cell_of(notebook, "masked-attention-answer")
    answer["source"] = f"def stable(x):\n    return x - x.max()\n\n\n{source_of(answer)}"
    write(folder, without_names(notebook))


@damage("graded", ALL)
def names_replaced_and_a_lambda(folder):
    """Another editor's metadata, and an answer that is not a `def`."""
    notebook = read(folder)
    answer = cell_of(notebook, "receptive-field-answer")
    answer["source"] = f"{source_of(answer)}\n\n_field = receptive_field\n".replace(
        "def receptive_field", "def _own"
    ).replace("_field = receptive_field", "receptive_field = lambda *a, **k: _own(*a, **k)")
    write(folder, without_names(notebook))


@damage("graded", ALL)
def names_replaced_and_a_decorated_answer(folder):
    """Another editor's metadata, and a decorator."""
    notebook = read(folder)
    answer = cell_of(notebook, "receptive-field-answer")
    answer["source"] = f"import functools\n\n\n@functools.cache\n{source_of(answer)}"
    write(folder, without_names(notebook))


@damage("graded", ALL)
def names_replaced_and_an_attempt_above(folder):
    """Another editor's metadata, and a first attempt with its check, kept above."""
    notebook = read(folder)
    test = source_of(cell_of(notebook, "receptive-field"))
    place = place_of(notebook, "receptive-field-answer")
    attempt = "def receptive_field(num_layers, window_size):\n    return 0"
    notebook["cells"][place:place] = [code(attempt), code(test)]
    write(folder, without_names(notebook))


@damage("graded", ALL)
def setup_deleted(folder):
    """The cell that imports NumPy is not there."""
    notebook = read(folder)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell.get("id") != "setup"]
    write(folder, notebook)


@damage("graded", ALL)
def setup_fails_at_its_first_line(folder):
    """A set-up for a machine that is not the grader's; what it imports further down is used."""
    notebook = read(folder)
    setup = next(cell for cell in notebook["cells"] if cell.get("id") == "setup")
    mounted = "from google.colab import drive\ndrive.mount('/content')\nimport torch, einops"
    setup["source"] = (
        f"{mounted}\n{source_of(setup)}\nfrom math import (\n    pi,\n)\nimport cmath\n"
    )
    answer = cell_of(notebook, "attended-pairs-answer")
    answer["source"] = f"{source_of(answer)}\n\nassert pi == cmath.pi\n"
    write(folder, notebook)


@damage("graded", ALL)
def line_ends_of_windows(folder):
    """Sources as VS Code writes them on Windows."""
    in_every_cell(folder, lambda source: source.replace("\n", "\r\n"))


@damage("graded", ALL)
def a_newline_at_each_end(folder):
    """An editor that ends every cell with a newline."""
    in_every_cell(folder, lambda source: f"{source}\n")


def as_handed_out_before(cell: dict[str, Any]) -> None:
    """The checksum that nbgrader gave the cell when it was like this."""
    node: NotebookNode = from_dict(cell | {"source": source_of(cell)})
    cell["metadata"]["nbgrader"]["checksum"] = utils.compute_checksum(node)


@damage("graded", ALL)
def an_earlier_hand_out(folder):
    """The instructor has mended a word in a test since, and the points of another."""
    notebook = read(folder)
    test = cell_of(notebook, "window-mask")
    test["source"] = source_of(test).replace("lab.check", "lab.old_check")
    as_handed_out_before(test)
    other = cell_of(notebook, "masked-attention")
    other["metadata"]["nbgrader"]["points"] = 9
    as_handed_out_before(other)
    write(folder, notebook)


# files


@damage("graded", ALL)
def what_systems_leave(folder):
    """Files that Finder, git, JupyterLab and Python put beside the work."""
    notebook = (folder / FIRST).read_bytes()
    for name, content in {
        f"._{FIRST}": b"\x00\x05\x16\x07",
        f"__MACOSX/._{FIRST}": b"\x00\x05\x16\x07",
        f".virtual_documents/{FIRST}": notebook,
        f".ipynb_checkpoints/{FIRST}": b"{",
        "Untitled.ipynb": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        **{f".git/objects/{number}": b"x" for number in range(250)},
        **{f"venv/lib/{number}.py": b"x" for number in range(250)},
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@damage("graded", ALL)
def a_zip(folder):
    """All of it in an archive, as the hand-out came."""
    entries = []
    for name in NOTEBOOKS:
        entries += [(f"lab02/{name}", (folder / name).read_bytes())]
        entries += [(f"__MACOSX/lab02/._{name}", b"\x00\x05")]
        (folder / name).unlink()
    data = zipped(entries)
    (folder / "lab02.zip").write_bytes(data)


@damage("graded", ALL)
def names_of_browsers_and_platforms(folder):
    """A suffix too many, another case, a number."""
    (folder / FIRST).rename(folder / f"{FIRST}.txt")
    (folder / SECOND).rename(folder / "02_Global_Tokens.IPYNB")
    (folder / THIRD).rename(folder / "03_multi_head (1).ipynb")


@damage("graded", ALL)
def the_newest_of_two(folder):
    """A second upload beside a first one that was not finished, as Canvas numbers them."""
    for name in NOTEBOOKS:
        shutil.copy(folder / name, folder / name.replace(".ipynb", "-1.ipynb"))
    notebook = read(folder)
    cell_of(notebook, "window-mask-answer")["source"] = "def create_sliding_window_mask(n, w): ..."
    write(folder, notebook)


@damage("graded", ALL)
def names_exchanged(folder):
    """The first notebook under the name of the second, and the other way round."""
    (folder / FIRST).rename(folder / "x")
    (folder / SECOND).rename(folder / FIRST)
    (folder / "x").rename(folder / SECOND)


# what a notebook may do


@damage("graded", ALL)
def numpy_that_raises(folder):
    """NumPy set to stop at every underflow, and Python at every warning."""
    notebook = read(folder)
    source = "import warnings\n\nimport numpy\n\nnumpy.seterr(all='raise')\n"
    source += "warnings.simplefilter('error')"
    notebook["cells"].insert(1, code(source))
    write(folder, notebook)


@damage("graded", ALL)
def a_widget_with_an_output_of_its_own(folder):
    """A slider over the window, as a keen student plots it."""
    notebook = read(folder)
    source = "from ipywidgets import interact\n\ninteract(lambda w: print(w), w=10)"
    notebook["cells"].insert(1, code(source))
    write(folder, notebook)


@damage("graded", without("receptive-field"))
def a_module_that_is_not_there(folder):
    """An import that works on the student's machine only, in front of an answer."""
    put_in_front(folder, "receptive-field-answer", "import nosuchmodule\n\n\n")


@damage("graded", ALL)
def an_answer_in_a_new_cell_below(folder):
    """The blank answer cell left where it was, the answer in a cell below its test."""
    notebook = read(folder)
    answer = cell_of(notebook, "receptive-field-answer")
    right, answer["source"] = source_of(answer), blank_source(folder, "receptive-field-answer")
    notebook["cells"].insert(place_of(notebook, "receptive-field") + 1, code(right))
    write(folder, notebook)


@damage("graded", ALL)
def all_in_one_notebook(folder):
    """The cells of all notebooks pasted into one."""
    notebook = read(folder)
    notebook["cells"] += [cell for name in NOTEBOOKS[1:] for cell in read(folder, name)["cells"]]
    for name in NOTEBOOKS:
        (folder / name).unlink()
    write(folder, notebook, "lab02.ipynb")


@damage("graded", ALL)
def names_that_the_grader_uses(folder):
    """Variables called as what a grader might call."""
    for name in NOTEBOOKS:
        notebook = read(folder, name)
        names = "exec = compile = display = json = sys = _probe = show = __import__ = 3"
        notebook["cells"].insert(1, code(names))
        write(folder, notebook, name)


@damage("graded", without("receptive-field"))
def asks_for_input(folder):
    """A question to the student in front of an answer: nobody answers while grading."""
    put_in_front(folder, "receptive-field-answer", "layers = input('How many? ')\n")


@damage("graded", without("masked-attention"))
def another_version_of_numpy(folder):
    """A name that NumPy 1.26 has, which the hand-out allows, and the grader's has not."""
    notebook = read(folder)
    answer = cell_of(notebook, "masked-attention-answer")
    answer["source"] = source_of(answer).replace("np.inf", "np.Inf")
    write(folder, notebook)


def dated(folder: Path, text: str) -> None:
    (folder / "timestamp.txt").write_text(text, encoding="utf-8")


@damage("graded", ALL)
def an_unknown_time_zone(folder):
    """A zone whose letters stand for several."""
    dated(folder, "2027-01-31 20:00:00 PST")
