"""Attention that computes the band of a window, and nothing outside of it."""

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import sliding_window_view


def banded_attention(Q: ndarray, K: ndarray, V: ndarray, window_size: int) -> ndarray:
    """The output of attention in a window, for one sequence: Q, K and V of shape (n, d).

    Each query meets its own window_size keys: n * window_size scores in place of n * n.
    """
    before = ((window_size - 1, 0), (0, 0))  # so that the first queries have full windows, too
    keys = sliding_window_view(np.pad(K, before), window_size, axis=0)  # (n, d, window), no copy
    values = sliding_window_view(np.pad(V, before), window_size, axis=0)
    scores = np.einsum("nd,ndw->nw", Q, keys) / Q.shape[-1] ** 0.5
    steps_back = np.arange(window_size - 1, -1, -1)
    scores[steps_back > np.arange(len(Q))[:, np.newaxis]] = -np.inf  # before the text began
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.einsum("nw,ndw->nd", shares / shares.sum(axis=-1, keepdims=True), values)
