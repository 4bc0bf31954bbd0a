"""What every attention of the lab must get right, whatever its mask."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.diagnosis import D_K, EXPS, about_dtype, about_large_scores, about_weights
from checks.numbers import require_close
from labkit import text
from labkit.steps import require, require_array, require_tuple
from masks import MASK, parse_mask

RETURNED = ("output", "weights")
LAST_AXES = "Only the last two axes take part: transpose these, and sum each row along the last."
OWN_LARGEST = "Shift each row by its own largest open score: other rows, and batches, do not count."

# Three positions whose keys have the scaled scores ln 3, 0 and ln 3, for every query
Q = np.zeros((3, D_K))
Q[:, 0] = D_K**0.5 * np.log(3)
K = np.array([[1.0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]])
V = np.array([[4.0, 0.0], [0.0, 4.0], [8.0, 8.0]])


def check_weights(attend: Callable[..., Any], mask: str, call: str) -> None:
    """Small numbers that can be worked out by hand. mask: what hides the keys."""
    blocked = parse_mask(mask)
    expected = np.where(blocked, 0, EXPS)
    expected /= expected.sum(axis=1, keepdims=True)
    output, weights = require_tuple(attend(Q.copy(), K.copy(), V.copy()), call, *RETURNED)
    require_array(weights, "weights", (3, 3))
    require_array(output, "output", (3, 2))
    given = text.columns(Q=Q, K=K, mask=MASK.picture(blocked))
    nudge = f"{about_weights(weights, expected)}\n{given}"
    require_close(weights, expected, f"weights of {call}", nudge)
    nudge = "The output of query i is the sum of the values, each times its weight in row i."
    nudge += "\n" + text.columns(weights=weights, V=V)
    require_close(output, expected @ V, f"output of {call}", nudge)


def check_any_attention(
    attend: Callable[..., Any], name: str, at_large_scores: list[list[float]]
) -> None:
    """Large scores, dtypes and batches."""
    # key 0 has by far the largest score in rows 0 and 2, and by far the smallest in row 1
    queries, keys = np.array([[2e4], [-2e4], [2e4]]), np.array([[1.0], [0.5], [0.5]])
    _, weights = require_tuple(attend(queries, keys, np.eye(3)), name, *RETURNED)
    what = f"weights of {name} with scores between -20000 and 20000"
    require_array(weights, what, (3, 3))
    nudge = about_large_scores(weights, np.array(at_large_scores))
    require_close(weights, at_large_scores, what, nudge)
    for dtype in (np.float32, np.float64):
        results = require_tuple(attend(*random_qkv(4, dtype=dtype)), name, *RETURNED)
        for what, result in zip(RETURNED, results, strict=True):
            given = f"{what} for inputs of {np.dtype(dtype)}"
            require_array(result, given, result.shape, dtype, about_dtype(result.dtype, dtype))
    for batch in ((2, 3), (2, 1)):
        _check_batch(attend, name, batch)


def _check_batch(attend: Callable[..., Any], name: str, batch: tuple[int, ...]) -> None:
    """Each sequence of a batch comes out as it does on its own; the last have large scores."""
    queries, keys, values = random_qkv(4, batch)
    queries[-1] *= 1e4
    results = require_tuple(attend(queries, keys, values), name, *RETURNED)
    for what, result, width in zip(RETURNED, results, (2, 4), strict=True):
        given = f"{what} for Q of shape {queries.shape}"
        require_array(result, given, (*batch, 4, width))
        require(np.isfinite(result).all(), f"{given} holds nan or inf.", OWN_LARGEST)
    for index in np.ndindex(batch):
        alone = attend(queries[index], keys[index], values[index])
        for what, result, expected in zip(RETURNED, results, alone, strict=True):
            given = f"{what}{list(index)} of a batch, against the same sequence on its own"
            require_close(result[index], expected, given, LAST_AXES)


def random_qkv(n: int, batch: tuple[int, ...] = (), dtype: Any = np.float64) -> list[ndarray]:
    """Q, K (..., n, 3) and V (..., n, 2), the same on every call."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=(*batch, n, width)).astype(dtype) for width in (3, 3, 2)]
