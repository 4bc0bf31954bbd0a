"""Inputs for the exercises of 02_cost_and_reach."""

import numpy as np
from numpy.random import Generator

from grading.judging.draws import shuffled
from grading.judging.exercise import Case, Inputs


def random_mask(rng: Generator, n: int) -> np.ndarray:
    """Half blocked, at random, and not the same when its axes are swapped."""
    mask = rng.random((n, n)) < 0.5
    mask[0, 1:2], mask[1:2, 0] = True, False
    return mask


def scores_for(rng: Generator, n: int, batch: tuple[int, ...] = (), dtype: type = float) -> Inputs:
    """Scores of both signs, none of them low."""
    return {
        "attention_scores": rng.normal(size=(*batch, n, n)).astype(dtype),
        "mask": random_mask(rng, n),
    }


def scores_of_one_text(rng: Generator) -> list[Case]:
    return [Case(scores_for(rng, int(n))) for n in rng.permutation(np.arange(4, 9))[:3]]


def scores_with_extremes(rng: Generator) -> list[Case]:
    """A mask of which everything is open or blocked; scores that are far from 0, and one cell."""
    inputs = scores_for(rng, 5)
    scores = 1e4 * inputs["attention_scores"]
    masks = (np.zeros((5, 5), bool), np.ones((5, 5), bool), inputs["mask"])
    one = Case({"attention_scores": np.array([[2.5]]), "mask": np.array([[False]])})
    return [*(Case({"attention_scores": scores, "mask": mask}) for mask in masks), one]


def is_open(inputs: Inputs) -> np.ndarray:
    return np.broadcast_to(~inputs["mask"], inputs["attention_scores"].shape)


def is_blocked(inputs: Inputs) -> np.ndarray:
    return ~is_open(inputs)


def batches(rng: Generator) -> list[Case]:
    """Up to three axes in front, and all that can be 1; an axis may be as long as the text."""
    shapes = ((3,), (2, 3), (1,), (4,), (2, 1, 2))
    return [Case(scores_for(rng, 4, batch)) for batch in shapes]


def all_dtypes(rng: Generator) -> list[Case]:
    dtypes = (np.float32, np.float64, np.float16)
    return [Case(scores_for(rng, 5, dtype=dtype)) for dtype in dtypes]


def inputs_to_keep(rng: Generator) -> list[Case]:
    """The last is open everywhere: then, too, what comes back is a new array."""
    all_open = scores_for(rng, 4) | {"mask": np.zeros((4, 4), dtype=bool)}
    return [Case(scores_for(rng, 5)), Case(scores_for(rng, 4)), Case(all_open)]


def masks_to_check(rng: Generator) -> list[Case]:
    """Of another length, with an axis of 1 that would broadcast, with an axis too few or many; for
    one text and for several."""
    n = int(rng.integers(4, 8))
    good = scores_for(rng, n), scores_for(rng, n, (2,))
    shapes = ((n - 1, n - 1), (n, n + 1), (1, n), (n, 1), (n,), (1, n, n))
    bad = [
        Case(good[k % 2] | {"mask": np.zeros(shape, dtype=bool)}, refuses=("mask", shape))
        for k, shape in enumerate(shapes)
    ]
    accepted = (good[0], scores_for(rng, n), scores_for(rng, 1))
    cases = [*bad, *(Case(each, accepted=True) for each in accepted)]
    return shuffled(rng, cases)


# pictures and shares


def masks(rng: Generator) -> list[Case]:
    """Not as many rows of it are blocked as columns are; the first once more at the end."""
    first, *others = (Case({"mask": random_mask(rng, int(n))}) for n in rng.permutation([4, 6, 9]))
    return [first, *others, first]


def masks_at_the_ends(rng: Generator) -> list[Case]:
    """All open, all blocked, and of one position."""
    n = int(rng.integers(3, 7))
    both = [np.full((size, size), value) for size in (n, 1) for value in (False, True)]
    return [Case({"mask": mask}) for mask in both]


def all_shares(rng: Generator) -> list[Case]:
    """Some, none and all: 0 and 1 are floats as well."""
    return [*shares(rng), *masks_at_the_ends(rng)]


def shares(rng: Generator) -> list[Case]:
    """Other than one half, and none that is right when it is rounded."""
    cases = []
    for n in rng.permutation([4, 5, 7]):
        blocked = int(rng.integers(1, n * n // 3))
        mask = rng.permutation(np.arange(n * n) < blocked).reshape(n, n)
        cases.append(Case({"mask": mask}))
    causal = ~np.tri(6, dtype=bool)
    return [*cases, Case({"mask": causal}), cases[0]]


# pairs


def strided(seq_len: int, stride: int) -> Case:
    return Case({"seq_len": int(seq_len), "stride": int(stride)})


def strides_that_divide(rng: Generator) -> list[Case]:
    """One beyond 16 bits; one of 1, where it is half of the square and a bit."""
    some = [strided(s * m, s) for s, m in rng.permutation([(3, 4), (4, 5), (5, 3), (2, 7)])[:3]]
    n = int(rng.integers(60, 70))
    return [*some, strided(10 * n, 2), strided(n, 1), some[0]]


def other_strides(rng: Generator) -> list[Case]:
    """Of the last rows there are one too many, one too few, and some."""
    s = int(rng.integers(4, 8))
    return [strided(3 * s + 1, s), strided(4 * s - 1, s), strided(2 * s + 2, s), strided(1001, 10)]


def long_strides(rng: Generator) -> list[Case]:
    n = int(rng.integers(5, 12))
    return [strided(n, s) for s in (n + int(rng.integers(1, n)), n, n - 1)] + [strided(1, 3)]


# layers


def local(n: int, window: int) -> np.ndarray:
    back = np.subtract.outer(np.arange(n), np.arange(n))
    return (back < 0) | (back >= window)


def strides(n: int, stride: int) -> np.ndarray:
    back = np.subtract.outer(np.arange(n), np.arange(n))
    return (back < 0) | (back % stride != 0)


def in_any_order(rng: Generator, masks: list[np.ndarray]) -> list[Case]:
    return shuffled(rng, [Case({"mask": mask}) for mask in masks])


def several_layers(rng: Generator) -> list[Case]:
    """Windows, windows with strides, and what only begins with one neighbour; 2 layers and more."""
    window, n = int(rng.integers(3, 5)), int(rng.integers(10, 14))
    with_gap = local(9, 3)
    with_gap[8, 0] = False  # the last sees the first at once, and not all between
    both = local(n, 3) & strides(n, 4)
    masks = [local(n, window), local(6, 2), both, local(7, 5), with_gap]
    masks += [local(int(rng.integers(25, 30)), 2), local(18, 3)]  # many layers; 256 ways to one
    masks += [_neighbours_and(8, -1), _neighbours_and(7, 0, axis=1)]
    return in_any_order(rng, masks)


def _neighbours_and(n: int, row: int, axis: int = 0) -> np.ndarray:
    """Neighbours; and the last sees all at once, or all see the first: others are the slowest."""
    mask = local(n, 2)
    np.moveaxis(mask, axis, 0)[row] = False
    return mask


def one_layer_and_several(rng: Generator) -> list[Case]:
    return [*several_layers(rng), *one_layer(rng)]


def one_layer(rng: Generator) -> list[Case]:
    """Every query sees its whole past; and some do not."""
    full = [local(n, n) for n in (1, 2, int(rng.integers(3, 9)))]
    return in_any_order(rng, [*full, local(8, 2), local(6, 2)])


def never(rng: Generator) -> list[Case]:
    """Strides, blocks, and masks of which one query alone does not see one key; and a window."""
    n = int(rng.integers(6, 10))
    block = np.arange(n) // 3
    gap = local(n, n)
    gap[n // 2, n // 2 - 1] = True  # and nothing between through which it could be seen
    alone = local(n, 3)
    alone[-1, :-1] = True
    blocks = local(n, n) | (block != block[:, np.newaxis])
    return in_any_order(rng, [strides(n, 2), strides(n, n + 1), blocks, gap, alone, local(n, 2)])
