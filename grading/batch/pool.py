"""Worker processes of this machine."""

import multiprocessing
import multiprocessing.forkserver
import os
import pickle
import shutil
import signal
import socket
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import BaseContext
from typing import Any

from grading.batch.process import LONGEST, in_time, keep_quiet
from grading.course import Course
from grading.kernel.warm import fork_warm_process, warm_process

WORKERS = (3 * (os.cpu_count() or 1) + 1) // 2  # each waits for kernels a third of its time


@dataclass(frozen=True)
class Pool:
    """The backend of this machine: at most so many processes, for a course that lies here."""

    course: Course
    most: int

    def executor(self) -> AbstractContextManager[Executor]:
        return processes(self.most)

    def number(self) -> int:
        return self.most

    def call(self, function: Callable[..., Any], argument: Any) -> tuple[Any, ...]:
        return in_time, LONGEST, function, argument, self.course


def import_ahead() -> None:
    """Have the grader imported for the processes to come, while this one does something else."""
    if _context().get_start_method() == "forkserver":
        multiprocessing.forkserver.ensure_running()


@dataclass
class Processes(Executor):
    """They are started when they are first needed, and can be killed at any time.

    All send what they have done through one pipe, and one that is killed halfway would have the
    others, and us, wait for ever; so what goes through the pipe is so little that the system takes
    it as a whole, and the rest lies in files.
    """

    number: int
    scratch: str
    _pool: ProcessPoolExecutor | None = None

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        if self._pool is None:
            begin = (self.scratch, warm_process().control)
            self._pool = ProcessPoolExecutor(self.number, _context(), _become_worker, begin)
        return self._pool.submit(_into_file, function, *args, **named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._pool:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)


@dataclass
class _InFile:
    """What a function has returned or raised, in a file on its way to the other process."""

    content: Any

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        number, path = tempfile.mkstemp()
        try:
            with open(number, "wb") as file:
                pickle.dump(self.content, file, pickle.HIGHEST_PROTOCOL)
        except BaseException:
            os.unlink(path)
            raise
        return _out_of_file, (path,)


class _RaisedError(Exception):
    """An exception, which may hold all that was handed in."""

    def __str__(self) -> str:
        return ""  # goes through the pipe as a part of the traceback

    def __reduce__(self) -> tuple[Any, ...]:
        return _InFile(self.args[0]).__reduce__()


def _into_file(function: Callable[..., Any], *args: Any, **named: Any) -> _InFile:
    try:
        return _InFile(function(*args, **named))
    except Exception as error:
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
        raise _RaisedError(error) from None


def _out_of_file(path: str) -> Any:
    with open(path, "rb") as file:
        os.unlink(path)
        return pickle.load(file)


@contextmanager
def processes(number: int) -> Iterator[Executor]:
    """Processes of this machine, which end with this one whatever happens."""
    with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as scratch:
        pool = Processes(number, scratch)
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
    preload = ["grading.batch.grade_one", "grading.reports.feedback", "matplotlib.font_manager"]
    context.set_forkserver_preload(preload)
    return context


def _become_worker(scratch: str, warm: socket.socket) -> None:
    tempfile.tempdir = scratch  # which is cleared for those who are killed, too
    os.umask(0o022)  # kernels are other users, and read what lies beside a notebook
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us stops us
    threading.Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    keep_quiet()
    fork_warm_process(warm)


def _end_with_parent(scratch: str) -> None:
    """A pool whose owner is killed would wait for tasks for ever, and leave its folder behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(1)
