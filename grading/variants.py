"""The catalogue of right answers in other forms; they are in grading/right_answers/."""

from grading.right_answers import (
    global_tokens,
    linear_time,
    longformer,
    multi_head,
    rolling_cache,
    sliding_window,
)
from grading.variant import REGISTERED
from grading.written_answer import WrittenAnswer

__all__ = [
    "VARIANTS",
    "global_tokens",
    "linear_time",
    "longformer",
    "multi_head",
    "rolling_cache",
    "sliding_window",
]

VARIANTS: tuple[WrittenAnswer, ...] = tuple(REGISTERED)
