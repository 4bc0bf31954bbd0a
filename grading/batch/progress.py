"""How far a long piece of work is: a bar in a terminal, lines elsewhere, or JSON for machines."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from grading.status import Status

LINE_SECONDS = 10


class Stand(Protocol):
    """How far some work is; as text, in a few words."""

    @property
    def completed(self) -> int: ...

    @property
    def total(self) -> int: ...

    def as_json(self) -> dict[str, Any]: ...


@dataclass
class Tally:
    """Counts of one grading. `known` were graded by an earlier one."""

    total: int
    at_once: int
    known: int = 0
    done: int = 0
    running: int = 0
    failed: int = 0
    begun: float = field(default_factory=time.monotonic)

    def count(self, status: Status) -> None:
        self.done += 1
        self.failed += status is Status.FAILED

    @property
    def completed(self) -> int:
        return self.known + self.done

    @property
    def per_minute(self) -> float:
        return 60 * self.done / max(time.monotonic() - self.begun, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        waiting = self.total - self.completed
        return 60 * waiting / self.per_minute if self.done else None

    def as_json(self) -> dict[str, Any]:
        left = self.seconds_left
        return {
            "total": self.total,
            "graded_before": self.known,
            "done": self.done,
            "running": min(self.running, self.at_once),  # others wait for a worker
            "failed": self.failed,
            "per_minute": round(self.per_minute, 1),
            "seconds_left": None if left is None else round(left),
        }

    def __str__(self) -> str:
        left = self.seconds_left
        parts = [
            f"{self.completed:,} of {self.total:,}",
            f"{min(self.running, self.at_once)} running",
            f"{self.per_minute:.0f} a minute",
            "" if left is None else f"{timedelta(seconds=round(left))} left",
            f"{self.failed} not graded" if self.failed else "",
        ]
        return ", ".join(filter(None, parts))


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
