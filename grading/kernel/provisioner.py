"""A kernel in a sandbox: bubblewrap makes it, and a fork of the warm process becomes the kernel.

A kernel provisioner (jupyter_client's extension point), so that every kernel that autogrades runs
confined, be it started by `grade`, by nbgrader or by Formgrader.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Integer

from grading.kernel import sandbox
from grading.kernel.warm import warm_process
from grading.status import Status

NAME = "confined"  # of the entry point in pyproject.toml
GIBIBYTE = 1 << 30
SOCKETS = 16  # entries in the one folder that is shared with the outside; a kernel makes five
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
            "nofile": 256,
            "fsize": sandbox.SCRATCH,
            "core": 0,
        },
        help="Resource limits of a kernel, by the names of prlimit(1).",
    ).tag(config=True)

    memory = Integer(
        4 * GIBIBYTE, help="Bytes of memory for all processes of a kernel together."
    ).tag(config=True)

    overstepped: Status | None = None  # why the kernel was ended, if it was for its greed

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Everything for an empty sandbox: a command that ends when its standard input does."""
        sandbox.require_sandbox()
        self._shared = Path(tempfile.mkdtemp(prefix="kernel-", dir=place_for_sockets()))
        kernel: Any = self.parent  # the kernel manager
        kernel.transport, kernel.ip = "ipc", str(self._shared / "socket")
        kernel.connection_file = str(self._shared / "connection.json")
        prepared = await super().pre_launch(**kwargs)
        if sandbox.is_root():
            for path in (self._shared, kernel.connection_file):
                os.chown(path, sandbox.own_user(), sandbox.own_user())
        self._arguments = ["-f", kernel.connection_file, *KERNEL_OPTIONS]
        folder = Path(prepared.get("cwd") or Path.cwd())
        command = sandbox.bubblewrap(folder, self._shared, ["cat"])
        return prepared | {"cmd": command, "env": sandbox.environment(), "cwd": "/"}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Make the sandbox, and have the warm process fork a kernel into it."""
        ending, lifeline = os.pipe()
        self._held = _own_memory()
        try:
            kwargs |= {"independent": True, "stdin": ending, "stdout": subprocess.PIPE}
            connection = await super().launch_kernel(cmd, stderr=subprocess.DEVNULL, **kwargs)
            bubblewrap: Any = self.process
            os.write(lifeline, b"\n")
            if bubblewrap.stdout.readline() != b"\n":
                raise sandbox.SandboxError("bubblewrap ended before the sandbox was made.")
            keeper = warm_process(sandbox.environment()).fork(
                {
                    "pid": _inside(bubblewrap.pid),
                    "user": sandbox.own_user(),
                    "folder": str(sandbox.FOLDER),
                    "limits": self.limits,
                    "arguments": self._arguments,
                },
                lifeline,
            )
        except BaseException:  # nobody else will clean up what has not become a kernel
            await self.kill()
            shutil.rmtree(self._shared, ignore_errors=True)
            raise
        finally:
            os.close(ending)
            os.close(lifeline)
        self._roots = (bubblewrap.pid, keeper)  # of all processes of the kernel
        self._watcher = asyncio.ensure_future(self._watch())
        return connection

    async def _watch(self) -> None:
        """End the kernel when it takes more of anything than it may, or cannot be watched."""
        while self.process and self.process.poll() is None:
            try:
                why = self._oversteps()
            except Exception:
                why = Status.CRASHED
            if why:
                await self.end(why)
            await asyncio.sleep(WATCH_SECONDS)

    def _oversteps(self) -> Status | None:
        """Whether it takes too much of the memory, its own and ours, or of the shared folder."""
        if _memory_of(self._roots, self.memory) > self.memory:
            return Status.OUT_OF_MEMORY
        if not self._is_shared_as_agreed() or _own_memory() > self._held + UNREAD:
            return Status.OUTPUT_LIMIT
        return None

    def _is_shared_as_agreed(self) -> bool:
        """Whether nothing but the connection file and some sockets lies in the shared folder."""
        try:
            entries = [p for p in self._shared.iterdir() if p.name != "connection.json"]
            return len(entries) <= SOCKETS and all(p.is_socket() for p in entries)
        except OSError:  # it has been locked
            return False

    async def end(self, why: Status) -> None:
        """Kill the kernel, and remember what for."""
        self.overstepped = why
        await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        self._watcher.cancel()
        await super().cleanup(restart)
        shutil.rmtree(self._shared, ignore_errors=True)


def place_for_sockets() -> str:
    """Where temporary files are; on clusters that can be a path too long for any socket."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= LONGEST else "/tmp"


def _inside(pid: int) -> int:
    """The one process that a fresh sandbox holds, behind bubblewrap's own."""
    return next(pid for pid in _with_children(pid) if psutil.Process(pid).name() == "cat")


def _memory_of(roots: Iterable[int], limit: int) -> int:
    """Bytes of memory of processes and all below. Shared pages count once, where it matters."""
    pids = [pid for root in roots for pid in _with_children(root)]
    total = sum(_of(pid, lambda p: p.memory_info().rss) for pid in pids)
    if total <= limit:
        return total
    return sum(_of(pid, lambda p: p.memory_full_info().pss) for pid in pids)


def _own_memory() -> int:
    return psutil.Process().memory_info().rss


def _with_children(pid: int) -> Iterator[int]:
    """A process and all below it. psutil would look at every process of the machine."""
    try:
        tasks = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has just ended
        return
    yield pid
    for child in "".join(tasks).split():
        yield from _with_children(int(child))


def _of(pid: int, measure: Callable[[psutil.Process], int]) -> int:
    try:
        return measure(psutil.Process(pid))
    except psutil.Error:  # it has just ended
        return 0
