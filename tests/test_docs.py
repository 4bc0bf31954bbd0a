"""Every command that the documents print is run here, or says why not in a comment above it."""

import re
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from catalogue import LABS
from grading.course import Course
from grading.files import write_files
from grading.new import make_lab
from grading.proof.handin import instructors_answers, submit
from gradings import ALL
from guides import Person, blocks

ROOT = Path(__file__).parents[1]
HAND_OUTS = sorted((ROOT / "source").glob("*/README.md"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RUN_HERE = {"instructors.md", "students.md"}
# Hand-outs carry no notes for us. Who runs the commands of their READMEs, or why nobody does:
RUN_FOR_STUDENTS = {
    "python3 -m pip install uv": ".ci/run",
    "uv run jupyter lab": "tests/browser",
    "uv run python -m lab": "tests/labs/test_self_checks.py",
    "uv run pytest": "tests/labs/test_notebooks.py",
    "uv run pytest 01_sliding_window.ipynb": "tests/labs/test_notebooks.py",
    "python3 -m venv .venv": "needs an environment of its own, as the three below",
    "source .venv/bin/activate": "",
    "python3 -m pip install . nbval pytest": "",
    "jupyter lab": "",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: "/".join(page.parts[-2:]))
def test_a_command_is_run_or_says_why_not(page):
    for why, commands in blocks(page):
        assert why or page.name in RUN_HERE, f"nobody runs this:\n{commands}"


@pytest.mark.parametrize("page", HAND_OUTS, ids=lambda page: page.parts[-2])
def test_the_commands_of_a_hand_out_are_known_here_and_it_carries_no_notes_for_us(page):
    for _, commands in blocks(page):
        for line in commands.splitlines():
            assert line.partition("#")[0].strip() in RUN_FOR_STUDENTS, f"nobody runs {line}"
    assert "<!--" not in page.read_text("utf-8")


def test_the_guides_for_instructors_and_students_from_release_to_feedback(
    own_course: Course, tmp_path: Path, programs: Path
):
    (own_course.root / "students.csv").write_text(
        "id;first_name;last_name;email\ngrace;Grace;Hopper;grace@example.org\n", "utf-8-sig"
    )
    instructor = Person(own_course.root, programs)
    student = Person(tmp_path / "ada", programs)
    student.folder.mkdir()
    (student.folder / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.Exchange.root = {str(own_course.root / '.exchange')!r}\n"
        "c.CourseDirectory.course_id = 'sliding-window-lab'\n"
        "c.CourseDirectory.student_id = 'ada'\n"  # here both people have one account
    )
    ((_, handing_in),) = [b for b in blocks(ROOT / "docs/students.md") if not b[0]]
    fetch, hand_in, fetch_feedback = handing_in.splitlines()

    for why, commands in blocks(ROOT / "docs/instructors.md"):
        if not why:
            instructor.type(commands)
        if "release_assignment" in commands:
            student.type(fetch)
            answers = instructors_answers(own_course, "lab02")
            files = submit(own_course, "lab02", "ada", answers).files
            write_files(student.folder / "lab02", files)
            student.type(hand_in)
        if "release_feedback" in commands:
            student.type(fetch_feedback)

    with Gradebook(own_course.database_url) as gradebook:
        assert gradebook.find_submission("lab02", "ada").score == ALL
        assert gradebook.find_student("ada").last_name == "Lovelace"
        assert gradebook.find_student("grace").last_name == "Hopper"
        assert gradebook.find_assignment("lab02").duedate is not None
    assert "ada" in (own_course.root / "all_grades.csv").read_text()
    pages = list(student.folder.glob("lab02/feedback/*/*.html"))
    assert len(pages) == 4
    assert all("Ada Lovelace" in page.read_text(encoding="utf-8") for page in pages)


CHANGES = re.compile(r"^\| ([^|]+) \| ([^|]*`[^|]+) \|$", re.MULTILINE)


def changes() -> list[tuple[str, str]]:
    """The table "Where do I change ...?": what, and where."""
    text = (ROOT / "docs/contributing.md").read_text("utf-8")
    return CHANGES.findall(text.partition("## Where do I change")[2].partition("\n## ")[0])


def test_the_table_of_changes_leads_to_files_that_are_there():
    assert len(changes()) >= 14
    for what, where in changes():
        for name in LABS:
            notebook = next(iter(LABS[name].notebooks)).partition("_")[2]
            paths = re.findall(r"`([^`(]*(?:/[^`(]*|\.py))`", where)
            assert paths, f"{what} leads nowhere"
            for path in paths:
                path = path.replace("<lab>", name).replace("<notebook>", notebook)
                assert (ROOT / path).exists(), f"{what}: there is no {path}"


def test_every_path_that_a_page_names_is_there():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for path in re.findall(
            r"`((?:grading|labkit|tests|benchmarks)/[\w/.]+)`", page.read_text()
        ):
            assert (ROOT / path).exists(), f"{page.name} names {path}"


def test_the_worked_example_for_authors_is_the_one_that_is_made(own_course: Course):
    """What the page shows of the small lab is what `grade new` writes."""
    make_lab(own_course, "lab03")
    folders = (own_course.root / "source/lab03", own_course.root / "solutions/lab03")
    made = "\n".join(path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py"))
    text = (ROOT / "docs/authors.md").read_text("utf-8")
    shown = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert sum(block in made for block in shown) >= 2
    for block in (block for block in shown if "lab03" in block or "NOTEBOOKS" in block):
        for part in filter(None, block.split("\n\n")):
            known = part.strip() in made or "ask(" in part or "BEGIN HIDDEN" in part
            assert known, f"grade new writes nothing like:\n{part}"
