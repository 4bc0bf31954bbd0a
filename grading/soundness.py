"""Whether a lab fits together: its notebooks, cells, entries, points and code.

What does not is refused before anything is graded or proven, in a line for each hole.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from nbformat import NotebookNode

from grading.cells import answer_cells, graded_cells, is_test, language
from grading.course import Course, CourseError
from grading.files import paths_in
from grading.intake.submission import MAX_FILES
from grading.judging.lab import Lab
from grading.judging.rehearsal import rehearse
from grading.kernel import handed
from grading.labs import GUIDE, find_lab, lab_names
from grading.points import differing_points

MOST_FILES = handed.MOST - MAX_FILES  # of a hand-out: students bring some, too
ASKS = re.compile(r"^ask\(", re.MULTILINE)


def sound_labs(course: Course) -> dict[str, Lab]:
    """All labs, by name. Raises CourseError that says what does not fit together."""
    names = lab_names(course)
    require_sound(course, names)
    return {name: find_lab(course, name) for name in names}


def require_sound(course: Course, names: Iterable[str]) -> None:
    """Raise CourseError that names, in a line for each hole, the two places that do not fit, or
    what fails when a lab's own right answers are given to it."""
    _refuse(hole for name in names for hole in _holes(course, name) or _of_code(course, name))


def require_fitting(course: Course, name: str) -> None:
    """The same, of what can be told without running a lab's code."""
    _refuse(_holes(course, name))


def require_working(course: Course, name: str) -> None:
    """The same, of the code of a lab that fits together."""
    _refuse(_of_code(course, name))


def _refuse(holes: Iterable[str]) -> None:
    if lines := dict.fromkeys(holes):
        raise CourseError("\n".join(lines))


def _holes(course: Course, name: str) -> list[str]:
    return list(_between_files(course, name))


def _between_files(course: Course, name: str) -> Iterator[str]:
    notebooks, entrance = course.folder("source", name), course.hidden_half(name) / "lab.py"
    if not any(notebooks.glob("*.ipynb")):
        there, missing = course.shown(entrance.parent), course.shown(notebooks)
        yield (
            f"{name} is half a lab: there is {there}, but no notebook in {missing}, from which "
            f"`nbgrader generate_assignment {name}` makes the hand-out; {GUIDE}."
        )
    elif len(paths_in(course, course.folder("release", name))) > MOST_FILES:
        yield f"The hand-out of {name} has more than {MOST_FILES} files; pack some of them."
    elif not entrance.parent.is_dir():
        yield from _of_plain(course, name)
    elif not entrance.is_file():
        there, missing = course.shown(notebooks), course.shown(entrance)
        yield f"{name} is half a lab: there is {there}, but no {missing}; {GUIDE}."
    else:
        lab = find_lab(course, name)
        misfits = [*_of_notebooks(course, lab)]
        yield from misfits or [
            *(*_of_ids(course, lab), *_of_cells(course, lab)),
            *differing_points(course, lab),
        ]


def _of_plain(course: Course, name: str) -> Iterator[str]:
    """What keeps an assignment whose tests all stand for themselves from being graded."""
    for path in sorted(course.folder("source", name).glob("*.ipynb")):
        if (spoken := language(path)) != "python":
            yield f"{course.shown(path)} is written in {spoken}; only Python is graded here."
        for test in filter(is_test, graded_cells(path)):
            yield from _asks_nobody(course, path, test, course.hidden_half(name))


def _asks_nobody(course: Course, path: Path, test: NotebookNode, entries: Path) -> Iterator[str]:
    """Where a test without an entry asks: it would ask the student's own code."""
    if ASKS.search(test.source):
        yield (
            f"Cell {test.metadata.nbgrader.grade_id} of {course.shown(path)} says ask(…), but has "
            f"no entry in {course.shown(entries)}. Give it one, or write a test that stands for "
            "itself."
        )


def _of_notebooks(course: Course, lab: Lab) -> Iterator[str]:
    source, entrance = course.folder("source", lab.name), course.shown(lab.folder / "lab.py")
    there = {path.stem for path in source.glob("*.ipynb")}
    for name in sorted(there.symmetric_difference(lab.notebooks)):
        path = course.shown(source / f"{name}.ipynb")
        if name in there:
            yield f"{path} is not among the NOTEBOOKS of {entrance}."
        else:
            yield f"{entrance} names {name} among its NOTEBOOKS, but there is no {path}."


def _of_ids(course: Course, lab: Lab) -> Iterator[str]:
    """An id stands for one exercise of the whole course: `ask` is told no more than that."""
    known = _exercises_elsewhere(course, lab)
    for notebook, exercise in lab.entries:
        where = course.shown(lab.exercises_file(notebook))
        if exercise.id in known:
            both = " and ".join(sorted((known[exercise.id], where)))
            yield f"Two exercises are called {exercise.id}, in {both}: give one another id."
        known[exercise.id] = where


def _exercises_elsewhere(course: Course, lab: Lab) -> dict[str, str]:
    """Where each exercise of the other labs stands, of those that can be read."""
    known: dict[str, str] = {}
    for name in set(lab_names(course)) - {lab.name}:
        with suppress(CourseError):  # which is no concern of this lab's
            other = find_lab(course, name)
            known |= {e.id: course.shown(other.exercises_file(n)) for n, e in other.entries}
    return known


def _of_cells(course: Course, lab: Lab) -> Iterator[str]:
    for notebook in lab.notebooks:
        path = course.folder("source", lab.name) / f"{notebook}.ipynb"
        entries = {exercise.id for exercise in lab.in_notebook(notebook)}
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in graded_cells(path)}
        tests = {name for name, cell in cells.items() if is_test(cell)}
        there, where = course.shown(path), course.shown(lab.exercises_file(notebook))
        for name in sorted(tests - entries):
            yield from _asks_nobody(course, path, cells[name], lab.exercises_file(notebook))
        for name in sorted(entries - tests):
            yield f"{where} has an entry {name}, but {there} has no test cell of that name."
        for name in sorted(entries & tests):
            if not _asks(cells[name]):
                yield f'Cell {name} of {there} must say ask("{name}", …) in its hidden tests.'
        answers = {exercise.answer_cell for exercise in lab.in_notebook(notebook)}
        for name in sorted(answers - answer_cells(path)):
            yield f"{where} wants a solution cell {name}, but {there} has none of that name."


def _asks(test: NotebookNode) -> bool:
    """Whether a test cell asks in its hidden part, and only there: students have no grader."""
    visible, _, hidden = test.source.partition("BEGIN HIDDEN TESTS")
    return f'ask("{test.metadata.nbgrader.grade_id}",' in hidden and "grading" not in visible


def _of_code(course: Course, name: str) -> Iterator[str]:
    lab = find_lab(course, name)
    for notebook, problem in rehearse(lab):
        yield f"{course.shown(lab.exercises_file(notebook))}: {problem}"
    for exercise, name in lab.demo.values():
        if (exercise, name) not in {(m.exercise, m.name) for m in lab.misconceptions}:
            where = course.shown(lab.folder / "lab.py")
            yield f"{where}: DEMO has {name!r}, which is no misconception of {exercise}."
