"""Inputs for the exercises of 02_global_tokens."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.draws import shuffled
from grading.judging.exercise import Case, Inputs

from ..sliding_window import scores
from ..sliding_window.cases import (
    drawn,
    looking_back,
    own_keys_in_batches,
    random_mask,
    sizes_to_check,
    window_inside,
)


def with_globals(*inner: int) -> Callable[[Generator], Inputs]:
    """Two or three globals, in any order: one of the inner positions, and some others.

    Position 3, 4 or 5 is never at an end, and never one of the first so many.
    """

    def draw(rng: Generator) -> Inputs:
        inputs = window_inside(rng)
        others = np.setdiff1d(np.arange(inputs["seq_len"]), (3, 4, 5))
        chosen = [rng.choice(inner), *rng.permutation(others)[: rng.integers(1, 3)]]
        return inputs | {"global_positions": [int(p) for p in rng.permutation(chosen)]}

    return draw


def globals_anywhere(rng: Generator) -> list[Case]:
    """At the ends alone, in the middle, and everywhere."""
    good = [with_globals(3, 4, 5)(rng) for _ in range(2)]
    size = window_inside(rng)
    n = size["seq_len"]
    edges = ([0], [n - 1], [int(p) for p in rng.permutation(n)])
    return [*map(Case, good), *(Case(size | {"global_positions": edge}) for edge in edges)]


def positions_in_any_form(rng: Generator) -> list[Case]:
    """A list or an int array, in no order; of one, which may be 0; of none; and None."""
    size = window_inside(rng)
    several = [6, *map(int, rng.permutation(6)[:3])]  # not in order
    forms: tuple[object, ...] = (
        np.array(several),
        several,
        np.array([0]),
        np.array([], dtype=int),
        [],
        None,
    )
    return shuffled(rng, [Case(size | {"global_positions": form}) for form in forms])


def positions_to_check(rng: Generator) -> list[Case]:
    """Wrong positions of all sizes, alone or in any place among right ones; and the last right."""
    good = window_inside(rng)
    last = good["seq_len"] - 1
    accepted = [Case(good | {"global_positions": p}, accepted=True) for p in ([0, last], [last])]
    bad = []
    for position in (last + 1, -1, int(rng.integers(100, 999)), -int(rng.integers(100, 999))):
        beside = [int(p) for p in rng.permutation(last)[: rng.integers(3)]]
        place = int(rng.integers(len(beside) + 1))
        positions = [*beside[:place], position, *beside[place:]]
        bad.append(
            Case(good | {"global_positions": positions}, refuses=("global_positions", position))
        )
    return shuffled(rng, [*sizes_to_check(rng), *accepted, *bad])


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


def pictures_without_globals(rng: Generator) -> list[Case]:
    """A diagonal, a full triangle, and some between, in any order."""
    n = int(rng.integers(5, 9))
    edges = [_picture(1, 1, []), _picture(n, 1, []), _picture(n, n, [])]
    return shuffled(rng, [*edges, *inner_pictures(rng)])


def inner_pictures(rng: Generator) -> list[Case]:
    return [_inner_picture(rng, w, []) for w in rng.permutation(np.arange(3, 10))[:2]]


def pictures_with_globals(rng: Generator) -> list[Case]:
    """Position 0 is always global: its column lies to the left of every window.

    So is the last one in one of them: its row shows no window. Where all are global, every window
    draws the same, and the smallest is 1.
    """
    inner = []
    for window in rng.permutation(np.arange(3, 10))[:3]:
        others = rng.permutation(np.arange(1, window + 4))[: rng.integers(3)]
        inner.append(_inner_picture(rng, window, [0, *sorted(map(int, others))]))
    inner.append(_picture(12, int(rng.integers(3, 7)), [0, 10, 11]))
    return shuffled(rng, [_picture(3, 1, [0, 1, 2]), _picture(6, 1, [0]), *inner])


def _inner_picture(rng: Generator, window: int, global_positions: list[int]) -> Case:
    return _picture(int(window + rng.integers(4, 9)), int(window), global_positions)


def _picture(seq_len: int, window_size: int, global_positions: list[int]) -> Case:
    is_global = np.isin(np.arange(seq_len), global_positions)
    back = looking_back(seq_len)
    blocked = (back < 0) | (back >= window_size)
    blocked &= ~is_global & ~is_global[:, np.newaxis]
    shown = {"picture": blocked, "global_positions": global_positions}
    return Case(shown | {"drawn_with": window_size})


def masks(rng: Generator) -> list[Case]:
    """Half blocked at random, some of them with an open diagonal; all open; and of one token."""
    n = int(rng.integers(5, 12))
    random = [rng.random((n + i, n + i)) < 0.5 for i in range(2)] + [random_mask(rng, n)]
    open_ones = [np.zeros((size, size), dtype=bool) for size in (n, 1)]
    return [Case({"mask": mask}) for mask in (*random, *open_ones)]


def the_future(inputs: Inputs) -> np.ndarray:
    return looking_back(len(inputs["mask"])) < 0


def the_past_and_present(inputs: Inputs) -> np.ndarray:
    return ~the_future(inputs)


def all_seen(inputs: Inputs) -> Inputs:
    """In a window that is wider than the text, each query sees itself and all before."""
    return inputs | {"window_size": inputs["Q"].shape[-2] + 2}


def the_last_query(inputs: Inputs) -> np.ndarray:
    """It sees every key, whether or not its mask is stood in for."""
    n = inputs["Q"].shape[-2]
    return np.arange(n)[:, np.newaxis] == n - 1


def the_window_alone(rng: Generator) -> list[Case]:
    """Equal scores: the weights show the mask."""
    cases = []
    for window in (2, 3, 4):
        inputs = drawn(rng, int(rng.integers(6, 10)), 3, 3)
        equal = inputs | {"K": np.zeros_like(inputs["K"]), "window_size": window}
        cases.append(Case(equal | {"global_mask": None} if window > 2 else equal))
    n = len(inputs["Q"])
    return [*cases, Case(equal | {"window_size": n}), Case(equal | {"window_size": n + 2})]


def global_mask(rng: Generator, seq_len: int) -> np.ndarray:
    """One or two globals; not at the start alone, where they would look like the first tokens."""
    mask = np.zeros(seq_len, dtype=bool)
    mask[rng.choice(np.arange(1, seq_len), size=int(rng.integers(1, 3)), replace=False)] = True
    return mask


def global_tokens(rng: Generator) -> list[Case]:
    """Equal scores again. Two globals; one or two; the first alone; none; all; none once more."""
    n = int(rng.integers(6, 10))
    two, first = (np.isin(np.arange(n), positions) for positions in ([2, n - 2], [0]))
    flags = (two, first, global_mask(rng, n), np.zeros(n, bool), np.ones(n, bool), None)
    equal = scores.inputs_with(np.zeros((n, n)))
    windows = [*rng.permutation((2, 3)), *rng.integers(2, 5, size=4)]  # whoever is one off is seen
    return [
        Case(equal | {"window_size": int(window), "global_mask": each})
        for window, each in zip(windows, flags, strict=True)
    ]


def scores_to_scale(rng: Generator) -> list[Case]:
    """d_k is no square, and neither the length nor the width of the values.

    The last again with a global token, of which the last query, which sees all, does not depend.
    """
    cases = []
    for d_k, n in zip(rng.permutation((7, 8, 10, 11)), rng.permutation((4, 5, 6)), strict=False):
        row = rng.permutation(np.linspace(-4, 4, n)) + rng.normal(size=n) / 4
        cases.append(Case(all_seen(scores.inputs_with(scores.on_a_circle(row), int(d_k)))))
    last = cases[-1].inputs
    return [*cases, Case(last | {"global_mask": np.arange(last["Q"].shape[-2]) == 1})]


def large_scores(rng: Generator) -> list[Case]:
    """Each query has large scores of its own; open ones are below any number; blocked are huge."""
    future = looking_back(6) < 0
    lowest = np.where(future, 0, scores.far_apart(rng, 6, scores.WIDE) + scores.LOWEST)
    huge = np.where(future, -scores.LOWEST, scores.far_apart(rng, 6))
    shown = (scores.on_levels(rng, 5), lowest, huge)
    return [Case(all_seen(scores.inputs_with(each))) for each in shown]


def batches(rng: Generator) -> list[Case]:
    """Two of them again with a global token, which changes nothing of what a query likes."""
    inputs = [all_seen(each) for each in own_keys_in_batches(rng)]
    with_flags = [each | {"global_mask": np.arange(5) == 3} for each in inputs[:2]]
    return [Case(each) for each in (*inputs, *with_flags)]


def both_dtypes(rng: Generator) -> list[Case]:
    texts = [all_seen(drawn(rng, 6, 3, 3, dtype=dtype)) for dtype in (np.float32, np.float64)]
    return [Case(text | more) for text in texts for more in ({}, {"global_mask": np.arange(6) > 4})]


def inputs_to_keep(rng: Generator) -> list[Case]:
    flags = np.arange(6) == rng.integers(1, 6)
    return [Case(drawn(rng, 6, 5, 5) | {"window_size": 2, "global_mask": flags})]


def global_masks_to_check(rng: Generator) -> list[Case]:
    n = int(rng.integers(6, 9))
    good = drawn(rng, n, 3, 3) | {"window_size": 3}
    shapes = ((n - int(rng.integers(1, 4)),), (n + int(rng.integers(1, 4)),), (n, 1), (1, n))
    wrong = [np.zeros(shape, dtype=bool) for shape in shapes]
    right = [None, *(np.arange(n) == rng.integers(n) for _ in range(2))]
    return shuffled(
        rng,
        [Case(good | {"global_mask": m}, refuses=("global_mask", m.shape)) for m in wrong]
        + [Case(good | {"global_mask": m}, accepted=True) for m in right],
    )


def causal_attention(rng: Generator) -> list[Case]:
    """Globals open the future of their rows and columns, if nothing closes it again."""
    flags = (global_mask(rng, 7), global_mask(rng, 7), np.arange(7) == 0)
    equal = scores.inputs_with(np.zeros((2, 7, 7)))
    return [
        Case(equal | {"window_size": 3, "global_mask": each, "causal_globals": True})
        for each in flags
    ]


def the_future_of_weights(inputs: Inputs) -> np.ndarray:
    return looking_back(inputs["Q"].shape[-2]) < 0
