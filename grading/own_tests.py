"""Tests that stand for themselves: no exercise asks in their place, so they run beside the code."""

import tempfile
from functools import lru_cache
from pathlib import Path

from grading.cells import graded_cells, is_test
from grading.course import Course, CourseError
from grading.labs import find_lab
from grading.release import generate

Tests = dict[str, dict[str, str]]  # their code, by notebook and grade_id


def own_tests(course: Course, assignment: str) -> Tests:
    """All of them, with their hidden parts.

    They are what nbgrader makes of the source, where the hand-out has a test cell of that name.
    """
    notebooks = [
        *course.folder("source", assignment).glob("*.ipynb"),
        *course.release_notebooks(assignment),
    ]
    states = ((str(path), path.stat()) for path in sorted(notebooks))
    version = tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)
    return _own_tests(course, assignment, version)


@lru_cache
def _own_tests(course: Course, assignment: str, version: tuple[object, ...]) -> Tests:
    """Made once for each version of the notebooks."""
    asked = find_lab(course, assignment).exercises
    names = {
        path.stem: set(_tests(path)) - set(asked) for path in course.release_notebooks(assignment)
    }
    if not any(names.values()):
        return {}
    with tempfile.TemporaryDirectory() as elsewhere:
        whole = generate(
            course, assignment, Path(elsewhere), into_gradebook=False, with_hidden_tests=True
        )
        tests = {path.stem: _tests(path) for path in whole.glob("*.ipynb")}
        points = {path.name: _points(path) for path in whole.glob("*.ipynb")}
    if points != {path.name: _points(path) for path in course.release_notebooks(assignment)}:
        raise CourseError(
            f"The hand-out of {assignment} has not the cells and points of its source any more: "
            f"make it again with `nbgrader generate_assignment {assignment} --force`."
        )
    return {
        notebook: {name: code for name, code in tests[notebook].items() if name in own}
        for notebook, own in names.items()
        if own
    }


def _tests(path: Path) -> dict[str, str]:
    return {
        cell.metadata.nbgrader.grade_id: cell.source for cell in graded_cells(path) if is_test(cell)
    }


def _points(path: Path) -> dict[str, float]:
    """Of every cell that has some."""
    marks = (cell.metadata.nbgrader for cell in graded_cells(path))
    return {mark.grade_id: float(mark.points) for mark in marks}
