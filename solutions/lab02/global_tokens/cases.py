"""Inputs for the exercises of 02_global_tokens."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.exercise import Case, Inputs

from ..sliding_window.cases import (
    looking_back,
    qkv,
    random_mask,
    sizes_to_check,
    window_inside,
)


def with_globals(*inner: int) -> Callable[[Generator], Inputs]:
    """One to three globals, in any order: one of the inner positions, and none or some others.

    Position 3, 4 or 5 is never at an end, and never one of the first so many.
    """

    def draw(rng: Generator) -> Inputs:
        inputs = window_inside(rng)
        others = np.setdiff1d(np.arange(inputs["seq_len"]), (3, 4, 5))
        chosen = [rng.choice(inner), *rng.permutation(others)[: rng.integers(3)]]
        return inputs | {"global_positions": [int(p) for p in rng.permutation(chosen)]}

    return draw


def positions_to_check(rng: Generator) -> list[Case]:
    good = with_globals(3, 4, 5)(rng)
    outside = (good["seq_len"], -1, int(rng.integers(100, 999)))
    return [*sizes_to_check(rng), Case(good, accepted=True)] + [
        Case(good | {"global_positions": [1, position]}, refuses=("global_positions", position))
        for position in outside
    ]


def global_rows(inputs: Inputs) -> np.ndarray:
    return _is_global(inputs)[:, np.newaxis] | _clear_of_globals(inputs)


def global_columns(inputs: Inputs) -> np.ndarray:
    is_global = _is_global(inputs)
    return is_global & ~is_global[:, np.newaxis] | _clear_of_globals(inputs)


def _clear_of_globals(inputs: Inputs) -> np.ndarray:
    """Entries that no global opens and that a window off by one would leave as they are."""
    is_global, back = _is_global(inputs), looking_back(inputs["seq_len"])
    sure = (back < -1) | (back == 0) | (back > inputs["window_size"])
    return sure & ~is_global & ~is_global[:, np.newaxis]


def _is_global(inputs: Inputs) -> np.ndarray:
    return np.isin(np.arange(inputs["seq_len"]), inputs["global_positions"])


def pictures(*, globals_too: bool) -> Callable[[Generator], list[Case]]:
    """Pictures of different windows, so that no number is right for all; the smallest is 1.

    Position 0 is always global, if any is: its column lies to the left of every window.
    """

    def draw(rng: Generator) -> list[Case]:
        everything = _picture(3, 1, [0, 1, 2] if globals_too else [])
        cases = [Case(everything)]
        for window in rng.choice(np.arange(3, 10), size=3, replace=False):
            seq_len = int(window + rng.integers(4, 9))
            others = rng.choice(np.arange(1, seq_len), size=int(rng.integers(0, 3)), replace=False)
            positions = [0, *sorted(map(int, others))] if globals_too else []
            cases.append(Case(_picture(seq_len, int(window), positions)))
        return cases

    return draw


def _picture(seq_len: int, window_size: int, global_positions: list[int]) -> Inputs:
    is_global = np.isin(np.arange(seq_len), global_positions)
    back = looking_back(seq_len)
    blocked = (back < 0) | (back >= window_size)
    blocked &= ~is_global & ~is_global[:, np.newaxis]
    shown = {"picture": blocked, "global_positions": global_positions}
    return shown | {"drawn_with": window_size}


def mask_only(rng: Generator) -> Inputs:
    return {"mask": random_mask(rng, int(rng.integers(5, 12)))}


def windowed_attention(
    *,
    d_k: int = 1,
    batch: tuple[int, ...] = (),
    spread: float = 1.0,
    dtype: type = np.float64,
    globals_too: bool = True,
) -> Callable[[Generator], Inputs]:
    """Inputs of sliding_window_attention, with one or two global tokens or with None."""

    def draw(rng: Generator) -> Inputs:
        inputs = qkv(rng, d_k, batch, spread, dtype) | {"window_size": int(rng.integers(2, 5))}
        seq_len = inputs["Q"].shape[-2]
        if spread > 1:  # the last query would prefer the first key, which its window blocks
            inputs["Q"][..., -1, :], inputs["K"][..., 0, :] = 1, 8 * spread
        return inputs | {"global_mask": global_mask(rng, seq_len) if globals_too else None}

    return draw


def global_mask(rng: Generator, seq_len: int) -> np.ndarray:
    """One or two globals; not at the start alone, where they would look like the first tokens."""
    mask = np.zeros(seq_len, dtype=bool)
    mask[rng.choice(np.arange(1, seq_len), size=int(rng.integers(1, 3)), replace=False)] = True
    return mask


def global_masks_to_check(rng: Generator) -> list[Case]:
    good = windowed_attention()(rng)
    short = good["Q"].shape[-2] - int(rng.integers(1, 4))
    wrong = Case(
        good | {"global_mask": np.zeros(short, dtype=bool)}, refuses=("global_mask", (short,))
    )
    return [Case(good, accepted=True), wrong]


def causal_attention(rng: Generator) -> Inputs:
    return windowed_attention()(rng) | {"causal_globals": True}
