"""A memory cgroup for a kernel, where the machine lets us make one.

It counts all that the processes of a kernel hold: what they have mapped, files in memory, buffers
of sockets and pipes. Both versions of cgroups are known; cgroups(7).
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from os import getpid
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
LIMITS = ("memory.max", "memory.limit_in_bytes")  # of version 2 and 1
NO_SWAP = {"memory.swap.max": "0", "memory.swappiness": "0"}
EVENTS = ("memory.events", "memory.oom_control")
PATIENCE = 2.0  # seconds for what has been killed to be gone
_numbers = count()


@dataclass(frozen=True)
class MemoryGroup:
    """A cgroup of our own, into which a kernel's first process puts itself."""

    folder: Path

    @property
    def entrance(self) -> Path:
        """The file that takes the number of a process."""
        return self.folder / "cgroup.procs"

    def has_been_full(self) -> bool:
        """Whether a process was killed because the group had no more memory."""
        for name in EVENTS:
            with suppress(OSError):
                counts = dict(
                    line.split() for line in (self.folder / name).read_text().splitlines()
                )
                return int(counts.get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """Take it away once its processes are gone; it is empty, so nothing can be lost."""
        until = time.monotonic() + PATIENCE
        while self.folder.exists() and time.monotonic() < until:
            with suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(0.01)


def memory_group(limit: int) -> MemoryGroup | None:
    """A new group of at most so many bytes; None where none can be made."""
    name = f"grading-{getpid()}-{next(_numbers)}"
    for parent in _ours():
        with suppress(OSError):
            folder = parent / name
            folder.mkdir()
            if _is_limited(folder, limit):
                return MemoryGroup(folder)
            folder.rmdir()
    return None


def _is_limited(folder: Path, limit: int) -> bool:
    for name in LIMITS:
        if (folder / name).exists():
            for file, value in NO_SWAP.items():
                with suppress(OSError):
                    if (folder / file).exists():
                        (folder / file).write_text(value)
            (folder / name).write_text(str(limit))
            return True
    return False


def _ours() -> list[Path]:
    """The groups that this process is in, the innermost first. A new one may go into any."""
    places = []
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "memory" not in controllers.split(","):
                continue
            mounted = ROOT / "memory" if controllers else ROOT
            own = mounted / path.lstrip("/")
            places += [own, *(p for p in own.parents if p.is_relative_to(mounted))]
    return [place for place in places if place.is_dir()]
