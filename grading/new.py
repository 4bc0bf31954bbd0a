"""`grade new`: the two folders of a small lab, to start from."""

import re
import shutil
from pathlib import Path

from grading.course import Course, CourseError

SCAFFOLD = Path(__file__).with_name("scaffold")
RESERVED = ("check", "new", "roster")  # what `grade` takes for something else


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
        shutil.copytree(SCAFFOLD / half, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (path for path in folder.rglob("*") if path.is_file()):
            text = path.read_text("utf-8")
            text = text.replace("lab_name", name).replace("lab-name", name.replace("_", "-"))
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
