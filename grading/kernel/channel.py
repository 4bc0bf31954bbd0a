"""Messages between the grader and a kernel: JSON, in packets of one socket.

The text of this file runs on both sides. A packet says which process has sent it, because what a
notebook forks may print, too; of which of its messages it is; and whether more of that follows.
"""

import json
import os
import socket
import struct
import threading
from typing import Any

PACKET = 1 << 16  # bytes of a message in one packet; the system takes each as a whole
HEAD = struct.Struct("!IQ?")
PACKET_COSTS = 1 << 10  # bytes at least: very many short messages are much, too


class Channel:
    """One end. Whatever the thread, a message is sent as one."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.received = 0  # bytes, whatever they were
        self._parts: dict[int, list[bytes]] = {}  # by process, of a message of which more follows
        self._numbers: dict[int, int] = {}
        self._sent = 0
        self.unlock()

    def unlock(self) -> None:
        """Also for what is forked while another thread, which is not there then, sends."""
        self._lock = threading.RLock()

    def send(self, message: dict[str, Any]) -> None:
        """Raises OSError when nobody is there any more."""
        data = json.dumps(message, default=str).encode()
        with self._lock:
            self._sent += 1
            for begin in range(0, len(data), PACKET):
                begins = HEAD.pack(os.getpid(), self._sent, begin + PACKET < len(data))
                self.socket.send(begins + data[begin : begin + PACKET])

    def receive(self) -> bytes | None:
        """The message that is whole with the next packet; None if more of it follows.

        Raises EOFError at the end, and struct.error for what is no packet.
        """
        packet = self.socket.recv(HEAD.size + PACKET)
        if not packet:
            raise EOFError
        self.received += max(PACKET_COSTS, len(packet))
        sender, number, more = HEAD.unpack_from(packet)
        if self._numbers.get(sender) != number:  # what was begun before was interrupted
            self._parts[sender] = []
            self._numbers[sender] = number
        self._parts[sender].append(packet[HEAD.size :])
        if more:
            return None
        del self._numbers[sender]
        return b"".join(self._parts.pop(sender))
