"""Decoding with a rolling cache: window_size keys and values are enough, however long the text.

Jiang et al. (2023), Mistral 7B, section 2: the rolling buffer cache, and chunks of a prompt.
Xiao et al. (2023), Efficient Streaming Language Models with Attention Sinks, section 3: the first
tokens, which are global here, are kept beside it.
"""

import numpy as np
from numpy import ndarray

from solutions.lab02.reference.sliding_window import (
    attend,
    require_at_least,
    require_matching_shapes,
)


class RollingCache:
    """The keys and values that queries still to come can see, for any number of heads.

    keys: (..., window_size, d_k), values: (..., window_size, d_v). Position p is in slot
        p % window_size, in place of position p - window_size, which has just left the window. So
        the slots are soon out of order: a softmax and a sum do not notice.
    global_keys, global_values: the same of the first num_global_tokens positions, for good.
    length: positions taken so far. Slots that none of them has reached are zero.

    The four arrays are None before the first chunk; then they have its dtype and keep their size.

    A causal global query attends to its whole past. Of the first positions it is still there: all
    that has left the window is global. They may be as many as the window holds; more would be
    exact, too, but most of the cache. Raises ValueError for more of them, a window below 1 or a
    negative count.
    """

    def __init__(self, window_size: int, num_global_tokens: int = 0) -> None:
        require_at_least(1, window_size=window_size)
        require_at_least(0, num_global_tokens=num_global_tokens)
        if num_global_tokens > window_size:
            raise ValueError(
                f"num_global_tokens is {num_global_tokens}; this cache takes at most "
                f"window_size={window_size} of them"
            )
        self.window_size, self.num_global_tokens, self.length = window_size, num_global_tokens, 0
        self.keys: ndarray | None = None
        self.values: ndarray | None = None
        self.global_keys: ndarray | None = None
        self.global_values: ndarray | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of all keys and values: the same after the first chunk as after the millionth."""
        arrays = (self.keys, self.values, self.global_keys, self.global_values)
        return sum(array.nbytes for array in arrays if array is not None)

    def attend(self, Q: ndarray, K: ndarray, V: ndarray) -> ndarray:
        """Take the next positions, one or many, and return their outputs.

        Q, K: (..., chunk_len, d_k), V: (..., chunk_len, d_v). Returns (..., chunk_len, d_v): what
        the dense reference gives for these rows with causal_globals=True, whatever the chunks.
        Raises ValueError for shapes that do not fit each other, or the chunks before.
        """
        Q, K, V = np.asarray(Q), np.asarray(K), np.asarray(V)
        require_matching_shapes(Q, K, V, None)
        chunk_len = Q.shape[-2]
        require_at_least(1, chunk_len=chunk_len)
        if self.keys is None:
            self._allocate(K, V)
        self._require_same_heads(K, V)
        w = self.window_size  # a longer piece would overwrite keys that it needs itself
        pieces = [[x[..., i : i + w, :] for x in (Q, K, V)] for i in range(0, chunk_len, w)]
        return np.concatenate([self._attend_piece(*piece) for piece in pieces], axis=-2)

    def _attend_piece(self, Q, K, V):
        """The outputs of at most window_size positions."""
        w, g = self.window_size, self.num_global_tokens
        new = np.arange(self.length, self.length + Q.shape[-2])
        last = self.length - 1
        cached = last - (last - np.arange(w)) % w  # the newest position of each slot
        kept = cached >= g  # neither empty, nor of a global token
        first = np.arange(min(self.length, g))

        positions = np.concatenate([first, cached[kept], new])
        keys = [self.global_keys[..., first, :], self.keys[..., kept, :], K]
        values = [self.global_values[..., first, :], self.values[..., kept, :], V]
        gone = (positions <= new[:, None] - w) & (positions >= g)
        mask = gone | (positions > new[:, None])
        output, _ = attend(Q, np.concatenate(keys, axis=-2), np.concatenate(values, axis=-2), mask)
        self._store(new, K, V)
        return output

    def _store(self, new, K, V):
        slots = new % self.window_size  # in place of those that leave the window
        self.keys[..., slots, :] = K
        self.values[..., slots, :] = V
        first = new < self.num_global_tokens
        self.global_keys[..., new[first], :] = K[..., first, :]
        self.global_values[..., new[first], :] = V[..., first, :]
        self.length += len(new)

    def _allocate(self, K, V):
        def slots(x, count):
            return np.zeros((*x.shape[:-2], count, x.shape[-1]), np.result_type(x, np.float16))

        self.keys, self.values = slots(K, self.window_size), slots(V, self.window_size)
        self.global_keys = slots(K, self.num_global_tokens)
        self.global_values = slots(V, self.num_global_tokens)

    def _require_same_heads(self, K, V):
        for name, chunk, cached in (("K", K, self.keys), ("V", V, self.values)):
            if chunk.shape[:-2] != cached.shape[:-2] or chunk.shape[-1] != cached.shape[-1]:
                expected = ", ".join(map(str, (*cached.shape[:-2], "chunk_len", cached.shape[-1])))
                raise ValueError(
                    f"{name} has shape {chunk.shape}; as in the chunks before, "
                    f"it must be ({expected})"
                )
