"""How grading a submission ended, or that there is none. Everybody has exactly one status."""

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """From good to bad: of all that happened to a submission, the worst speaks for it.

    The first two have nothing that could be good or bad.
    """

    NOT_HANDED_IN = "not handed in"
    NOT_GRADED = "not graded yet"
    GRADED = "graded"
    DAMAGED = "damaged"
    TAMPERED = "tampered"
    OUTPUT_LIMIT = "output limit"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"
    FAILED = "infrastructure failure"

    @staticmethod
    def worst(statuses: "list[Status]") -> "Status":
        order = list(Status)
        return max(statuses, key=order.index)

    @property
    def meaning(self) -> str:
        """What happened, in a sentence for the student and the instructor."""
        return MEANINGS[self]


MEANINGS = {
    Status.NOT_HANDED_IN: "In the gradebook is a student who has no folder in submitted/.",
    Status.NOT_GRADED: "It is in submitted/, and `grade` was told to grade others only.",
    Status.GRADED: "The notebooks ran to their end.",
    Status.DAMAGED: "Something was missing or unreadable; what could be graded was graded.",
    Status.TAMPERED: (
        "A locked part had been changed and was put back, which costs nothing; "
        "or what came back was no answer, which earns nothing."
    ),
    Status.OUTPUT_LIMIT: "The notebook printed or displayed more than is kept, and was stopped.",
    Status.TIMED_OUT: "A cell, or the whole notebook, ran longer than it may, and was stopped.",
    Status.OUT_OF_MEMORY: "A cell asked for more memory than a notebook may use.",
    Status.CRASHED: "The notebook's code ended or broke its own kernel.",
    Status.FAILED: "The grader itself failed, also when it tried again. No marks are final.",
}


MAX_FINDING = 1000  # characters


@dataclass(frozen=True)
class Finding:
    """What had to be noted about a submission, in words, and the status it would give alone."""

    text: str
    status: Status = Status.DAMAGED

    def __str__(self) -> str:
        line = in_one_line(self.text)
        return line if len(line) <= MAX_FINDING else f"{line[:MAX_FINDING]}..."


def readable(text: str) -> str:
    """The text with ? for what is no character: names of files may hold any bytes."""
    return text.encode("utf-8", "replace").decode()


def in_one_line(text: str) -> str:
    r"""The text with \n, \x1b and the like written out: a terminal would obey them."""
    written_out = (c if c.isprintable() else ascii(c)[1:-1] for c in readable(text))
    return "".join(written_out)
