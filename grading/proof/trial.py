"""What a proof is made of: steps that make trials, and what came of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from grading.judging.lab import Lab

RIGHT, BLANK, OTHER = "right", "blank", "other"
WRONG, MUTANTS, CHECKS = "misconceptions", "mutants", "checks"
SECONDS = 10  # for an answer that is tried beside the judge: a mutant may never end
KINDS = {
    RIGHT: "the instructor's answer earns everything",
    BLANK: "the hand-out as it is earns nothing, because it is not started",
    OTHER: "submissions in which right answers in other forms earn everything",
    WRONG: "wrong answers that lose what they break and are called by their name",
    MUTANTS: "mutants of right answers that lose something",
    CHECKS: "misconceptions and mutants that the visible self-checks catch",
}


@dataclass(frozen=True)
class Trial:
    """One answer given to the grader. It passed if the grader did what it should."""

    exercise: str
    kind: str
    passed: bool
    problem: str = ""  # what must be mended, if anything


@dataclass(frozen=True)
class Step:
    """A piece of a proof, and what it is at, for who waits."""

    what: str
    run: Callable[[], Iterable[Trial]]


@dataclass(frozen=True)
class Proof:
    """What came of proving a lab: trials by exercise, and what is wrong with the whole."""

    lab: Lab
    exercises: tuple[str, ...]
    trials: tuple[Trial, ...]
    problems: tuple[str, ...] = ()

    @property
    def holes(self) -> list[str]:
        """What must be mended, in words."""
        of_trials = [f"{t.exercise}: {t.problem}" for t in self.trials if t.problem]
        return [*self.problems, *of_trials]

    def is_proven(self, exercise: str) -> bool:
        return not any(trial.problem for trial in self.trials if trial.exercise == exercise)
