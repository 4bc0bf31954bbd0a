"""Learn a vocabulary of pieces of words: byte-pair encoding, on characters.

Sennrich, Haddow, Birch (2016), Neural Machine Translation of Rare Words with Subword Units: start
from single characters, and join again and again the two neighbours that occur together most often.
"""

from collections import Counter, defaultdict
from itertools import pairwise

Pair = tuple[str, str]


def learn_merges(words: Counter[str], count: int) -> list[Pair]:
    """The first so many merges, in order. No merge crosses from one word to the next.

    words: how often each word occurs in the text, with the space before it as its first letter.
    """
    pieces = {word: list(word) for word in words}
    frequency: Counter[Pair] = Counter()
    users: defaultdict[Pair, set[str]] = defaultdict(set)  # so that a merge need not look at all
    for word, parts in pieces.items():
        for pair in pairwise(parts):
            frequency[pair] += words[word]
            users[pair].add(word)

    merges = []
    for _ in range(count):
        best = max(frequency, key=lambda pair: (frequency[pair], pair))  # ties: the same every time
        merges.append(best)
        for word in users.pop(best):
            for pair in pairwise(pieces[word]):
                frequency[pair] -= words[word]
            pieces[word] = join(pieces[word], best)
            for pair in pairwise(pieces[word]):
                frequency[pair] += words[word]
                users[pair].add(word)
        del frequency[best]
    return merges


def join(pieces: list[str], pair: Pair) -> list[str]:
    """The pieces with every occurrence of the pair joined, from left to right."""
    joined: list[str] = []
    at = 0
    while at < len(pieces):
        if tuple(pieces[at : at + 2]) == pair:
            joined.append(pieces[at] + pieces[at + 1])
            at += 2
        else:
            joined.append(pieces[at])
            at += 1
    return joined
