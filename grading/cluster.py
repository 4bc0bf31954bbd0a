"""Grade on a cluster: the same worker function on Dask, and all that a worker needs of the course.

The workers share no disk with us. They get submissions and the course's files as bytes, and give
back what they graded; the gradebook stays here.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grading.course import CONFIG_FILE, SECRET_FILE, Course, CourseError
from grading.worker import write_files

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class PortableCourse:
    """A course that becomes a Course again wherever it is unpickled, made from its files."""

    files: tuple[tuple[str, bytes], ...]
    trusts_submissions: bool

    @classmethod
    def of(cls, course: Course, assignment: str) -> "PortableCourse":
        """What grading an assignment needs: the hand-out, the reference, settings, the secret."""
        folders = (course.folder("release", assignment), course.root / "solutions")
        paths = [path for folder in folders for path in sorted(folder.rglob("*"))]
        paths += [course.root / CONFIG_FILE, course.root / SECRET_FILE]
        files = {
            path.relative_to(course.root).as_posix(): path.read_bytes()
            for path in paths
            if path.is_file() and "__pycache__" not in path.parts
        }
        return cls(tuple(files.items()), course.trusts_submissions)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpack, (self.files, self.trusts_submissions)


@cache
def _unpack(files: tuple[tuple[str, bytes], ...], trusts_submissions: bool) -> Course:
    """Once a process; the folder goes with it."""
    root = Path(tempfile.mkdtemp(prefix="course-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    write_files(root, dict(files))
    return Course(root, trusts_submissions)


@contextmanager
def cluster(scheduler: str) -> Iterator[tuple[Executor, int]]:
    """The workers of a Dask scheduler, and how many tasks they can do at once.

    Raises CourseError when there is no such scheduler, or when it has no workers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CourseError(
            "To grade on a cluster, install Dask: `uv sync --group cluster`, or "
            "`pip install distributed`."
        ) from error
    if "://" not in scheduler:
        raise CourseError(f"{scheduler!r} is no address; one looks like tcp://host:8786.")
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"No Dask scheduler answers at {scheduler} ({error}). "
            "Start one with `dask scheduler`, or correct the address."
        ) from error
    with client:
        threads = client.nthreads()
        if not threads:
            raise CourseError(
                f"The scheduler at {scheduler} has no workers. Start one on each machine with "
                f"`dask worker {scheduler} --nthreads 1 --nworkers N`."
            )
        if max(threads.values()) > 1:
            raise CourseError(
                "Some workers have more than one thread, and nbgrader is not made for that. Start "
                f"them with `dask worker {scheduler} --nthreads 1 --nworkers N`."
            )
        yield client.get_executor(pure=False), len(threads)
