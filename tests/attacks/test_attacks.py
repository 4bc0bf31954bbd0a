"""The whole corpus in one class, with honest students among the attackers."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook

from attacks.corpus import Attack, hand_in_class, honest_class
from attacks.kinds import ATTACKS, KINDS
from grading.batch.grade_one import grade_submission
from grading.course import Course, copy_course
from gradings import ASSIGNMENT, grade, journal, lines_of, needs_sandbox

pytestmark = needs_sandbox


@dataclass(frozen=True)
class Graded:
    """What was left behind by grading the class, and what there was before and after."""

    course: Course
    lines: dict[str, dict[str, str]]  # of grades.csv, by student
    before: dict[str, object]
    after: dict[str, object]
    set_aside: set[str]  # students for whom the others were not to wait
    order: list[str]  # in which students were done with


@pytest.fixture(scope="module")
def graded(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    copy = copy_course(course, tmp_path_factory.mktemp("attacks") / "course")
    temporary = tmp_path_factory.mktemp("temporary")
    hand_in_class(copy, ATTACKS, honest_class(copy))
    before = state_of(copy, course, temporary)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(temporary))
        events = grade(copy)
    set_aside = {event["student"] for event in events if event["event"] == "set aside"}
    order = [json.loads(line)["summary"]["student"] for line in journal(copy)]
    after = state_of(copy, course, temporary)
    return Graded(copy, lines_of(copy), before, after, set_aside, order)


def state_of(copy: Course, course: Course, temporary: Path) -> dict[str, object]:
    """All that grading must leave as it was."""
    parts = ("source", "release", "solutions", "submitted")
    folders = [*(copy.root / part for part in parts), course.root]
    return {
        "files": {str(folder): state_of_files(folder) for folder in folders},
        "temporary files": [p for p in temporary.iterdir() if not p.name.startswith("pymp-")],
        "processes": [
            process.cmdline()
            for process in psutil.process_iter()
            if process.pid != os.getpid() and str(temporary) in what_ties(process)
        ],
    }


def what_ties(process: psutil.Process) -> str:
    """Its command line and its mounts: a kernel's sandbox holds a folder of ours."""
    try:
        mounts = Path(f"/proc/{process.pid}/mountinfo").read_text()
        return " ".join((mounts, *process.cmdline()))
    except (OSError, psutil.Error):  # not to be seen, or just ended
        return ""


def state_of_files(folder: Path) -> dict[str, tuple[int, int]]:
    passing = ("__pycache__", ".pytest_cache", ".hypothesis", ".git", "_build", "notebooks")
    return {
        str(path): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in folder.rglob("*")
        if not path.is_dir() and not any(name in path.parts for name in passing)
    }


def test_the_corpus_is_large_and_every_attack_says_what_it_tries():
    assert len(ATTACKS) >= 190
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert all(attack.tries for attack in ATTACKS)
    assert all(any(a.name.replace("-", "_") in vars(kind) for kind in KINDS) for a in ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_ends_as_it_must(attack: Attack, graded: Graded):
    line = graded.lines[attack.name]
    assert line["status"] in attack.marks_by_status, f"{attack.tries} {line}"
    marks = attack.marks_by_status[line["status"]]
    assert float(line["total"] or -1) == marks, f"{attack.tries} {line}"


@pytest.mark.parametrize("place", range(3), ids=["first", "in the middle", "last"])
def test_an_honest_student_gets_what_they_get_alone(place: int, graded: Graded):
    honest = honest_class(graded.course)[place]
    alone = grade_submission(honest, graded.course)
    line = graded.lines[honest.student]
    assert (line["status"], float(line["total"])) == (alone.status.value, alone.earned)


def test_nothing_else_is_in_the_gradebook(graded: Graded):
    with Gradebook(graded.course.database_url) as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions(ASSIGNMENT)}
    assert scores == {student: float(line["total"]) for student, line in graded.lines.items()}


def test_nobody_waits_for_who_takes_long(graded: Graded):
    assert {"loops-for-ever", "sleeps-in-its-answer"} <= graded.set_aside
    assert not graded.set_aside & {honest.student for honest in honest_class(graded.course)}
    others = len(graded.order) - len(graded.set_aside)
    assert set(graded.order[others:]) == graded.set_aside


@pytest.mark.parametrize("kind", ["files", "temporary files", "processes"])
def test_nothing_outside_is_changed_or_left(kind: str, graded: Graded):
    assert graded.after[kind] == graded.before[kind]


def pages(graded: Graded) -> dict[str, str]:
    folder = graded.course.root / "feedback"
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.html")
    }


def test_no_sign_of_a_student_reaches_a_terminal_or_a_formula(graded: Graded):
    for student, line in graded.lines.items():
        assert line["findings"].isprintable(), student
        assert not re.search(r"(^|;)\s*[=+@-]", line["findings"]), student


def test_nobody_found_what_they_were_looking_for(graded: Graded):
    """Attacks print FOUND in front of what they found."""
    for path in (graded.course.root / "autograded").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            texts = [output.get("text", "") for output in cell.get("outputs", [])]
            assert not any("FOUND" in text for text in texts), f"{path}: {texts}"


def test_no_script_of_a_student_comes_back(graded: Graded):
    for name, page in pages(graded).items():
        assert not re.search(r"<script>alert|<svg[^>]*onload|onerror=.alert", page), name


def test_no_page_names_a_folder_of_this_machine(graded: Graded):
    for name, page in pages(graded).items():
        for place in (str(graded.course.root), str(Path(os.sys.prefix))):
            assert place not in page, name


def test_student_and_gradebook_are_told_how_it_ended(graded: Graded):
    """In the page, and as the comment that Formgrader shows."""
    for student, status in {"exits": "crashed", "prints-for-ever": "output limit"}.items():
        page = pages(graded)[f"{student}/{ASSIGNMENT}/01_sliding_window.html"]
        assert f"Status of this notebook: {status}" in page
        with Gradebook(graded.course.database_url) as gradebook:
            answer = ("window-mask-answer", "01_sliding_window", ASSIGNMENT, student)
            assert gradebook.find_comment(*answer).comment.startswith(status)
