"""Run a notebook in its kernel, and let no kernel cost more than its own notebook."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool, Dict, Integer

from grading.cells import shown_output
from grading.kernel import probe
from grading.kernel.confined import ConfinedKernel, Limits
from grading.kernel.kernel import Kernel, StoppedError
from grading.status import Status

Resources = dict[str, Any]
STOPPED = "grading_stopped"  # in resources: why the notebook was not run to its end
RAN = "grading_ran"  # in resources: ids of the cells that were run to their end
DEADLINE = "grading_deadline"  # in resources: when, by time.monotonic(), it must have ended
ASKED = "grading_asked"  # in resources: what the kernel is asked in the place of a cell, by its id
MESSAGE_PARTS = 200_000  # commas and brackets at most; JSON is large once it is read
SHOWN = {
    *("stream", "display_data", "execute_result", "error"),
    *("update_display_data", "clear_output"),
}


class SteadyExecute(Execute):
    """Execute that never stops the class: a dead, slow or loud kernel costs only its notebook.

    The kernel is one of ours and not of jupyter_client, see kernel.py; what it shows becomes
    outputs as nbclient makes them.
    """

    notebook_timeout = Integer(180, help="Seconds for all cells of a notebook.").tag(config=True)

    submission_timeout = Integer(
        300, help="Seconds for all notebooks of a submission, where `grade` grades it."
    ).tag(config=True)

    notebook_output = Integer(
        10 << 20, help="Bytes that all cells of a notebook may print and display."
    ).tag(config=True)

    iopub_timeout = Integer(
        10, help="Seconds for a cell to end, when it was told to at the end of its time."
    ).tag(config=True)

    confine = Bool(
        True, help="Run kernels in a sandbox. Without one, student code has your rights."
    ).tag(config=True)

    memory = Integer(
        Limits().memory, help="Bytes of memory for all processes of a confined kernel together."
    ).tag(config=True)

    limits = Dict(
        Limits().of_process,
        help="Resource limits of a confined kernel, by the names of prlimit(1).",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: Resources, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        ends = time.monotonic() + self.notebook_timeout
        self._deadline = min(ends, resources.get(DEADLINE, ends))
        self.nb = nb
        self.reset_execution_trackers()
        folder = Path(resources.get("metadata", {}).get("path") or Path.cwd())
        limits = Limits(self.memory, self.limits)
        with ConfinedKernel(folder, limits) if self.confine else Kernel(folder) as kernel:
            try:
                for index, cell in enumerate(nb.cells):
                    if cell.cell_type == "code" and cell.source.strip():
                        self._run(kernel, cell, index, resources.get(ASKED, {}).get(cell.id))
                    resources.setdefault(RAN, set()).add(cell.id)
            except StoppedError as error:
                resources[STOPPED] = error.why
        return nb, resources

    def _run(
        self, kernel: Kernel, cell: NotebookNode, index: int, asked: dict[str, Any] | None
    ) -> None:
        if time.monotonic() > self._deadline:
            raise StoppedError(Status.TIMED_OUT)
        cell.outputs = []
        self.clear_before_next_output = False
        self.code_cells_executed += 1
        request = {"ask": asked} if asked else {"code": cell.source}
        reply = self._reply(kernel, {"id": secrets.token_hex(8), **request}, cell, index)
        cell.execution_count = self.code_cells_executed
        self.on_cell_executed(cell=cell, cell_index=index, execute_reply={"content": reply})

    def _reply(
        self, kernel: Kernel, request: dict[str, Any], cell: NotebookNode, index: int
    ) -> dict[str, Any]:
        """How the cell ended. Raises StoppedError when it did not."""
        kernel.send(request)
        ends = min(time.monotonic() + (self.timeout or self.notebook_timeout), self._deadline)
        ends, interrupted = max(ends, time.monotonic() + 1), False
        while True:
            left = ends - time.monotonic()
            if left <= 0:
                if interrupted:
                    raise StoppedError(Status.TIMED_OUT)
                kernel.interrupt()
                left = self.iopub_timeout
                ends, interrupted = time.monotonic() + left, True
            message = self._message(kernel.receive(left))
            if kernel.received > self.notebook_output:
                raise StoppedError(Status.OUTPUT_LIMIT)
            if message.get("done") == request["id"]:
                failed = {**self.error_on_timeout, "status": "error"}
                return failed if interrupted else _told(message)
            if message.get("of") == request["id"] and message.get("type") in SHOWN:
                self._show(message, cell, index)

    def _message(self, raw: bytes | None) -> dict[str, Any]:
        """What was received; empty, if it was nothing."""
        if raw is None:
            return {}
        if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MESSAGE_PARTS:
            raise StoppedError(Status.OUTPUT_LIMIT)
        try:
            return dict(_read(raw))
        except (ValueError, TypeError, RecursionError):
            raise StoppedError(Status.CRASHED) from None

    def _show(self, message: dict[str, Any], cell: NotebookNode, index: int) -> None:
        """Make an output of it: have nbclient do so, but for the two kinds that are most of all."""
        match message:
            case {"type": "display_data", "content": {"data": {probe.MIME: answers}}}:
                # as they came, which may be anything; nothing is shown in their place: they stay
                shown = {"output_type": "display_data", "data": {probe.MIME: answers}}
                cell.outputs.append(NotebookNode(shown, metadata={}))
                return
            case {"type": "stream", "content": {"name": str(name), "text": str(text)}}:
                if not self.clear_before_next_output:
                    _print(name, text, cell.outputs)
                    return
        try:
            kind, content = message["type"], dict(message["content"])
            content["execution_count"] = self.code_cells_executed  # whatever the kernel says
            told = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}}
            self.process_message(told | {"content": content}, cell, index)
        except Exception:  # whatever has been sent
            raise StoppedError(Status.CRASHED) from None

    def handle_comm_msg(self, outs: Any, msg: dict[str, Any], cell_index: int) -> None:
        """Nobody plays a browser to widgets: feedback shows none, and what they print is output."""


def _read(raw: bytes) -> Any:
    """JSON, without halves of characters, which no file could hold."""
    message = json.loads(raw)
    if b"\\ud" in raw.lower():
        whole = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
        message = json.loads(whole)
    return message


def _told(message: dict[str, Any]) -> dict[str, Any]:
    """What nbgrader looks at, of a type that it can use."""
    told = message.get("reply")
    told = told if isinstance(told, dict) else {}
    texts = {name: str(told.get(name, "")) for name in ("status", "ename", "evalue")}
    lines = told.get("traceback")
    return texts | {"traceback": [str(line) for line in lines] if isinstance(lines, list) else []}


def _print(name: str, text: str, outputs: list[NotebookNode]) -> None:
    """What is printed comes in pieces, as time goes by, and is one output."""
    if outputs and outputs[-1].output_type == "stream" and outputs[-1].name == name:
        outputs[-1].text += text
    else:
        outputs.append(shown_output("stream", name=name, text=text))
