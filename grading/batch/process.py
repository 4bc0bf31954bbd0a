"""How a process of the grader behaves: quiet, and with memory that stays flat."""

import ctypes
import logging
import sys
import warnings
from contextlib import suppress

M_MMAP_THRESHOLD = -3  # mallopt(3)


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
