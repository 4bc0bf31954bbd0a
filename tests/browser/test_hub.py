"""A class on a JupyterHub, with accounts of its own: from the first login to feedback.

Not run by `pytest` alone, as it makes accounts on the machine: it needs root, and the group `hub`.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils

from catalogue import ROOT
from clicking import (
    in_list,
    listed,
    open_formgrader,
    open_notebook,
    panels,
    replace,
    run_all,
    validate,
)
from grading.course import Course
from grading.files import write_files
from grading.proof.handin import instructors_answers, submit
from gradings import ALL, ASSIGNMENT, lines_of, wait_for
from guides import blocks
from hubs import COURSE, DEPLOYED, PEOPLE, Hub, is_account, why_not

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("jupyterhub", reason="JupyterHub is not installed (group hub)")
pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "here")

PAGE = ROOT / "docs/jupyterhub.md"
TEXT = PAGE.read_text("utf-8")
STUDENTS = ("ada", "ben", "cleo")
FIRST = "01_sliding_window"
PATIENCE = 200_000  # milliseconds, for a server that starts beside others


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Iterator[Hub]:
    made = Hub(tmp_path_factory.mktemp("hub"))
    try:
        made.set_up()
        made.start()
        yield made
    finally:
        made.stop()
        made.set_up("--undo")


@pytest.fixture(scope="module")
def at(hub, browser) -> Iterator[Callable]:
    """The page of a person: theirs alone, as in a browser of their own."""
    pages = {}

    def page_of(name: str):
        if name not in pages:
            pages[name] = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
            pages[name].set_default_timeout(PATIENCE)
        return pages[name]

    yield page_of
    for page in pages.values():
        page.context.close()


def printed_commands() -> list[str]:
    """What the page has the staff type: each of its blocks as one line."""
    run_here = [text for why, text in blocks(PAGE) if why == "by tests/browser/test_hub.py"]
    return [" && ".join(text.splitlines()) for text in run_here]


def log_in(page, hub: Hub, name: str, then: str = "") -> None:
    """Fill the form in; the next page, which may take a while, is not waited for."""
    page.goto(f"{hub.address}/hub/login" + (f"?next={then}" if then else ""))
    if "/hub/login" not in page.url:  # the hub knows who is logged in
        return
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(hub.passwords[name])
    page.get_by_role("button", name="Sign in").click(no_wait_after=True)


def is_ready(page) -> None:
    page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Nbgrader").wait_for()


def desk(hub: Hub, name: str) -> str:
    return f"{hub.address}/user/{name}"


def type_in_terminal(page, hub: Hub, command: str) -> str:
    """Type a command into a terminal of the course's server; what it prints when it has ended."""
    printed, ended = hub.course.parent / "printed.txt", hub.course.parent / "ended.txt"
    ended.unlink(missing_ok=True)
    if not page.locator(".jp-Terminal").count():
        page.goto(f"{hub.of_course}/lab?reset")
        page.locator('.jp-LauncherCard[title*="terminal"]').click()
        page.locator(".jp-Terminal .xterm-helper-textarea").wait_for()
        page.wait_for_timeout(1000)  # until the shell listens
    page.keyboard.type(f"({command}) 2>&1 | tee {printed}; echo ${{PIPESTATUS[0]}} > {ended}\n")
    wait_for(lambda: ended.exists() and ended.read_text(), 300, f"{command} did not end")
    assert ended.read_text() == "0\n", printed.read_text()
    return printed.read_text()


def put(hub: Hub, course: Course, name: str, notebooks: str = "*") -> None:
    """Right answers in the folder that a student has fetched."""
    files = submit(course, ASSIGNMENT, name, instructors_answers(course, ASSIGNMENT)).files
    folder = Path("/home") / name / ASSIGNMENT
    chosen = {file: content for file, content in files.items() if Path(file).match(notebooks)}
    write_files(folder, chosen)
    for file in chosen:
        shutil.chown(folder / file, name, name)


def submissions(hub: Hub, name: str) -> list[Path]:
    return sorted((hub.exchange / "inbound").glob(f"{name}+{ASSIGNMENT}+*"))


def test_a_class_from_the_first_login_to_feedback(hub, at, course, screenshot):
    teacher = at("ines")
    log_in(teacher, hub, "ines", f"/services/{COURSE}/lab")
    is_ready(teacher)
    hand_out, collect_and_grade, give_back = printed_commands()
    type_in_terminal(teacher, hub, hand_out)
    screenshot("released", page=teacher)

    for name in STUDENTS:  # at the same moment
        log_in(at(name), hub, name)
    for name in STUDENTS:
        is_ready(at(name))
        fetch = in_list(at(name), desk(hub, name), "released").get_by_role("button", name="Fetch")
        fetch.click()
        expect(listed(at(name), "fetched").get_by_role("button", name="Submit")).to_be_visible()
    screenshot("fetched", page=at("ada"))

    work(at("ada"), hub, course, screenshot)
    put(hub, course, "ada", "0[2-4]*")
    buttons = [
        in_list(at(name), desk(hub, name), "fetched").get_by_role("button", name="Submit")
        for name in ("ada", "ben")
    ]
    for button in buttons:  # at the same moment
        button.click(no_wait_after=True)
    for name in ("ada", "ben"):
        fetch = listed(at(name), "submitted").get_by_role("button", name="Fetch Feedback")
        expect(fetch).to_be_visible()
        assert len(submissions(hub, name)) == 1
    screenshot("submitted", page=at("ada"))

    printed = type_in_terminal(teacher, hub, collect_and_grade)
    assert "each kernel runs in a sandbox" in printed
    assert (hub.course / "grades.csv").owner() == COURSE
    lines = lines_of(Course(hub.course))
    assert [float(lines[name]["total"]) for name in ("ada", "ben")] == [ALL, 0]

    put(hub, course, "ben")
    hand_in(at("ben"), hub, "ben")  # twice
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    due = f'nbgrader db assignment add {ASSIGNMENT} --duedate "{now}"'
    rule = "sed -i s/^#.c.AssignLatePenalties/c.AssignLatePenalties/ nbgrader_config.py"
    type_in_terminal(teacher, hub, f"{due} && {rule}")
    put(hub, course, "cleo")
    hand_in(at("cleo"), hub, "cleo")  # late
    type_in_terminal(teacher, hub, collect_and_grade)
    screenshot("graded", page=teacher)
    lines = lines_of(Course(hub.course))
    assert [float(lines[name]["total"]) for name in STUDENTS] == [
        ALL,
        ALL,
        pytest.approx(ALL * 0.9),
    ]

    comment_on(teacher, hub, screenshot)
    type_in_terminal(teacher, hub, give_back)
    for name, handed_in in zip(STUDENTS, (1, 2, 1), strict=True):
        submitted = in_list(at(name), desk(hub, name), "submitted")
        submitted.get_by_role("button", name="Fetch Feedback").click()
        link = at(name).locator("#submitted_assignments_list", has_text="view feedback")
        expect(link).to_be_visible()
        assert len(submissions(hub, name)) == handed_in
        pages = list((Path("/home") / name / ASSIGNMENT / "feedback").glob(f"*/{FIRST}.html"))
        assert len(pages) == 1, "for the submission that was graded, and for no other"
        assert ("Well put, Ada." in pages[0].read_text("utf-8")) == (name == "ada")
    screenshot("feedback", page=at("ada"))


def work(page, hub: Hub, course: Course, screenshot) -> None:
    """Answer the first notebook, cell by cell, run it, validate it."""
    cells = nbformat.read(Path("/home/ada") / ASSIGNMENT / f"{FIRST}.ipynb", as_version=4).cells
    answers = instructors_answers(course, ASSIGNMENT)
    open_notebook(page, desk(hub, "ada"), f"{ASSIGNMENT}/{FIRST}")
    for index, cell in enumerate(cells):
        if utils.is_solution(cell):
            replace(page, index, answers[cell.metadata.nbgrader.grade_id])
    run_all(page, max(i for i, cell in enumerate(cells) if cell.cell_type == "code"))
    dialog = validate(page)
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    screenshot("validated", page=page)


def hand_in(page, hub: Hub, name: str) -> None:
    before = len(submissions(hub, name))
    in_list(page, desk(hub, name), "fetched").get_by_role("button", name="Submit").click()
    wait_for(lambda: len(submissions(hub, name)) > before, 60, f"{name} did not hand in")
    expect(listed(page, "submitted")).to_be_visible()


def comment_on(page, hub: Hub, screenshot) -> None:
    formgrader, row = open_formgrader(page, hub.of_course)
    row.locator(".num-submissions a").click()
    of_ada = formgrader.locator("#main-table tr", has_text="ada")
    expect(of_ada.locator(".score")).to_have_text(f"{ALL:g} / {ALL:g}")
    screenshot("formgrader", page=page)
    of_ada.locator("a").first.click()
    with page.expect_response(lambda answer: "/api/comments" in answer.url):  # before it listens
        formgrader.locator("#main-table a", has_text=FIRST).click()
    comment = formgrader.locator("#window-mask-answer-comment")
    comment.fill("Well put, Ada.")
    with page.expect_response(lambda answer: "/api/comment/" in answer.url):
        comment.blur()
    screenshot("commented", page=page)


def test_the_page_shows_the_class_that_is_set_up():
    for line in (DEPLOYED / "class.toml").read_text("utf-8").splitlines()[1:]:
        assert line in TEXT.splitlines()


def test_students_see_nothing_for_instructors(hub, at):
    page = at("ada")
    log_in(page, hub, "ada")
    is_ready(page)
    assert panels(page) == ["assignment-list"]
    for place in ("formgrader", "formgrader/api/assignments"):
        assert page.request.get(f"{desk(hub, 'ada')}/{place}").status == 404
    for package in ("grading", "solutions"):
        assert hub.run("ada", f"python -c 'import {package}'").returncode != 0, package
    assert hub.run("ada", "command -v grade").returncode != 0
    needed = hub.run("ada", f"cd {ASSIGNMENT} && python -m lab && pytest --version")
    assert needed.returncode == 0, needed.stderr


@pytest.mark.parametrize("name", ["ben", "tom"])
def test_nobody_gets_into_the_server_of_another(hub, at, name):
    page = at(name)
    log_in(page, hub, name)
    is_ready(page)
    assert page.goto(f"{desk(hub, 'ada')}/lab").status in (403, 404)
    status = page.goto(f"{hub.of_course}/lab").status
    assert status == (200 if name == "tom" else 403)


def test_nothing_is_removed_while_somebody_works(hub):
    """Whoever is left half removed can be set up again, or removed, by no command of the page."""
    done = hub.script("--undo")
    assert done.returncode != 0
    assert f"{COURSE} (process " in done.stderr
    assert hub.programs.exists()
    assert all(is_account(name) for name in (COURSE, *PEOPLE))


def rights() -> list[tuple[str, str, set[str]]]:
    """The table of the page: a path, who tries it, and what is allowed."""
    table = TEXT.partition("## Who can read and write what")[2]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.partition("\n## ")[0].splitlines()
        if line.startswith("|") and not line.startswith("| ---")
    ]
    (_, *who), *paths = rows
    return [
        (path.strip("`"), name, set(filter(None, cell.split(", "))))
        for path, *cells in paths
        for names, cell in zip(who, cells, strict=True)
        for name in names.split(", ")
    ]


TRIED = {
    "read": 'if [ -d "$path" ]; then ls "$path"/; else cat "$path"; fi',
    "write": 'if [ -d "$path" ]; then d=$(mktemp -d "$path/try.XXXXXX") && rmdir "$d";'
    ' else [ -e "$path" ] && : >> "$path"; fi',
}


@pytest.mark.parametrize(("path", "name", "allowed"), rights())
def test_everybody_can_do_what_the_table_says_and_nothing_else(hub, path, name, allowed):
    assert list(Path("/").glob(path[1:])), f"nothing is called {path}: the test above makes it"
    can = {
        right
        for right, attempt in TRIED.items()
        if hub.run(name, f"for path in {path}; do {attempt} || exit 1; done").returncode == 0
    }
    assert can == allowed
