"""The folder submitted/: whose work is there to be graded, and what lies there by mistake."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from grading.course import Course, CourseError


def submitted_folders(course: Course, assignment: str) -> list[Path]:
    """The folder of each student who has handed in. Raises CourseError when there is none."""
    submitted = course.folder("submitted", "", "")
    folders = sorted(path for path in submitted.glob(f"*/{assignment}") if path.is_dir())
    if not folders:
        raise CourseError(
            f"There is nothing to grade in {submitted}. Put each student's notebooks into "
            f"submitted/<student>/{assignment}/ or, where you use nbgrader's exchange, run "
            f"`nbgrader collect {assignment}`."
        )
    return folders


def require_submissions(folders: list[Path], students: frozenset[str]) -> None:
    """Raise CourseError for a name that no student's folder has."""
    known = [folder.parent.name for folder in folders]
    for name in sorted(students.difference(known)):
        alike = get_close_matches(name, known, n=1)
        meant = f" Did you mean {alike[0]!r}?" if alike else ""
        raise CourseError(
            f"{name!r} has not handed in: there is no folder submitted/{name}/{folders[0].name}."
            f"{meant} --student takes the name of a folder in submitted/."
        )


def misplaced(course: Course, assignment: str) -> Iterator[str]:
    """A sentence for each notebook or folder that was meant to be a submission, by its looks."""
    submitted = course.folder("submitted", "", "")
    for path in sorted(submitted.glob("*.ipynb")):
        yield f"{path.name} lies in submitted/ itself, in no student's folder: it is not graded."
    for student in sorted(path for path in submitted.iterdir() if path.is_dir()):
        if (student / assignment).is_dir():
            continue
        folders = [p.name for p in student.iterdir() if p.is_dir()]
        alike = [name for name in folders if _letters(name) == _letters(assignment)]
        if alike or any(student.glob("*.ipynb")):
            found = f", but {alike[0]}" if alike else ""
            yield f"submitted/{student.name} has no folder {assignment}{found}: it is not graded."


def _letters(name: str) -> str:
    """Without what people write in other ways: case, spaces and signs."""
    return "".join(filter(str.isalnum, name.casefold()))
