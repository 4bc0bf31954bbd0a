"""Inputs for the exercises of 01_rolling_cache."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused
from grading.judging.exercise import Case, Inputs

LARGE = 2.0**13  # spread of scores that overflow exp


def not_yet_full(rng: Generator) -> Inputs:
    window = int(rng.integers(4, 9))
    return {"length": int(rng.integers(1, window)), "window_size": window}


def exactly_full(rng: Generator) -> Inputs:
    """At the end of a later lap: at that of the first, nothing has been written over."""
    window = int(rng.integers(4, 9))
    return {"length": window * int(rng.integers(2, 6)), "window_size": window}


def wrapped(rng: Generator) -> Inputs:
    """In the middle of a later lap."""
    window = int(rng.integers(4, 9))
    laps, rest = rng.integers(1, 6), rng.integers(1, window - 1)
    return {"length": int(window * laps + rest), "window_size": window}


def to_store(lap: int, batch: tuple[int, ...] = ()) -> Callable[[Generator], Inputs]:
    """A full buffer, and a token of this lap for neither its first nor its last slot."""

    def draw(rng: Generator) -> Inputs:
        window, d_k, d_v = (int(size) for size in rng.integers((5, 2, 2), (9, 5, 5)))
        return {
            "keys": rng.normal(size=(*batch, window, d_k)),
            "values": rng.normal(size=(*batch, window, d_v)),
            "key": rng.normal(size=(*batch, d_k)),
            "value": rng.normal(size=(*batch, d_v)),
            "position": int(lap * window + rng.integers(2, window - 1)),
        }

    return draw


def cached(
    lengths: Callable[[Generator], Inputs] = exactly_full,
    *,
    d_k: int = 1,
    batch: tuple[int, ...] = (),
    spread: float = 1.0,
    dtype: type = np.float64,
) -> Callable[[Generator], Inputs]:
    """A query and a buffer; what lies in an empty slot is as large as in any other.

    spread is that of the keys: 0 makes all scores equal. Large scores are exact in float32, too.
    """

    def draw(rng: Generator) -> Inputs:
        sizes = lengths(rng)
        shape = (*batch, sizes["window_size"])
        query, keys = rng.normal(size=(*batch, d_k)), rng.normal(size=(*shape, d_k))
        if spread > 1:
            query, keys = np.round(8 * query) / 8, np.round(8 * keys) / 8 + 1 / 16
            query += np.copysign(1, query)  # or the scores would now and then be small
        return {
            "query": query.astype(dtype),
            "keys": (keys * spread).astype(dtype),
            "values": rng.normal(size=(*shape, 3)).astype(dtype),
            "length": sizes["length"],
        }

    return draw


def one_by_one(
    *, d_k: int = 1, batch: tuple[int, ...] = (), dtype: type = np.float64, laps: int = 2
) -> Callable[[Generator], Inputs]:
    """A text whose tokens come one at a time; with laps=0 it ends before the window is full."""

    def draw(rng: Generator) -> Inputs:
        window = int(rng.integers(4, 7))
        length = int(laps * window + rng.integers(2, window))
        return _text(rng, (*batch, length), d_k, dtype) | {
            "window_size": window,
            "chunks": [1] * length,
        }

    return draw


def in_chunks(rng: Generator) -> Inputs:
    """Chunks shorter and longer than the window, and a single token; the first is not alone."""
    window = int(rng.integers(3, 6))
    chunks = [2, 1, window + int(rng.integers(1, 5)), 2, int(rng.integers(2, window))]
    chunks = [2, *(int(chunk) for chunk in rng.permutation(chunks))]
    return _text(rng, (sum(chunks),), 1, np.float64) | {"window_size": window, "chunks": chunks}


def with_global_tokens(rng: Generator) -> Inputs:
    inputs = one_by_one()(rng)
    return inputs | {"num_global_tokens": int(rng.integers(1, inputs["window_size"]))}


def equal_values_with_global_tokens(rng: Generator) -> Inputs:
    """Whoever sees whom, the outputs are the same: only what is kept can be wrong."""
    inputs = one_by_one(d_k=128, laps=3)(rng)
    values = np.broadcast_to(inputs["V"][:1], inputs["V"].shape).copy()
    return inputs | {"V": values, "num_global_tokens": int(rng.integers(1, 4))}


def as_many_global_tokens(rng: Generator) -> Inputs:
    """As many as the window has places: no more are allowed."""
    inputs = one_by_one()(rng)
    return inputs | {"num_global_tokens": inputs["window_size"]}


def caches_to_check(rng: Generator) -> list[Case]:
    good = one_by_one(laps=0)(rng) | {"num_global_tokens": 2}
    smallest = good | {"window_size": 1, "num_global_tokens": 1}
    none_global = good | {"num_global_tokens": 0}
    return [
        *(Case(inputs, accepted=True) for inputs in (good, smallest, none_global)),
        refused(none_global, "window_size", 0),
        refused(none_global, "window_size", -int(rng.integers(10, 99))),
        refused(good, "num_global_tokens", -1),
        refused(good, "num_global_tokens", good["window_size"] + 1),
        refused(good, "num_global_tokens", int(rng.integers(100, 999))),
    ]


def _text(rng: Generator, shape: tuple[int, ...], d_k: int, dtype: type) -> Inputs:
    widths = {"Q": d_k, "K": d_k, "V": 3}
    return {name: rng.normal(size=(*shape, d)).astype(dtype) for name, d in widths.items()}
