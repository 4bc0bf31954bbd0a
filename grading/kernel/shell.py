"""A kernel: IPython's own, whose cells come through a channel, and whose outputs go back there.

The text of this file runs in the warm process, which makes the kernel, and in the forks of it, each
of which serves one notebook. There is no ZeroMQ: the sockets of ipykernel are never opened.
"""

import asyncio
import json
import logging
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import UsageError
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from traitlets import Any, Type
from traitlets.config import Config

INLINE = (None, "inline")


class Messages(Session):
    """What others put into sockets goes into the channel."""

    channel = Any()

    def send(self, stream, msg_or_type, content=None, parent=None, *args, **kwargs):
        message = msg_or_type
        if not isinstance(message, dict):
            message = self.msg(msg_or_type, content, parent)
        kind, of = message["header"]["msg_type"], message["parent_header"].get("msg_id")
        self.channel.send({"type": kind, "of": of, "content": message["content"]})
        return message


class Streams(IOPubThread):
    """In place of the thread that writes to a socket: what is printed is sent now and then."""

    def __init__(self):
        self.thread = threading.Thread()  # is never started, so that all is done at once
        self.io_loop = self
        self.socket = None
        self._flushes = queue.SimpleQueue()

    def begin(self):
        threading.Thread(target=self._flush, daemon=True).start()

    def call_later(self, seconds, flush):
        self._flushes.put((time.monotonic() + seconds, flush))

    def _flush(self):
        while True:
            when, flush = self._flushes.get()
            time.sleep(max(0, when - time.monotonic()))
            with suppress(Exception):  # as long as there is a kernel, there are streams
                flush()


class Shell(ZMQInteractiveShell):
    """As in any kernel, but nothing is drawn on a screen."""

    def enable_gui(self, gui=None):
        if gui not in INLINE:
            raise UsageError(f"There is no screen here: {gui!r} cannot be used.")
        self.active_eventloop = gui


class Kernel(IPythonKernel):
    shell_class = Type(Shell)


def make():
    """The kernel, without a channel; made once for all forks."""
    with tempfile.TemporaryDirectory() as profile:  # which is made again where it is needed
        os.environ["IPYTHONDIR"] = profile  # the one in /tmp may be somebody else's
        kernel = Kernel.instance(
            config=Config({"HistoryManager": {"enabled": False}}),
            session=Messages(),
            iopub_thread=Streams(),
            iopub_socket=SimpleNamespace(),
            profile_dir=ProfileDir.create_profile_dir(profile),
            log=logging.getLogger("kernel"),
        )
        kernel.shell.InteractiveTB.set_mode("Minimal")  # nobody is shown more of a traceback
        kernel.shell.extension_manager.load_extension("storemagic")
    del os.environ["IPYTHONDIR"]
    kernel.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
    return kernel


def serve(kernel, channel, probe):
    """Run what comes through the channel, until it ends.

    probe: the module that asks answers; whatever else a request holds is a cell.
    """
    kernel.session.channel = channel
    os.register_at_fork(after_in_child=channel.unlock)
    kernel.iopub_thread.begin()
    sys.stdout = OutStream(kernel.session, kernel.iopub_thread, "stdout")
    sys.stderr = OutStream(kernel.session, kernel.iopub_thread, "stderr")
    sys.path.append("")  # behind all else: a student's json.py or numpy.py is no part of a kernel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as long as nothing runs
    asyncio.run(_serve(kernel, channel, probe))


async def _serve(kernel, channel, probe):
    requests, loop = asyncio.Queue(), asyncio.get_running_loop()

    def read():
        try:
            request = channel.receive()
        except (EOFError, OSError):
            loop.remove_reader(channel.socket)
            request = b"null"
        if request is not None:
            requests.put_nowait(json.loads(request))

    loop.add_reader(channel.socket, read)
    while (request := await requests.get()) is not None:
        await _run(kernel, channel, probe, request)


async def _run(kernel, channel, probe, request):
    parent = kernel.session.msg("execute_request", {})
    parent["header"]["msg_id"] = parent["msg_id"] = request["id"]
    kernel.set_parent([], parent)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = request["code"] if "code" in request else _asking(kernel, probe, request)
        reply = await kernel.do_execute(code, silent=False, store_history=True, allow_stdin=False)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException as error:  # an interrupt that came when the cell had just ended
        reply = {"status": "error", "ename": type(error).__name__, "evalue": "", "traceback": []}
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = {
        part: reply[part] for part in ("status", "ename", "evalue", "traceback") if part in reply
    }
    channel.send({"done": request["id"], "reply": told})


def _asking(kernel, probe, request):
    """A cell that asks an answer, by a name that nobody knows; it is gone when it is called."""
    names, name = kernel.shell.user_ns, f"_{request['id']}"

    def ask():
        del names[name]
        probe.show(**request["ask"], names=names)

    names[name] = ask
    return f"{name}()"
