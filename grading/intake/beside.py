"""What lies beside the notebooks of a submission while they run."""

import py_compile
from functools import lru_cache
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import TemporaryDirectory

from grading.course import Course
from grading.files import files_in, paths_in
from grading.intake.submission import Submission


def files_beside(submission: Submission, course: Course) -> dict[str, bytes]:
    """What lies beside the notebooks: the student's own files, and over them those handed out."""
    handed_out = files_in(course, course.folder("release", submission.assignment))
    own = {
        name: content
        for name, content in submission.files.items()
        if not any(_in_the_way(name, other) for other in handed_out)
    }
    both = own | handed_out
    return {name: content for name, content in both.items() if not name.endswith(".ipynb")}


def _in_the_way(name: str, other: str) -> bool:
    """Whether a file and another one, by their names, cannot lie in the same folder."""
    return name.startswith(f"{other}/") or other.startswith(f"{name}/")


@lru_cache
def compiled(course: Course, assignment: str) -> dict[str, bytes]:
    """The modules handed out, compiled once for all kernels, each of which would do it anew.

    Python takes them for sources of the same content alone.
    """
    release = course.folder("release", assignment)
    found: dict[str, bytes] = {}
    with TemporaryDirectory() as folder:
        for path in (path for path in paths_in(course, release) if path.suffix == ".py"):
            into = f"{folder}/{len(found)}"
            mode = py_compile.PycInvalidationMode.CHECKED_HASH
            if py_compile.compile(str(path), into, quiet=2, invalidation_mode=mode):
                name = cache_from_source(path.relative_to(release).as_posix())
                found[name] = Path(into).read_bytes()
    return found
