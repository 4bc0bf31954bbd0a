"""What a text costs the model, in bits."""

import numpy as np
from numpy import ndarray

from source.lab02.model import NO_BOOK, Model


def bits(model: Model, tokens: ndarray) -> ndarray:
    """What each token but the first costs: (seq_len - 1,)."""
    logits = model.logits(tokens[:-1])
    logits = logits - logits.max(axis=-1, keepdims=True)
    log_sums = np.log(np.exp(logits).sum(axis=-1))
    return (log_sums - logits[np.arange(len(logits)), tokens[1:]]) / np.log(2)


def bits_of_pieces(model: Model, text: str, book: str = NO_BOOK) -> ndarray:
    """What each piece of a text costs, of any length: (pieces,).

    From one call to the next half of the context moves on, so that every piece, but for the
    beginning of the text, has at least half a context before it.
    """
    first, *rest = model.tokens.encode(text, book)
    half, parts = model.context // 2, []
    for start in range(0, max(len(rest) - half, 1), half):
        part = bits(model, np.array([first, *rest[start : start + 2 * half]]))
        parts.append(part if start == 0 else part[half:])
    return np.concatenate(parts)


def bits_per_character(model: Model, text: str, book: str = NO_BOOK) -> float:
    """The mean over a text; per character, so that vocabularies compare."""
    return float(bits_of_pieces(model, text, book).sum()) / len(text)
