"""The folder submitted/: whose work is there to be graded, and what lies there by mistake."""

import os
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from grading.course import Course, CourseError

WORK = (".ipynb", ".zip")
MAX_DEPTH = 4  # of what was put somewhere by mistake


def submitted_folders(course: Course, assignment: str) -> list[Path]:
    """The folder of each student who has handed in. Raises CourseError when there is none."""
    submitted = course.folder("submitted", "", "")
    folders = [path / assignment for path in _entries(submitted) if _is_folder(path / assignment)]
    if not folders:
        raise CourseError(
            f"There is nothing to grade in {submitted}. Put each student's notebooks into "
            f"submitted/<student>/{assignment}/ or, where you use nbgrader's exchange, run "
            f"`nbgrader collect {assignment}`."
        )
    return list({student_of(folder): folder for folder in reversed(folders)}.values())[::-1]


def student_of(folder: Path) -> str:
    """Whose folder it is: some systems write é as two signs, and a roster as one."""
    return unicodedata.normalize("NFC", folder.parent.name)


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
    """A sentence for each place in submitted/ with work that is overlooked where it is."""
    submitted = course.folder("submitted", "", "")
    graded = {folder.parent for folder in submitted_folders(course, assignment)}
    known = {assignment, *(path.name for path in course.folder("source", "").glob("*"))}
    for path in _entries(submitted):
        if _is_folder(path) and not os.access(path, os.R_OK | os.X_OK):
            yield f"submitted/{path.name} may not be entered: it is not graded. chmod u+rwx it."
            continue
        if path.is_file() and path.suffix.lower() in WORK:
            yield f"submitted/{path.name} lies in no student's folder: it is not graded."
        if not path.is_dir() or path in graded:
            continue
        if (path / assignment).is_dir():
            same = unicodedata.normalize("NFC", path.name)
            yield f"submitted/ has two folders that read {same}: only one of them is graded."
            continue
        found = [each for each in _work(path) if each.relative_to(path).parts[0] not in known]
        if path.name in known:
            found = list(_work(path))
        if found:
            first, more = found[0].relative_to(submitted), len(found) - 1
            rest = f" and {more} more" if more else ""
            yield (
                f"submitted/{path.name} has no folder {assignment}, but {first}{rest}: it is not "
                f"graded. Put it into submitted/<student>/{assignment}/."
            )


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _is_folder(path: Path) -> bool:
    """Whether it is one, as far as we may look."""
    try:
        return path.is_dir()
    except PermissionError:
        return False


def _work(folder: Path) -> Iterator[Path]:
    """Notebooks and archives in a folder."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        if len(Path(place).relative_to(folder).parts) >= MAX_DEPTH:
            folders.clear()
        yield from (Path(place, name) for name in sorted(files) if name.lower().endswith(WORK))
