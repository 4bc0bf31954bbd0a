"""What students hand in may be made to stall, to run, to forge lines or to break what reads it."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_markdown_cell, new_output

from grading.batch.grade_one import grade_submission
from grading.batch.process import TookTooLongError, in_time
from grading.course import Course, copy_course
from grading.intake.notebook import UnreadableError, read_notebook
from grading.intake.submission import MAX_FINDINGS, MAX_NAME, Submission
from grading.intake.text import plain_markdown, showable_markdown
from grading.kernel import sandbox
from grading.kernel.presentable import presentable
from grading.proof.handin import instructors_answers, submit
from grading.reports.table import no_formula
from grading.status import Finding, in_one_line
from gradings import needs_other_users

NAMES = {
    "a window's title": "\x1b]0;PWNED\x1b\\.ipynb",
    "lines above": "\x1b[2K\x1b[1A\x1b[32mz-honest: 0",
    "the clipboard": "\x1b]52;c;cHduZWQ=\x07",
    "a line of its own": "x\nz-honest: cheated, give 0 points",
    "the other way round": "x‮gnp.ipynb",
    "of no width": "x​y﻿",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_shown_and_not_obeyed(name):
    shown = str(Finding(f"{name} was left out."))
    assert shown.isprintable()
    assert shown.endswith(" was left out.")


@given(st.text())
def test_whatever_is_written_out_is_one_printable_line(text):
    assert in_one_line(text).isprintable()
    if text.isprintable():
        assert in_one_line(text) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "a;=1+1;", 'a;"=1', "\t=1", " =1", "x; +cmd|' /C calc'!A0"]
)
def test_nothing_becomes_a_formula_in_any_spreadsheet(text):
    for separator in (",", ";"):
        for field in no_formula(text).split(separator):
            assert not re.match(r'[\s"]*[=+\-@]', field), field
    assert no_formula("ada lovelace; 3 of 4") == "ada lovelace; 3 of 4"


LIVE = {
    "script in a link": "[Full marks: click here](javascript:alert(1))",
    "with capitals and signs": "[x](JaVa&#115;cript:alert(1))",
    "a reference": "[x]\n\n[x]: vbscript:foo",
    "data": "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "a picture of the network": "![t](http://198.51.100.1/track.png)",
    "a file": "![t](file:///etc/passwd)",
    "a picture by reference": "![t][p]\n\n[p]: //198.51.100.1/track.png",
    "HTML": "<img src=x onerror=alert(1)>",
    "an automatic link": "<javascript:alert(1)>",
}
HARMLESS = {
    "a link": "[the paper](https://arxiv.org/abs/2004.05150)",
    "an anchor": "[above](#top)",
    "code": "`a[i](x)` and\n\n    b[j](y)",
    "a formula": "$a_{ij} < b$",
}


def page_of(source: str) -> str:
    return markdown2html_mistune(showable_markdown(new_markdown_cell(source)))


@pytest.mark.parametrize("source", LIVE.values(), ids=LIVE)
def test_nothing_in_a_text_runs_or_asks_the_network(source):
    page = page_of(source)
    assert not re.search(r"<a[^>]*href=\"(?!https?:|#|mailto:)", page), page
    assert not re.search(r"<img|<script|onerror=\"", page), page


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS)
def test_what_is_harmless_stays_as_it_was_written(source):
    assert "cannot be shown" not in showable_markdown(new_markdown_cell(source))


@given(st.text(alphabet="[]()<>!*_`#-\\:&;a1 "))
def test_a_name_in_a_list_of_findings_is_only_text(name):
    page = markdown2html_mistune(f"- {plain_markdown(name)} x")
    tags = set(re.findall(r"<(/?\w+)", page))
    assert tags <= {"ul", "/ul", "li", "/li", "p", "/p"}, page


def timed(action) -> float:
    begun = time.process_time()
    action()
    return time.process_time() - begun


STALLS = {
    "brackets": lambda: showable_markdown(new_markdown_cell("[" * 20_000)),
    "deep HTML": lambda: presentable(
        [new_output("display_data", {"text/html": "<div>" * 2500}) for _ in range(25)]
    ),
    "colours": lambda: presentable(
        [new_output("stream", text="\x1b[1m" * 25_000) for _ in range(50)]
    ),
    "a date of digits": lambda: Submission("a", "l", {"timestamp.txt": b"1" * 700_000}).timestamp,
    "a date of dots": lambda: Submission("a", "l", {"timestamp.txt": b"1." * 99_999}).timestamp,
}


@pytest.mark.parametrize("action", STALLS.values(), ids=STALLS)
def test_nothing_stalls_what_reads_it(action):
    """Without a limit each takes many seconds, and grows faster than its length."""
    assert timed(action) < 5


def test_cells_are_counted_before_an_old_notebook_is_converted():
    cells = b'{"cell_type": "code", "input": "x", "outputs": [], "language": "python"}'
    sheet = b",".join([cells] * 60_000)
    old = b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": ['
    with pytest.raises(UnreadableError, match="has 60,000 cells"):
        read_notebook(old + sheet + b"]}]}")


@pytest.mark.parametrize("text", ["9" * 30 + " h", "9" * 90, "1" * 101, "\0" * 50, "P" * 99])
def test_a_date_that_is_none_is_told_and_costs_nothing(text):
    submission = Submission("ada", "lab", {"timestamp.txt": text.encode()})
    assert submission.timestamp is None or submission.finding_on_time is None
    if submission.timestamp is None:
        assert "no late penalty was applied" in str(submission.finding_on_time)


def test_very_many_findings_are_told_by_their_number(tmp_path):
    for number in range(300):
        (tmp_path / f"link-{number:03}").symlink_to("/nowhere")
    found = Submission.read("ada", "lab", tmp_path).opened().findings
    assert len(found) == MAX_FINDINGS + 1
    assert "250 more" in str(found[-1])


def test_a_path_that_is_too_long_is_left_out(tmp_path):
    deep = tmp_path.joinpath(*["d" * 100] * 3)
    deep.mkdir(parents=True)
    (deep / "notes.txt").write_text("x")
    (tmp_path / "kept.txt").write_text("x")
    submission = Submission.read("ada", "lab", tmp_path)
    assert set(submission.files) == {"kept.txt"}
    assert f"longer than {MAX_NAME} signs" in str(submission.findings[0])


AS_SOMEBODY_ELSE = """
import os, sys
from pathlib import Path
from grading.course import Course
from grading.intake.folders import misplaced, submitted_folders
from grading.intake.submission import Submission
course = Course(Path(sys.argv[1]))
course.config
os.setgid(65534), os.setuid(65534)
print([path.parent.name for path in submitted_folders(course, "lab02")])
print(list(misplaced(course, "lab02")))
read = Submission.read("ada", "lab02", course.root / "submitted/ada/lab02")
print(sorted(read.files), [str(finding) for finding in read.findings])
"""


@needs_other_users
def test_what_may_not_be_read_costs_one_line(course: Course):
    """A file and a folder of mode 000, for somebody who is not root."""
    with tempfile.TemporaryDirectory() as folder:
        root = copy_course(course, Path(folder) / "course").root
        Path(folder).chmod(0o755)
        for student in ("ada", "locked"):
            (root / f"submitted/{student}/lab02").mkdir(parents=True)
        for name in ("open.ipynb", "shut.ipynb"):
            (root / "submitted/ada/lab02" / name).write_text("{}")
        (root / "submitted/ada/lab02/shut.ipynb").chmod(0)
        (root / "submitted/locked").chmod(0)
        command = [sys.executable, "-c", AS_SOMEBODY_ELSE, str(root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    folders, places, read = done.stdout.splitlines()
    assert folders == "['ada']"
    assert "submitted/locked may not be entered: it is not graded" in places
    assert read.startswith("['open.ipynb']")
    assert "shut.ipynb cannot be read (Permission denied); it was left out." in read


def test_a_task_has_a_deadline():
    with pytest.raises(TookTooLongError, match="more than 1 s"):
        in_time(1, time.sleep, 60)
    assert in_time(1, int, 7) == 7  # and nothing rings later


def test_a_task_inside_of_another_leaves_that_ones_seconds():
    def inside() -> None:
        assert in_time(60, int, 7) == 7
        time.sleep(60)

    with pytest.raises(TookTooLongError, match="more than 1 s"):
        in_time(1, inside)
    time.sleep(1.1)


def test_the_count_of_a_cell_is_a_number_or_nothing(own_course: Course):
    """It is what the kernel says, and stands on the page."""
    code = (
        "k = get_ipython().kernel\n"
        "content = {'code': '', 'execution_count': '<b>x</b>'}\n"
        "k.session.send(k.iopub_socket, 'execute_input', content, parent=k.get_parent())"
    )
    answers = instructors_answers(own_course, "lab02")
    answers["window-mask-answer"] += f"\n\n{code}"
    submission = submit(own_course, "lab02", "mallory", answers)
    graded = grade_submission(submission, sandbox.or_trust(own_course))
    assert graded.status.value == "graded"
    for notebook in graded.notebooks.values():
        for cell in notebook.cells:
            assert cell.get("execution_count") is None or type(cell.execution_count) is int


LOUD = "\x1b[2J\u202e<script>alert(1)</script>" * 500


@pytest.mark.parametrize("text", [LOUD, "x" * (1 << 20), "\ud800"], ids=["loud", "long", "broken"])
def test_a_text_that_an_answer_returns_is_shown_and_not_obeyed(own_course: Course, text):
    """It costs its exercise alone, whatever is in it."""
    answers = instructors_answers(own_course, "lab01")
    code = repr(text) if len(text) < 1 << 19 else f"'x' * {len(text)}"
    answers["mask-picture-answer"] = f"def visualize_mask_pattern(mask):\n    return {code}"
    submission = submit(own_course, "lab01", "mallory", answers)
    graded = grade_submission(submission, sandbox.or_trust(own_course))
    assert graded.status.value == "graded"
    for verdict in graded.verdicts:
        assert bool(verdict.lost) == (verdict.exercise == "mask-picture"), verdict.as_text()
        assert "<script>" not in verdict.as_html()
        for mark in verdict.marks:
            assert mark.problem.isprintable()
            assert len(mark.problem) < 600
