"""A kernel in a sandbox: bubblewrap around the process, and nothing of the course inside.

A kernel provisioner (jupyter_client's extension point), so that every kernel that autogrades runs
confined, be it started by `grade`, by nbgrader or by Formgrader. docs/grading.md says what each
layer is for.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Integer

from grading.course import Course, CourseError
from grading.status import Status

NAME = "confined"  # of the entry point in pyproject.toml
GIBIBYTE, MEBIBYTE = 1 << 30, 1 << 20
SCRATCH = 64 * MEBIBYTE  # of memory-backed files in each folder that the kernel may write
SOCKETS = 16  # entries in the one folder that is shared with the outside; a kernel makes five
FILES = 500  # beside the notebook; each is a mount of its own
WATCH_SECONDS = 0.25

AS_ROOT = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
AS_USER = ["--unshare-user", "--disable-userns", "--cap-drop", "ALL"]

PACKAGE = Path(__file__).resolve().parent
FOLDER = Path("/lab")  # the submission's folder, as its kernel sees it
MATPLOTLIB = Path("/tmp/matplotlib")

# Behind everything else, so that a student's json.py or numpy.py keeps no kernel from starting.
FIND_FILES_BESIDE = "__import__('sys').path.append('')"

HOW_TO_GET_IT = (
    "On Linux, install bubblewrap (`apt-get install bubblewrap`) and allow user namespaces; "
    "elsewhere, grade in a Linux container or virtual machine. To grade submissions of people "
    "you trust without a sandbox: grade --trust-submissions."
)


class SandboxError(CourseError):
    """Kernels cannot be confined on this machine; the message says what to do."""


class ConfinedProvisioner(LocalProvisioner):
    """Starts the kernel inside bubblewrap, with limits, an own user and a minimal environment."""

    limits = Dict(
        {
            "as": 4 * GIBIBYTE,  # address space of a process, bytes
            "cpu": 300,  # seconds
            "nproc": 128,  # processes and threads
            "nofile": 256,
            "fsize": SCRATCH,
            "core": 0,
        },
        help="Resource limits of a kernel, by the names of prlimit(1).",
    ).tag(config=True)

    memory = Integer(
        4 * GIBIBYTE, help="Bytes of memory for all processes of a kernel together."
    ).tag(config=True)

    overstepped: Status | None = None  # why the kernel was ended, if it was for its greed

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        require_sandbox()
        self._shared = Path(tempfile.mkdtemp(prefix="kernel-"))
        if _is_root():
            os.chown(self._shared, _own_user(), _own_user())
        kernel: Any = self.parent  # the kernel manager
        kernel.transport, kernel.ip = "ipc", str(self._shared / "socket")
        kernel.connection_file = str(self._shared / "connection.json")
        prepared = await super().pre_launch(**kwargs)
        if _is_root():
            os.chown(kernel.connection_file, _own_user(), _own_user())
        beside = _files_beside(Path(prepared.get("cwd") or Path.cwd()))
        limits = [f"--{name}={value}" for name, value in self.limits.items()]
        confined = [*_bubblewrap(beside, self._shared), "prlimit", *limits, *_as_own_user()]
        kernel_command = [*prepared["cmd"], f"--IPKernelApp.exec_lines={FIND_FILES_BESIDE}"]
        prepared |= {"cmd": confined + kernel_command, "env": _environment(), "cwd": "/"}
        return prepared

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        # The kernel cannot watch us from inside; bubblewrap's --die-with-parent does.
        kwargs |= {"independent": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        connection = await super().launch_kernel(cmd, **kwargs)
        self._watcher = asyncio.ensure_future(self._watch())
        return connection

    async def _watch(self) -> None:
        """End the kernel when it takes more memory, or more of the shared folder, than it may."""
        while self.process and self.process.poll() is None:
            if _memory_of(self.process.pid, self.memory) > self.memory:
                await self.end(Status.OUT_OF_MEMORY)
            elif not self._is_shared_as_agreed():
                await self.end(Status.OUTPUT_LIMIT)
            await asyncio.sleep(WATCH_SECONDS)

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


def require_sandbox() -> None:
    """Raise SandboxError unless a process can be confined on this machine."""
    if why_not():
        raise SandboxError(
            f"The code of students cannot be confined here: {why_not()}. {HOW_TO_GET_IT}"
        )


@cache
def why_not() -> str:
    """Why a process cannot be confined on this machine; empty when it can."""
    if sys.platform != "linux":
        return f"bubblewrap does not exist for {sys.platform}"
    for program in ("bwrap", "prlimit", "setpriv"):
        if not shutil.which(program):
            return f"{program} is not installed"
    trial = [*_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--"]
    trial += [*_as_own_user(), "true"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    return f"bwrap says {done.stderr.strip()!r}" if done.returncode else ""


def or_trust(course: Course) -> Course:
    """For submissions that are our own: without a sandbox where there is none."""
    return replace(course, trusts_submissions=True) if why_not() else course


def describe(course: Course) -> str:
    """Which protection was on, for people."""
    if not course.trusts_submissions:
        return "Protection: each kernel ran in a sandbox (bubblewrap)."
    return "Protection: none; the code of the submissions ran with your rights."


def _memory_of(pid: int, limit: int) -> int:
    """Bytes of memory of a process and all below it. Shared pages count once, where it matters."""
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = sum(_of(process, lambda p: p.memory_info().rss) for process in processes)
    if total <= limit:
        return total
    return sum(_of(process, lambda p: p.memory_full_info().pss) for process in processes)


def _of(process: psutil.Process, measure: Callable[[psutil.Process], int]) -> int:
    try:
        return measure(process)
    except psutil.Error:  # it has just ended
        return 0


def _files_beside(folder: Path) -> list[tuple[Path, Path]]:
    """What lies beside the notebook, and where the kernel sees it.

    Notebooks are left out, whosever they are; so are links, which may lead anywhere.
    """
    folder = folder.resolve()
    files = [
        (path, FOLDER / path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"
    ]
    if len(files) > FILES:
        raise SandboxError(f"{len(files)} files lie beside the notebooks; at most {FILES} may.")
    return files


@cache
def _fonts() -> list[tuple[Path, Path]]:
    """matplotlib's list of fonts, which each kernel would otherwise take seconds to make anew."""
    import matplotlib.font_manager  # makes the list if there is none

    made = Path(matplotlib.get_cachedir()).glob("fontlist*.json")
    return [(path, MATPLOTLIB / path.name) for path in made]


def _bubblewrap(beside: list[tuple[Path, Path]], shared: Path) -> list[str]:
    """The kernel's namespaces and file system: system and Python, read-only, and its own files.

    This package is left out, wherever it is installed.
    """
    system = [Path("/usr"), Path("/etc/fonts"), Path("/etc/ld.so.cache"), *_python_folders()]
    arguments = [*_namespaces(), "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "lib", "lib64"):
        arguments += ["--symlink", f"usr/{name}", f"/{name}"]
    for folder in (Path("/tmp"), Path("/dev/shm"), FOLDER):
        arguments += ["--perms", "1777", "--size", str(SCRATCH), "--tmpfs", str(folder)]
    arguments += ["--perms", "1777", "--dir", str(MATPLOTLIB)]
    for parent in _parents([*system, shared, *(inside for _, inside in beside)]):
        arguments += ["--perms", "0755", "--dir", str(parent)]  # bwrap's own would be 0700
    for path in system:
        arguments += ["--ro-bind-try", str(path), str(path)]
    if any(PACKAGE.is_relative_to(path) for path in system):
        arguments += ["--tmpfs", str(PACKAGE), "--remount-ro", str(PACKAGE)]
    for path, inside in [*beside, *_fonts()]:
        arguments += ["--ro-bind", str(path), str(inside)]
    arguments += ["--bind", str(shared), str(shared), "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*arguments, "--chdir", str(FOLDER), "--"]


def _namespaces() -> list[str]:
    """Own processes, network, interprocess communication and host name; an own user if not root."""
    return [
        *("bwrap", *(AS_ROOT if _is_root() else AS_USER)),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
    ]


def _as_own_user() -> list[str]:
    """As root, become a user of the kernel's own, and let that user lock itself in once more.

    Root's namespaces do not keep a kernel from making user namespaces, in which it would be root.
    """
    if not _is_root():
        return []
    user = str(_own_user())
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    as_it_is = ["--bind", "/", "/", "--dev-bind", "/dev", "/dev"]
    return [*become, "bwrap", *AS_USER, "--die-with-parent", *as_it_is, "--"]


def _python_folders() -> list[Path]:
    """The environment, and the installation it was made from."""
    return [Path(folder) for folder in dict.fromkeys((sys.prefix, sys.base_prefix))]


def _parents(paths: list[Path]) -> list[Path]:
    below = {parent for path in paths for parent in path.parents}
    return sorted(below - {Path("/"), Path("/tmp"), Path("/usr"), FOLDER})


def _environment() -> dict[str, str]:
    """Nothing of ours: no secrets, no home; one thread, so that a class shares the machine."""
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": str(MATPLOTLIB),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
    }


def _is_root() -> bool:
    return os.getuid() == 0


def _own_user() -> int:
    """A user of the kernel's own, if we may choose one: limits on processes count by user."""
    return 100_000 + os.getpid() % 60_000 if _is_root() else os.getuid()
