"""How far the grading of a class is, counted."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from grading.status import Status


@dataclass
class Tally:
    """Counts of one grading. `known` were graded by an earlier one, `left` are not its business."""

    total: int
    at_once: int
    known: int = 0
    left: int = 0
    done: int = 0
    running: int = 0
    failed: int = 0
    begun: float = field(default_factory=time.monotonic)

    def count(self, status: Status) -> None:
        self.done += 1
        self.failed += status is Status.FAILED

    @property
    def completed(self) -> int:
        return self.known + self.left + self.done

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
            "left_alone": self.left,
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
