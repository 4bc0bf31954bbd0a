"""Inputs for the exercises of 01_sliding_window."""

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused, shuffled
from grading.judging.exercise import Case, Inputs

from . import scores


def window_inside(rng: Generator) -> Inputs:
    window = int(rng.integers(3, 7))
    return {"seq_len": int(rng.integers(window + 4, 16)), "window_size": window}


def window_wider(rng: Generator) -> Inputs:
    seq_len = int(rng.integers(5, 11))
    return {"seq_len": seq_len, "window_size": seq_len + int(rng.integers(2, seq_len))}


# The lengths of these three are never the same: a mask that is kept for all windows of one length
# is wrong in the second.


def windows_inside(rng: Generator) -> list[Case]:
    """Of all sizes, down to 1, in texts of different lengths."""
    lengths = rng.permutation(np.arange(10, 16))[:3]
    sizes = [(int(n), int(rng.integers(3, 7))) for n in lengths]
    return [sized(*each) for each in (*sizes, (9, 1))]


def windows_at_the_start(rng: Generator) -> list[Case]:
    """Of different sizes, up to the whole, in texts of one length."""
    n = int(rng.integers(7, 9))
    return [sized(n, w) for w in (int(rng.integers(2, 4)), int(rng.integers(4, n - 1)), n)]


def windows_wider(rng: Generator) -> list[Case]:
    lengths = rng.permutation(np.arange(3, 7))[:3]
    return [sized(int(n), int(n + rng.integers(1, n))) for n in lengths]


def sized(seq_len: int, window_size: int, *, accepted: bool = False) -> Case:
    return Case({"seq_len": seq_len, "window_size": window_size}, accepted=accepted)


def sizes_to_check(rng: Generator) -> list[Case]:
    """In any order: no place, and no size of the other argument, tells what is to be refused."""
    good = [window_inside(rng), {"seq_len": 1, "window_size": 1}]
    edges = [(1, 1), (int(rng.integers(2, 9)), 1), (2, 2)]
    accepted = [sized(*each, accepted=True) for each in edges[: rng.integers(2, 4)]]
    bad = [
        refused(good[rng.integers(2)], name, size)
        for name in ("seq_len", "window_size")
        for size in (0, -1, -int(rng.integers(10, 99)))
    ]
    return shuffled(rng, [*accepted, Case(good[0], accepted=True), *bad])


def masks_of_a_kind(rng: Generator) -> list[Case]:
    return [Case(window_inside(rng)), sized(1, 1)]


def full_rows(inputs: Inputs) -> np.ndarray:
    """Queries whose window is not cut off by the start of the sequence."""
    return looking_back(inputs["seq_len"])[:, :1] >= inputs["window_size"]


def clipped_rows(inputs: Inputs) -> np.ndarray:
    return ~full_rows(inputs)


def looking_back(seq_len: int) -> np.ndarray:
    """How far each query looks back to each key; negative for the future."""
    return np.arange(seq_len)[:, np.newaxis] - np.arange(seq_len)


def counts_inside(rng: Generator) -> list[Case]:
    """One beyond 16 bits; the first once more at the end: to see who goes on counting."""
    first, second = window_inside(rng), window_inside(rng)
    large = sized(int(rng.integers(600, 700)), int(rng.integers(100, 200)))
    return [Case(first), Case(second), sized(int(rng.integers(5, 12)), 1), large, Case(first)]


def counts_wider(rng: Generator) -> list[Case]:
    n = int(rng.integers(5, 11))
    wider = [Case(window_wider(rng)) for _ in range(2)]
    return [*wider, sized(n, n), sized(1, int(rng.integers(2, 9)))]


def several_layers(rng: Generator) -> list[Case]:
    """Few enough to be simulated; enough to tell any two formulas apart."""
    layers = [int(n) for n in rng.permutation(np.arange(2, 7))[:3]]
    cases = [layered(n, int(rng.integers(3, 16 // n + 2))) for n in layers]
    return [*cases, layered(layers[0], 1), cases[0]]


def one_layer(rng: Generator) -> list[Case]:
    return [layered(1, int(w)) for w in (1, 2, *rng.permutation(np.arange(3, 12))[:2])]


def layered(num_layers: int, window_size: int) -> Case:
    return Case({"num_layers": num_layers, "window_size": window_size})


def random_mask(rng: Generator, seq_len: int) -> np.ndarray:
    """Half blocked, at random; every query sees itself."""
    mask = rng.random((seq_len, seq_len)) < 0.5
    np.fill_diagonal(mask, False)
    return mask


def with_mask(inputs: Inputs, mask: np.ndarray | None = None) -> Case:
    """Of masked_attention; without a mask, one that blocks nothing."""
    n = inputs["Q"].shape[-2]
    return Case(inputs | {"mask": np.zeros((n, n), dtype=bool) if mask is None else mask})


def drawn(
    rng: Generator, n: int, d_k: int, d_v: int, batch: tuple[int, ...] = (), dtype: type = float
) -> Inputs:
    """Q, K and V at random."""
    widths = {"Q": d_k, "K": d_k, "V": d_v}
    return {name: rng.normal(size=(*batch, n, d)).astype(dtype) for name, d in widths.items()}


def equal_scores(rng: Generator) -> list[Case]:
    """The weights are 1/1, 1/2, 1/3, ... of the open keys, of which each key is as often one."""
    cases = []
    for n in rng.permutation(np.arange(5, 9))[:3]:
        # one of them opposite to an open one: or the mask could be its own mirror image
        one = int(rng.integers(1, (n + 1) // 2)) * int(rng.choice((-1, 1))) % n
        others = np.setdiff1d(np.arange(1, n), (one, n - one))
        blocked = [one, *rng.permutation(others)[: rng.integers(1, n - 2)]]
        mask = scores.on_a_circle(np.isin(np.arange(n), blocked))
        inputs = drawn(rng, int(n), 3, 3)
        cases.append(with_mask(inputs | {"K": np.zeros_like(inputs["K"])}, mask))
    return cases


def low_open_scores(rng: Generator) -> list[Case]:
    """Blocked ones are huge; open ones are low, but not so low that a softmax needs its shift."""
    cases = []
    for _ in range(6):
        n = 4
        mask = random_mask(rng, n)
        mask[1, 0] = mask[2, 3] = True
        low = scores.far_apart(rng, n, step=60) - 600
        inputs = scores.inputs_with(np.where(mask, -scores.LOWEST, low))
        cases.append(with_mask(inputs | {"V": rng.normal(size=(n, n))}, mask))
    return cases


def best_keys(rng: Generator) -> list[Case]:
    return [with_mask(scores.inputs_with(scores.some_alike(rng, n))) for n in (5, 6, 7)]


def scores_to_scale(rng: Generator) -> list[Case]:
    """d_k is no square, and neither the length nor the width of the values."""
    cases = []
    for d_k, n in zip(rng.permutation((7, 8, 10, 11)), rng.permutation((4, 5, 6)), strict=False):
        row = rng.permutation(np.linspace(-4, 4, n)) + rng.normal(size=n) / 4
        cases.append(with_mask(scores.inputs_with(scores.on_a_circle(row), int(d_k))))
    return cases


def large_scores(rng: Generator) -> list[Case]:
    """Each query has large scores of its own; and all are lower than what one might block with."""
    lowest = scores.far_apart(rng, 6, scores.WIDE)
    others = lowest < lowest.max(axis=-1, keepdims=True)  # the best keys are open
    random = random_mask(rng, 6)
    mask = (random | random.T) & others & others.T
    return [
        with_mask(scores.inputs_with(scores.on_levels(rng, 5))),
        with_mask(scores.inputs_with(lowest + scores.LOWEST), mask),
        with_mask(scores.inputs_with(scores.on_levels(rng, 7))),
    ]


def own_keys_in_batches(rng: Generator) -> list[Inputs]:
    """Up to three axes in front, and all that can be 1; each query likes its own key alone."""
    drawn = []
    for *batch, n, d_v in (
        (2, 3, 5, 2),
        (4, 5, 2),
        (1, 5, 1),
        (1, 2, 5, 2),
        (2, 1, 2, 5, 2),
        (3, 1, 2),
    ):
        inputs = scores.own_keys(rng, tuple(batch), n)
        drawn.append(inputs | {"V": rng.normal(size=(*batch, n, d_v))})
    return drawn


def batches(rng: Generator) -> list[Case]:
    return [with_mask(inputs) for inputs in own_keys_in_batches(rng)]


def both_dtypes(rng: Generator) -> list[Case]:
    return [with_mask(drawn(rng, 6, 3, 3, dtype=dtype)) for dtype in (np.float32, np.float64)]


def inputs_to_keep(rng: Generator) -> list[Case]:
    return [with_mask(drawn(rng, 6, 5, 5), random_mask(rng, 6)) for _ in range(2)]
