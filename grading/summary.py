"""What is kept of each graded submission until the class is reported on: little, for any class."""

from dataclasses import dataclass, field

import numpy as np

from grading.status import Status


@dataclass(frozen=True)
class Summary:
    """One student. `diagnoses`: misconceptions by exercise; `fingerprint`: see grading/alike.py."""

    student: str
    status: Status
    findings: tuple[str, ...] = ()
    diagnoses: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    fingerprint: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))
