"""The warm process, seen from the grader: started when it is first needed, asked for kernels."""

import json
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Self

import labkit
from labkit.progress import ONLY_ANSWERS

HERE, LABKIT = Path(__file__).parent, Path(labkit.__file__).parent
# The texts that run as modules of the warm process, which finds the grader itself nowhere.
MODULES = {
    name: "\n".join(path.read_text("utf-8") for path in paths)
    for name, paths in {
        "channel": [HERE / "channel.py"],
        "probe": [LABKIT / "stand_ins.py", HERE / "probe.py"],  # the first has what the other calls
        "shell": [HERE / "shell.py"],
        "zygote": [HERE / "zygote.py"],
    }.items()
}
# On standard input, because a command line can be read by the forks.
BEGIN = """
import importlib, json, socket, sys, types
begun = json.load(sys.stdin)
for name in begun["imported"]:
    importlib.import_module(name)
modules = types.SimpleNamespace()
for name, text in begun["modules"].items():
    module = types.ModuleType(name)
    exec(compile(text, f"<{name}>", "exec"), vars(module))
    setattr(modules, name, module)
modules.zygote.main(socket.socket(fileno=begun["control"]), modules)
"""
IMPORTED = (
    "ipykernel.ipkernel",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "numpy.random",
    "pygments.formatters.terminal256",
    "stack_data",
)
OF_A_CLASS = {
    **ONLY_ANSWERS,
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # or the debugger prints a warning when imported
}
ANOTHER = b"another"
PATIENCE = 60  # seconds for the warm process to have imported everything


class WarmProcess:
    """A process of ours that forks kernels into sandboxes. It ends when we do."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        control.settimeout(PATIENCE)

    @classmethod
    def started(cls) -> Self:
        """One that imports everything anew."""
        ours, theirs = _pair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", BEGIN],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=environment(),
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # a Ctrl-C is for us
                umask=0o022,  # whatever it is where somebody grades
            )
            begun = {"imported": IMPORTED, "modules": MODULES, "control": theirs.fileno()}
            # where it has been killed already, its socket tells so
            with suppress(BrokenPipeError), process.stdin as given:  # type: ignore[union-attr]
                given.write(json.dumps(begun).encode())
        return cls(ours)

    def another(self) -> Self:
        """One that is forked from this one, when that has imported everything.

        Other processes may ask this one, too. Raises OSError when it has ended.
        """
        ours, theirs = _pair()
        with theirs:
            socket.send_fds(self.control, [ANOTHER], [theirs.fileno()])
        return type(self)(ours)

    def is_alive(self) -> bool:
        """It says nothing without being asked: what can be read is its end."""
        return self.control.fileno() >= 0 and not select.select([self.control], [], [], 0)[0]

    def fork(self, request: Mapping[str, Any], handed: list[int]) -> int:
        """Have a kernel forked.

        handed: the end of a pipe that lives as long as the kernel, and its end of the channel.
        Returns the process that is the kernel's parent.
        """
        try:
            socket.send_fds(self.control, [json.dumps(request).encode()], handed)
            return int(self.control.recv(16))
        except (OSError, ValueError):
            self.control.close()  # or a late answer would be taken for that to the next request
            raise


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def environment() -> dict[str, str]:
    """Nothing of ours: no secrets, no home."""
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "LOGNAME": "student",
        "MPLCONFIGDIR": str(matplotlib_folder()),
        **OF_A_CLASS,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",  # which would be in /tmp, where others can put something
        "PYTHONSAFEPATH": "1",
    }


@cache
def matplotlib_folder() -> Path:
    """Where matplotlib keeps its list of fonts, which would take seconds to make anew."""
    import matplotlib.font_manager  # makes the list if there is none

    return Path(matplotlib.get_cachedir())


_ours: list[WarmProcess] = []


def warm_process() -> WarmProcess:
    """This process's own; a new one if it has been killed."""
    if not (_ours and _ours[0].is_alive()):
        _ours[:] = [WarmProcess.started()]
    return _ours[0]


def fork_warm_process(control: socket.socket) -> None:
    """Have this process's own forked from another process's, which imports but once for all."""
    with suppress(OSError):  # it has been killed: ours is started when it is needed
        _ours[:] = [WarmProcess(control).another()]
