"""The reference for what 02_linear_time asks for.

Written to be read: linear_time.py does the same with many blocks in each call of NumPy.
Beltagy, Peters, Cohan (2020), Longformer, section 3.2, cut the band of the window into blocks.
"""

import numpy as np
from numpy import ndarray


def keys_of_block(start: int, stop: int, window_size: int) -> tuple[int, int]:
    """The slice (first, end) of keys that the queries start to stop - 1 see between them."""
    return max(0, start - window_size + 1), stop


def block_mask(start: int, stop: int, window_size: int) -> ndarray:
    """The mask of the queries start to stop - 1 against the keys of their block.

    Returns a bool array (stop - start, end - first), indexed [query, key], True = blocked.
    """
    first, end = keys_of_block(start, stop, window_size)
    query = np.arange(start, stop)[:, np.newaxis]
    key = np.arange(first, end)
    return (key > query) | (key <= query - window_size)


def windowed_attention(
    Q: ndarray, K: ndarray, V: ndarray, window_size: int, block_size: int
) -> ndarray:
    """The output of attention in a window, a block of queries at a time.

    Q, K: (..., seq_len, d_k), V: (..., seq_len, d_v). Returns (..., seq_len, d_v) in the floating
    dtype of the inputs. Its largest scores are (..., block_size, block_size + window_size - 1).
    """
    outputs = []
    for start in range(0, Q.shape[-2], block_size):
        stop = min(start + block_size, Q.shape[-2])
        first, end = keys_of_block(start, stop, window_size)
        keys, values = K[..., first:end, :], V[..., first:end, :]
        mask = block_mask(start, stop, window_size)
        outputs.append(_attend(Q[..., start:stop, :], keys, values, mask))
    return np.concatenate(outputs, axis=-2)


def windowed_attention_with_globals(
    Q: ndarray,
    K: ndarray,
    V: ndarray,
    window_size: int,
    block_size: int,
    global_mask: ndarray,
) -> ndarray:
    """The same with global tokens (Longformer, section 3.1): they see all, and all see them.

    global_mask: (seq_len,) bool. The keys of the global tokens stand in front of those of each
    block; the one that lies in the block as well is blocked there, so that it counts once.
    """
    positions = np.flatnonzero(global_mask)
    outputs = []
    for start in range(0, Q.shape[-2], block_size):
        stop = min(start + block_size, Q.shape[-2])
        first, end = keys_of_block(start, stop, window_size)
        joined = np.concatenate((positions, np.arange(first, end)))
        in_front = np.zeros((stop - start, len(positions)), dtype=bool)
        in_block = block_mask(start, stop, window_size) | global_mask[first:end]
        mask = np.concatenate((in_front, in_block), axis=1)
        queries, keys, values = Q[..., start:stop, :], K[..., joined, :], V[..., joined, :]
        outputs.append(_attend(queries, keys, values, mask))
    output = np.concatenate(outputs, axis=-2)
    output[..., positions, :] = _attend(Q[..., positions, :], K, V, np.zeros(1, dtype=bool))
    return output


def _attend(queries: ndarray, keys: ndarray, values: ndarray, mask: ndarray) -> ndarray:
    """Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) of some queries."""
    scores = np.einsum("...qd,...kd->...qk", queries, keys) / queries.shape[-1] ** 0.5
    scores = np.where(mask, -np.inf, scores)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = shares / shares.sum(axis=-1, keepdims=True)
    return np.einsum("...qk,...kd->...qd", weights, values)
