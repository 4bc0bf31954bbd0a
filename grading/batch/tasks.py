"""Many calls at once, made in workers, and none lost when a worker is.

Where the workers are is said by a Backend: processes of this machine (pool.py) or of a Dask cluster
(cluster.py).
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from grading.course import CourseError

RESTARTS = 3  # a task is begun so often, when its workers are killed


class WorkerLostError(Exception):
    """The process that did this task was killed, each time it was tried."""


class Backend(Protocol):
    """Where calls are made."""

    def executor(self) -> AbstractContextManager[Executor]:
        """Workers that make calls, for a while; new ones each time."""

    def number(self) -> int:
        """How many workers there are now; those of a cluster come and go."""

    def call(self, function: Callable[..., Any], argument: Any) -> tuple[Any, ...]:
        """What the executor is given to have a function called with an argument and the course."""


@dataclass(eq=False)
class Task:
    """A function of an argument and the course, and what is done here with what comes of it."""

    function: Callable[..., Any]
    argument: Any
    then: Callable[[Future[Any]], object]
    tries: int = RESTARTS


@dataclass
class Workers:
    """Runs tasks; a task that is added while others run comes before those that wait."""

    backend: Backend
    _added: deque[Task] = field(default_factory=deque)

    def number(self) -> int:
        return self.backend.number()

    def add(self, task: Task) -> None:
        self._added.append(task)

    def run(self, tasks: Iterator[Task], meanwhile: Callable[[], None]) -> None:
        """Run all tasks, and what is added to them on the way; about once a second, `meanwhile`.

        When a worker is killed, nobody knows whose fault it was: all that were running are tried
        again at the end, each alone, so that it costs no one but the guilty.
        Raises CourseError when the executor has gone away.
        """
        suspects: deque[Task] = deque()
        broken = True
        while broken:
            with self.backend.executor() as executor:
                broken = self._run(executor, tasks, self._enough, suspects, meanwhile)
        while suspects or self._added:
            alone = iter([(self._added or suspects).popleft()])
            with self.backend.executor() as executor:
                self._run(executor, alone, lambda: 1, suspects, meanwhile)

    def _enough(self) -> int:
        """Tasks at once. Those behind are not even read, or all would be in memory."""
        return 2 * max(1, self.number())

    def _run(
        self,
        executor: Executor,
        tasks: Iterator[Task],
        enough: Callable[[], int],
        suspects: deque[Task],
        meanwhile: Callable[[], None],
    ) -> bool:
        """Run tasks until there are no more, or until the pool is broken: returns whether it is."""
        running: dict[Future[Any], Task] = {}
        broken = False
        while True:
            most = enough()
            while not broken and len(running) < most:
                task = self._added.popleft() if self._added else next(tasks, None)
                if task is None:
                    break
                try:
                    call = self.backend.call(task.function, task.argument)
                    running[executor.submit(*call)] = task
                except BrokenProcessPool:
                    self._added.append(task)  # which was never begun
                    broken = True
            if not running:
                return broken
            done, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            meanwhile()
            for future in done:
                task = running.pop(future)
                if future.cancelled():
                    raise CourseError(
                        "The scheduler went away. What was graded until then is recorded; once it "
                        "is there again, the same command goes on."
                    )
                if not isinstance(future.exception(), BrokenProcessPool):
                    task.then(future)
                    continue
                broken = True
                task.tries -= 1
                if task.tries:
                    suspects.append(task)
                else:
                    task.then(_lost())


def _lost() -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(WorkerLostError("A process of the grader was killed."))
    return future
