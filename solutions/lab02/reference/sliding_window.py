"""Sliding window attention with global tokens: the reference, and the meaning of every mark.

Beltagy, Peters, Cohan (2020), Longformer, section 3.1: a window and a few global tokens.
Jiang et al. (2023), Mistral 7B, section 2: the window that ends at the query, for decoders.
A mask is True where attention is blocked, everywhere in this course.
"""

from collections.abc import Sequence

import numpy as np
from numpy import ndarray


def create_sliding_window_mask(
    seq_len: int,
    window_size: int,
    global_positions: Sequence[int] | ndarray | None = None,
    *,
    causal_globals: bool = False,
) -> ndarray:
    """Mask in which query i attends to keys max(0, i - window_size + 1) to i.

    A global position attends to every position, and every position attends to it.
    With causal_globals=True nothing attends to a later position, globals included.

    Returns a bool array (seq_len, seq_len), indexed [query, key], True = blocked.
    Raises ValueError for a size below 1 or a global position outside the sequence.
    """
    require_at_least(1, seq_len=seq_len, window_size=window_size)
    positions = np.asarray([] if global_positions is None else global_positions, dtype=int)
    for position in positions:
        if not 0 <= position < seq_len:
            raise ValueError(f"global_positions holds {position}; allowed are 0 to {seq_len - 1}")

    query, key = np.ogrid[:seq_len, :seq_len]  # a column and a row: they broadcast to a square
    mask = (key > query) | (key <= query - window_size)
    mask[positions, :] = False
    mask[:, positions] = False
    return block_future(mask) if causal_globals else mask


def block_future(mask: ndarray) -> ndarray:
    """A copy of the mask (n, n) in which every key after its query is blocked as well."""
    closed = mask.copy()
    for query in range(len(mask)):
        closed[query, query + 1 :] = True
    return closed


def sliding_window_attention(
    Q: ndarray,
    K: ndarray,
    V: ndarray,
    window_size: int,
    global_mask: ndarray | None = None,
    *,
    causal_globals: bool = False,
) -> tuple[ndarray, ndarray]:
    """Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) inside the mask above.

    Q, K: (..., seq_len, d_k), V: (..., seq_len, d_v), global_mask: (seq_len,) bool or None.
    Returns output (..., seq_len, d_v) and weights (..., seq_len, seq_len), in the floating
    dtype of the inputs. The weights of a query sum to 1; blocked ones are exactly 0.
    Raises ValueError for shapes that do not fit each other, or a window below 1.
    """
    Q, K, V = np.asarray(Q), np.asarray(K), np.asarray(V)
    require_matching_shapes(Q, K, V, global_mask)
    seq_len = Q.shape[-2]
    positions = None if global_mask is None else np.flatnonzero(global_mask)
    mask = create_sliding_window_mask(
        seq_len, window_size, positions, causal_globals=causal_globals
    )
    return attend(Q, K, V, mask)


def attend(Q: ndarray, K: ndarray, V: ndarray, mask: ndarray) -> tuple[ndarray, ndarray]:
    """The same inside any mask that leaves each query a key, True = blocked.

    Q: (..., queries, d_k), K: (..., keys, d_k), V: (..., keys, d_v); the mask has a shape that
    broadcasts to the weights'. Returns output (..., queries, d_v), weights (..., queries, keys).
    """
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5
    scores = np.where(mask, -np.inf, scores)  # a blocked key gets weight exp(-inf) = 0
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))  # the shift keeps exp finite
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights @ V, weights


def require_matching_shapes(
    Q: ndarray, K: ndarray, V: ndarray, global_mask: ndarray | None
) -> None:
    """Raises ValueError for shapes that do not fit each other."""
    if Q.ndim < 2 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]:
        raise ValueError(
            f"Q, K, V have shapes {Q.shape}, {K.shape}, {V.shape}; "
            "they must be (..., seq_len, d_k) twice and (..., seq_len, d_v)"
        )
    seq_len = Q.shape[-2]
    if global_mask is not None and np.shape(global_mask) != (seq_len,):
        raise ValueError(f"global_mask has shape {np.shape(global_mask)}; it must be ({seq_len},)")


def require_at_least(minimum: int, **values: int) -> None:
    """Raises ValueError, naming the first of the values that is below the minimum."""
    for name, value in values.items():
        if value < minimum:
            raise ValueError(f"{name} is {value}; it must be at least {minimum}")


def split_heads(x: ndarray, num_heads: int) -> ndarray:
    """(..., seq_len, d_model) to (..., num_heads, seq_len, d_k): head h takes the h-th slice."""
    return np.stack(np.split(x, num_heads, axis=-1), axis=-3)


def combine_heads(x: ndarray) -> ndarray:
    """(..., num_heads, seq_len, d_k) to (..., seq_len, d_model): the heads side by side."""
    return np.concatenate(np.moveaxis(x, -3, 0), axis=-1)


class SlidingWindowAttention:
    """Multi-head attention (Vaswani et al. 2017, section 3.2.2) with a window and global tokens.

    W_Q, W_K, W_V, W_O: (d_model, d_model), applied on the right: Q = x @ W_Q.
    The first num_global_tokens positions are global.
    Raises ValueError for a count below its minimum, or d_model not divisible by num_heads.
    """

    def __init__(
        self, d_model: int, num_heads: int, window_size: int, num_global_tokens: int = 0
    ) -> None:
        require_at_least(1, d_model=d_model, num_heads=num_heads, window_size=window_size)
        require_at_least(0, num_global_tokens=num_global_tokens)
        if d_model % num_heads:
            raise ValueError(f"d_model is {d_model}; num_heads={num_heads} must divide it")
        self.d_model, self.num_heads, self.d_k = d_model, num_heads, d_model // num_heads
        self.window_size, self.num_global_tokens = window_size, num_global_tokens

        rng = np.random.default_rng()
        self.W_Q, self.W_K, self.W_V, self.W_O = (
            rng.normal(scale=d_model**-0.5, size=(d_model, d_model)) for _ in range(4)
        )

    def __call__(self, x: ndarray, global_mask: ndarray | None = None) -> ndarray:
        return self.forward(x, global_mask)

    def forward(self, x: ndarray, global_mask: ndarray | None = None) -> ndarray:
        """x: (batch, seq_len, d_model) or (seq_len, d_model). Returns an array of that shape.

        A global_mask (seq_len,) that is given replaces the first num_global_tokens.
        """
        output, _ = self._attend(x, global_mask)
        return self._combine_heads(output) @ self.W_O

    def get_attention_weights(self, x: ndarray, global_mask: ndarray | None = None) -> ndarray:
        """Weights of every head: ([batch,] num_heads, seq_len, seq_len)."""
        _, weights = self._attend(x, global_mask)
        return weights

    def _attend(self, x, global_mask):
        x = np.asarray(x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
            raise ValueError(f"x has shape {x.shape}; it must be (..., seq_len, {self.d_model})")
        Q, K, V = (self._split_heads(x @ W) for W in (self.W_Q, self.W_K, self.W_V))
        if global_mask is None:
            global_mask = self._create_global_mask(x.shape[-2])
        return sliding_window_attention(Q, K, V, self.window_size, global_mask)

    def _split_heads(self, x: ndarray) -> ndarray:
        return split_heads(x, self.num_heads)

    def _combine_heads(self, x: ndarray) -> ndarray:
        return combine_heads(x)

    def _create_global_mask(self, seq_len: int) -> ndarray | None:
        """(seq_len,) bool, True for the first num_global_tokens; None when there are none."""
        if self.num_global_tokens == 0:
            return None
        return np.arange(seq_len) < self.num_global_tokens
