"""What a call takes in memory, and how its time is kept free of what memory costs."""

import ctypes
import gc
import platform
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

GLIBC = ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # mallopt(3)
MIB = 1 << 20


def keep_freed_memory() -> None:
    """Without this a call may wait for new pages, on a virtual machine longer than it computes."""
    if GLIBC is not None:
        GLIBC.mallopt(M_MMAP_MAX, 0)  # large arrays, too, come from the heap
        GLIBC.mallopt(M_TRIM_THRESHOLD, -1)  # of which nothing is given back


def workspace(call: Callable[[], np.ndarray]) -> float:
    """What a call takes beyond its output, in MiB, by tracemalloc."""
    tracemalloc.start()
    output = call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - output.nbytes) / MIB


def memory_of_first_call(call: Callable[[], Any]) -> tuple[float, Any]:
    """Its highest resident memory in MiB beyond that before it; NaN without Linux and glibc."""
    peak, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if GLIBC is None or not reset.exists():
        return float("nan"), call()
    gc.collect()
    GLIBC.malloc_trim(0)
    reset.write_text("5")  # forgets the peak so far
    before = _resident(peak, "VmRSS")
    output = call()
    return _resident(peak, "VmHWM") - before, output


def _resident(status: Path, what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+) kB", status.read_text("ascii"))
    assert found is not None
    return int(found[1]) / 1024
