"""Heads worth a look, on one sentence. From the course folder: python -m training.heads

Writes heads.json: the pieces of the sentence, and for each head what it does and its weights.
"""

import json

import numpy as np
from numpy import ndarray

from solutions.lab02.reference.sliding_window import SlidingWindowAttention
from source.lab02.model import FOLDER, Model

BOOK = "Pride and Prejudice"
SENTENCE = '"I will not go," said Elizabeth to her sister. "You must," said Jane, "and so must I."'
HEADS = (
    (0, 1, "looks at the token before"),
    (3, 1, "looks at the quotation mark that opened the speech"),
    (1, 3, "rests on the first token, but for a few that look at a name"),
)


def look(window_size: int = 256) -> tuple[list[str], list[ndarray]]:
    """The pieces of the sentence, and the weights of all heads by layer, (heads, n, n) each."""
    model = Model(SlidingWindowAttention, window_size)
    tokens = model.tokens.encode(SENTENCE, BOOK)
    return [model.tokens.pieces[token].strip() for token in tokens], model.attention_weights(tokens)


def main() -> None:
    pieces, weights = look()
    shown = []
    for layer, head, does in HEADS:
        square = weights[layer][head]
        shown.append({"layer": layer, "head": head, "does": does, "weights": rounded(square)})
        print(f"\nlayer {layer}, head {head}: {does}")
        for query in range(1, len(pieces)):
            best = np.argsort(-square[query])[:2]
            seen = ", ".join(f"{pieces[key]} ({key}) {square[query, key]:.2f}" for key in best)
            print(f"{pieces[query]} ({query}): {seen}")
    rows = {"book": BOOK, "sentence": SENTENCE, "pieces": pieces, "heads": shown}
    (FOLDER / "heads.json").write_text(json.dumps(rows) + "\n", encoding="utf-8")


def rounded(weights: ndarray) -> list[list[float]]:
    """To three digits, however small: only what is blocked is 0."""
    return [[float(f"{weight:.3g}") for weight in row] for row in weights]


if __name__ == "__main__":
    main()
