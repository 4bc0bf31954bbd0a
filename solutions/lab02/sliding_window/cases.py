"""Inputs for the exercises of 01_sliding_window."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused
from grading.judging.exercise import Case, Inputs

LARGE = 2.0**13  # spread of scores that overflow exp


def window_inside(rng: Generator) -> Inputs:
    window = int(rng.integers(3, 7))
    return {"seq_len": int(rng.integers(window + 4, 16)), "window_size": window}


def window_wider(rng: Generator) -> Inputs:
    seq_len = int(rng.integers(5, 11))
    return {"seq_len": seq_len, "window_size": seq_len + int(rng.integers(2, seq_len))}


def sizes_to_check(rng: Generator) -> list[Case]:
    good = window_inside(rng)
    too_small = (0, -int(rng.integers(10, 99)))
    names = ("seq_len", "window_size")
    smallest = Case({"seq_len": 1, "window_size": 1}, accepted=True)
    return [Case(good, accepted=True), smallest] + [
        refused(good, name, size) for name in names for size in too_small
    ]


def full_rows(inputs: Inputs) -> np.ndarray:
    """Queries whose window is not cut off by the start of the sequence."""
    return looking_back(inputs["seq_len"])[:, :1] >= inputs["window_size"]


def clipped_rows(inputs: Inputs) -> np.ndarray:
    return ~full_rows(inputs)


def query_and_after(inputs: Inputs) -> np.ndarray:
    """Each query itself, and the keys after it: what no wrong window changes."""
    return looking_back(inputs["seq_len"]) <= 0


def looking_back(seq_len: int) -> np.ndarray:
    """How far each query looks back to each key; negative for the future."""
    return np.arange(seq_len)[:, np.newaxis] - np.arange(seq_len)


def several_layers(rng: Generator) -> Inputs:
    return {"num_layers": int(rng.integers(2, 40)), "window_size": int(rng.integers(2, 5000))}


def one_layer(rng: Generator) -> Inputs:
    return several_layers(rng) | {"num_layers": 1}


def window_of_one(rng: Generator) -> Inputs:
    return several_layers(rng) | {"window_size": 1}


def random_mask(rng: Generator, seq_len: int) -> np.ndarray:
    """Half blocked, at random; every query sees itself."""
    mask = rng.random((seq_len, seq_len)) < 0.5
    np.fill_diagonal(mask, False)
    return mask


def attention(
    *,
    d_k: int = 1,
    batch: tuple[int, ...] = (),
    spread: float = 1.0,
    dtype: type = np.float64,
    masked: bool = True,
) -> Callable[[Generator], Inputs]:
    """Inputs of masked_attention."""

    def draw(rng: Generator) -> Inputs:
        inputs = qkv(rng, d_k, batch, spread, dtype)
        seq_len = inputs["Q"].shape[-2]
        mask = random_mask(rng, seq_len) if masked else np.zeros((seq_len, seq_len), dtype=bool)
        return inputs | {"mask": mask}

    return draw


def qkv(rng: Generator, d_k: int, batch: tuple[int, ...], spread: float, dtype: type) -> Inputs:
    """Q, K and V; spread is that of K: 0 makes all scores equal.

    Large scores are whole numbers, exact in float32 as well: no rounding decides between two.
    """
    shape = (*batch, int(rng.integers(6, 11)))
    widths = {"Q": d_k, "K": d_k, "V": 3}
    inputs: Inputs = {n: rng.normal(size=(*shape, d)).astype(dtype) for n, d in widths.items()}
    if spread > 1:
        inputs |= {name: np.round(8 * inputs[name]) / 8 for name in ("Q", "K")}
    return inputs | {"K": inputs["K"] * dtype(spread)}
