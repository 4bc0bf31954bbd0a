"""Worker processes: many tasks at once, and none lost when a worker is.

The work is done by an executor of concurrent.futures: processes of this machine, or Dask's (see
cluster.py).
"""

import ctypes
import logging
import multiprocessing
import multiprocessing.forkserver
import os
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import BaseContext
from typing import Any

from grading.course import CourseError

M_MMAP_THRESHOLD = -3  # mallopt(3)
TRIES = 3  # of a task whose worker was killed


class WorkerLostError(Exception):
    """The process that did this task was killed, each time it was tried."""


@dataclass(eq=False)
class Task:
    """A call to be made in a worker, and what is done here with what comes of it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    then: Callable[[Future[Any]], None]
    tries: int = TRIES


@dataclass
class Workers:
    """Runs tasks; a task that is added while others run comes before those that wait."""

    executor: Callable[[], AbstractContextManager[Executor]]
    number: Callable[[], int]  # of the workers there are now; those of a cluster come and go
    _added: deque[Task] = field(default_factory=deque)

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
            with self.executor() as executor:
                broken = self._run(executor, tasks, self._enough, suspects, meanwhile)
        while suspects or self._added:
            alone = iter([(self._added or suspects).popleft()])
            with self.executor() as executor:
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
                    running[executor.submit(task.function, *task.arguments)] = task
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


def prepare() -> None:
    """Have the grader imported for the processes to come, while this one does something else."""
    if _context().get_start_method() == "forkserver":
        multiprocessing.forkserver.ensure_running()


@contextmanager
def processes(number: int) -> Iterator[Executor]:
    """Processes of this machine, which end with this one whatever happens."""
    context = _context()
    with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as scratch:
        pool = ProcessPoolExecutor(number, context, _become_worker, (scratch,))
        try:
            yield pool
            pool.shutdown()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.kill()
                process.join()


def _context() -> BaseContext:
    """Forks of a process that has imported the grader and has no threads; where there are none,
    fresh processes. A fork of this process would take over the locks of its threads."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grading.worker", "grading.feedback"])
    return context


def _become_worker(scratch: str) -> None:
    tempfile.tempdir = scratch  # which is cleared for those who are killed, too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us stops us
    threading.Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    keep_quiet()


def keep_quiet() -> None:
    """What the libraries warn of is no concern of who grades; what is, is in the report."""
    warnings.simplefilter("ignore")
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)


def keep_memory_flat() -> None:
    """Have large blocks given back to the system when they are free.

    glibc would keep more and more of them, in pieces: 150 KB for each submission that came by.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # of another C library
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 64 << 10)


def _end_with_parent(scratch: str) -> None:
    """A pool whose owner is killed would wait for tasks for ever, and leave its folder behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(1)
