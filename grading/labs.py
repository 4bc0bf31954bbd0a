"""The labs of a course, found by their folders; grading/soundness.py says whether they hold.

A lab is two folders of one name: source/<lab> is the visible half, solutions/<lab> the hidden one.
An assignment without a hidden half is plain: nothing is asked, its own tests are run.
"""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from grading.course import Course, CourseError
from grading.judging.lab import Lab

GUIDE = "docs/authors.md says what a lab is made of"


def find_lab(course: Course, name: str) -> Lab:
    """The hidden half of a lab, which decides marks; of a plain assignment it is empty.

    Raises CourseError where it does not say what the lab is.
    """
    folder = course.hidden_half(name)
    if folder.is_dir() and not (folder / "lab.py").is_file():
        missing = course.shown(folder / "lab.py")
        raise CourseError(f"There is no {missing}, so {name} cannot be graded; {GUIDE}.")
    return _loaded(folder)


@lru_cache
def _loaded(folder: Path) -> Lab:
    return Lab(folder.name, folder)


def lab_of(course: Course, exercise: str) -> Lab:
    """The lab that has this exercise. Raises CourseError when none has."""
    known: list[str] = []
    for entrance in sorted(course.hidden_half("").glob("*/lab.py")):
        lab = find_lab(course, entrance.parent.name)
        with suppress(CourseError):  # of another lab, which is no concern of this one
            if exercise in lab.exercises:
                return lab
            known += lab.exercises
    raise CourseError(f"There is no exercise {exercise!r}. Known: {', '.join(known) or 'none'}.")


def lab_names(course: Course) -> list[str]:
    """Every name in source/ and solutions/ that stands for a lab, or for half of one."""
    visible = (path.parent.name for path in course.folder("source", "").glob("*/*.ipynb"))
    hidden = (path.parent.name for path in course.hidden_half("").glob("*/*.py"))
    return sorted({*visible, *hidden})
