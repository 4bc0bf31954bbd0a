"""What one starts from: `grade new-course` writes a course, `grade new` a small lab in it."""

import re
import shutil
from pathlib import Path

from grading.course import Course, CourseError

SCAFFOLD = Path(__file__).with_name("scaffold")
COMPILED = shutil.ignore_patterns("__pycache__")  # which installers make
RESERVED = ("check", "new", "roster")  # what `grade` takes for something else


def make_course(folder: Path) -> None:
    """Write a course without a lab.

    Raises CourseError where there is something already, or for a name that no course can have.
    """
    name = folder.resolve().name
    if not re.fullmatch(r"[\w.-]+", name):
        raise CourseError(
            f"{name!r} cannot be the name of a course: take letters, digits, '.', '_' and '-'."
        )
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CourseError(f"There is {folder} already; name a folder that is new or empty.")
    try:
        shutil.copytree(SCAFFOLD / "course", folder, ignore=COMPILED, dirs_exist_ok=True)
    except OSError as error:
        raise CourseError(f"{folder} cannot be made ({error.strerror}).") from error
    (folder / "gitignore").rename(folder / ".gitignore")
    _fill_in(folder, {"course_name": name})


def make_lab(course: Course, name: str) -> None:
    """Write source/<name> and solutions/<name>: one notebook with one exercise.

    Raises CourseError for a name that cannot be used, or is used already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in RESERVED:
        raise CourseError(
            f"{name!r} cannot be the name of a lab: take small letters, digits and _, as in lab03, "
            f"with a letter first; {', '.join(RESERVED)} are commands."
        )
    folders = course.halves(name)
    for folder in folders.values():
        if folder.exists():
            raise CourseError(f"There is {course.shown(folder)} already; take another name.")
    for half, folder in folders.items():
        shutil.copytree(SCAFFOLD / half, folder, ignore=COMPILED)
        _fill_in(folder, {"lab_name": name, "lab-name": name.replace("_", "-")})


def _fill_in(folder: Path, names: dict[str, str]) -> None:
    """Put names in the places that the scaffold has for them."""
    for path in (path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text("utf-8")
        for place, name in names.items():
            text = text.replace(place, name)
        path.write_text(text, "utf-8")


def next_steps(name: str) -> str:
    """What its maker does next."""
    return f"""\
Made source/{name} and solutions/{name}: one notebook with one exercise, about shares.

  uv run grade check {name}
      proves it as it is; do this again after every change
  uv run jupyter lab source/{name}/01_shares.ipynb
      is what students will see, with your solution in it
  solutions/{name}/shares/exercises.py
      says what earns points; the other files beside it, what is tried
  uv run nbgrader generate_assignment {name} --force
      makes the hand-out, release/{name}

docs/authors.md goes through all of it.
To be rid of it: rm -r source/{name}; rm -r solutions/{name}"""
