"""A kernel in a sandbox: bubblewrap makes it, and a fork of the warm process enters."""

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from grading.kernel import sandbox
from grading.kernel.cgroup import MemoryGroup, memory_group
from grading.kernel.kernel import Kernel, StoppedError
from grading.kernel.measure import MOST_FILES, inside, memory_of, with_children
from grading.kernel.syscalls import call_filter
from grading.kernel.warm import environment
from grading.status import Status

GIBIBYTE = 1 << 30


@dataclass
class Limits:
    """Of one kernel that is confined."""

    memory: int = 4 * GIBIBYTE  # bytes for all its processes together
    of_process: dict[str, int] = field(  # by the names of prlimit(1)
        default_factory=lambda: {
            "as": 4 * GIBIBYTE,  # address space, bytes
            "cpu": 300,  # seconds
            "nproc": 128,  # processes and threads
            "nofile": MOST_FILES,
            "fsize": sandbox.SCRATCH,
            "core": 0,
        }
    )


class ConfinedKernel(Kernel):
    """In a sandbox, with limits, an own user and a minimal environment."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        super().__init__(folder)
        self._limits = limits
        self._group: MemoryGroup | None = None

    def _start(self, channel: int) -> None:
        sandbox.require_sandbox()
        ending, lifeline = os.pipe()
        try:  # what the kernel has, we close: or nobody would see it end
            self._bubblewrap = subprocess.Popen(
                sandbox.bubblewrap(self._folder, ["cat"]),  # it ends when its input does
                stdin=ending,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                cwd="/",
                start_new_session=True,
            )
            try:
                os.write(lifeline, b"\n")
                if self._bubblewrap.stdout.readline() != b"\n":  # type: ignore[union-attr]
                    raise sandbox.SandboxError("bubblewrap ended before the sandbox was made.")
                # those that hold the sandbox: ours
                self._holders = frozenset(with_children(self._bubblewrap.pid))
                self._group = memory_group(self._limits.memory)
                confined = {
                    "pid": inside(self._bubblewrap.pid),
                    "user": sandbox.own_user(),
                    "limits": self._limits.of_process,
                    "memory_group": str(self._group.entrance) if self._group else "",
                    "refused_calls": call_filter().hex(),
                }
                request = {"folder": str(sandbox.FOLDER), "sandbox": confined}
                self._fork(request, lifeline, channel)
            except BaseException:
                self._end()
                raise
        finally:
            os.close(ending)
            os.close(lifeline)

    def _look(self) -> None:
        if self._bubblewrap.poll() is not None:
            raise StoppedError(self._why())
        if self._is_out_of_memory():
            raise StoppedError(Status.OUT_OF_MEMORY)

    def _is_out_of_memory(self) -> bool:
        """The system counts, where it lets us have a group for that; and we do.

        Not every system counts the buffers of sockets, and none of them fills up quickly.
        """
        if self._group and self._group.has_been_full():
            return True
        roots = (self._bubblewrap.pid, self._keeper)
        return memory_of(roots, self._limits.memory, self._holders) > self._limits.memory

    def _why(self) -> Status:
        full = self._group and self._group.has_been_full()
        return Status.OUT_OF_MEMORY if full else Status.CRASHED

    def _end(self) -> None:
        with suppress(OSError):  # it has ended
            os.killpg(self._bubblewrap.pid, signal.SIGKILL)
        self._bubblewrap.wait()
        self._bubblewrap.stdout.close()  # type: ignore[union-attr]
        if self._group:
            self._group.remove()
