"""The reference for what 01_rolling_cache asks for.

Written for safety, not for speed: one token after the other. rolling_cache.py takes whole chunks.
"""

import numpy as np
from numpy import ndarray


def slot_positions(length: int, window_size: int) -> ndarray:
    """The position that lies in each slot after `length` tokens, -1 where none does.

    Token i goes to slot i mod window_size (Jiang et al. 2023, section 2).
    Returns an int array (window_size,).
    """
    slots = np.full(window_size, -1)
    for position in range(length):
        slots[position % window_size] = position
    return slots


def store(keys: ndarray, values: ndarray, key: ndarray, value: ndarray, position: int) -> None:
    """Write the key and the value of one token into its slot, in place.

    keys: (..., window_size, d_k), values: (..., window_size, d_v),
    key: (..., d_k), value: (..., d_v), position: the token's, counted from the start of the text.
    """
    slot = position % keys.shape[-2]
    keys[..., slot, :] = key
    values[..., slot, :] = value


def attend_to_cache(query: ndarray, keys: ndarray, values: ndarray, length: int) -> ndarray:
    """Attention of the newest token over the slots that are filled (Vaswani et al. 2017, 3.2.1).

    query: (..., d_k), keys: (..., window_size, d_k), values: (..., window_size, d_v), of which
    `length` tokens have been stored, at least 1. Returns (..., d_v) in the dtype of the inputs.
    """
    filled = min(length, keys.shape[-2])
    scores = np.einsum("...d,...sd->...s", query, keys[..., :filled, :]) / query.shape[-1] ** 0.5
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = shares / shares.sum(axis=-1, keepdims=True)
    return np.einsum("...s,...sd->...d", weights, values[..., :filled, :])


class RollingCache:
    """The last window_size keys and values of a text, and those of its first, global tokens.

    Each token attends to the window that ends at it and to the global tokens before it, as in
    sliding_window_attention with causal_globals=True (Jiang et al. 2023, section 2, for the
    buffer; Xiao et al. 2023, section 3.2, for the first tokens beside it).
    Raises ValueError for a window below 1, or global tokens below 0 or above window_size, which is
    a limit of this cache: with more it would be mostly global tokens.
    """

    def __init__(self, window_size: int, num_global_tokens: int = 0) -> None:
        if window_size < 1:
            raise ValueError(f"window_size is {window_size}; it must be at least 1")
        if not 0 <= num_global_tokens <= window_size:
            raise ValueError(
                f"num_global_tokens is {num_global_tokens}; allowed are 0 to {window_size}"
            )
        self.window_size, self.num_global_tokens = window_size, num_global_tokens
        self.length = 0

    def attend(self, Q: ndarray, K: ndarray, V: ndarray) -> ndarray:
        """The outputs (..., n, d_v) of the next n tokens of the text, which are remembered.

        Q, K: (..., n, d_k), V: (..., n, d_v), n at least 1.
        """
        steps = range(Q.shape[-2])
        outputs = [self._step(Q[..., t, :], K[..., t, :], V[..., t, :]) for t in steps]
        return np.stack(outputs, axis=-2)

    def _step(self, query: ndarray, key: ndarray, value: ndarray) -> ndarray:
        if self.length == 0:
            self.keys, self.values = _room(key, self.window_size), _room(value, self.window_size)
            self.global_keys = _room(key, self.num_global_tokens)
            self.global_values = _room(value, self.num_global_tokens)
        store(self.keys, self.values, key, value, self.length)
        if self.length < self.num_global_tokens:
            self.global_keys[..., self.length, :] = key
            self.global_values[..., self.length, :] = value
        self.length += 1
        left = min(max(self.length - self.window_size, 0), self.num_global_tokens)
        keys = np.concatenate((self.global_keys[..., :left, :], self.keys), axis=-2)
        values = np.concatenate((self.global_values[..., :left, :], self.values), axis=-2)
        return attend_to_cache(query, keys, values, left + self.length)


def _room(one: ndarray, number: int) -> ndarray:
    """Zeros for so many vectors like the one (..., d): (..., number, d)."""
    return np.zeros((*one.shape[:-1], number, one.shape[-1]), dtype=one.dtype)
