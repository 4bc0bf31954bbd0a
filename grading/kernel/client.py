"""The client through which a kernel is spoken to while it grades: it waits for nothing for ever."""

import asyncio
import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

MEBIBYTE = 1 << 20
FRAME_BYTES = 64 * MEBIBYTE  # more in one piece is not even received
MESSAGE_BYTES = 16 * MEBIBYTE  # a longer message is never looked into
PART_BYTES, PARTS = 1 << 16, 64  # of what stands around the content; JSON is large once it is read


class SteadyChannel(AsyncZMQSocketChannel):
    """A channel that leaves out messages that are too large, and lets others have their turn.

    too_much: what is done about one that is too large.
    """

    too_much: Callable[[], None] = staticmethod(lambda: None)

    async def get_msg(  # type: ignore[override]  # as its parent does
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """The next message. Raises Empty when there is none in so many seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            await asyncio.sleep(0)
            left = None if until is None else int(1000 * max(0, until - time.monotonic()))
            if not await self.socket.poll(left):
                raise Empty
            _, parts = self.session.feed_identities(await self.socket.recv_multipart())
            if _can_be_held(parts):
                return self.session.deserialize(parts)
            self.too_much()
            if until is not None and time.monotonic() > until:
                raise Empty


def _can_be_held(parts: Any) -> bool:
    """A message is a signature, three headers, its content, and buffers."""
    headers = max(map(len, parts[:4]), default=0)
    return len(parts) <= PARTS and headers <= PART_BYTES and sum(map(len, parts)) <= MESSAGE_BYTES


class SteadyClient(AsyncKernelClient):
    """A client that asks for no heartbeat: whether a kernel lives is seen from its process.

    One that does not answer as it should would be waited for without end, when the client stops.
    """

    shell_channel_class = Type(SteadyChannel)
    iopub_channel_class = Type(SteadyChannel)
    stdin_channel_class = Type(SteadyChannel)
    control_channel_class = Type(SteadyChannel)

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = True,
        hb: bool = False,
        control: bool = True,
    ) -> None:
        super().start_channels(shell, iopub, stdin, hb, control)
