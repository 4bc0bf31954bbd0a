"""The hand-outs: generated from the source, complete in themselves, and without anything hidden."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils

from catalogue import LABS
from grading.course import Course
from grading.preprocessors.complete import labkit_files

FORBIDDEN_TAGS = {"raises-exception", "nbval-skip", "nbval-raises-exception", "skip-execution"}


def tree(folder: Path) -> dict[str, bytes]:
    """Files by name, without what running the course leaves behind."""
    left_behind = {"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".venv", "uv.lock"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not left_behind & set(path.parts)
    }


@pytest.fixture(params=LABS)
def assignment(request) -> str:
    return request.param


@pytest.fixture
def release(course: Course, assignment: str) -> Path:
    return course.folder("release", assignment)


def test_every_hand_out_carries_labkit(release: Path):
    carried = labkit_files()
    expected = {"conftest.py", "labkit/steps.py", "labkit/drawing.py", "labkit/page_config.json"}
    assert expected <= set(carried)
    for name, content in carried.items():
        assert (release / name).read_bytes() == content, name


def test_the_release_is_what_the_source_generates(
    course: Course, assignment: str, release: Path, tmp_path: Path
):
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", assignment, "--no-db"]
    command += [f"--CourseDirectory.release_directory={tmp_path}"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    generated, committed = tree(tmp_path / assignment), tree(release)
    assert sorted(generated) == sorted(committed)
    stale = [name for name in generated if generated[name] != committed[name]]
    assert not stale, f"run `nbgrader generate_assignment {assignment} --force` and commit: {stale}"


def test_the_release_is_a_project_of_its_own(release: Path):
    names = set(tree(release))
    assert {"README.md", "pyproject.toml", "lab.py"} <= names
    notebooks = LABS[release.name].notebooks
    assert {n for n in names if n.endswith(".ipynb")} == {f"{n}.ipynb" for n in notebooks}


def test_the_release_holds_no_solution_and_no_hidden_test(
    course: Course, assignment: str, release: Path
):
    texts = {name: data.decode(errors="replace") for name, data in tree(release).items()}
    hidden, visible = set(), set()
    for path in course.folder("source", assignment).glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            in_solution = False
            for line in map(str.strip, cell.source.splitlines()):
                in_solution |= "BEGIN SOLUTION" in line
                (hidden if in_solution else visible).add(line)
                in_solution &= "END SOLUTION" not in line
    shown = "\n".join(visible)
    solution_lines = {line for line in hidden if len(line) > 25 and line not in shown}
    enough = len(LABS[assignment].exercises)
    assert len(solution_lines) >= enough, "the source has no marked solutions to look for"
    for name, text in texts.items():
        for secret in ("BEGIN SOLUTION", "HIDDEN TESTS", "from grading"):
            assert secret not in text, f"{secret} in {name}"
        assert not re.search(r"\bask\(", text), f"a question in {name}"
        for line in solution_lines:
            assert line not in text, f"a line of the solution in {name}: {line}"


def test_no_note_for_maintainers_is_in_the_release(release: Path):
    for name, content in tree(release).items():
        assert b"<!--" not in content, name


def test_every_answer_is_a_stub(release: Path):
    for path in release.glob("*.ipynb"):
        for cell in filter(utils.is_solution, nbformat.read(path, as_version=4).cells):
            assert "# YOUR CODE HERE\n" in cell.source
            assert "raise NotImplementedError()" in cell.source


def test_no_self_check_may_fail_unseen(release: Path):
    for path in release.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert not FORBIDDEN_TAGS & set(cell.metadata.get("tags", [])), cell.id


def test_tests_cannot_be_edited_or_deleted_by_accident(release: Path):
    for path in release.glob("*.ipynb"):
        for cell in filter(utils.is_grade, nbformat.read(path, as_version=4).cells):
            assert cell.metadata.editable is False
            assert cell.metadata.deletable is False
