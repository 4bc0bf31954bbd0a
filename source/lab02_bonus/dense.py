"""Attention with all its scores and a mask: slow, plain, and what every result must equal.

It is what you built in Lab 02.
"""

import numpy as np
from numpy import ndarray


def dense_attention(
    Q: ndarray,
    K: ndarray,
    V: ndarray,
    window_size: int,
    global_mask: ndarray | None = None,
    *,
    causal_globals: bool = False,
) -> ndarray:
    """Output (..., seq_len, d_v) of attention in a window with global tokens.

    Q, K: (..., seq_len, d_k), V: (..., seq_len, d_v), global_mask: (seq_len,) bool or None.
    With causal_globals=True nothing sees a later position, global tokens included.
    """
    positions = np.arange(Q.shape[-2])
    back = np.subtract.outer(positions, positions)
    seen = (back >= 0) & (back < window_size)
    if global_mask is not None:
        seen |= np.logical_or.outer(global_mask, global_mask)
    if causal_globals:
        seen &= back >= 0
    logits = np.einsum("...qd,...kd->...qk", Q, K) / Q.shape[-1] ** 0.5
    logits[..., ~seen] = -np.inf
    logits -= logits.max(axis=-1, keepdims=True)
    shares = np.exp(logits)
    return shares / shares.sum(axis=-1, keepdims=True) @ V
