"""The reference for what the notebooks ask for on the way to sliding_window.py.

Written for safety, not for speed: by counting and by loops where the notebooks use a formula, so
that a slip in a formula cannot hide in both.
"""

import numpy as np
from numpy import ndarray


def masked_attention(Q: ndarray, K: ndarray, V: ndarray, mask: ndarray) -> tuple[ndarray, ndarray]:
    """Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) inside any mask.

    Q, K: (..., n, d_k), V: (..., n, d_v), mask: (n, n) bool, True = blocked.
    Returns output (..., n, d_v) and weights (..., n, n) in the dtype of the inputs.
    """
    weights = np.zeros((*Q.shape[:-1], K.shape[-2]), dtype=Q.dtype)
    for *batch, query in np.ndindex(Q.shape[:-1]):
        keys = np.flatnonzero(~mask[query])
        scores = K[(*batch, keys)] @ Q[(*batch, query)] / Q.shape[-1] ** 0.5
        shares = np.exp(scores - scores.max())
        weights[(*batch, query, keys)] = shares / shares.sum()
    return weights @ V, weights


def attended_pairs(seq_len: int, window_size: int) -> int:
    """Number of (query, key) pairs that a window leaves open, counted one query at a time."""
    return sum(min(query + 1, window_size) for query in range(seq_len))


def receptive_field(num_layers: int, window_size: int) -> int:
    """Positions, itself included, that one output depends on after some layers of windows.

    Each layer looks window_size - 1 positions further back (Beltagy et al. 2020, section 3.1).
    """
    furthest = 0
    for _ in range(num_layers):
        furthest += window_size - 1
    return furthest + 1


def window_of_picture(picture: ndarray, global_positions: list[int]) -> int:
    """The smallest window whose mask with these globals is the picture (n, n), True = blocked.

    Reads it off the rows: the widest stretch of open keys that ends at a local query and is not
    explained by a global key.
    """
    reach = 1
    for query in range(len(picture)):
        if query not in global_positions:
            keys = [key for key in range(query + 1) if not picture[query, key]]
            local = [key for key in keys if key not in global_positions]
            reach = max(reach, query - min(local) + 1)
    return reach
