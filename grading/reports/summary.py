"""What is kept of each graded submission until the class is reported on: little, for any class."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grading.status import Status


@dataclass(frozen=True)
class Summary:
    """One student. `diagnoses`: misconceptions by exercise; `fingerprint`: see alike.py."""

    student: str
    status: Status
    findings: tuple[str, ...] = ()
    diagnoses: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    fingerprint: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {
            "status": self.status.value,
            "fingerprint": self.fingerprint.tobytes().hex(),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Summary":
        runs = np.frombuffer(bytes.fromhex(content["fingerprint"]), dtype=np.uint32)
        return cls(
            **content
            | {
                "status": Status(content["status"]),
                "findings": tuple(content["findings"]),
                "fingerprint": runs,
            }
        )
