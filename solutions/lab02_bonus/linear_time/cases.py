"""Inputs for the exercises of 02_linear_time."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.exercise import Case, Inputs

LARGE = 2.0**13  # spread of scores that overflow exp
LONG = 1024  # tokens: all scores of them would take 8 MiB, those of a block a few hundred bytes


def block_inside(rng: Generator) -> Inputs:
    """A block whose first query has a whole window behind it."""
    window = int(rng.integers(3, 7))
    return _block(rng, start=int(window + rng.integers(2, 20)), window_size=window)


def block_at_the_start(rng: Generator) -> Inputs:
    """A block that is not the first, and all of whose windows begin before the text does."""
    block = _block(rng, start=int(rng.integers(1, 5)), window_size=0)
    return block | {"window_size": block["stop"] + int(rng.integers(1, 5))}


def block_of_window_one(rng: Generator) -> Inputs:
    return _block(rng, start=int(rng.integers(5, 20)), window_size=1)


def query_and_after(inputs: Inputs) -> np.ndarray:
    """Each query itself, and the keys after it: what no window of a wrong length changes."""
    first = max(0, inputs["start"] - inputs["window_size"] + 1)
    query = np.arange(inputs["start"], inputs["stop"])[:, np.newaxis]
    return np.arange(first, inputs["stop"]) >= query


def in_blocks(*, rest: bool = False, batch: tuple[int, ...] = ()) -> Callable[[Generator], Inputs]:
    """Three or four blocks, longer or shorter than the window; with rest, a part of one more."""

    def draw(rng: Generator) -> Inputs:
        block, window = (int(size) for size in rng.integers((3, 3), (6, 7)))
        length = block * int(rng.integers(3, 5)) + (int(rng.integers(1, block)) if rest else 0)
        text = _text(rng, (*batch, length))
        return text | {"window_size": window, "block_size": block}

    return draw


def one_block(
    *,
    d_k: int = 1,
    batch: tuple[int, ...] = (),
    spread: float = 1.0,
    dtype: type = np.float64,
) -> Callable[[Generator], Inputs]:
    """All in one block and in one window, so that no mistake at the edges of either shows.

    spread is that of K. Large scores are exact in float32, too.
    """

    def draw(rng: Generator) -> Inputs:
        length = int(rng.integers(6, 11))
        text = _text(rng, (*batch, length), d_k)
        if spread > 1:
            text |= {name: np.round(8 * text[name]) / 8 + 1 / 16 for name in ("Q", "K")}
            text["K"] *= spread
        arrays = {name: array.astype(dtype) for name, array in text.items()}
        return arrays | {"window_size": length, "block_size": length}

    return draw


def long_text(rng: Generator) -> list[Case]:
    sizes = {"window_size": int(rng.integers(3, 6)), "block_size": 8}
    return [Case(_text(rng, (LONG,)) | sizes)]


def with_globals(
    *, number: int = 2, rest: bool = False, batch: tuple[int, ...] = ()
) -> Callable[[Generator], Inputs]:
    """Global tokens anywhere but among the first, for which their number could be taken."""

    def draw(rng: Generator) -> Inputs:
        return _add_globals(rng, in_blocks(rest=rest, batch=batch)(rng), number)

    return draw


def none_global(*, spread: float = 1.0, dtype: type = np.float64) -> Callable[[Generator], Inputs]:
    return lambda rng: _add_globals(rng, one_block(spread=spread, dtype=dtype)(rng), 0)


def long_text_with_globals(rng: Generator) -> list[Case]:
    return [Case(_add_globals(rng, case.inputs, 2)) for case in long_text(rng)]


def rows_of_globals(inputs: Inputs) -> np.ndarray:
    is_global: np.ndarray = inputs["global_mask"]
    return is_global[:, np.newaxis]


def rows_of_the_others(inputs: Inputs) -> np.ndarray:
    return ~rows_of_globals(inputs)


def _block(rng: Generator, start: int, window_size: int) -> Inputs:
    stop = start + int(rng.integers(3, 7))
    return {"start": start, "stop": stop, "window_size": window_size}


def _text(rng: Generator, shape: tuple[int, ...], d_k: int = 1) -> Inputs:
    return {name: rng.normal(size=(*shape, d)) for name, d in (("Q", d_k), ("K", d_k), ("V", 3))}


def _add_globals(rng: Generator, inputs: Inputs, number: int) -> Inputs:
    length = inputs["Q"].shape[-2]
    mask = np.zeros(length, dtype=bool)
    mask[rng.choice(np.arange(number, length - 1), size=number, replace=False)] = True
    return inputs | {"global_mask": mask}
