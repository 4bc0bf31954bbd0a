"""What attention by blocks must get right, with global tokens and without."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.masks import require_seen
from checks.numbers import require_close
from checks.shares import require_equal_shares
from dense import dense_attention
from labkit.steps import fail, require, require_array

Attention = Callable[..., ndarray]
LN3 = np.log(3.0)  # exp(LN3) is 3: scores of 0 and LN3 give the weights 1/4 and 3/4
D_K = 5  # its root is no whole number
LONG = 512  # tokens


def peak_memory(function: Callable[..., Any], *arguments: Any) -> int:
    """The most bytes that a call holds at once, besides its arguments. It takes a little longer."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check_seen(attention: Attention, sizes: tuple[Any, ...], hidden: ndarray) -> None:
    """Scores of ln 3, and values that name their token: an output shows the weight of each key."""
    n = len(hidden)
    weights = attention(np.full((n, 1), LN3), np.ones((n, 1)), np.eye(n), *sizes)
    call = f"window_size={sizes[0]}, block_size={sizes[1]}"
    positions = tuple(int(p) for mask in sizes[2:] for p in np.flatnonzero(mask))
    if positions:
        call += f", globals {positions}"
    call += ": who sees whom"
    require_array(weights, f"{call}, output for 7 tokens", (n, n))
    require_seen(weights, hidden, call, global_positions=positions)
    require_equal_shares(weights, call, positions)


def check_scores(attention: Attention, *more: ndarray) -> None:
    """Two tokens; only the second sees both, unless both are global."""
    Q, K, V = np.zeros((2, D_K)), np.zeros((2, D_K)), np.array([[4.0, 0], [0, 4]])
    Q[1, 0], K[1, 0] = D_K**0.5 * LN3, 1
    nudge = f"The scores are Q times K, divided by the square root of d_k, which is {D_K} here."
    got = attention(Q, K, V, 2, 2, *more)
    expected = [[2, 2] if _are_global(more) else [4, 0], [1, 3]]
    require_close(got, expected, f"output{_told(more)} where the weights are 1/4 and 3/4", nudge)


def check_large_scores(attention: Attention, *more: ndarray) -> None:
    Q, K, V = np.array([[0.0], [4e4]]), np.array([[0.0], [1]]), np.array([[4.0, 0], [0, 4]])
    got = attention(Q, K, V, 2, 2, *more)
    expected = [[2, 2] if _are_global(more) else [4, 0], [0, 4]]
    nudge = "exp of a large number is inf: subtract the largest open score of each query first."
    require_close(got, expected, f"output{_told(more)} with large scores", nudge)
    if _are_global(more):
        return
    got = attention(np.full((2, 1), 4e4), np.array([[-1.0], [1]]), V, 2, 2, *more)
    nudge = (
        "Subtract the largest of the open scores. A blocked one may be far larger, and beside it "
        "exp makes all open ones 0. A blocked score must be -inf, since no number is low enough."
    )
    require_close(got, V, "output where the largest score is blocked", nudge)


def check_against_dense(attention: Attention, *more: ndarray) -> None:
    for batch, dtype in (((), np.float64), ((), np.float32), ((2, 3), np.float64)):
        rng = np.random.default_rng(1)
        Q, K, V = (rng.normal(size=(*batch, 20, d)).astype(dtype) for d in (7, 7, 2))
        if batch:
            Q[-1] *= 1e3  # so that no shift is right for all
        what = f"the output for {np.dtype(dtype)} and Q of shape {Q.shape}"
        got = attention(Q, K, V, 4, 6, *more)
        nudge = (
            "np.sqrt of an int is a float64, and so is what you make with np.zeros or np.empty, if "
            "you do not give it the dtype of the inputs."
        )
        require_array(got, what, V.shape, dtype, nudge)
        furthest = np.abs(got - dense_attention(Q, K, V, 4, *more)).max()
        require(
            furthest < 1e-5,
            f"{what} is not that of dense attention: the largest difference is {furthest:.3g}.",
            "The pattern of who sees whom is right. Look at the scores, their scale, and batches; "
            "each query is shifted by its own largest score.",
        )


def check_memory(attention: Attention, *more: ndarray) -> None:
    text = np.ones((LONG, 1))
    held = peak_memory(attention, text, text, text, 4, 8, *more)
    require(
        held <= LONG**2,
        f"For {LONG} tokens your attention holds {held:,} bytes at once. Even an array of "
        f"{LONG} * {LONG} bools takes {LONG**2:,}: keep to the scores of one block.",
    )


def check_frames(attention: Attention, *more: ndarray) -> None:
    """A value that is nan shows in all that is computed with it, even times 0."""
    V = np.ones((20, 1))
    V[0] = np.nan
    output = attention(np.ones((20, 1)), np.ones((20, 1)), V, 3, 2, *more)
    if np.isnan(output[10:]).any():
        fail(
            "With a window of 3 and blocks of 2, value 0 takes part in the outputs from 10 on, "
            "with a weight of 0. So each block computes the scores of all keys, n * n in all: "
            "give it its frame alone, the slice of keys and values from keys_of_block."
        )


def _are_global(more: tuple[ndarray, ...]) -> bool:
    return any(mask.all() for mask in more)


def _told(more: tuple[ndarray, ...]) -> str:
    return ", both tokens global," if _are_global(more) else ""
