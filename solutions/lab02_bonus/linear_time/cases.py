"""Inputs for the exercises of 02_linear_time.

A mistake should cost what it breaks. So where an aspect is about something else, the scores are
equal, which hides their scale, or the window holds the whole text, which hides its edges, or the
global tokens are quiet, which hides how they are treated.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.exercise import Case, Inputs

LARGE = 2.0**15  # a score whose exp is inf, and that of its negative 0
QUIET = -(2.0**17)  # a score that is nothing even beside a large one
LONG = 1024  # tokens: all scores of them would take 8 MiB, those of a block 2 KiB

Draw = Callable[[Generator], Inputs]
Cases = Callable[[Generator], list[Case]]


def blocks_inside(rng: Generator) -> list[Case]:
    """Blocks whose windows all lie in the text, one of them at its very start. No window twice."""
    some, fits = (int(w) for w in rng.permutation(np.arange(2, 8))[:2])
    windows = (some, 1, fits, 8 + int(rng.integers(4)))
    starts = (some + int(rng.integers(1, 20)), int(rng.integers(5, 20)), fits, 30)
    sizes = (int(rng.integers(2, 7)), 3, int(rng.integers(2, 7)), 1)
    return [_block(*each) for each in zip(starts, sizes, windows, strict=True)]


def blocks_at_the_start(rng: Generator) -> list[Case]:
    """The first block and two others, whose windows all begin before the text does."""
    blocks = ((0, 3), (1 + int(rng.integers(2)), int(rng.integers(2, 7))), (3, 1))
    windows = (2 * (start + size) + int(rng.integers(1, 5)) for start, size in blocks)
    return [_block(*each, window) for each, window in zip(blocks, windows, strict=True)]


def blocks_anywhere(rng: Generator) -> list[Case]:
    return blocks_inside(rng) + blocks_at_the_start(rng)


def in_blocks(*, rest: int = 0, d: int = 3, equal: bool = True, dtype: type = np.float64) -> Draw:
    """Some blocks, longer or shorter than the window; with rest, at least so much of one more."""

    def draw(rng: Generator) -> Inputs:
        block, window = (int(size) for size in rng.integers((3, 3), (6, 7)))
        length = 6 * block + (int(rng.integers(rest, block)) if rest else 0)
        text = _text(rng, (length,), d, d)
        if equal:
            text |= _equal_scores(text)
        return _typed(text, dtype) | {"window_size": window, "block_size": block}

    return draw


def whole_blocks(rng: Generator) -> list[Case]:
    """Besides, blocks of one, a window of one, and the same question once more."""
    first, second, third = (in_blocks()(rng) for _ in range(3))
    of_one = [third | {"block_size": 1}, third | {"window_size": 1}]
    return [Case(inputs) for inputs in (first, second, *of_one, first)]


def shorter_blocks(rng: Generator) -> list[Case]:
    """Besides, all in a block that is longer than the text, and a single token."""
    some = [in_blocks(rest=1)(rng) for _ in range(3)]
    token = {name: some[0][name][:1] for name in "QKV"} | {"window_size": 3, "block_size": 2}
    return [Case(inputs) for inputs in (*some, some[0] | {"block_size": 100}, token)]


def shorter_blocks_with_globals(rng: Generator) -> list[Case]:
    """In the last of them, a single token is left for the last block; in the others two or more,
    because the last token may be global."""
    drawn = [in_blocks(rest=2)(rng) for _ in range(4)]
    length = 6 * drawn[-1]["block_size"] + 1
    drawn[-1] |= {name: drawn[-1][name][:length] for name in "QKV"}
    return [Case(inputs) for inputs in drawn]


def one_block(*, d_k: int = 3, dtype: type = np.float64) -> Draw:
    """All in one block and in one window, so that no mistake at the edges of either shows."""

    def draw(rng: Generator) -> Inputs:
        length = int(rng.integers(11, 14))
        text = _text(rng, (length,), d_k, 3)
        return _typed(text, dtype) | {"window_size": 2 * length, "block_size": length}

    return draw


def widths(rng: Generator) -> list[Case]:
    """Each d_k once: none is a square, a divisor of another size, or as large as d_v."""
    return [Case(one_block(d_k=int(d_k))(rng)) for d_k in rng.permutation([2, 5, 7])]


def large_scores(rng: Generator) -> Inputs:
    """Queries of the first part see low scores alone, beside far higher ones that are blocked."""
    inputs = one_block()(rng)
    low = np.arange(inputs["block_size"])[:, np.newaxis] < rng.integers(3, 6)
    text = {"Q": np.ones(low.shape), "K": np.where(low, -LARGE, LARGE)}
    return inputs | text | {"V": inputs["V"][:, :1]}


def batches(rng: Generator) -> list[Case]:
    """Several blocks, with up to three axes in front, of which some are of a single sequence.

    In the last, all scores of one entry are far from those of the other, though exp is finite.
    """
    drawn = []
    for batch in ((2, 3), (4,), (1, 2), (), (2, 1, 2)):
        block = int(rng.integers(3, 6))
        text = _text(rng, (*batch, 3 * block), 1, 1)
        drawn.append(text | {"window_size": 6 * block, "block_size": block})
    apart = _text(rng, (2, 6), 1, 1) | {"window_size": 9, "block_size": 3}
    apart |= {"Q": np.full((2, 6, 1), 400.0), "K": np.ones((2, 6, 1)) * [[[1]], [[-1]]]}
    return [Case(inputs) for inputs in (*drawn, apart)]


def both_dtypes(draw: Callable[..., Draw]) -> Cases:
    """Cases in float32 and float64."""
    return lambda rng: [Case(draw(dtype=dtype)(rng)) for dtype in (np.float32, np.float64)]


def to_be_left_alone(*, dtype: type) -> Draw:
    """Scores that need a scale."""
    return in_blocks(d=5, equal=False, dtype=dtype)


def long_text(rng: Generator) -> list[Case]:
    """Near both ends, a value is nan. Whoever multiplies it, even by 0, gets nan."""
    text = _text(rng, (LONG,), 1, 1)
    text["V"][[5, -6]] = np.nan
    return [Case(text | {"window_size": int(rng.integers(2, 5)), "block_size": 16})]


# with global tokens


def none_global(rng: Generator) -> Inputs:
    inputs = in_blocks()(rng)
    return _with_globals(inputs)


def two_global(rng: Generator) -> Inputs:
    """One in the second block and one in the last, neither of them first or last of its block.

    The blocks between them, and the first, have no global token in their slice.
    """
    inputs = in_blocks()(rng)
    block = inputs["block_size"]
    second, last = block + rng.integers(1, block - 1), 6 * block - rng.integers(2, block)
    return _with_globals(inputs, second, last)


def some_global(rng: Generator) -> list[Case]:
    """Two, one, and all of them."""
    two, one, every = two_global(rng), in_blocks()(rng), in_blocks()(rng)
    length = len(every["Q"])
    one = _with_globals(one, int(rng.integers(4, len(one["Q"]) - 4)))
    return [Case(inputs) for inputs in (two, one, _with_globals(every, *range(length)))]


def quiet(draw: Cases) -> Cases:
    """The last token is global, but it has no weight and its value is 0; so has the first.

    For whom the window holds all before, it changes nothing how a global token is treated, nor
    which of the two is. Only the first row may show it.
    """
    return lambda rng: [Case(_quiet(case.inputs)) for case in draw(rng)]


def long_text_with_globals(rng: Generator) -> list[Case]:
    some = rng.permutation(np.arange(20, LONG - 20))[:2]
    return [Case(_with_globals(case.inputs, *some)) for case in long_text(rng)]


def rows_of_globals(inputs: Inputs) -> np.ndarray:
    is_global: np.ndarray = inputs["global_mask"]
    return is_global[:, np.newaxis]


def rows_apart(inputs: Inputs) -> np.ndarray:
    """Rows of tokens that are not global, in blocks whose slice has no global token."""
    return ~rows_of_globals(inputs) & ~_near_a_global(inputs)


def rows_beside(inputs: Inputs) -> np.ndarray:
    """Rows of tokens that are not global, in blocks whose slice has a global token."""
    return ~rows_of_globals(inputs) & _near_a_global(inputs)


def all_but_the_first(inputs: Inputs) -> np.ndarray:
    return np.arange(len(inputs["global_mask"]))[:, np.newaxis] > 0


def neither_first_nor_global(inputs: Inputs) -> np.ndarray:
    return all_but_the_first(inputs) & ~rows_of_globals(inputs)


def _near_a_global(inputs: Inputs) -> np.ndarray:
    row, mask = np.arange(len(inputs["global_mask"])), inputs["global_mask"]
    start = row // inputs["block_size"] * inputs["block_size"]
    first = np.maximum(start - inputs["window_size"] + 1, 0)
    slices = zip(first, start + inputs["block_size"], strict=True)
    return np.array([[mask[first:end].any()] for first, end in slices])


def _block(start: int, size: int, window_size: int) -> Case:
    return Case({"start": start, "stop": start + size, "window_size": window_size})


def _text(rng: Generator, shape: tuple[int, ...], d_k: int, d_v: int) -> Inputs:
    return {name: rng.normal(size=(*shape, d)) for name, d in (("Q", d_k), ("K", d_k), ("V", d_v))}


def _equal_scores(text: Inputs) -> Inputs:
    return {"Q": np.ones_like(text["Q"]), "K": np.zeros_like(text["K"])}


def _quiet(inputs: Inputs) -> Inputs:
    Q, K, V = (inputs[name].copy() for name in "QKV")
    Q[..., -1] = abs(Q[..., -1]) + 1
    for end in (0, -1):
        K[..., end, :] = V[..., end, :] = 0
        K[..., end, -1] = QUIET
    return _with_globals(inputs | {"Q": Q, "K": K, "V": V}, Q.shape[-2] - 1)


def _typed(text: Inputs, dtype: type) -> Inputs:
    return {name: array.astype(dtype) for name, array in text.items()}


def _with_globals(inputs: Inputs, *positions: int) -> Inputs:
    return inputs | {"global_mask": np.isin(np.arange(inputs["Q"].shape[-2]), positions)}
