"""How a process of the grader behaves: quiet, in time, and with memory that stays flat."""

import ctypes
import logging
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")
LONGEST = 1200  # seconds for a task; kernels have limits of their own, which end sooner
M_MMAP_THRESHOLD = -3  # mallopt(3)


class TookTooLongError(Exception):
    """A task has not come to an end in its time."""


class _Late(BaseException):
    """Goes through whatever catches an Exception."""


def in_time(seconds: int, function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function returns. Raises TookTooLongError after so many seconds.

    Only in the main thread of a process, and where there are signals, can it be told to end.
    Inside of another call, that one's seconds go on.
    """

    def ring(*_: object) -> None:
        raise _Late

    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        return function(*arguments)
    before, begun = signal.signal(signal.SIGALRM, ring), time.monotonic()
    around = signal.alarm(seconds)  # what another call has left, or 0
    try:
        return function(*arguments)
    except _Late:
        raise TookTooLongError(f"It took more than {seconds:,} s.") from None
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        if around:
            signal.alarm(max(1, around - int(time.monotonic() - begun)))


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
