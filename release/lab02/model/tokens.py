"""Text to the numbers that the model knows, and back."""

import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy import ndarray

FOLDER = Path(__file__).parent
NO_BOOK = "any book"
WORDS = re.compile(r" ?[A-Za-z]+| ?[^A-Za-z\s]+|\s")  # a word with the space before it, or signs


class Tokens:
    """Text to numbers and back. The first numbers are the books, each sequence begins with one."""

    def __init__(self) -> None:
        stored = json.loads((FOLDER / "tokens.json").read_text(encoding="utf-8"))
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
