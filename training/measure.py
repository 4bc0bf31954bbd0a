"""The tables and samples of README.md. From the course folder: python -m training.measure

With the reference's attention; for another class change the one import.
"""

import json
from itertools import pairwise

import numpy as np
from numpy import ndarray

from solutions.lab02.reference.sliding_window import SlidingWindowAttention
from source.lab02.model import FOLDER, NO_BOOK, Model
from training.loss import bits, bits_of_pieces

PASSAGES = json.loads((FOLDER / "held_out.json").read_text(encoding="utf-8"))
WINDOWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
NAMES = {"Emma", "Fanny", "Elizabeth", "Elinor", "Catherine", "Harriet", "Weston", "Anne", "Ahab"}
NAMES |= {"Crawford", "Jane", "Marianne", "Mr", "Mrs", "Miss", "Sir", "Lady", "Captain"}
STARTS = (
    ("Emma", "Mr. Knightley looked at her, and"),
    ("Moby-Dick", "Captain Ahab looked at the sea, and"),
    ("Pride and Prejudice", '"My dear Jane," said Elizabeth, "'),
)


def row(window: int, global_tokens: int, named: bool) -> str:
    """Bits a character; a name; a piece with a quote."""
    model = Model(SlidingWindowAttention, window, global_tokens)
    books = [p["book"] if named else NO_BOOK for p in PASSAGES]
    costs = np.concatenate(
        [bits_of_pieces(model, p["text"], book) for p, book in zip(PASSAGES, books, strict=True)]
    )
    pieces = np.concatenate([model.tokens.encode(p["text"])[1:] for p in PASSAGES])
    kinds = kinds_of(model)
    values = [
        costs.sum() / sum(len(p["text"]) for p in PASSAGES),
        *(costs[np.isin(pieces, kind)].mean() for kind in kinds),
    ]
    return " | ".join(f"{value:.3f}" for value in values)


def mean(model: Model) -> float:
    """Bits a character over all passages."""
    total = sum(bits_of_pieces(model, p["text"], p["book"]).sum() for p in PASSAGES)
    return float(total) / sum(len(p["text"]) for p in PASSAGES)


def wrong_book(window: int, global_tokens: int) -> ndarray:
    """What a wrong first token costs, in bits, by distance: (256,)."""
    model = Model(SlidingWindowAttention, window, global_tokens)
    costs = []
    for p in PASSAGES:
        right, *pieces = model.tokens.encode(p["text"], p["book"])
        wrong = model.tokens.books.index("Emma" if p["book"] == "Moby-Dick" else "Moby-Dick")
        for start in range(0, len(pieces) - model.context + 1, model.context // 2):
            part = pieces[start : start + model.context]
            told, misled = (bits(model, np.array([book, *part])) for book in (right, wrong))
            costs.append(misled - told)
    return np.mean(costs, axis=0)


def kinds_of(model: Model) -> tuple[ndarray, ndarray]:
    """The pieces that are a name or a title, and those with a quotation mark."""
    pieces = model.tokens.pieces
    names = [number for number, piece in enumerate(pieces) if piece[1:] in NAMES]
    quotes = [number for number, piece in enumerate(pieces) if '"' in piece]
    return np.array(names), np.array(quotes)


def main() -> None:
    for named in (True, False):
        for global_tokens in (0, 1, 4):
            print(f"\nbook told: {named}, global tokens: {global_tokens}; all, names, quotes")
            for window in WINDOWS:
                print(f"| {window} | {row(window, global_tokens, named)} |", flush=True)

    edges = (0, 13, 29, 61, 125, 256)
    print(
        f"\nwrong book: window, global tokens; extra bits a piece, at distances up to {edges[1:]}"
    )
    for window, global_tokens in ((4, 0), (8, 0), (16, 0), (32, 0), (256, 0), (4, 1)):
        extra = wrong_book(window, global_tokens)
        means = [f"{extra[a:b].mean():.2f}" for a, b in pairwise(edges)]
        last = np.flatnonzero(extra)[-1]
        print(f"| {window} | {global_tokens} | {' | '.join(means)} | {last} |")

    # one global token that sees the future as well: what it knows reaches every later position
    for window in (4, 32):
        leaking = Model(SlidingWindowAttention, window, 1, causal_globals=False)
        print(f"\nwindow {window}, global token not causal: {mean(leaking):.3f}")

    # every row sees every position, in every layer: it could look up what it is to predict
    seeing = Model(SlidingWindowAttention, 256, 256, causal_globals=False)
    print(f"\nall pairs open, the future too: {mean(seeing):.3f}")

    model = Model(SlidingWindowAttention)
    for seed, (book, start) in enumerate(STARTS):
        print(f"\n{book}: {model.generate(start, 60, seed, book)}")


if __name__ == "__main__":
    main()
