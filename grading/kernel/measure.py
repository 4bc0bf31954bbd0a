"""How much memory processes hold, and which processes belong together."""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import psutil

MOST_FILES = 256  # open in one process
SOCKET_BUFFERS = 1 << 19  # bytes at most behind one open file that is a socket or a pipe


def inside(pid: int) -> int:
    """The one process that a fresh sandbox holds, behind bubblewrap's own."""
    return next(pid for pid in with_children(pid) if psutil.Process(pid).name() == "cat")


def memory_of(roots: Iterable[int], limit: int, besides: Collection[int] = ()) -> int:
    """Bytes of memory of processes and all below. Shared pages count once, where it matters.

    So does what may wait in their sockets and pipes, at its most. A process that does not let
    itself be looked at holds the most that it can.
    """
    pids = [pid for root in roots for pid in with_children(root) if pid not in besides]
    waiting = SOCKET_BUFFERS * sum(_of(pid, lambda p: p.num_fds(), MOST_FILES) for pid in pids)
    resident = {pid: _of(pid, lambda p: p.memory_info().rss, limit) for pid in pids}
    total = waiting + sum(resident.values())
    if total <= limit:
        return total
    shares = (_of(pid, lambda p: p.memory_full_info().pss, resident[pid]) for pid in pids)
    return waiting + sum(shares)


def own_memory() -> int:
    """Bytes of memory of this process."""
    return psutil.Process().memory_info().rss


def with_children(pid: int) -> Iterator[int]:
    """A process and all below it. psutil would look at every process of the machine."""
    try:
        tasks = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has just ended
        return
    yield pid
    for child in "".join(tasks).split():
        yield from with_children(int(child))


def _of(pid: int, measure: Callable[[psutil.Process], int], hidden: int) -> int:
    """What is measured of a process; hidden, where it may not be looked at."""
    try:
        return measure(psutil.Process(pid))
    except psutil.AccessDenied:
        return hidden
    except psutil.Error:  # it has just ended
        return 0
