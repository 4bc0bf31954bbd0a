"""Submissions that are damaged, by accident or not. The answers in them are right: what can be
found of them must be graded."""

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any

import nbformat

from attacks.corpus import WITHOUT_FIRST, damage, without
from gradings import ALL, LAB

NOTEBOOKS = tuple(f"{name}.ipynb" for name in LAB.notebooks)
FIRST, SECOND, THIRD = NOTEBOOKS[:3]


def read(folder: Path, name: str = FIRST) -> dict[str, Any]:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def write(folder: Path, notebook: dict[str, Any], name: str = FIRST) -> None:
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")


def cell_of(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


# files


@damage("damaged", WITHOUT_FIRST)
def empty_file(folder):
    """A notebook of 0 bytes."""
    (folder / FIRST).write_bytes(b"")


@damage("damaged", WITHOUT_FIRST)
def cut_off(folder):
    """A notebook that was not downloaded to its end."""
    (folder / FIRST).write_bytes((folder / FIRST).read_bytes()[:5000])


@damage("damaged", WITHOUT_FIRST)
def binary_file(folder):
    """A notebook that is a compressed file."""
    (folder / FIRST).write_bytes(gzip.compress((folder / FIRST).read_bytes()))


@damage("damaged", WITHOUT_FIRST)
def a_web_page(folder):
    """A notebook that is the page of the server that had it."""
    (folder / FIRST).write_text("<!doctype html><title>Log in</title>")


@damage("graded", ALL)
def byte_order_mark(folder):
    """A notebook saved by an editor that marks its encoding."""
    (folder / FIRST).write_bytes(b"\xef\xbb\xbf" + (folder / FIRST).read_bytes())


@damage("graded", ALL)
def another_encoding(folder):
    """A notebook in UTF-16."""
    (folder / FIRST).write_text((folder / FIRST).read_text(encoding="utf-8"), encoding="utf-16")


@damage("damaged", WITHOUT_FIRST)
def json_that_is_no_notebook(folder):
    """A list of numbers with the name of a notebook."""
    write(folder, [1, 2, 3])


@damage("damaged", WITHOUT_FIRST)
def nested_without_end(folder):
    """JSON that no reader can follow."""
    (folder / FIRST).write_bytes(b'{"nbformat": 4, "cells": ' + b"[" * 10**6)


@damage("graded", ALL)
def another_name(folder):
    """A notebook named as browsers name the second download."""
    (folder / FIRST).rename(folder / "01_sliding_window (1).ipynb")


@damage("graded", ALL)
def a_name_with_a_script(folder):
    """A file name that would run in the page that names it."""
    (folder / FIRST).rename(folder / "<img src=x onerror=alert('FOUND')>.ipynb")


@damage("graded", ALL)
def everything_in_a_folder(folder):
    """Notebooks in a folder inside the folder."""
    (folder / "lab02").mkdir()
    for name in NOTEBOOKS:
        (folder / name).rename(folder / "lab02" / name)


@damage("damaged", 0.0)
def nothing_at_all(folder):
    """An empty folder."""
    shutil.rmtree(folder)
    folder.mkdir()


@damage("damaged", WITHOUT_FIRST)
def a_folder_named_like_a_notebook(folder):
    """A folder with the name of a notebook."""
    (folder / FIRST).unlink()
    (folder / FIRST).mkdir()


@damage("damaged", WITHOUT_FIRST)
def a_pipe_named_like_a_notebook(folder):
    """A pipe that nobody writes: who opens it waits for ever."""
    (folder / FIRST).unlink()
    os.mkfifo(folder / FIRST)


@damage("damaged", WITHOUT_FIRST)
def a_link_to_a_classmate(folder):
    """A link to the notebook of another student."""
    (folder / FIRST).unlink()
    (folder / FIRST).symlink_to(f"../../a-honest-student/lab02/{FIRST}")


@damage("damaged", ALL)
def links_to_what_is_hidden(folder):
    """Links to the gradebook and the reference, to be read as files of its own."""
    (folder / "marks.txt").symlink_to("../../../gradebook.db")
    (folder / "reference.py").symlink_to("../../../solutions/lab02/reference/sliding_window.py")
    (folder / "all").symlink_to("../../..")


@damage("damaged", WITHOUT_FIRST)
def a_hundred_megabytes(folder):
    """A notebook of 100 MB."""
    notebook = read(folder)
    notebook["metadata"]["padding"] = "x" * (100 << 20)
    write(folder, notebook)


@damage("damaged", WITHOUT_FIRST)
def a_million_cells(folder):
    """A notebook of a million cells."""
    notebook = read(folder)
    notebook["cells"] += [{"cell_type": "raw", "source": ""}] * 400_000
    write(folder, notebook)


@damage("graded", ALL)
def a_hundred_thousand_outputs(folder):
    """A notebook whose outputs were never cleared."""
    notebook = read(folder)
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 99}
    cell_of(notebook, "window-mask")["outputs"] = [output] * 100_000
    write(folder, notebook)


@damage("damaged", ALL)
def a_thousand_files(folder):
    """Very many files beside the notebooks."""
    for number in range(1000):
        (folder / f"notes-{number}.txt").write_text("x")


@damage("graded", ALL)
def files_in_the_way(folder):
    """A file where the hand-out has a folder, and a folder where it has a file."""
    (folder / "checks").write_text("x")
    (folder / "lab.py").mkdir()
    (folder / "lab.py" / "x.txt").write_text("x")


@damage("graded", ALL)
def own_self_checks(folder):
    """A lab.py of its own that passes everything."""
    (folder / "lab.py").write_text("raise SystemExit")


@damage("graded", ALL)
def a_numpy_of_its_own(folder):
    """A numpy.py that ends the process of whoever imports it."""
    (folder / "numpy.py").write_text("import os; os._exit(0)")


@damage("graded", ALL)
def no_time_at_all(folder):
    """A time of submission that is none."""
    (folder / "timestamp.txt").write_text("1/0/0 soon\x00")


# cells


@damage("graded", ALL)
def a_test_twice(folder):
    """A test cell that was copied: stock nbgrader stops the class."""
    notebook = read(folder)
    test = cell_of(notebook, "window-mask")
    notebook["cells"].insert(notebook["cells"].index(test), test)
    write(folder, notebook)


@damage("graded", ALL)
def an_answer_twice(folder):
    """An answer cell that was copied."""
    notebook = read(folder)
    answer = cell_of(notebook, "window-mask-answer")
    notebook["cells"].insert(notebook["cells"].index(answer), answer)
    write(folder, notebook)


@damage("graded", ALL)
def tests_deleted(folder):
    """A notebook without any test cell."""
    notebook = read(folder)
    notebook["cells"] = [
        cell for cell in notebook["cells"] if not cell["metadata"].get("nbgrader", {}).get("points")
    ]
    write(folder, notebook)


@damage("damaged", WITHOUT_FIRST)
def everything_deleted(folder):
    """A notebook without cells."""
    write(folder, read(folder) | {"cells": []})


@damage("tampered", ALL)
def tests_edited(folder):
    """Test cells that pass whatever comes."""
    notebook = read(folder)
    for exercise in ("window-mask", "masked-attention", "attended-pairs", "receptive-field"):
        cell_of(notebook, exercise)["source"] = "pass"
    write(folder, notebook)


@damage("tampered", ALL)
def tests_unlocked(folder):
    """Test cells that call themselves answers."""
    notebook = read(folder)
    mark = cell_of(notebook, "window-mask")["metadata"]["nbgrader"]
    mark |= {"solution": True, "locked": False}
    write(folder, notebook)


@damage("tampered", ALL)
def points_raised(folder):
    """A test cell that claims to be worth 1,000 points."""
    notebook = read(folder)
    cell_of(notebook, "window-mask")["metadata"]["nbgrader"]["points"] = 1000
    write(folder, notebook)


@damage("tampered", ALL)
def an_answer_that_claims_points(folder):
    """An answer cell that is graded by itself, and shows a result."""
    notebook = read(folder)
    answer = cell_of(notebook, "window-mask-answer")
    answer["metadata"]["nbgrader"] |= {"grade": True, "points": 50}
    answer["source"] = [*answer["source"], "\n50.0"]
    write(folder, notebook)


@damage("graded", ALL)
def a_graded_cell_of_its_own(folder):
    """A cell that the hand-out does not know, with points."""
    notebook = read(folder)
    mark = {"grade": True, "grade_id": "mine", "locked": True, "points": 50, "schema_version": 3}
    mark |= {"solution": False, "task": False}
    own = {"cell_type": "code", "id": "mine", "metadata": {"nbgrader": mark}, "source": "50.0"}
    notebook["cells"].append(own | {"outputs": [], "execution_count": None})
    write(folder, notebook)


@damage("graded", ALL)
def an_answer_turned_into_text(folder):
    """An answer cell that was made a Markdown cell."""
    notebook = read(folder)
    answer = cell_of(notebook, "window-mask-answer")
    answer["cell_type"] = "markdown"
    answer.pop("outputs"), answer.pop("execution_count")
    write(folder, notebook)


@damage("graded", ALL)
def a_test_turned_into_text(folder):
    """A test cell that was made a raw cell."""
    notebook = read(folder)
    test = cell_of(notebook, "window-mask")
    test["cell_type"] = "raw"
    test.pop("outputs"), test.pop("execution_count")
    write(folder, notebook)


@damage("graded", ALL)
def metadata_stripped(folder):
    """A notebook as an editor leaves it that does not know nbgrader."""
    for name in NOTEBOOKS:
        notebook = read(folder, name)
        for cell in notebook["cells"]:
            cell["metadata"] = {}
        write(folder, notebook, name)


@damage("graded", ALL)
def metadata_and_ids_stripped(folder):
    """A notebook of which only the text of the cells is left."""
    notebook = read(folder)
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    write(folder, notebook | {"nbformat_minor": 4})


@damage("graded", ALL)
def names_of_answers_exchanged(folder):
    """Two answer cells that bear each other's name."""
    notebook = read(folder)
    one, other = (
        cell_of(notebook, f"{name}-answer")["metadata"]["nbgrader"]
        for name in ("attended-pairs", "receptive-field")
    )
    one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
    write(folder, notebook)


@damage("tampered", without("attended-pairs"))
def names_of_tests_exchanged(folder):
    """A test worth 1 that bears the name of one worth 3, and the other way round."""
    notebook = read(folder)
    one, other = (
        cell_of(notebook, name)["metadata"]["nbgrader"]
        for name in ("attended-pairs", "masked-attention")
    )
    one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
    write(folder, notebook)


@damage("graded", ALL)
def schema_of_the_future(folder):
    """nbgrader's notes in a version that does not exist yet: stock nbgrader stops the class."""
    notebook = read(folder)
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99
    write(folder, notebook)


@damage("graded", ALL)
def schema_of_the_past(folder):
    """nbgrader's notes in its first version: stock nbgrader stops the class."""
    notebook = read(folder)
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 0
    write(folder, notebook)


@damage("graded", ALL)
def another_kernel(folder):
    """A notebook that asks for a kernel that is not there."""
    notebook = read(folder)
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook["metadata"]["language_info"] = {"name": "R"}
    write(folder, notebook)


@damage("graded", ALL)
def format_of_the_past(folder):
    """A notebook of nbformat 3, which kept its cells in worksheets."""
    notebook = nbformat.read(folder / FIRST, as_version=4)
    nbformat.write(nbformat.convert(notebook, 3), folder / FIRST, version=3)


@damage("graded", ALL)
def format_of_the_future(folder):
    """A notebook of nbformat 5."""
    write(folder, read(folder) | {"nbformat": 5})


@damage("graded", WITHOUT_FIRST)
def cells_in_another_order(folder):
    """Tests in front of the answers: what is asked before it is defined is not there."""
    notebook = read(folder)
    notebook["cells"].reverse()
    write(folder, notebook)


@damage("graded", ALL)
def lines_that_only_look_empty(folder):
    """Very many lines of blanks, which highlighting reads again and again."""
    notebook = read(folder)
    answer = cell_of(notebook, "window-mask-answer")
    answer["source"] = "".join(answer["source"]) + "\n" + " \n" * 100_000 + "pass"
    write(folder, notebook)


@damage("graded", ALL)
def points_on_a_cell_of_the_hand_out(folder):
    """A cell of the hand-out that claims to be graded."""
    notebook = read(folder)
    mark = {"grade": True, "grade_id": "bonus", "locked": False, "points": 50, "solution": False}
    setup = next(cell for cell in notebook["cells"] if cell["id"] == "setup")
    setup["metadata"]["nbgrader"] = mark | {"schema_version": 3, "task": False}
    write(folder, notebook)


@damage("graded", ALL)
def bytes_that_are_no_text(folder):
    """A file with a name in an old encoding, and half a character in a cell."""
    with open(os.fsencode(folder) + b"/L\xf6sung.ipynb", "wb"):
        pass
    notebook = read(folder)
    notebook["cells"].append(
        {"cell_type": "markdown", "id": "half", "metadata": {}, "source": "\ud800"}
    )
    write(folder, notebook)
