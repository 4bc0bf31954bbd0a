"""What every attention of the lab must get right, whatever its mask."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.numbers import require_close
from labkit.steps import require, require_array, require_tuple

RETURNED = ("output", "weights")
LN3 = np.log(3.0)  # exp(LN3) is 3: scores of 0 and LN3 give the weights 1/4 and 3/4


def check_weights(attend: Callable[..., Any], expected: list[list[float]], call: str) -> None:
    """Three positions whose keys have the scores 0, ln 3 and ln 3; d_k is 4 and d_v is 2."""
    Q = np.tile([2 * LN3, 0, 0, 0], (3, 1))
    K = np.array([[0.0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
    V = np.array([[4.0, 0.0], [0.0, 4.0], [8.0, 8.0]])
    output, weights = require_tuple(attend(Q, K, V), call, *RETURNED)
    require_array(weights, "weights", (3, 3))
    require_array(output, "output", (3, 2))
    nudge = _about_weights(weights, np.array(expected))
    require_close(weights, expected, f"weights of {call}", nudge)
    nudge = "The output of query i is the sum of the values, each times its weight in row i."
    require_close(output, np.array(expected) @ V, f"output of {call}", nudge)


def check_any_attention(
    attend: Callable[..., Any], name: str, at_large_scores: list[list[float]]
) -> None:
    """Large scores, dtypes, inputs left alone, and batches."""
    # key 0 has by far the largest score in rows 0 and 2, and by far the smallest in row 1
    Q, K = np.array([[2e4], [-2e4], [2e4]]), np.array([[1.0], [0.5], [0.5]])
    with np.errstate(all="ignore"):  # the message says more than NumPy's warnings
        _, weights = require_tuple(attend(Q, K, np.eye(3)), name, *RETURNED)
    nudge = (
        "exp of a large number is inf: shift each row by the largest of its open scores first. "
        "And only -inf is low enough to block whatever the other scores are."
    )
    what = f"weights of {name} with scores between -20000 and 20000"
    require_close(weights, at_large_scores, what, nudge)
    for dtype in (np.float32, np.float64):
        inputs = random_qkv(4, dtype=dtype)
        originals = [array.copy() for array in inputs]
        results = require_tuple(attend(*inputs), name, *RETURNED)
        for what, result in zip(("output", "weights"), results, strict=True):
            nudge = "np.sqrt of an int is a float64, and it turns float32 arrays into float64."
            given = f"{what} for inputs of {np.dtype(dtype)}"
            require_array(result, given, result.shape, dtype, nudge)
        for letter, array, original in zip("QKV", inputs, originals, strict=True):
            require(np.array_equal(array, original), f"{name} changed {letter}. Use new arrays.")

    Q, K, V = random_qkv(4, batch=(2, 3))
    results = require_tuple(attend(Q, K, V), name, *RETURNED)
    for what, result, width in zip(("output", "weights"), results, (2, 4), strict=True):
        require_array(result, f"{what} for Q of shape {Q.shape}", (2, 3, 4, width))
    for index in np.ndindex(2, 3):
        alone = attend(Q[index], K[index], V[index])
        for what, result, expected in zip(("output", "weights"), results, alone, strict=True):
            given = f"{what}{list(index)} of a batch, against the same sequence on its own"
            nudge = "Only the last two axes take part: transpose these, sum over the last."
            require_close(result[index], expected, given, nudge)


def _about_weights(weights: ndarray, expected: ndarray) -> str:
    """For the scores of check_weights."""
    blocked = expected == 0
    rows_sum, columns_sum = (np.allclose(weights.sum(axis), 1) for axis in (1, 0))
    with np.errstate(all="ignore"):
        ratio = weights[expected == 3 / 4][0] / weights[expected == 1 / 4][0]
    if np.all(weights[blocked] > 0) and not np.any(weights[~blocked]):
        return "Open and blocked have changed places: True means blocked."
    symmetric = np.allclose(weights, np.eye(3)) or np.allclose(weights, 1 / 3)
    if columns_sum and not symmetric:  # those two sum to 1 along both axes
        return "The columns sum to 1; the rows must. The softmax runs over the keys."
    if np.any(weights[blocked] != 0):
        return "A blocked key has weight. Its score must be -inf; 0 blocks nothing: exp(0) is 1."
    if not rows_sum:
        return "The rows do not sum to 1. Blocking belongs before the softmax."
    if np.isclose(ratio, 9):
        return "The scores seem not to be scaled. Here d_k is 4."
    if np.isclose(ratio, 3**0.5):
        return "The scores seem to be divided by d_k, or twice by its root. Here d_k is 4."
    return "Here d_k is 4 and the scaled scores are 0, ln 3, ln 3; after exp they are 1, 3, 3."


def random_qkv(n: int, batch: tuple[int, ...] = (), dtype: Any = np.float64) -> list[ndarray]:
    """Q, K (..., n, 3) and V (..., n, 2), the same on every call."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=(*batch, n, width)).astype(dtype) for width in (3, 3, 2)]
