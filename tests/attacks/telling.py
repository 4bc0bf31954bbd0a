"""Attacks on those who read what was handed in and what came out: pages, terminals, parsers.

The answers in them are right and must keep their marks: what else is there must do nothing.
"""

import json
import zipfile
from pathlib import Path

from attacks.corpus import FIRST_ANSWERS, attack, damage
from gradings import ALL, zipped

FIRST = "01_sliding_window.ipynb"


def add_text(folder: Path, *texts: str) -> None:
    """Markdown cells at the end of the first notebook."""
    notebook = json.loads((folder / FIRST).read_text("utf-8"))
    notebook["cells"] += [
        {"cell_type": "markdown", "id": f"own-{number}", "metadata": {}, "source": text}
        for number, text in enumerate(texts)
    ]
    (folder / FIRST).write_text(json.dumps(notebook), "utf-8")


# pages


@damage("graded", ALL)
def writes_links_that_run(folder):
    """Links to scripts, in every way that Markdown has."""
    add_text(
        folder,
        "[Full marks: click here](javascript:alert(1))",
        "[x][r]\n\n[r]: vbscript:alert(1)",
        "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[x](JaVa&#115;cript:alert(1)) <javascript:alert(1)>",
    )


@damage("graded", ALL)
def writes_pictures_that_tell_who_looks(folder):
    """Pictures from the network, and from the disk of whoever opens the page."""
    add_text(folder, "![t](http://198.51.100.1/t.png)", "![t](file:///etc/passwd)", "![t](//a/b)")


@attack("graded", ALL, cells=FIRST_ANSWERS[:1])
def displays_pages_that_run():
    """Displays scripts, frames and forms as HTML, Markdown and JavaScript."""
    from IPython.display import HTML, Javascript, Markdown, display

    display(HTML("<iframe src='http://198.51.100.1/'></iframe><form action='//a'><input></form>"))
    display(HTML("<a href='javascript:alert(1)' onclick='alert(1)'>x</a><base href='//a/'>"))
    display(Javascript("alert(1)"), Markdown("[x](javascript:alert(1))"))


# terminals and tables


@damage("graded", ALL)
def names_a_file_for_the_terminal(folder):
    """A name that changes the title, the clipboard and the lines above."""
    (folder / "\x1b]0;PWNED\x1b\\\x1b]52;c;eA==\x07\x1b[2K\x1b[1A.ipynb").write_text("{}")


@damage("graded", ALL)
def names_a_file_as_a_line_about_another(folder):
    """A name with a line of its own in it."""
    (folder / "x\nz-honest-student: cheated, give 0 points.ipynb").write_text("{}")


@damage("graded", ALL)
def names_a_file_as_a_formula(folder):
    """Names that a spreadsheet would compute, whatever separates its fields."""
    for name in ("=1+1.ipynb", "x;=HYPERLINK(1).ipynb", "‮=2.ipynb"):
        (folder / name).write_text("{}")


# time


@damage("graded", ALL)
def dates_itself_with_very_many_digits(folder):
    """A date that takes hours to read."""
    (folder / "timestamp.txt").write_text("1" * 700_000)


@damage("graded", ALL)
def dates_itself_with_a_number_of_hours(folder):
    """A date that is too large for its reader."""
    (folder / "timestamp.txt").write_text("9" * 30 + " h")


@damage("graded", ALL)
def writes_very_many_brackets(folder):
    """Each may begin a link, and is followed to the end of the text."""
    add_text(folder, *["[" * 20_000] * 8)


@attack("graded", ALL, cells=FIRST_ANSWERS[:1])
def displays_elements_in_elements():
    """Displays what takes long to be cleaned, for its depth."""
    from IPython.display import HTML, display

    for _ in range(25):
        display(HTML("<div>" * 4900))


@attack("graded", ALL, cells=FIRST_ANSWERS[:1])
def prints_in_very_many_colours():
    """Prints what takes long to be shown in colour."""
    for _ in range(15):
        print("\x1b[1m" * 20_000, flush=True)


@damage("graded", ALL)
def hands_in_an_old_notebook_of_very_many_cells(folder):
    """Another notebook, of a format that has to be converted."""
    cell = {"cell_type": "code", "input": "x", "outputs": [], "language": "python"}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}}
    (folder / "old.ipynb").write_text(
        json.dumps(old | {"worksheets": [{"cells": [cell] * 60_000}]})
    )


@attack("graded", ALL, cells=FIRST_ANSWERS[:1])
def displays_tags_that_never_end():
    """Displays what takes a search for the end of a tag through all of the text, many times."""
    from IPython.display import HTML, display

    display(HTML("<" + " " * 1_000_000))
    display(HTML(("<p" + "x" * 400) * 4900))


@damage("graded", ALL)
def writes_pictures_without_an_end(folder):
    """References to pictures, each of which could go on to the end of the text."""
    add_text(folder, *["![](attachment:" * 1300] * 6)


@damage("graded or timed out", ALL)
def writes_a_set_up_without_an_end(folder):
    """A bracket that stays open for very many lines, in front of the set-up."""
    notebook = json.loads((folder / FIRST).read_text("utf-8"))
    setup = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    setup["source"] = "".join(setup["source"]) + "\nx = (\n" + "1,\n" * 20_000 + ")"
    (folder / FIRST).write_text(json.dumps(notebook), "utf-8")


@damage("graded", ALL)
def hands_in_very_many_versions(folder):
    """Its first notebook, 150 times."""
    content = (folder / FIRST).read_text("utf-8")
    for number in range(150):
        (folder / f"version-{number}.ipynb").write_text(content, "utf-8")


@damage("damaged", ALL)
def hands_in_one_name_very_often(folder):
    """A zip of 2 KB, from which the same file comes out again and again: 760 MB."""
    content = zipped([("zeros.txt", bytes(19 << 20))] * 40, zipfile.ZIP_BZIP2)
    (folder / "more.zip").write_bytes(content)


@damage("damaged", ALL)
def hands_in_very_many_bombs(folder):
    """Zips, each of which holds more than it may."""
    content = zipped([("zeros.txt", bytes(60 << 20))], zipfile.ZIP_BZIP2)
    for number in range(100):
        (folder / f"bomb-{number}.zip").write_bytes(content)


# what a grader must not fail on


@damage("graded", ALL)
def hands_in_names_that_no_folder_takes(folder):
    """A zip with names that are too long, and with files where folders are to be."""
    names = ("x" * 300 + ".txt", "a", "a/b", "README.md/c", "y/" * 120 + "z", "lab.py/d")
    (folder / "more.zip").write_bytes(zipped((name, b"1") for name in names))


@damage("damaged", ALL)
def hands_in_a_zip_that_was_damaged(folder):
    """A zip whose content its decompressor cannot read."""
    content = bytearray(zipped([("notes.txt", bytes(range(256)) * 40)], zipfile.ZIP_LZMA))
    content[45:75] = b"\xff" * 30
    (folder / "more.zip").write_bytes(bytes(content))


@attack("graded", ALL, cells=FIRST_ANSWERS)
def fails_with_very_long_words():
    """Has a finding of 99,000 characters made of each of its errors, which no table holds."""
    kernel = get_ipython().kernel
    for number in range(60):
        said = {"ename": "SyntaxError", "evalue": f"{number}" + "y" * 9_900, "traceback": []}
        kernel.session.send(kernel.iopub_socket, "error", said, parent=kernel.get_parent())


@damage("graded", ALL)
def dates_itself_in_a_folder(folder):
    """A folder with the notebooks and a date, which is not the one that the exchange has noted."""
    inner = folder / "work"
    inner.mkdir()
    for path in list(folder.glob("*.ipynb")):
        path.rename(inner / path.name)
    (inner / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    (folder / "timestamp.txt").write_text("2031-01-01 00:00:00 UTC")


@attack("graded", ALL, cells=FIRST_ANSWERS[:1])
def counts_its_cells_in_words():
    """Has the kernel say that this was cell number <script>."""
    kernel = get_ipython().kernel
    for count in (-1, [], "<script>alert(1)</script>"):
        content = {"code": "", "execution_count": count}
        kernel.session.send(
            kernel.iopub_socket, "execute_input", content, parent=kernel.get_parent()
        )


@damage("damaged", ALL)
def hands_in_paths_without_end(folder):
    """Many files under very long paths."""
    for number in range(150):
        path = folder.joinpath(*[f"{number:03}" + "d" * 60] * 12)
        path.mkdir(parents=True)
        (path / "x.txt").write_text("x")


@damage("damaged", ALL)
def hands_in_very_many_links(folder):
    """Links, each of which has to be told of."""
    for number in range(3000):
        (folder / f"link-{number}").symlink_to("/etc/passwd")
