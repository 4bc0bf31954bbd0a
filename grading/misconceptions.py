"""The catalogue: wrong answers that students really give, by exercise.

They are in grading/wrong_answers/. The judge names the one that explains an answer, and
`grade check` gives every one of them to the judge: one that earns more or less than it should, or
is called by another's name, means that the grader is wrong.
"""

from grading.misconception import REGISTERED, Misconception
from grading.wrong_answers import (
    global_tokens,
    linear_time,
    longformer,
    multi_head,
    rolling_cache,
    sliding_window,
)

__all__ = [
    "MISCONCEPTIONS",
    "Misconception",
    "global_tokens",
    "linear_time",
    "longformer",
    "multi_head",
    "rolling_cache",
    "sliding_window",
]

MISCONCEPTIONS: tuple[Misconception, ...] = tuple(REGISTERED)
