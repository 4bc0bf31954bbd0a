"""A small language model in NumPy, whose attention is given from outside: yours, if you like.

A decoder of pre-norm blocks: x + attention(norm(x)), then x + mlp(norm(x)). It has read seven
novels; its weights and words lie beside this file.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from .tokens import FOLDER, NO_BOOK, Tokens

__all__ = ["FOLDER", "NO_BOOK", "Model", "Tokens"]


class Model:
    """The stored model with your attention in it.

    attention: a class, or any function, that is called as SlidingWindowAttention is, with d_model,
        num_heads, window_size and num_global_tokens, and returns a layer. The layer gets the
        matrices W_Q, W_K, W_V, W_O of shape (d_model, d_model), and is called with an array
        (seq_len, d_model).
    causal_globals: whether even the global tokens do not see what comes later. A language model
        that sees the next token need not predict it, so False is for looking at that only.
    """

    def __init__(
        self,
        attention: Callable[..., Any],
        window_size: int = 256,
        num_global_tokens: int = 0,
        *,
        causal_globals: bool = True,
        weights: Path = FOLDER / "weights.npz",
    ) -> None:
        self.weights = dict(_stored(weights))
        self.tokens = Tokens()
        self.num_heads = int(self.weights.pop("num_heads"))
        self.context, self.d_model = self.weights["positions"].shape
        self.closed = num_global_tokens if causal_globals else 0
        self.layers: list[Any] = []
        while f"{len(self.layers)}.W_Q" in self.weights:
            layer = attention(self.d_model, self.num_heads, window_size, num_global_tokens)
            for name in ("W_Q", "W_K", "W_V", "W_O"):
                setattr(layer, name, self.weights[f"{len(self.layers)}.{name}"].copy())
            self.layers.append(layer)

    def logits(self, tokens: ndarray) -> ndarray:
        """Scores for the token after each of tokens (seq_len,): (seq_len, vocabulary)."""
        x = self.enter(tokens)
        for number in range(len(self.layers)):
            x = self.block(number, x)
        return norm(x, self.weights["norm"]) @ self.weights["embedding"].T

    def attention_weights(self, tokens: ndarray) -> list[ndarray]:
        """What the heads look at in each layer: (num_heads, seq_len, seq_len).

        As the layer itself says it: the rows of global tokens are shown as it computes them.
        """
        x, seen = self.enter(tokens), []
        for number, layer in enumerate(self.layers):
            x_in = norm(x, self.weights[f"{number}.attention_norm"])
            seen.append(layer.get_attention_weights(x_in))
            x = self.block(number, x)
        return seen

    def enter(self, tokens: ndarray) -> ndarray:
        """(seq_len,) to (seq_len, d_model). Raises ValueError where there are too many."""
        if len(tokens) > self.context:
            raise ValueError(f"{len(tokens)} tokens are given; at most {self.context} are allowed")
        return self.weights["embedding"][tokens] + self.weights["positions"][: len(tokens)]

    def block(self, number: int, x: ndarray) -> ndarray:
        """(seq_len, d_model) to (seq_len, d_model): attention mixes positions, the mlp features."""
        w = {key: self.weights[f"{number}.{key}"] for key in ("attention_norm", "mlp_norm")}
        x = x + self.attend(self.layers[number], norm(x, w["attention_norm"]))
        hidden = norm(x, w["mlp_norm"]) @ self.weights[f"{number}.W_in"]
        return x + np.maximum(hidden, 0) ** 2 @ self.weights[f"{number}.W_out"]

    def attend(self, layer: Any, x: ndarray) -> ndarray:
        """The layer's result, (seq_len, d_model), without what global tokens see of the future.

        The row of a global token is taken from a call with the text up to that token: there is
        no later one to be seen. All other rows are causal anyway.
        """
        output = layer(x)
        if self.closed:
            output = output.copy()
        for row in range(min(self.closed, len(x))):
            output[row] = layer(x[: row + 1])[row]
        return output

    def generate(
        self, text: str, count: int, seed: int, book: str = NO_BOOK, temperature: float = 0.6
    ) -> str:
        """The text and count more tokens, drawn one by one from the model's distribution."""
        rng = np.random.default_rng(seed)
        first, *rest = self.tokens.encode(text, book)
        for _ in range(count):
            logits = self.logits(np.array([first, *rest[-(self.context - 1) :]]))[-1] / temperature
            logits[: len(self.tokens.books)] = -np.inf  # a book only stands at the beginning
            chances = np.exp(logits - logits.max())
            rest.append(rng.choice(len(chances), p=chances / chances.sum()))
        return self.tokens.decode(np.array(rest))


@cache
def _stored(weights: Path) -> dict[str, ndarray]:
    """The arrays of a file, as float32: read once for all models that a notebook makes of them."""
    with np.load(weights) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def norm(x: ndarray, gain: ndarray) -> ndarray:
    """Each row scaled to a mean square of 1, then by gain (d_model,)."""
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-6) * gain
