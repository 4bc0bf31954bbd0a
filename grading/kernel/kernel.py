"""A kernel in a sandbox: bubblewrap makes it, and a fork of the warm process becomes the kernel.

A kernel provisioner (jupyter_client's extension point), so that every kernel that autogrades runs
confined, be it started by `grade`, by nbgrader or by Formgrader. Its sockets are made here and
handed over while they listen: the kernel shares no folder with us.
"""

import math
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Integer

from grading.kernel import sandbox
from grading.kernel.cgroup import MemoryGroup, memory_group
from grading.kernel.measure import MOST_FILES, inside, memory_of, own_memory, with_children
from grading.kernel.syscalls import call_filter
from grading.kernel.warm import warm_process
from grading.status import Status

NAME = "confined"  # of the entry point in pyproject.toml
GIBIBYTE = 1 << 30
SOCKETS = ("shell", "iopub", "stdin", "control", "hb")
UNREAD = GIBIBYTE  # bytes that we may hold of what a kernel sends; a message may have many parts
WATCH_SECONDS = 0.25
LONGEST = 107 - len("/kernel-12345678/socket-1")  # bytes of a folder that sockets fit in, unix(7)

KERNEL_OPTIONS = (
    # Behind everything else, so that a student's json.py or numpy.py keeps no kernel from starting.
    "--IPKernelApp.exec_lines=__import__('sys').path.append('')",
    "--HistoryManager.enabled=False",
)


class ConfinedProvisioner(LocalProvisioner):
    """Starts the kernel in a sandbox, with limits, an own user and a minimal environment."""

    limits = Dict(
        {
            "as": 4 * GIBIBYTE,  # address space of a process, bytes
            "cpu": 300,  # seconds
            "nproc": 128,  # processes and threads
            "nofile": MOST_FILES,
            "fsize": sandbox.SCRATCH,
            "core": 0,
        },
        help="Resource limits of a kernel, by the names of prlimit(1).",
    ).tag(config=True)

    memory = Integer(
        4 * GIBIBYTE, help="Bytes of memory for all processes of a kernel together."
    ).tag(config=True)

    overstepped: Status | None = None  # why the kernel was ended, if it was for its greed
    ends = math.inf  # when, by time.monotonic(), it is ended whatever it does
    _group: MemoryGroup | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Everything for an empty sandbox: a command that ends when its standard input does."""
        sandbox.require_sandbox()
        self._ours = tempfile.TemporaryDirectory(prefix="kernel-", dir=place_for_sockets())
        kernel: Any = self.parent  # the kernel manager
        kernel.transport, kernel.ip = "ipc", f"{self._ours.name}/socket"
        kernel.connection_file = f"{self._ours.name}/connection.json"
        prepared = await super().pre_launch(**kwargs)
        folder = Path(prepared.get("cwd") or Path.cwd())
        command = sandbox.bubblewrap(folder, ["cat"])
        return prepared | {"cmd": command, "env": sandbox.environment(), "cwd": "/"}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Make the sandbox, and have the warm process fork a kernel into it."""
        ending, lifeline = os.pipe()
        self._held = own_memory()
        with ExitStack() as ours:  # what the kernel has, we close: or nobody would see it end
            ours.callback(os.close, ending)
            ours.callback(os.close, lifeline)
            try:
                kwargs |= {"independent": True, "stdin": ending, "stdout": subprocess.PIPE}
                connection = await super().launch_kernel(cmd, stderr=subprocess.DEVNULL, **kwargs)
                bubblewrap: Any = self.process
                os.write(lifeline, b"\n")
                if bubblewrap.stdout.readline() != b"\n":
                    raise sandbox.SandboxError("bubblewrap ended before the sandbox was made.")
                self._holders = frozenset(with_children(bubblewrap.pid))  # of the sandbox: ours
                self._group = memory_group(self.memory)
                sockets = [ours.enter_context(each) for each in self._listening(connection)]
                handed = [lifeline, *(each.fileno() for each in sockets)]
                request = self._request(inside(bubblewrap.pid), connection)
                keeper = warm_process(sandbox.environment()).fork(request, handed)
            except BaseException:  # nobody else will clean up what has not become a kernel
                await self.kill()
                self._leave_nothing()
                raise
        self._roots = (bubblewrap.pid, keeper)  # of all processes of the kernel
        threading.Thread(target=self._watch, args=(bubblewrap,), daemon=True).start()
        return connection

    def _listening(self, connection: Any) -> Iterator[socket.socket]:
        """Sockets of a kernel, at which its clients find it, in the order of SOCKETS."""
        for name in SOCKETS:
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(f"{self._ours.name}/socket-{connection[f'{name}_port']}")
            listening.listen()
            yield listening

    def _request(self, pid: int, connection: Any) -> dict[str, Any]:
        """What the warm process must know to fork a kernel into the sandbox of a process."""
        return {
            "pid": pid,
            "user": sandbox.own_user(),
            "folder": str(sandbox.FOLDER),
            "limits": self.limits,
            "memory_group": str(self._group.entrance) if self._group else "",
            "refused_calls": call_filter().hex(),
            "ports": [connection[f"{name}_port"] for name in SOCKETS],
            "connection": Path(f"{self._ours.name}/connection.json").read_text(),
            "arguments": list(KERNEL_OPTIONS),
        }

    def _watch(self, bubblewrap: subprocess.Popen[bytes]) -> None:
        """End the kernel when it takes more of anything than it may, or cannot be watched.

        In a thread, because whoever reads what a kernel says may be kept busy by it.
        """
        while bubblewrap.poll() is None:
            try:
                why = self._oversteps()
            except Exception:
                why = Status.CRASHED
            if why:
                self.overstepped = self.overstepped or why
                with suppress(OSError):  # it has just ended
                    os.killpg(bubblewrap.pid, signal.SIGKILL)
            time.sleep(WATCH_SECONDS)

    def _oversteps(self) -> Status | None:
        """Whether it takes too much time, or memory, of its own or of ours."""
        if time.monotonic() > self.ends:
            return Status.TIMED_OUT
        if self._is_out_of_memory():
            return Status.OUT_OF_MEMORY
        return Status.OUTPUT_LIMIT if own_memory() > self._held + UNREAD else None

    def _is_out_of_memory(self) -> bool:
        """The system counts, where it lets us have a group for that; and we do.

        Not every system counts the buffers of sockets, and none of them fills up quickly.
        """
        if self._group and self._group.has_been_full():
            return True
        return memory_of(self._roots, self.memory, self._holders) > self.memory

    async def send_signal(self, signum: int) -> None:
        """An interrupt is for the kernel itself, and not for those that hold its sandbox.

        A message would wait for a kernel that does not listen.
        """
        if signum != signal.SIGINT:
            await super().send_signal(signum)
            return
        _, keeper = self._roots
        for kernel in islice(with_children(keeper), 1, 2):
            with suppress(OSError):  # it has just ended
                os.killpg(kernel, signum)

    async def cleanup(self, restart: bool = False) -> None:
        if self.overstepped is None and self._group and self._group.has_been_full():
            self.overstepped = Status.OUT_OF_MEMORY
        await super().cleanup(restart)
        self._leave_nothing()

    def _leave_nothing(self) -> None:
        self._ours.cleanup()
        if self._group:
            self._group.remove()


def place_for_sockets() -> str:
    """Where temporary files are; on clusters that can be a path too long for any socket."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= LONGEST else "/tmp"
