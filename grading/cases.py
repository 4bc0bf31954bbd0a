"""Inputs for the aspects of each exercise, drawn from a student's own random generator.

Each aspect's cases leave every other aspect's mistake without effect where that is possible:
d_k = 1 hides a wrong scale, a window wider than the sequence hides an edge that is off by one.
So a mistake costs the points of the aspect it breaks, and no others.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from grading.exercise import Case, Inputs

REPEATS = 3

Draw = Callable[[Generator], list[Case]]


def repeat(draw: Callable[[Generator], Inputs]) -> Draw:
    return lambda rng: [Case(draw(rng)) for _ in range(REPEATS)]


def again(first: Callable[[Generator], Inputs], second: Callable[[Generator], Inputs]) -> Draw:
    """Three calls, the last of them the first once more: to see who remembers or guesses."""

    def draw(rng: Generator) -> list[Case]:
        one, other = first(rng), second(rng)
        return [Case(one), Case(other), Case(one)]

    return draw


# masks


def window_inside(rng: Generator) -> Inputs:
    window = int(rng.integers(3, 7))
    return {"seq_len": int(rng.integers(window + 4, 16)), "window_size": window}


def window_wider(rng: Generator) -> Inputs:
    seq_len = int(rng.integers(5, 11))
    return {"seq_len": seq_len, "window_size": seq_len + int(rng.integers(2, seq_len))}


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


def refused(inputs: Inputs, name: str, value: Any) -> Case:
    return Case(inputs | {name: value}, refuses=(name, value))


def sizes_to_check(rng: Generator) -> list[Case]:
    good = window_inside(rng)
    too_small = (0, -int(rng.integers(10, 99)))
    names = ("seq_len", "window_size")
    smallest = Case({"seq_len": 1, "window_size": 1}, accepted=True)
    return [Case(good, accepted=True), smallest] + [
        refused(good, name, size) for name in names for size in too_small
    ]


def positions_to_check(rng: Generator) -> list[Case]:
    good = with_globals(3, 4, 5)(rng)
    outside = (good["seq_len"], -1, int(rng.integers(100, 999)))
    return [*sizes_to_check(rng), Case(good, accepted=True)] + [
        Case(good | {"global_positions": [1, position]}, refuses=("global_positions", position))
        for position in outside
    ]


def full_rows(inputs: Inputs) -> np.ndarray:
    """Queries whose window is not cut off by the start of the sequence."""
    return _back(inputs["seq_len"])[:, :1] >= inputs["window_size"]


def clipped_rows(inputs: Inputs) -> np.ndarray:
    return ~full_rows(inputs)


def query_and_after(inputs: Inputs) -> np.ndarray:
    """Each query itself, and the keys after it: what no wrong window changes."""
    return _back(inputs["seq_len"]) <= 0


def global_rows(inputs: Inputs) -> np.ndarray:
    return _is_global(inputs)[:, np.newaxis] | _clear_of_globals(inputs)


def global_columns(inputs: Inputs) -> np.ndarray:
    is_global = _is_global(inputs)
    return is_global & ~is_global[:, np.newaxis] | _clear_of_globals(inputs)


def _clear_of_globals(inputs: Inputs) -> np.ndarray:
    """Entries that no global opens and that a window off by one would leave as they are."""
    is_global, back = _is_global(inputs), _back(inputs["seq_len"])
    sure = (back < -1) | (back == 0) | (back > inputs["window_size"])
    return sure & ~is_global & ~is_global[:, np.newaxis]


def _is_global(inputs: Inputs) -> np.ndarray:
    return np.isin(np.arange(inputs["seq_len"]), inputs["global_positions"])


def _back(seq_len: int) -> np.ndarray:
    """How far each query looks back to each key; negative for the future."""
    return np.arange(seq_len)[:, np.newaxis] - np.arange(seq_len)


def several_layers(rng: Generator) -> Inputs:
    return {"num_layers": int(rng.integers(2, 40)), "window_size": int(rng.integers(2, 5000))}


def one_layer(rng: Generator) -> Inputs:
    return several_layers(rng) | {"num_layers": 1}


def window_of_one(rng: Generator) -> Inputs:
    return several_layers(rng) | {"window_size": 1}


def pictures(*, globals_too: bool) -> Callable[[Generator], list[Case]]:
    """Pictures of different windows, so that no number is right for all; the smallest is 1.

    Position 0 is always global, if any is: its column lies to the left of every window.
    """

    def draw(rng: Generator) -> list[Case]:
        everything = _picture(3, 1, [0, 1, 2] if globals_too else [])
        cases = [Case(everything)]
        for window in rng.choice(np.arange(3, 10), size=REPEATS, replace=False):
            seq_len = int(window + rng.integers(4, 9))
            others = rng.choice(np.arange(1, seq_len), size=int(rng.integers(0, 3)), replace=False)
            positions = [0, *sorted(map(int, others))] if globals_too else []
            cases.append(Case(_picture(seq_len, int(window), positions)))
        return cases

    return draw


def _picture(seq_len: int, window_size: int, global_positions: list[int]) -> Inputs:
    is_global = np.isin(np.arange(seq_len), global_positions)
    back = _back(seq_len)
    blocked = (back < 0) | (back >= window_size)
    blocked &= ~is_global & ~is_global[:, np.newaxis]
    return {"picture": blocked, "global_positions": global_positions}


def random_mask(rng: Generator, seq_len: int) -> np.ndarray:
    """Half blocked, at random; every query sees itself."""
    mask = rng.random((seq_len, seq_len)) < 0.5
    np.fill_diagonal(mask, False)
    return mask


def mask_only(rng: Generator) -> Inputs:
    return {"mask": random_mask(rng, int(rng.integers(5, 12)))}


# attention

LARGE = 2.0**13


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
        inputs = _qkv(rng, d_k, batch, spread, dtype)
        seq_len = inputs["Q"].shape[-2]
        mask = random_mask(rng, seq_len) if masked else np.zeros((seq_len, seq_len), dtype=bool)
        return inputs | {"mask": mask}

    return draw


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
        inputs = _qkv(rng, d_k, batch, spread, dtype) | {"window_size": int(rng.integers(2, 5))}
        seq_len = inputs["Q"].shape[-2]
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


def _qkv(rng: Generator, d_k: int, batch: tuple[int, ...], spread: float, dtype: type) -> Inputs:
    """Q, K and V; spread is that of K: 0 makes all scores equal.

    Large scores are whole numbers, exact in float32 as well: no rounding decides between two.
    """
    shape = (*batch, int(rng.integers(6, 11)))
    widths = {"Q": d_k, "K": d_k, "V": 3}
    inputs: Inputs = {n: rng.normal(size=(*shape, d)).astype(dtype) for n, d in widths.items()}
    if spread > 1:
        inputs |= {name: np.round(8 * inputs[name]) / 8 for name in ("Q", "K")}
    return inputs | {"K": inputs["K"] * dtype(spread)}


# heads and the layer


def to_split(*batch: int) -> Callable[[Generator], Inputs]:
    def draw(rng: Generator) -> Inputs:
        num_heads, d_k = int(rng.integers(2, 5)), int(rng.integers(2, 5))
        x = rng.normal(size=(*batch, int(rng.integers(2, 7)), num_heads * d_k))
        return {"x": x, "num_heads": num_heads}

    return draw


def to_combine(*batch: int) -> Callable[[Generator], Inputs]:
    return lambda rng: {"x": rng.normal(size=(*batch, *rng.integers(2, 6, size=3)))}


def layer_sizes(rng: Generator) -> Inputs:
    num_heads = int(rng.integers(2, 5))
    return {
        "d_model": num_heads * int(rng.integers(2, 5)),
        "num_heads": num_heads,
        "window_size": int(rng.integers(2, 5)),
        "num_global_tokens": int(rng.integers(1, 4)),
    }


def layer(
    *,
    batch: bool = True,
    first_tokens: bool = False,
    mask_given: bool = False,
    method: str = "forward",
) -> Callable[[Generator], Inputs]:
    """A layer with weights of its own, and an x to run through it."""

    def draw(rng: Generator) -> Inputs:
        sizes = layer_sizes(rng)
        if not first_tokens:
            del sizes["num_global_tokens"]
        d_model, seq_len = sizes["d_model"], int(rng.integers(6, 11))
        names = ("W_Q", "W_K", "W_V", "W_O")
        weights = {name: rng.normal(size=(d_model, d_model)) / d_model**0.5 for name in names}
        x = rng.normal(size=(2, seq_len, d_model) if batch else (seq_len, d_model))
        mask = {"global_mask": global_mask(rng, seq_len)} if mask_given else {}
        return sizes | weights | mask | {"x": x, "method": method}

    return draw


def one_to_three_globals(rng: Generator) -> list[Case]:
    """Each number of global tokens for certain: left to chance, now and then none would be 1."""
    drawn = layer(first_tokens=True)
    return [Case(drawn(rng) | {"num_global_tokens": number}) for number in (1, 2, 3)]


def layers_to_check(rng: Generator) -> list[Case]:
    good = layer()(rng)
    x = good["x"][..., :-1]
    wrong = {
        "d_model": good["d_model"] + 1,  # no longer a multiple of num_heads
        "num_heads": 0,
        "window_size": -int(rng.integers(0, 99)),
        "num_global_tokens": -1,
    }
    ones = dict.fromkeys(("d_model", "num_heads", "window_size"), 1)
    smallest = {name: value[..., :1, :1] for name, value in good.items() if name[:2] == "W_"}
    return [
        Case(good, accepted=True),
        Case(good | smallest | ones | {"x": x[..., :1]}, accepted=True),
        *(refused(good, name, value) for name, value in wrong.items()),
        Case(good | {"x": x}, refuses=("x", x.shape)),
    ]
