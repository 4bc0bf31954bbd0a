"""The Longformer's own attention layer: looking both ways, with projections for global tokens.

Beltagy, Peters, Cohan (2020), Longformer, section 3.1. Dense, inside a mask, to be read.
"""

import numpy as np
from numpy import ndarray

from solutions.lab02.reference.sliding_window import (
    attend,
    combine_heads,
    require_at_least,
    split_heads,
)

PROJECTIONS = ("Q", "K", "V", "Q_global", "K_global", "V_global")


class LongformerSelfAttention:
    """Multi-head attention in a window around each token, and to and from global tokens.

    A token attends to itself, to attention_window // 2 tokens on each side and to the global ones;
    a global token to all. The scores between them come from these projections:

    - a local query, any key, global ones too: x @ W_Q + b_Q, x @ W_K + b_K, x @ W_V + b_V;
    - a global query, any key: x @ W_Q_global + b_Q_global, and so on.

    W_*: (d_model, d_model), b_*: (d_model,). There is no output projection.

    In Hugging Face transformers' layer of the same name, W_Q is query.weight.T, b_Q query.bias,
    W_Q_global query_global.weight.T, and so on with key and value; d_model is hidden_size,
    num_heads num_attention_heads. Its two masks come as one, attention_mask * (global + 1), of
    which its layer gets a large negative number, 0 and a large positive one for 0, 1 and 2. Its
    length must be a multiple of attention_window, and it computes the softmax in float32; neither
    is so here.

    Raises ValueError for a count below 1, an odd attention_window, or d_model not divisible by
    num_heads.
    """

    def __init__(self, d_model: int, num_heads: int, attention_window: int) -> None:
        require_at_least(1, d_model=d_model, num_heads=num_heads, attention_window=attention_window)
        if d_model % num_heads:
            raise ValueError(f"d_model is {d_model}; num_heads={num_heads} must divide it")
        if attention_window % 2:
            raise ValueError(
                f"attention_window is {attention_window}; it must be even, half for each side"
            )
        self.d_model, self.num_heads, self.d_k = d_model, num_heads, d_model // num_heads
        self.attention_window = attention_window

        rng = np.random.default_rng()
        for name in PROJECTIONS:
            setattr(self, f"W_{name}", rng.normal(scale=d_model**-0.5, size=(d_model, d_model)))
            setattr(self, f"b_{name}", np.zeros(d_model))

    def __call__(
        self,
        x: ndarray,
        attention_mask: ndarray | None = None,
        global_attention_mask: ndarray | None = None,
    ) -> ndarray:
        return self.forward(x, attention_mask, global_attention_mask)

    def forward(
        self,
        x: ndarray,
        attention_mask: ndarray | None = None,
        global_attention_mask: ndarray | None = None,
    ) -> ndarray:
        """x: (batch, seq_len, d_model) or (seq_len, d_model). Returns an array of that shape.

        The masks have the shape of x without d_model and are those of transformers: 1 is a token
        and 0 padding, 1 is a global token and 0 a local one. No mask: all tokens, none global.
        Nobody attends to padding, whose own output is 0; it cannot be global.
        Raises ValueError for another shape of x or of a mask.
        """
        x = np.asarray(x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
            raise ValueError(f"x has shape {x.shape}; it must be (..., seq_len, {self.d_model})")
        is_token = _flags("attention_mask", attention_mask, x.shape[:-1], default=True)
        is_global = is_token & _flags(
            "global_attention_mask", global_attention_mask, x.shape[:-1], default=False
        )
        Q, K, V, Q_global, K_global, V_global = (self._project(x, name) for name in PROJECTIONS)
        local, _ = attend(Q, K, V, self._local_mask(is_token, is_global))
        over_all, _ = attend(Q_global, K_global, V_global, _only_tokens(is_token))
        output = np.where(is_global[..., None], combine_heads(over_all), combine_heads(local))
        return np.where(is_token[..., None], output, 0)

    def _project(self, x, name):
        """(..., num_heads, seq_len, d_k)."""
        return split_heads(
            x @ getattr(self, f"W_{name}") + getattr(self, f"b_{name}"), self.num_heads
        )

    def _local_mask(self, is_token, is_global):
        """([batch,] 1, seq_len, seq_len), True = blocked: the window, and the global columns."""
        query, key = np.ogrid[: is_token.shape[-1], : is_token.shape[-1]]
        outside = abs(query - key) > self.attention_window // 2
        return _only_tokens(is_token) | (outside & ~is_global[..., None, None, :])


def _only_tokens(is_token):
    """Blocks the keys that are padding, except to themselves: then no query is without a key."""
    return ~(is_token[..., None, None, :] | np.eye(is_token.shape[-1], dtype=bool))


def _flags(name, mask, shape, default):
    if mask is None:
        return np.full(shape, default)
    if np.shape(mask) != shape:
        raise ValueError(f"{name} has shape {np.shape(mask)}; it must be {shape}")
    return np.asarray(mask).astype(bool)
