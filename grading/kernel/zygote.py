"""The warm process: a Python that has imported what notebooks import, and forks a kernel for each.

It runs by itself, outside the sandbox, and has never seen anything of a student's, of the reference
or of the course: `warm.py` gives its text to a fresh interpreter. Before a fork runs any code of a
student's, it enters the sandbox that bubblewrap has made (as nsenter(1) does) and gives up all
rights for good. Nothing ever comes back from there but the end of the process.

A request is a message on the socket to the grader: JSON, and with it one end of a pipe that stays
open for as long as the kernel lives, and the kernel's end of its channel. Or it is for another
process like this one, which serves the socket that comes with it.
"""

import contextlib
import ctypes
import errno
import fcntl
import gc
import json
import os
import platform
import resource
import signal
import socket
import struct
from typing import Any

import numpy

NAMESPACES = ("mnt", "pid", "net", "ipc", "uts", "cgroup")
NS_GET_PARENT = 0xB702  # ioctl_ns(2)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38  # prctl(2)
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
CAPABILITY_VERSION_3 = 0x20080522  # capget(2)
KEYCTL, JOIN_SESSION_KEYRING = {"x86_64": 250, "aarch64": 219}, 1  # keyctl(2)
FIRST_TO_GO = "1000"  # proc(5)
ANOTHER = b"another"
HANDED = 2  # open files with a request

libc = ctypes.CDLL(None, use_errno=True)


def main(control: socket.socket, modules: Any) -> None:
    """Fork a kernel for each request. modules: this one's neighbours, by name."""
    kernel = modules.shell.make()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a keeper ended
    gc.freeze()  # the memory of what is imported stays shared between the forks
    while True:
        try:
            message, handed, _, _ = socket.recv_fds(control, 1 << 16, HANDED)
        except ConnectionResetError:  # the grader has ended without reading an answer
            return
        if not message:  # it has ended
            return
        if message == ANOTHER:
            control = _other_control(control, *handed)
            continue
        keeper = os.fork()
        if not keeper:
            control.close()
            _keep(json.loads(message), handed[1], kernel, modules)
        for each in handed:
            os.close(each)
        with contextlib.suppress(OSError):  # the grader has ended
            control.send(str(keeper).encode())


def _other_control(own: socket.socket, theirs: int) -> socket.socket:
    """The socket to serve: the own, and theirs in a fork."""
    if os.fork():
        os.close(theirs)
        return own
    own.close()
    return socket.socket(fileno=theirs)


def _keep(request: dict, channel: int, kernel: Any, modules: Any) -> None:
    """Start the kernel, in its sandbox if it is to have one, and end when it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        if "sandbox" in request:
            _get_ready(request["sandbox"])
        else:
            _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        forked = os.fork()  # only a new process is in the new namespace of processes
        if not forked:
            _run_kernel(request, channel, kernel, modules)
        os.close(channel)
        os.waitpid(forked, 0)
    finally:
        os._exit(0)


def _get_ready(sandbox: dict) -> None:
    """What has to be done before the sandbox is entered, and enter it."""
    _leave_keyrings_behind()
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write(FIRST_TO_GO)  # before anything else, where the machine's memory is full
    if sandbox["memory_group"]:
        with open(sandbox["memory_group"], "w") as group:
            group.write(str(os.getpid()))
    _enter(sandbox["pid"], sandbox["user"])


def _leave_keyrings_behind() -> None:
    """A new session keyring: that of whoever started the grader is theirs, keyrings(7)."""
    number = KEYCTL.get(platform.machine())
    failed = number and libc.syscall(number, JOIN_SESSION_KEYRING, None) < 0
    if failed and ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM):  # there are none here
        raise OSError(ctypes.get_errno(), "no new session keyring can be joined")


def _enter(pid: int, user: int) -> None:
    """Join the namespaces of a process in the sandbox, as its user, and keep no capability.

    The user namespace gives all capabilities over what belongs to it. Its parent owns the others
    when an ordinary user has made the sandbox; when root has, root still has to join them itself.
    """
    own = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    others = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in NAMESPACES]
    as_root = os.getuid() == 0
    if not as_root:
        _join(fcntl.ioctl(own, NS_GET_PARENT))
    for namespace in others:
        _join(namespace)
    if as_root:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _join(own)
    _drop_capabilities()
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_DUMPABLE, 1)  # or, after a change of user, /proc/self would be root's


def _join(namespace: int) -> None:
    if libc.setns(namespace, 0):
        raise OSError(ctypes.get_errno(), "the sandbox cannot be entered")


def _drop_capabilities() -> None:
    """All of them, and the right to get any back by running a program."""
    capability = 0
    while libc.prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0:
        _prctl(PR_CAPBSET_DROP, capability)
        capability += 1
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "capabilities cannot be given up")


def _prctl(option: int, value: int) -> None:
    if libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


def _run_kernel(request: dict, channel: int, kernel: Any, modules: Any) -> None:
    """Be an IPython kernel; never returns."""
    try:
        os.setsid()
        os.chdir(request["folder"])
        nothing = os.open("/dev/null", os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        _close_all_but(channel)
        # NumPy seeded its global generator when it was imported: once, for all forks.
        numpy.random.seed()
        if "sandbox" in request:
            for name, most in request["sandbox"]["limits"].items():
                resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (most, most))
            _refuse(bytes.fromhex(request["sandbox"]["refused_calls"]))
        else:
            _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.environ.clear()
            os.environ.update(request["environment"])
        connected = modules.channel.Channel(socket.socket(fileno=channel))
        modules.shell.serve(kernel, connected, modules.probe)
    finally:
        os._exit(0)


def _close_all_but(kept: int) -> None:
    for number in map(int, os.listdir("/proc/self/fd")):
        if number > 2 and number != kept:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(number)


def _refuse(program: bytes) -> None:
    """Have a filter of system calls from here on, seccomp(2)."""
    if program:
        instructions = ctypes.create_string_buffer(program, len(program))
        header = struct.pack("HP", len(program) // 8, ctypes.addressof(instructions))
        filter_ = ctypes.create_string_buffer(header, len(header))
        if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0):
            raise OSError(ctypes.get_errno(), "system calls cannot be filtered")
