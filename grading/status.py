"""How grading a submission ended. Every submission has exactly one status."""

from enum import Enum


class Status(Enum):
    """From good to bad: of a submission's notebooks, the worst one speaks for it."""

    GRADED = "graded"
    DAMAGED = "damaged"  # something was missing or had to be mended; the findings say what
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    FAILED = "not graded"  # our own fault: nothing was recorded

    @staticmethod
    def worst(statuses: "list[Status]") -> "Status":
        order = list(Status)
        return max(statuses, key=order.index)
