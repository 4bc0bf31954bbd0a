"""Why weights are wrong, as far as the numbers tell. What they do not tell, is not claimed."""

from typing import Any

import numpy as np
from numpy import ndarray

D_K = 5  # its root is no whole number
EXPS = np.array([3.0, 1.0, 3.0])  # of the scores ln 3, 0 and ln 3
BY_HAND = (
    f"Here d_k is {D_K}, and the scaled scores of each query are ln 3, 0 and ln 3; after exp they "
    "are 3, 1 and 3."
)


def about_weights(weights: ndarray, expected: ndarray) -> str:
    """For three queries that have the same scores, those of EXPS."""
    is_open = expected > 0
    numbers = np.nan_to_num(weights)
    if np.all(numbers[~is_open] > 0) and not np.any(numbers[is_open]):
        return "Open and blocked have changed places: True means blocked."
    if np.isnan(weights).any():
        return "Some weights are nan, as 0 * inf is, and as a row is that has nothing open."
    if np.array_equal(weights == 0, ~is_open.T) and not np.array_equal(is_open, is_open.T):
        return "The mask is used with its axes swapped: mask[i, j] is about query i and key j."
    symmetric = np.allclose(weights, np.eye(3)) or np.allclose(weights, 1 / 3)
    if np.allclose(weights.sum(axis=0), 1) and not symmetric:  # those two sum to 1 either way
        return "The columns sum to 1. The softmax must run over the keys, along each row."
    if np.any(weights[~is_open]):
        return _about_blocked(weights, is_open)
    return _about_sums(weights, expected) or _about_scale(weights, expected) or BY_HAND


def _about_blocked(weights: ndarray, is_open: ndarray) -> str:
    """A key that is open by mistake has the weight of another with the same score."""
    strays = [(int(i), int(j)) for i, j in np.argwhere(~is_open & (weights != 0))]
    alike = [
        np.isclose(weights[i, j], weights[i, k])
        for i, j in strays
        for k in np.flatnonzero(is_open[i] & (EXPS[j] == EXPS))
    ]
    query, key = strays[0]
    if alike and all(alike):
        return (
            f"Key {key} is blocked for query {query}, and has a share as if it were open. Is the "
            "mask right, and does it reach the scores?"
        )
    return (
        f"Key {key} is blocked for query {query}, and has weight. Its score must be -inf; 0 "
        "blocks nothing: exp(0) is 1."
    )


def _about_sums(weights: ndarray, expected: ndarray) -> str | None:
    sums = weights.sum(axis=1)
    if np.allclose(sums, 1):
        return None
    with np.errstate(all="ignore"):
        ratio = weights[expected == 3 / 4][0] / weights[expected == 1 / 4][0]
        unblocked = np.where(EXPS == 3, ratio, 1) / (2 * ratio + 1)
    if np.allclose(weights, np.where(expected > 0, unblocked, 0)):
        return "The rows sum to less than 1. Blocking belongs before the softmax."
    row = int(np.argmax(~np.isclose(sums, 1)))
    return (
        f"Row {row} sums to {sums[row]:.3g}, not to 1: divide each row by its own sum. "
        "keepdims=True keeps the sums in a shape that fits the rows."
    )


def _about_scale(weights: ndarray, expected: ndarray) -> str | None:
    """What the scores were divided by, from the ratio of the weights that should be 3 to 1."""
    with np.errstate(all="ignore"):
        ratios = weights[expected == 3 / 4] / weights[expected == 1 / 4]
        divisors = D_K**0.5 * np.log(3) / np.log(ratios)
    if not (np.isfinite(divisors).all() and np.allclose(divisors, divisors[0])):
        return None
    if divisors[0] < 0:
        return f"A larger score gives a smaller weight: are the scores negated? {BY_HAND}"
    if np.isclose(divisors[0], 1):
        return f"The scores seem not to be scaled. Here d_k is {D_K}."
    if np.isclose(divisors[0], D_K):
        return f"The scores seem to be divided by d_k, or twice by its root. Here d_k is {D_K}."
    return (
        f"The scores seem to be divided by {divisors[0]:.4g}. Here d_k is {D_K}, and its root "
        f"{D_K**0.5:.4g}; seq_len is 3 and d_v is 2."
    )


def about_large_scores(weights: ndarray, expected: ndarray) -> str:
    strays = np.argwhere((expected == 0) & (weights > 0))
    if len(strays):
        query, key = strays[0]
        return (
            f"Beside scores of 20000, query {query} gives key {key} weight. If that key is "
            "blocked, its score must be -inf: a number such as -100 or -1e4 is not low enough."
        )
    return (
        "exp of a large number is inf, and exp of one far below is 0: shift each row by the "
        "largest of its own open scores first."
    )


def about_dtype(got: Any, expected: Any) -> str:
    if np.dtype(got).itemsize > np.dtype(expected).itemsize:
        return (
            "np.sqrt of an int is a float64, and so is an array of bools or ints times a float. "
            "Either turns float32 arrays into float64; a Python float alone does not."
        )
    return "Something on the way makes it smaller, whatever is given. Keep the dtype of the inputs."
