"""A kernel, seen from the grader: started for one notebook, spoken to, watched, and ended.

A fork of the warm process becomes it, and shares nothing with us but its end of a channel.
"""

import os
import select
import signal
import socket
import struct
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Self

from grading.kernel.channel import Channel
from grading.kernel.measure import with_children
from grading.kernel.warm import OF_A_CLASS, warm_process
from grading.status import Status

LOOK_SECONDS = 0.25  # between two looks at what a kernel takes
SEND_SECONDS = 10  # for a kernel that does not read


class StoppedError(Exception):
    """The notebook is not run any further, for the reason given."""

    def __init__(self, why: Status) -> None:
        super().__init__(why.value)
        self.why = why


class Kernel:
    """With the rights of whoever grades. It lives as long as the block that it is entered for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looked = time.monotonic()

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(SEND_SECONDS)
        self._channel = Channel(ours)
        self._arrived = select.poll()
        self._arrived.register(ours, select.POLLIN)
        with theirs:
            try:
                self._start(theirs.fileno())
            except BaseException:
                ours.close()
                raise
        return self

    def _start(self, channel: int) -> None:
        """Raises OSError when there is none."""
        self._alive, lifeline = os.pipe()
        try:
            request = {
                "folder": str(self._folder),
                "environment": {**os.environ, **OF_A_CLASS},
            }
            self._fork(request, lifeline, channel)
        except BaseException:
            os.close(self._alive)
            raise
        finally:
            os.close(lifeline)

    def _fork(self, request: dict[str, Any], lifeline: int, channel: int) -> None:
        self._keeper = warm_process().fork(request, [lifeline, channel])

    def __exit__(self, *_: object) -> None:
        self._end()
        self._channel.socket.close()

    def _end(self) -> None:
        self._signal(signal.SIGKILL)
        os.close(self._alive)

    @property
    def received(self) -> int:
        """Bytes of all that it has said."""
        return self._channel.received

    def send(self, message: dict[str, Any]) -> None:
        """Raises StoppedError when it has ended, or does not read."""
        try:
            self._channel.send(message)
        except OSError:
            raise StoppedError(self._why()) from None

    def receive(self, seconds: float) -> bytes | None:
        """What it says, if that comes so soon.

        Raises StoppedError when it has ended, or takes too much.
        """
        if time.monotonic() > self._looked + LOOK_SECONDS:
            self._look()
            self._looked = time.monotonic()
        if not self._arrived.poll(1000 * min(seconds, LOOK_SECONDS)):
            return None
        try:
            return self._channel.receive()
        except (EOFError, OSError, struct.error):
            raise StoppedError(self._why()) from None

    def _look(self) -> None:
        """Raise StoppedError if it has ended, though others may hold its end of the channel."""
        if select.select([self._alive], [], [], 0)[0]:
            raise StoppedError(self._why())

    def _why(self) -> Status:
        """Why it has ended."""
        return Status.CRASHED

    def interrupt(self) -> None:
        """For the kernel itself, and not for those that hold its sandbox."""
        self._signal(signal.SIGINT)

    def _signal(self, number: int) -> None:
        for kernel in islice(with_children(self._keeper), 1, 2):
            with suppress(OSError):  # it has just ended
                os.killpg(kernel, number)
