"""A course as the workers of a Dask cluster have it: in a folder of theirs, while it is graded."""

import hashlib
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from grading.batch.process import LONGEST, in_time
from grading.course import Course
from grading.files import write_files


class CourseOnWorkers(WorkerPlugin):
    """The scheduler gives it to each worker once, also to those that come later."""

    idempotent = True  # a grading that was killed has left it there, and the next one finds it

    def __init__(self, files: dict[str, bytes], trusts_submissions: bool) -> None:
        self._files = files
        self._trusts_submissions = trusts_submissions
        content = pickle.dumps((sorted(files.items()), trusts_submissions))
        self.name = f"course-{hashlib.sha256(content).hexdigest()}"

    def setup(self, worker: Worker) -> None:
        """Dask clears the worker's own folder, also of workers that were killed."""
        root = Path(tempfile.mkdtemp(prefix="course-", dir=worker.local_directory))
        write_files(root, self._files)
        self.course = Course(root, self._trusts_submissions)

    def teardown(self, worker: Worker) -> None:
        shutil.rmtree(self.course.root, ignore_errors=True)


def on_a_worker(function: Callable[..., Any], argument: Any, name: str) -> Any:
    """In a worker: call a function as it would be called where the course is."""
    held = get_worker().plugins[name]
    assert isinstance(held, CourseOnWorkers)
    return in_time(LONGEST, function, argument, held.course)
