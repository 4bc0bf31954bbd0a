"""The hand-out of an assignment, as nbgrader makes it from the source."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from grading.course import Course, CourseError
from grading.files import files_in


def generate(
    course: Course,
    assignment: str,
    elsewhere: Path,
    *,
    into_gradebook: bool,
    with_hidden_tests: bool = False,
) -> Path:
    """Make the hand-out in a folder elsewhere, and return where it is.

    into_gradebook: have the gradebook know its notebooks, cells and points, as they are in source.
    with_hidden_tests: leave them in, as nbgrader does in the gradebook.
    Raises CourseError when they cannot be changed any more, or when source is not as it should be.
    """
    config = deepcopy(course.config)
    config.CourseDirectory.update(assignment_id=assignment, release_directory=str(elsewhere))
    config.GenerateAssignment.no_database = not into_gradebook  # as its option --no-db does
    config.SaveCells.enabled = into_gradebook
    config.ClearHiddenTests.enabled = not with_hidden_tests
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.force = True
    converter.log.setLevel("CRITICAL")
    try:
        converter.start()
    except (NbGraderException, SQLAlchemyError) as error:
        reason = str(error).splitlines()[0]
        what = "The gradebook does not take" if into_gradebook else "nbgrader cannot hand out"
        raise CourseError(
            f"{what} {assignment} as it is in source/ ({reason}). "
            f"`nbgrader generate_assignment {assignment} --force` says more."
        ) from error
    return elsewhere / assignment


def differing_files(course: Course, fresh: Path, kept: Path) -> Iterator[str]:
    """A line when the hand-out that is kept is not the one that the source gives now."""
    if not kept.is_dir():
        return
    new, old = files_in(course, fresh), files_in(course, kept)
    differing = sorted(name for name in new | old if new.get(name) != old.get(name))
    if differing:
        yield (
            f"{course.shown(kept)} is not what its source gives ({', '.join(differing)}): "
            f"run `nbgrader generate_assignment {kept.name} --force`"
        )
