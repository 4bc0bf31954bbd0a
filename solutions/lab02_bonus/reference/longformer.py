"""The reference for what 03_longformer asks for.

Written for safety, not for speed: pair by pair and query by query. longformer.py takes all at once.
"""

import numpy as np
from numpy import ndarray

NAMES = ("Q", "K", "V", "Q_global", "K_global", "V_global")


def two_sided_mask(attention_window: int, is_global: ndarray, is_padding: ndarray) -> ndarray:
    """Who attends to whom (Beltagy et al. 2020, section 3.1): bool (n, n), True = blocked.

    Open are pairs at most attention_window // 2 apart, and those of which one token is global.
    Padding, is_padding (n,), sees nobody and is seen by nobody, even where is_global (n,) is True.
    Raises ValueError for an attention_window that is odd or below 2.
    """
    reach = _reach(attention_window)
    mask = np.ones((len(is_global), len(is_global)), dtype=bool)
    for query, key in np.ndindex(mask.shape):
        if abs(query - key) <= reach or is_global[query] or is_global[key]:
            mask[query, key] = False
    mask[is_padding] = True
    mask[:, is_padding] = True
    return mask


def local_rows(Q: ndarray, K: ndarray, V: ndarray, mask: ndarray) -> ndarray:
    """Scaled dot-product attention inside a mask (n, n); a query without a key gets zeros.

    Q, K: (..., n, d_k), V: (..., n, d_v). Returns (..., n, d_v) in the dtype of V.
    """
    output = np.zeros((*Q.shape[:-1], V.shape[-1]), dtype=V.dtype)
    for *batch, query in np.ndindex(Q.shape[:-1]):
        keys = np.flatnonzero(~mask[query])
        if keys.size:
            scores = K[(*batch, keys)] @ Q[(*batch, query)] / Q.shape[-1] ** 0.5
            shares = np.exp(scores - scores.max())
            output[(*batch, query)] = shares @ V[(*batch, keys)] / shares.sum()
    return output


def global_rows(
    local: ndarray,
    Q_global: ndarray,
    K_global: ndarray,
    V_global: ndarray,
    is_global: ndarray,
    is_padding: ndarray,
) -> ndarray:
    """The outputs `local` (..., n, d_v), with the rows of global tokens computed anew.

    Each of them attends to all tokens but padding, through Q_global, K_global (..., n, d_k) and
    V_global (..., n, d_v) (Beltagy et al. 2020, section 3.1). A new array; padding is not global.
    """
    to_all = np.tile(is_padding, (len(is_padding), 1))
    over_all = local_rows(Q_global, K_global, V_global, to_all)
    output = local.copy()
    for token in np.flatnonzero(is_global & ~is_padding):
        output[..., token, :] = over_all[..., token, :]
    return output


class LongformerSelfAttention:
    """The Longformer's layer, without an output projection: Hugging Face's, one text at a time.

    Raises ValueError for an attention_window that is odd or below 2, and for num_heads that is
    below 1 or does not divide d_model.
    """

    def __init__(self, d_model: int, num_heads: int, attention_window: int) -> None:
        if num_heads < 1 or d_model % num_heads:
            raise ValueError(f"num_heads is {num_heads}; it must divide d_model, {d_model}")
        _reach(attention_window)
        self.num_heads, self.attention_window = num_heads, attention_window
        rng = np.random.default_rng()
        for name in NAMES:
            setattr(self, f"W_{name}", rng.normal(size=(d_model, d_model)))
            setattr(self, f"b_{name}", np.zeros(d_model))

    def forward(self, x: ndarray, is_global: ndarray, is_padding: ndarray) -> ndarray:
        """x: (n, d_model) or (batch, n, d_model), the flags the same without d_model."""
        if x.ndim > 2:
            return np.stack(list(map(self.forward, x, is_global, is_padding)))
        mask = two_sided_mask(self.attention_window, is_global, is_padding)
        Q, K, V, Q_global, K_global, V_global = (self._heads(x, name) for name in NAMES)
        local = local_rows(Q, K, V, mask)
        heads = global_rows(local, Q_global, K_global, V_global, is_global, is_padding)
        return np.hstack(list(heads))

    def _heads(self, x: ndarray, name: str) -> ndarray:
        """(num_heads, n, d_k)."""
        projected = x @ getattr(self, f"W_{name}") + getattr(self, f"b_{name}")
        return np.stack(np.hsplit(projected, self.num_heads))


def _reach(attention_window: int) -> int:
    """How far a window reaches on each side."""
    reach, odd = divmod(attention_window, 2)
    if odd or reach < 1:
        raise ValueError(f"attention_window is {attention_window}; it must be even, at least 2")
    return reach
