"""Scores that show one thing and hide the others, and queries and keys that have them.

What is asked about one thing should say nothing about another: a mistake costs what it breaks.
Of scores that are far apart, the largest take all the weight, whatever the scores are divided by.
"""

import numpy as np
from numpy.random import Generator

from grading.judging.exercise import Inputs

STEP = 512.0  # far apart, even divided by the length
HUGE = 2.0**17  # its exp overflows
LOWEST = -(2.0**34)  # below any number that one might block with, also when it is scaled
WIDE = 2.0**13  # so far apart that it shows in 32 bits near there; its exp overflows, too


def inputs_with(scores: np.ndarray, d_k: int | None = None) -> Inputs:
    """Q, K, V for which Q @ K^T are these scores (..., n, n), and the output is the weights."""
    *batch, n, _ = scores.shape
    Q, K, V = (np.zeros((*batch, n, width)) for width in (d_k or n, d_k or n, n))
    Q[..., :n] = V[...] = np.eye(n)
    K[..., :n] = np.swapaxes(scores, -1, -2)
    return {"Q": Q, "K": K, "V": V}


def far_apart(rng: Generator, n: int, step: float = STEP) -> np.ndarray:
    """Each query likes one key best by far, another one second, and so on."""
    return np.array([rng.permutation(n) * step for _ in range(n)])


def some_alike(rng: Generator, n: int) -> np.ndarray:
    """Each query likes one, two or three keys best by far, and these equally."""
    scores = np.full((n, n), -STEP)
    for query in range(n):
        scores[query, rng.permutation(n)[: 1 + query % 3]] = 0
    return scores


def on_a_circle(row: np.ndarray) -> np.ndarray:
    """The row (..., n), turned by one place from query to query: columns hold the same as rows.

    A softmax over the wrong one of the two axes gives the same.
    """
    return np.stack([np.roll(row, place, axis=-1) for place in range(row.shape[-1])], axis=-2)


def own_keys(rng: Generator, batch: tuple[int, ...], n: int) -> Inputs:
    """Q and K of which each query likes best the key at its position, in its own place alone.

    All weight is on the diagonal, whatever the mask, the scale and the axis of the softmax.
    """
    order = rng.permuted(np.broadcast_to(np.arange(n), (*batch, n)), axis=-1)
    return {"Q": np.eye(n)[order], "K": STEP * np.eye(n)[order]}


def on_levels(rng: Generator, n: int) -> np.ndarray:
    """Far apart, and each query on a level of its own: far above 0, near it, or far below."""
    levels = rng.permutation(np.arange(n) - n // 2)[:, np.newaxis]
    return far_apart(rng, n, WIDE) + HUGE * levels
