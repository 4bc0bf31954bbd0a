"""Inputs for the exercises of 01_patterns."""

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused, shuffled
from grading.judging.exercise import Case, Inputs


def sized(*sizes: int | np.integer, names: tuple[str, ...] = ()) -> Case:
    return Case(dict(zip(("seq_len", *names), map(int, sizes), strict=True)))


def lengths(rng: Generator) -> list[Case]:
    """The first once more at the end, to see who remembers or guesses; one is beyond 8 bits."""
    first, *others = (sized(int(n)) for n in rng.permutation(np.arange(5, 14))[:3])
    return [first, *others, sized(rng.integers(260, 280)), first]


def lengths_of_a_kind(rng: Generator) -> list[Case]:
    return [sized(rng.integers(4, 9)), sized(1)]


def lengths_to_check(rng: Generator) -> list[Case]:
    good = [Case({"seq_len": n}, accepted=True) for n in (1, 2, int(rng.integers(3, 9)))]
    bad = [refused({}, "seq_len", n) for n in (0, -1, -int(rng.integers(10, 99)))]
    return shuffled(rng, [*good, *bad])


def sizes_to_check(rng: Generator, *names: str) -> list[Case]:
    """In any order: no place, and no other argument, tells what is to be refused."""
    every = ("seq_len", *names)
    small, large = dict.fromkeys(every, 1), dict.fromkeys(every, int(rng.integers(2, 9)))
    accepted = [Case(sizes, accepted=True) for sizes in (small, large, large | {every[-1]: 1})]
    bad = [
        refused((small, large)[rng.integers(2)], name, size)
        for name in every
        for size in (0, -1, -int(rng.integers(10, 99)))
    ]
    return shuffled(rng, [*accepted[: rng.integers(2, 4)], *bad])


# local


WINDOW = ("window_size",)


def windows_inside(rng: Generator) -> list[Case]:
    """Of all sizes, down to 1, in texts of different lengths."""
    three = rng.permutation(np.arange(10, 16))[:3]
    sizes = [(int(n), int(rng.integers(3, 7))) for n in three]
    return [sized(*each, names=WINDOW) for each in (*sizes, (9, 1))]


def windows_at_the_start(rng: Generator) -> list[Case]:
    """Of different sizes, up to the whole, in texts of one length."""
    n = int(rng.integers(7, 9))
    windows = (rng.integers(2, 4), rng.integers(4, n - 1), n)
    return [sized(n, w, names=WINDOW) for w in windows]


def windows_wider(rng: Generator) -> list[Case]:
    three = rng.permutation(np.arange(3, 7))[:3]
    return [sized(n, n + rng.integers(1, n), names=WINDOW) for n in three]


def windows_of_a_kind(rng: Generator) -> list[Case]:
    return [sized(9, rng.integers(2, 6), names=WINDOW), sized(1, 1, names=WINDOW)]


def windows_to_check(rng: Generator) -> list[Case]:
    return sizes_to_check(rng, *WINDOW)


def full_rows(inputs: Inputs) -> np.ndarray:
    """Queries whose window is not cut off by the start of the sequence."""
    return np.arange(inputs["seq_len"])[:, np.newaxis] >= inputs["window_size"]


def clipped_rows(inputs: Inputs) -> np.ndarray:
    return ~full_rows(inputs)


# strided


STRIDE = ("stride",)


def strides_inside(rng: Generator) -> list[Case]:
    """Of all sizes from 2 on, at least two steps in the text; the first once more at the end."""
    three = rng.permutation(np.arange(11, 17))[:3]
    first, *others = (sized(n, s, names=STRIDE) for n, s in zip(three, (4, 2, 3), strict=True))
    long = sized(rng.integers(260, 280), 7, names=STRIDE)  # beyond 8 bits
    return [first, *others, sized(13, 5, names=STRIDE), long, first]


def strides_at_the_ends(rng: Generator) -> list[Case]:
    """Every key of the past, and none but the query; the length is as long as one step, too."""
    n = int(rng.integers(5, 9))
    return [sized(n, s, names=STRIDE) for s in (1, n, n + int(rng.integers(1, 9)))]


def strides_of_a_kind(rng: Generator) -> list[Case]:
    return [sized(9, rng.integers(2, 5), names=STRIDE), sized(1, 1, names=STRIDE)]


def strides_to_check(rng: Generator) -> list[Case]:
    return sizes_to_check(rng, *STRIDE)


# blocks


BLOCK = ("block_size",)


def blocks_that_fit(rng: Generator) -> list[Case]:
    """As many positions as blocks can hold; the size is hardly ever the number of them."""
    shapes = rng.permutation([(2, 4), (2, 5), (3, 4), (3, 5), (4, 3)])[
        :3
    ]  # of blocks, of positions
    first, *others = (sized(count * size, size, names=BLOCK) for count, size in shapes)
    of_one_length = [sized(18, size, names=BLOCK) for size in rng.permutation([3, 6, 9])[:2]]
    return [first, *others, *of_one_length, first]


def a_shorter_last_block(rng: Generator) -> list[Case]:
    """Of one position or more; and where the only block is cut off."""
    size = int(rng.integers(3, 6))
    n = int(rng.integers(4, 8))
    sizes = ((2 * size + 1, size), (4 * size - 1, size), (n, n + int(rng.integers(1, 5))))
    return [sized(*each, names=BLOCK) for each in sizes]


def blocks_of_a_kind(rng: Generator) -> list[Case]:
    return [sized(9, 3, names=BLOCK), sized(1, 1, names=BLOCK)]


def blocks_to_check(rng: Generator) -> list[Case]:
    return sizes_to_check(rng, *BLOCK)


# both


BOTH = ("window_size", "stride")


def both_inside(rng: Generator) -> list[Case]:
    """The window is shorter than the stride, or longer; the first once more at the end."""
    three = rng.permutation(np.arange(12, 17))[:3]
    sizes = rng.permutation([(3, 5), (4, 3), (2, 4)])
    first, *others = (sized(n, *each, names=BOTH) for n, each in zip(three, sizes, strict=True))
    return [first, *others, first]


def both_at_the_ends(rng: Generator) -> list[Case]:
    """One of the two sees nothing but the query, or everything; and both nothing but it. Both are
    longer than the text, once each."""
    n = int(rng.integers(6, 10))
    sizes = ((1, 3), (3, n + 1), (1, n + 2), (n + 3, 2))
    return [sized(n, *each, names=BOTH) for each in sizes]


def both_of_a_kind(rng: Generator) -> list[Case]:
    return [sized(9, rng.integers(2, 4), 4, names=BOTH), sized(1, 1, 1, names=BOTH)]


def both_to_check(rng: Generator) -> list[Case]:
    return sizes_to_check(rng, *BOTH)
