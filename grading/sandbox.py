"""A kernel in a sandbox: bubblewrap around the process, and nothing of the course inside.

A kernel provisioner (jupyter_client's extension point), so that every kernel that autogrades runs
confined, be it started by `grade`, by nbgrader or by Formgrader. docs/grading.md says what each
layer is for.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict

from grading.course import Course, CourseError

NAME = "confined"  # of the entry point in pyproject.toml
GIBIBYTE, MEBIBYTE = 1 << 30, 1 << 20
SCRATCH = 64 * MEBIBYTE  # of memory-backed files the kernel may write, in /tmp and its own folder
SOCKETS = 16  # entries in the one folder that is shared with the outside; a kernel makes five

PACKAGE = Path(__file__).resolve().parent

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
        folder = Path(prepared.get("cwd") or Path.cwd()).resolve()
        prepared["cmd"] = [*_bubblewrap(folder, self._shared), *self._restricted(prepared["cmd"])]
        prepared["env"] = _environment()
        prepared["cwd"] = "/"
        return prepared

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        # The kernel cannot watch us from inside; bubblewrap's --die-with-parent does.
        kwargs |= {"independent": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return await super().launch_kernel(cmd, **kwargs)

    async def poll(self) -> int | None:
        if self.process and sum(1 for _ in self._shared.iterdir()) > SOCKETS:
            await self.kill()  # it fills our disk through the one folder it shares with us
        return await super().poll()

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart)
        shutil.rmtree(self._shared, ignore_errors=True)

    def _restricted(self, command: list[str]) -> list[str]:
        limits = [f"--{name}={value}" for name, value in self.limits.items()]
        user = str(_own_user())
        drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        # The limit on processes binds only a user who is not root: drop root after setting it.
        return ["prlimit", *limits, *(drop if _is_root() else []), *command]


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
    trial = [*_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "--", "true"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    return f"bwrap says {done.stderr.strip()!r}" if done.returncode else ""


def confines(course: Course) -> bool:
    """Whether this course's kernels run in the sandbox; they do unless told otherwise."""
    return course.config.SteadyExecute.get("confine", True)


def trust(course: Course) -> None:
    """Run this course's kernels without a sandbox, with the rights of whoever grades."""
    course.config.SteadyExecute.confine = False


def describe(course: Course) -> str:
    """Which protection was on, for people."""
    if confines(course):
        return "Protection: each kernel ran in a sandbox (bubblewrap)."
    return "Protection: none; the code of the submissions ran with your rights."


def _namespaces() -> list[str]:
    """Own processes, network, interprocess communication, host name; an own user if not root."""
    if _is_root():
        user = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        user = ["--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
    return [
        *("bwrap", *user, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
    ]


def _bubblewrap(folder: Path, shared: Path) -> list[str]:
    """The kernel's file system: system and Python read-only, and the files beside the notebook.

    Notebooks are left out, whosever they are; so is this package, wherever it is installed.
    """
    beside = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".ipynb"]
    system = [Path("/usr"), Path("/etc/fonts"), Path("/etc/ld.so.cache"), *_python_folders()]
    arguments = [*_namespaces(), "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "lib", "lib64"):
        arguments += ["--symlink", f"usr/{name}", f"/{name}"]
    arguments += _scratch(Path("/tmp"))
    for parent in _parents([*system, shared, folder]):
        arguments += ["--perms", "0755", "--dir", str(parent)]  # bwrap's own would be 0700
    for path in system:
        arguments += ["--ro-bind-try", str(path), str(path)]
    if any(PACKAGE.is_relative_to(path) for path in system):
        arguments += ["--tmpfs", str(PACKAGE)]
    arguments += _scratch(folder)
    for path in beside:
        arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--bind", str(shared), str(shared), "--chdir", str(folder), "--"]
    return arguments


def _scratch(folder: Path) -> list[str]:
    """A folder in memory that anybody in the sandbox may write."""
    return ["--perms", "1777", "--size", str(SCRATCH), "--tmpfs", str(folder)]


def _python_folders() -> list[Path]:
    """The environment, and the installation it was made from."""
    return [Path(folder) for folder in dict.fromkeys((sys.prefix, sys.base_prefix))]


def _parents(paths: list[Path]) -> list[Path]:
    below = {parent for path in paths for parent in path.parents}
    return sorted(below - {Path("/"), Path("/tmp"), Path("/usr")})


def _environment() -> dict[str, str]:
    """Nothing of ours: no secrets, no home; one thread, so that a class shares the machine."""
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _is_root() -> bool:
    return os.getuid() == 0


def _own_user() -> int:
    """A user of the kernel's own, if we may choose one: limits on processes count by user."""
    return 100_000 + os.getpid() % 60_000 if _is_root() else os.getuid()
