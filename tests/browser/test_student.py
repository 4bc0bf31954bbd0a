"""A student works in JupyterLab: opens the hand-out, answers, runs everything, validates."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils

from catalogue import LABS
from clicking import open_notebook, panels, replace, run_all, validate
from grading.course import Course
from grading.proof.handin import instructors_answers
from gradings import ASSIGNMENT

expect = pytest.importorskip("playwright.sync_api").expect
NOTEBOOK_SCROLLS = ".jp-NotebookPanel .jp-WindowedPanel-outer"
# What we write, in a page that is otherwise JupyterLab's: text, and what cells show. In JupyterLab
# axe measures no contrast; our text has the colours of its themes, figures are test_figures.py's.
OURS = ".jp-Notebook :is(.jp-RenderedMarkdown, .jp-OutputArea-output)"
NOTEBOOKS = [(lab.name, notebook) for lab in LABS.values() for notebook in lab.notebooks]
FIRST = "01_sliding_window"


@pytest.fixture
def assignment() -> str:
    return ASSIGNMENT


@pytest.fixture
def desk(course: Course, assignment: str, tmp_path: Path) -> Path:
    """The folder a student works in: the hand-out and nothing else."""
    folder = tmp_path / "desk"
    shutil.copytree(course.folder("release", assignment), folder)
    return folder


@pytest.fixture(scope="module")
def installed(course: Course, tmp_path_factory) -> Callable[[str], Path]:
    """What a hand-out installs for JupyterLab, built once for each."""

    @cache
    def build(assignment: str) -> Path:
        folder = tmp_path_factory.mktemp("installed")
        hand_out = shutil.copytree(course.folder("release", assignment), folder / "hand-out")
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(command, cwd=hand_out, check=True, capture_output=True)
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as file:
            file.extractall(folder / "wheel")
        (settings,) = folder.glob("wheel/*.data/data/etc/jupyter")
        return settings

    return build


@pytest.fixture
def at_desk(lab, desk: Path, assignment: str, installed) -> Callable[[], str]:
    """JupyterLab as `uv run jupyter lab` starts it there: with what the hand-out installs."""
    return lambda: lab(desk, installed(assignment))


def errors(page):
    return page.locator("[data-mime-type$=error], [data-mime-type$=stderr]")


def cells_of(desk: Path, name: str) -> list[nbformat.NotebookNode]:
    return nbformat.read(desk / f"{name}.ipynb", as_version=4).cells


def change_theme(page, name: str) -> None:
    page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Settings").click()
    page.locator(".lm-Menu-item", has_text="Theme").first.hover()
    page.locator('.lm-Menu-item[data-command="apputils:change-theme"]', has_text=name).first.click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", name)


def too_wide(page) -> list[str]:
    """What of the notebook can only be seen by scrolling sideways. Code cells wrap nothing."""
    return page.evaluate(
        """() => [...document.querySelectorAll(
            ".jp-Notebook .jp-RenderedMarkdown, .jp-Notebook .jp-OutputArea-output")]
            .filter(e => e.scrollWidth > e.clientWidth + 1)
            .map(e => e.innerText.slice(0, 60))"""
    )


def last_code_cell(cells) -> int:
    return max(i for i, cell in enumerate(cells) if cell.cell_type == "code")


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_right_answers_pass_every_check(
    assignment, name, page, at_desk, desk, course, barriers, screenshot
):
    cells = cells_of(desk, name)
    answers = instructors_answers(course, assignment)
    open_notebook(page, at_desk(), name)
    screenshot("opened")
    for index, cell in enumerate(cells):
        if utils.is_solution(cell):
            replace(page, index, answers[cell.metadata.nbgrader.grade_id])
    run_all(page, last_code_cell(cells))
    expect(errors(page)).to_have_count(0)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        change_theme(page, theme)
        assert barriers(OURS) == [], theme
        for width in (1280, 800):
            page.set_viewport_size({"width": width, "height": 1000})
            page.wait_for_timeout(500)  # JupyterLab lays its panels out a little later
            assert too_wide(page) == [], f"{theme} at {width} pixels"
            screenshot(f"{theme.split()[1].lower()}-{width}", scrolled=NOTEBOOK_SCROLLS)
    page.set_viewport_size({"width": 1280, "height": 1000})

    dialog = validate(page)
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    screenshot("validated")
    assert page.script_errors == []
    assert page.off_site == []


def test_a_wrong_answer_is_shown_and_explained(page, at_desk, desk, course, barriers, screenshot):
    cells = cells_of(desk, FIRST)
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    answer = ids.index("window-mask-answer")
    wrong = instructors_answers(course, ASSIGNMENT)["window-mask-answer"].replace(
        "- window_size", "- window_size - 1"
    )
    open_notebook(page, at_desk(), FIRST)
    replace(page, answer, wrong)
    run_all(page, ids.index("window-mask"))
    check = page.locator(".jp-Notebook-cell").nth(ids.index("window-mask"))
    expect(errors(check)).to_contain_text("Not right yet")
    expect(errors(check)).not_to_contain_text("Traceback")
    picture = check.locator("img")
    expect(picture).to_have_attribute("alt", re.compile("your mask beside the expected one"))
    assert barriers(OURS) == []
    picture.scroll_into_view_if_needed()
    screenshot("explained")

    dialog = validate(page)
    expect(dialog).to_contain_text("failed")
    screenshot("validated")
    assert page.script_errors == []


FOR_INSTRUCTORS = ("formgrader", "course-list", "create-assignment", "assignment-list")


def test_students_see_nothing_for_instructors_who_see_all(
    page, lab, at_desk, desk, own_course: Course, screenshot
):
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda r: wrong.append(r.url) if r.status >= 500 else None)
    open_notebook(page, at_desk(), FIRST)
    screenshot("student")
    assert panels(page) == []
    expect(page.locator("jp-button.validate-button")).to_be_visible()
    for word in ("formgrader", "assignment", "course"):
        assert not [url for url in asked if f"/{word}" in url and "/static/" not in url], word
    assert "exchange" not in page.locator("body").inner_text().lower()
    assert (wrong, page.script_errors) == ([], [])

    page.goto(f"{lab(own_course.root)}/lab?reset")
    assert set(panels(page)) >= set(FOR_INSTRUCTORS)


def test_a_blank_check_says_in_words_that_nothing_is_written_yet(page, at_desk, desk, screenshot):
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells_of(desk, FIRST)]
    open_notebook(page, at_desk(), FIRST)
    run_all(page, ids.index("window-mask"))
    check = page.locator(".jp-Notebook-cell").nth(ids.index("window-mask"))
    expect(errors(check)).to_have_text(
        "Not written yet: create_sliding_window_mask still says raise NotImplementedError(). "
        "Write your code in place of that line and of # YOUR CODE HERE, and run both cells."
    )
    screenshot("blank")
