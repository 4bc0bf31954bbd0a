"""Grade on a cluster: the same worker function on Dask, and all that a worker needs of the course.

The workers share no disk with us. They get the course's files once, and submissions, as bytes, and
give back what they graded; the gradebook stays here.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grading.course import CONFIG_FILE, SECRET_FILE, Course, CourseError
from grading.files import files_in
from grading.own_tests import own_tests

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
START_SECONDS = 30  # for workers that were started just before


@dataclass(frozen=True)
class Cluster:
    """The backend of a Dask cluster, whose workers have the course by a name."""

    client: "Client"
    course: str

    def executor(self) -> AbstractContextManager[Executor]:
        return nullcontext(self.client.get_executor(pure=False))

    def number(self) -> int:
        try:
            return len(self.client.nthreads())
        except OSError:
            return 0  # the scheduler is gone, and what was running tells so

    def call(self, function: Callable[..., Any], argument: Any) -> tuple[Any, ...]:
        from grading.batch.worker import on_a_worker

        return on_a_worker, function, argument, self.course


@contextmanager
def cluster(scheduler: str, course: Course, assignment: str) -> Iterator[Cluster]:
    """The workers of a Dask scheduler, to grade an assignment.

    Raises CourseError when there is no such scheduler, or when it has no workers.
    """
    try:
        from distributed import Client

        from grading.batch.worker import CourseOnWorkers
    except ImportError as error:
        raise CourseError(
            "To grade on a cluster, install Dask: `uv sync --group cluster`, or "
            "`pip install distributed`."
        ) from error
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # we say it ourselves
    if "://" not in scheduler:
        raise CourseError(f"{scheduler!r} is no address; one looks like tcp://host:8786.")
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # TypeError: tls:// without certificates
        raise CourseError(
            f"No Dask scheduler answers at {scheduler} ({error}). "
            "Start one with `dask scheduler`, or correct the address."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=START_SECONDS)
        except TimeoutError as error:
            raise CourseError(
                f"The scheduler at {scheduler} has no workers. Start one on each machine with "
                f"`dask worker {scheduler} --nthreads 1 --nworkers N`."
            ) from error
        if max(client.nthreads().values(), default=1) > 1:
            raise CourseError(
                "Some workers have more than one thread, and nbgrader is not made for that. Start "
                f"them with `dask worker {scheduler} --nthreads 1 --nworkers N`."
            )
        ours = CourseOnWorkers(_files(course, assignment), course.trusts_submissions)
        try:
            client.register_plugin(ours)
        except OSError as error:
            raise CourseError(f"A worker cannot hold the course: {error}.") from error
        try:
            yield Cluster(client, ours.name)
        finally:
            with suppress(OSError, ValueError):  # the scheduler is gone
                client.unregister_worker_plugin(ours.name)


def _files(course: Course, assignment: str) -> dict[str, bytes]:
    """What grading an assignment needs: the hand-out, the lab, the settings, the secret; and the
    source, if it has tests that stand for themselves."""
    files = {CONFIG_FILE: (course.root / CONFIG_FILE).read_bytes(), SECRET_FILE: course.secret()}
    folders = [course.folder("release", assignment), course.hidden_half(assignment)]
    folders += [course.folder("source", assignment)] if own_tests(course, assignment) else []
    for folder in folders:
        inside = folder.relative_to(course.root).as_posix()
        content = files_in(course, folder)
        files |= {f"{inside}/{name}": data for name, data in content.items()}
    return files
