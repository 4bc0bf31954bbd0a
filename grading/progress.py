"""How far a long piece of work is: a bar in a terminal, lines elsewhere, or JSON for machines."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

LINE_SECONDS = 10


class Stand(Protocol):
    """How far some work is; as text, in a few words."""

    @property
    def completed(self) -> int: ...

    @property
    def total(self) -> int: ...

    def as_json(self) -> dict[str, Any]: ...


@dataclass
class Reporter:
    """Tells how far the work is whenever it is shown that."""

    console: Console
    what: str
    as_json: bool
    bar: Progress | None = None
    last: float = 0.0  # so that who waits sees something at once

    def show(self, stand: Stand) -> None:
        if self.bar:
            task = self.bar.task_ids[0]
            self.bar.update(task, completed=stand.completed, total=stand.total, words=str(stand))
        elif time.monotonic() - self.last >= LINE_SECONDS:
            self.tell("progress", stand.as_json(), f"{self.what}: {stand}")

    def tell(self, event: str, content: dict[str, Any], text: str = "") -> None:
        """One line: for machines an object with the name of the event."""
        self.last = time.monotonic()
        if self.as_json:
            self.console.file.write(json.dumps({"event": event} | content) + "\n")
            self.console.file.flush()
        elif text:
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def reporter(console: Console, what: str, as_json: bool) -> Iterator[Reporter]:
    """what: the work, as people would call it."""
    if as_json or not console.is_terminal:
        yield Reporter(console, what, as_json)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        bar.add_task(what, total=None, words="")
        yield Reporter(console, what, as_json, bar)
