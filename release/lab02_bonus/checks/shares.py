"""The step that looks at how a query shares its weight among the keys that it sees."""

import numpy as np
from numpy import ndarray

from labkit.steps import fail

ONE_SOFTMAX = "All its keys share one softmax, and nothing else takes a share."


def require_equal_shares(
    weights: ndarray,
    call: str,
    global_positions: tuple[int, ...] = (),
    about_sums: str = ONE_SOFTMAX,
) -> None:
    """For the same scores: the weights of each query sum to 1, and each key counts once."""
    for query, row in enumerate(weights):
        if not np.isclose(row.sum(), 1):
            fail(
                f"{call}: the weights of query {query} sum to {row.sum():.3g}, expected 1.",
                about_sums,
            )
    with np.errstate(all="ignore"):
        least = np.where(weights > 0, weights, np.inf).min(axis=1, keepdims=True)
    heavy = np.argwhere(weights > 1.001 * least)
    if not len(heavy):
        return
    query, key = (int(i) for i in heavy[0])
    is_double = all(
        column in global_positions and np.isclose(weights[row, column], 2 * least[row, 0])
        for row, column in heavy
    )
    fail(
        f"{call}: query {query} gives key {key} the weight {weights[query, key]:.3g}, expected "
        f"{1 / np.count_nonzero(weights[query]):.3g}, as for each of its keys: their scores are "
        "equal.",
        "Is a key counted twice?"
        if is_double
        else "All keys of a query share one softmax. Two of them, put together afterwards, give "
        "other weights.",
    )
