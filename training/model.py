"""A small language model in NumPy, whose attention is given from outside: yours, if you like.

A decoder of pre-norm blocks: x + attention(norm(x)), then x + mlp(norm(x)). train.py made the
weights. This file needs nothing but NumPy and the two files beside it.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

HERE = Path(__file__).parent
NO_BOOK = "any book"
WORDS = re.compile(r" ?[A-Za-z]+| ?[^A-Za-z\s]+|\s")  # a word with the space before it, or signs


class Tokens:
    """Text to numbers and back. The first numbers are the books, each sequence begins with one."""

    def __init__(self, path: Path = HERE / "tokens.json") -> None:
        stored = json.loads(path.read_text(encoding="utf-8"))
        self.books: list[str] = stored["books"]
        merges = [tuple(pair) for pair in stored["merges"]]
        self.rank = {pair: rank for rank, pair in enumerate(merges)}
        self.pieces = [f"<{book}>" for book in self.books]
        self.pieces += [*stored["characters"], *("".join(pair) for pair in merges)]
        self.number = {piece: number for number, piece in enumerate(self.pieces)}
        self._split = cache(self._split_word)  # most words come again

    def encode(self, text: str, book: str = NO_BOOK) -> ndarray:
        """(1 + pieces,) int: the token of the book, then those of the text.

        Raises ValueError for a book or a character that the model never saw.
        """
        if book not in self.books:
            raise ValueError(f"book is {book!r}; it must be one of {', '.join(self.books)}")
        pieces = [piece for word in WORDS.findall(text) for piece in self._split(word)]
        unknown = sorted(set(pieces) - self.number.keys())
        if unknown:
            raise ValueError(f"the model never saw {' '.join(map(repr, unknown))}")
        return np.array([self.books.index(book), *(self.number[piece] for piece in pieces)])

    def decode(self, tokens: ndarray) -> str:
        """The text of some tokens, without that of the book."""
        return "".join(self.pieces[token] for token in tokens if token >= len(self.books))

    def _split_word(self, word: str) -> list[str]:
        """The pieces of a word: the merges that were learnt first are done first."""
        pieces = list(word)
        while len(pieces) > 1:
            ranks = [self.rank.get(pair, len(self.rank)) for pair in pairwise(pieces)]
            at = int(np.argmin(ranks))
            if ranks[at] == len(self.rank):
                break
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
        return pieces


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
        weights: Path = HERE / "weights.npz",
        tokens: Path = HERE / "tokens.json",
    ) -> None:
        with np.load(weights) as stored:
            self.weights = {name: stored[name].astype(np.float32) for name in stored.files}
        self.tokens = Tokens(tokens)
        self.num_heads = int(self.weights.pop("num_heads"))
        self.context, self.d_model = self.weights["positions"].shape
        self.closed = num_global_tokens if causal_globals else 0
        self.layers: list[Any] = []
        while f"{len(self.layers)}.W_Q" in self.weights:
            layer = attention(self.d_model, self.num_heads, window_size, num_global_tokens)
            for name in ("W_Q", "W_K", "W_V", "W_O"):
                setattr(layer, name, self.weights[f"{len(self.layers)}.{name}"])
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

    def bits(self, tokens: ndarray) -> ndarray:
        """What each token but the first costs, in bits: (seq_len - 1,)."""
        logits = self.logits(tokens[:-1])
        logits = logits - logits.max(axis=-1, keepdims=True)
        log_sums = np.log(np.exp(logits).sum(axis=-1))
        return (log_sums - logits[np.arange(len(logits)), tokens[1:]]) / np.log(2)

    def bits_per_character(self, text: str, book: str = NO_BOOK) -> float:
        """The mean over a text; per character, so that vocabularies compare."""
        return float(self.bits_of_pieces(text, book).sum()) / len(text)

    def bits_of_pieces(self, text: str, book: str = NO_BOOK) -> ndarray:
        """What each piece of a text costs, of any length: (pieces,).

        From one call to the next half of the context moves on, so that every piece, but for the
        beginning of the text, has at least half a context before it.
        """
        first, *rest = self.tokens.encode(text, book)
        half, parts = self.context // 2, []
        for start in range(0, max(len(rest) - half, 1), half):
            bits = self.bits(np.array([first, *rest[start : start + 2 * half]]))
            parts.append(bits if start == 0 else bits[half:])
        return np.concatenate(parts)

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


def norm(x: ndarray, gain: ndarray) -> ndarray:
    """Each row scaled to a mean square of 1, then by gain (d_model,)."""
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-6) * gain
