"""Run a notebook in its kernel, and let no kernel cost more than its own notebook."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

import zmq
from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop, run_sync
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer, Unicode, default

from grading.kernel import probe, provisioner
from grading.kernel.client import FRAME_BYTES, MEBIBYTE, SteadyClient
from grading.kernel.sandbox import OF_A_CLASS
from grading.status import Status

Resources = dict[str, Any]
STOPPED = "grading_stopped"  # in resources: why the notebook was not run to its end
RAN = "grading_ran"  # in resources: ids of the cells that were run to their end
DEADLINE = "grading_deadline"  # in resources: when, by time.monotonic(), it must have ended
GRACE = 5  # seconds after its deadline, until a kernel is ended whatever it says
MESSAGES_WAITING = 32  # by channel; what is behind waits in the kernel's memory, not in ours
MESSAGE_COSTS = 1 << 10  # bytes at least: very many short messages are much, too
PATIENCE = 20  # seconds for a kernel that has fallen silent to say that it is there


class StoppedError(Exception):
    """The notebook is not run any further, for the reason given."""

    def __init__(self, why: Status) -> None:
        super().__init__(why.value)
        self.why = why


class SteadyExecute(Execute):
    """Execute that never stops the class: a dead, slow or loud kernel costs only its notebook."""

    notebook_timeout = Integer(180, help="Seconds for all cells of a notebook.").tag(config=True)

    submission_timeout = Integer(
        300, help="Seconds for all notebooks of a submission, where `grade` grades it."
    ).tag(config=True)

    notebook_output = Integer(
        10 * MEBIBYTE, help="Bytes that all cells of a notebook may print and display."
    ).tag(config=True)

    confine = Bool(
        True, help="Run kernels in a sandbox. Without one, student code has your rights."
    ).tag(config=True)

    iopub_timeout = Integer(10, help="Seconds for the output of a cell that has ended.").tag(
        config=True
    )
    # Whatever the kernel is called where the notebook was written: ours runs it.
    kernel_name = Unicode("python3")
    store_widget_state = Bool(False)  # nobody may put anything into the notebook's own metadata

    @default("timeout_func")
    def _timeout_func_default(self) -> Callable[[NotebookNode], int]:
        return self._seconds_for

    def _seconds_for(self, cell: NotebookNode) -> int:
        seconds = max(1, min(self.timeout, int(self._deadline - time.monotonic())))
        self._cell_deadline = time.monotonic() + seconds
        return seconds

    def create_kernel_manager(self) -> KernelManager:
        """A confined kernel, from which we read no more than we can hold."""
        manager = super().create_kernel_manager()
        manager.context.setsockopt(zmq.MAXMSGSIZE, FRAME_BYTES)
        manager.context.setsockopt(zmq.RCVHWM, MESSAGES_WAITING)
        manager.client_factory = SteadyClient
        if self.confine:
            manager.kernel_spec.metadata["kernel_provisioner"] = {
                "provisioner_name": provisioner.NAME
            }
            return manager
        manager.kernel_spec.env.update(OF_A_CLASS)
        if zmq.has("ipc"):  # two kernels that start at once may be given the same port
            manager.transport = "ipc"
            place = provisioner.place_for_sockets()
            handle, manager.connection_file = tempfile.mkstemp(".json", "kernel-", place)
            os.close(handle)  # the manager opens it by its name
        return manager

    def preprocess(
        self, nb: NotebookNode, resources: Resources, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        ends = time.monotonic() + self.notebook_timeout
        self._deadline = min(ends, resources.get(DEADLINE, ends))
        self._provisioner: Any = None
        self._received = 0
        self._ended_for: Status | None = None
        try:
            return super().preprocess(nb, resources, km)
        except Exception as error:
            if self._provisioner is None:
                raise  # no student code has run yet: this is ours
            resources[STOPPED] = self._why(error)
            _cancel_what_is_left()
            return nb, resources

    def _why(self, error: Exception) -> Status:
        if isinstance(error, StoppedError):
            return error.why
        overstepped: Status | None = getattr(self._provisioner, "overstepped", None)
        return self._ended_for or overstepped or Status.CRASHED

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        self._provisioner = self.km.provisioner
        self._provisioner.ends = self._deadline + GRACE
        self.kc.iopub_channel.too_much = self._end_for_output
        if time.monotonic() > self._deadline:
            raise StoppedError(Status.TIMED_OUT)
        try:
            done = super().preprocess_cell(cell, resources, index)
            resources.setdefault(RAN, set()).add(cell.id)
            return done
        except CellTimeoutError as error:  # its output has not come to an end
            if time.monotonic() > self._cell_deadline:
                raise StoppedError(Status.TIMED_OUT) from error  # an interrupt did not stop it
            answers = self._answers()  # then what it sent was too long to be read
            raise StoppedError(Status.OUTPUT_LIMIT if answers else Status.CRASHED) from error

    def _answers(self) -> bool:
        async def ask() -> None:
            await self.kc.kernel_info(reply=True, timeout=PATIENCE)

        try:
            run_sync(ask)()
        except Exception:
            return False
        return True

    def handle_comm_msg(self, outs: Any, msg: dict[str, Any], cell_index: int) -> None:
        """Nobody plays a browser to widgets: feedback shows none, and what they print is output."""

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Count what a kernel sends, and end one that sends more than can be kept."""
        self._received += max(MESSAGE_COSTS, len(repr(msg["content"])))
        if probe.MIME in (msg["content"].get("data") or ()):
            msg["content"].pop("transient", None)  # an answer stays: nothing is shown in its place
        if not _is_count(msg["content"].get("execution_count", 0)):  # it is what the kernel says
            msg["content"]["execution_count"] = None
        if self._received <= self.notebook_output:
            return super().process_message(msg, cell, cell_index)
        self._end_for_output()
        return None

    def _end_for_output(self) -> None:
        if not self._ended_for:
            self._ended_for = Status.OUTPUT_LIMIT
            self._ending = asyncio.ensure_future(self._provisioner.kill())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _cancel_what_is_left() -> None:
    """When a cell fails half way, nbclient goes on to look after its kernel: end that."""
    for task in asyncio.all_tasks(ensure_event_loop()):
        if "_async_poll_kernel_alive" in getattr(task.get_coro(), "__qualname__", ""):
            task.cancel()
