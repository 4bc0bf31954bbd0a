"""The sandbox itself: the command line of bubblewrap, which says all that a kernel can see."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import labkit
from grading.course import Course, CourseError
from grading.kernel import bwrap
from grading.kernel.handed import FOLDER, HANDED, MOST, files_beside
from grading.kernel.warm import environment, matplotlib_folder

SCRATCH = 64 << 20  # bytes of memory-backed files in each folder that the kernel may write

AS_ROOT = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
AS_USER = ["--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
# The processes that hold a sandbox have no filter on them: nobody writes into their memory.
NO_WAY_INTO_OTHERS = ["--remount-ro", "/proc"]

# Ours, wherever they are installed: a kernel sees neither the grader nor a second labkit.
OWN_PACKAGES = (Path(__file__).resolve().parents[1], Path(labkit.__file__).resolve().parent)

HOW_TO_GET_IT = (
    "It needs Linux that allows user namespaces, and bubblewrap 0.8 or newer, which is installed "
    "with the grader on x86-64 and aarch64 (on others: `apt-get install bubblewrap`). Elsewhere, "
    "grade in a container or a Linux virtual machine. A container must be started with the options "
    "that docs/containers.md names. To grade submissions of people you trust "
    "without a sandbox: grade --trust-submissions."
)


class SandboxError(CourseError):
    """Kernels cannot be confined on this machine; the message says what to do."""


def require_sandbox() -> None:
    """Raise SandboxError unless a process can be confined on this machine."""
    if why_not():
        raise SandboxError(
            f"The code of students cannot be confined here: {why_not()}. {HOW_TO_GET_IT}"
        )


def require_linux() -> None:
    """Raise SandboxError where no kernel of ours can run, with or without a sandbox."""
    if sys.platform != "linux":
        raise SandboxError(
            f"Notebooks are graded on Linux, and this is {sys.platform}. Use a virtual machine or "
            "a container there, or the workers of a cluster (--scheduler)."
        )


def require_hidden(course: Course) -> None:
    """Raise SandboxError for a course that lies where a kernel can look."""
    for place in (Path("/usr"), *_python_folders()):
        if course.root.is_relative_to(place):
            raise SandboxError(
                f"The course lies in {place}, which every kernel can read, with its answers and "
                "marks. Move it to another folder."
            )


@cache
def why_not() -> str:
    """Why a process cannot be confined on this machine; empty when it can."""
    if sys.platform != "linux":
        return f"bubblewrap does not exist for {sys.platform}"
    if not bwrap.program():
        return "bubblewrap 0.8 or newer is not installed"
    if is_root() and not shutil.which("setpriv"):
        return "setpriv is not installed"
    with TemporaryDirectory() as empty:
        trial = bubblewrap(Path(empty), ["true"])
        done = subprocess.run(trial, env=environment(), capture_output=True, text=True, check=False)
    return f"bubblewrap says {done.stderr.strip()!r}" if done.returncode else ""


def or_trust(course: Course) -> Course:
    """For submissions that are our own: without a sandbox where there is none."""
    return replace(course, trusts_submissions=True) if why_not() else course


def describe(course: Course) -> str:
    """Which protection is on, for people."""
    if not course.trusts_submissions:
        return "Protection: each kernel runs in a sandbox (bubblewrap)."
    because = f" ({why_not()})" if why_not() else ""
    return f"Protection: none{because}; the code of the submissions runs with your rights."


def bubblewrap(folder: Path, command: Sequence[str]) -> list[str]:
    """Run a command with the namespaces and the file system of a kernel.

    It sees the system and Python, read-only, and what lies beside the notebooks in `folder`; what
    it may write to is memory. Our own packages are left out, wherever they are installed.
    """
    beside = files_beside(folder)
    if len(beside) > MOST:
        raise SandboxError(f"{len(beside)} files lie beside the notebooks; at most {MOST} may.")
    if any(inside.is_relative_to(HANDED) for _, inside in beside):
        copy = f'cp -r {HANDED}/. .; exec "$@"'  # what cannot be read is not there
        command = ["sh", "-c", copy, "sh", *command]
    system = [Path("/usr"), Path("/etc/fonts"), Path("/etc/ld.so.cache"), *_python_folders()]
    arguments = [*_namespaces(), "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "lib", "lib64"):
        arguments += ["--symlink", f"usr/{name}", f"/{name}"]
    for writable in (Path("/tmp"), Path("/dev/shm"), FOLDER):
        arguments += ["--perms", "1777", "--size", str(SCRATCH), "--tmpfs", str(writable)]
    beside += [(path, path) for path in matplotlib_folder().glob("fontlist*.json")]
    for parent in _parents([*system, *(inside for _, inside in beside)]):
        arguments += ["--perms", "0755", "--dir", str(parent)]  # bwrap's own would be 0700
    for path in system:
        arguments += ["--ro-bind-try", str(path), str(path)]
    for package in OWN_PACKAGES:
        if any(package.is_relative_to(path) for path in system):
            arguments += ["--tmpfs", str(package), "--remount-ro", str(package)]
    for path, inside in beside:
        arguments += ["--ro-bind", str(path), str(inside)]
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/"]
    if not is_root():
        arguments += NO_WAY_INTO_OTHERS
    return [*arguments, "--chdir", str(FOLDER), "--", *_as_own_user(), *command]


def _namespaces() -> list[str]:
    """Own processes, network, interprocess communication and host name; an own user if not root."""
    return [
        *(bwrap.program(), *(AS_ROOT if is_root() else AS_USER)),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--hostname", "lab"),
        *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
    ]


def _as_own_user() -> list[str]:
    """As root, become a user of the kernel's own, and let that user lock itself in once more.

    Root's namespaces do not keep a kernel from making user namespaces, in which it would be root.
    """
    if not is_root():
        return []
    user = str(own_user())
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    as_it_is = ["--bind", "/", "/", "--dev-bind", "/dev", "/dev"]
    last = ["--die-with-parent", *as_it_is, *NO_WAY_INTO_OTHERS, "--"]
    return [*become, bwrap.program(), *AS_USER, *last]


def _python_folders() -> list[Path]:
    """The environment, and the installation it was made from."""
    return [Path(folder) for folder in dict.fromkeys((sys.prefix, sys.base_prefix))]


def _parents(paths: list[Path]) -> list[Path]:
    below = {parent for path in paths for parent in path.parents}
    return sorted(below - {Path("/"), Path("/tmp"), Path("/usr"), FOLDER})


def is_root() -> bool:
    return os.getuid() == 0


def own_user() -> int:
    """A user of the kernel's own, if we may choose one: limits on processes count by user."""
    return 100_000 + os.getpid() % 60_000 if is_root() else os.getuid()
