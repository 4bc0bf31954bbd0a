"""Self-checks of 02_linear_time."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.masks import require_mask
from checks.numbers import require_close
from dense import dense_attention
from labkit.steps import fail, passed, require, require_array, require_defined, self_check
from masks import parse_mask

LN3 = np.log(3.0)  # exp(LN3) is 3: scores of 0 and LN3 give the weights 1/4 and 3/4
LONG = 512  # tokens
BAND = """
    .###### / ..##### / ...#### / #...### / ##...## / ###...# / ####..."""  # a window of 3


@self_check
def check_block_keys(keys_of_block: Callable[[int, int, int], tuple[int, int]]) -> None:
    """keys_of_block(start, stop, window_size): (first, end)."""
    require_defined(keys_of_block, "keys_of_block")
    slices = {
        (6, 9, 3): (4, 9),
        (4, 6, 1): (4, 6),
        (20, 30, 5): (16, 30),
        (0, 4, 3): (0, 4),
        (2, 4, 6): (0, 4),
    }
    for (start, stop, window_size), (first, end) in slices.items():
        call = f"keys_of_block({start}, {stop}, {window_size})"
        got = keys_of_block(start, stop, window_size)
        is_pair = isinstance(got, tuple | list) and len(got) == 2
        require(is_pair, f"{call} must return two numbers, first and end; got {got!r}.")
        my_first, my_end = got
        nudge = None
        if my_first < 0:
            nudge = (
                f"There is no key {my_first}: in a slice, a negative number counts from the end."
            )
        elif my_end < end:
            nudge = f"The end is not part of a slice: the last query, {stop - 1}, sees itself."
        elif my_end > end:
            nudge = f"Key {end} comes after the last query, which is {stop - 1}."
        elif my_first < first:
            nudge = f"Key {my_first} lies before the window of query {start}, the first one."
        elif my_first > first:
            nudge = f"Key {first} is missing: query {start} sees it."
        require(
            (my_first, my_end) == (first, end),
            f"{call}: got first {my_first}, end {my_end}; expected {first}, {end}.",
            nudge,
        )
    passed("blocks in the middle and at the start, windows short and long")


@self_check
def check_block_mask(block_mask: Callable[[int, int, int], ndarray]) -> None:
    """block_mask(start, stop, window_size): bool (queries of the block, its keys)."""
    require_defined(block_mask, "block_mask")
    hint = "A comparison of arrays gives bool; 0 and 1 are not the same as False and True."
    for band, window_size, blocks in (
        (BAND, 3, ((3, 6), (0, 3), (6, 7))),
        (BAND, 3, ((2, 4), (0, 2), (4, 7))),
        (".### / #.## / ##.# / ###.", 1, ((1, 4), (0, 1))),
        (".##### / ..#### / ...### / ....## / .....# / ......", 9, ((1, 4), (0, 1), (4, 6))),
    ):
        whole = parse_mask(band)
        got = whole.copy()  # the masks of the blocks, each in its place
        for start, stop in blocks:
            first = max(0, start - window_size + 1)
            call = f"block_mask({start}, {stop}, {window_size})"
            mask = block_mask(start, stop, window_size)
            require_array(mask, call, (stop - start, stop - first), bool, hint)
            if (mask == ~whole[start:stop, first:stop]).all() and mask.size > 1:
                fail(f"{call}: every cell is the other way round: True means blocked.")
            got[start:stop, first:stop] = mask
            require_mask(got, whole, f"{call}, put into the mask of all queries")
    passed("blocks short and long, at the start and in the middle, dtype")


@self_check
def check_window_blocks(attention: Callable[..., ndarray]) -> None:
    """windowed_attention(Q, K, V, window_size, block_size): (..., seq_len, d_v)."""
    require_defined(attention, "windowed_attention")
    for block_size in (7, 2, 3, 1, 9):
        _check_seen(attention, (3, block_size), parse_mask(BAND))
    _check_scores(attention)
    _check_against_dense(attention)
    passed("who sees whom in blocks of five sizes, scores, batches, dtype, memory")


@self_check
def check_global_blocks(attention: Callable[..., ndarray]) -> None:
    """windowed_attention_with_globals(Q, K, V, window_size, block_size, global_mask)."""
    require_defined(attention, "windowed_attention_with_globals")
    none, two = np.zeros(7, dtype=bool), np.array([False, False, True, False, False, True, False])
    with_globals = parse_mask("""
        .#.##.# / ...##.# / ....... / #...#.# / ##....# / ....... / ##.#...""")
    for block_size in (7, 2, 3):
        _check_seen(attention, (3, block_size, none), parse_mask(BAND))
        _check_seen(attention, (3, block_size, two), with_globals)
    _check_scores(attention, np.zeros(2, dtype=bool))
    _check_against_dense(attention, np.isin(np.arange(20), [4, 13]))
    passed("who sees whom with two global tokens and without, scores, batches, dtype, memory")


def peak_memory(function: Callable[..., Any], *arguments: Any) -> int:
    """The most bytes that a call holds at once, besides its arguments. It takes a little longer."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _check_seen(attention: Callable[..., ndarray], sizes: tuple[Any, ...], hidden: ndarray) -> None:
    """Equal scores, and values that name their token: an output shows the weight of each key."""
    n = len(hidden)
    weights = attention(np.zeros((n, 2)), np.ones((n, 2)), np.eye(n), *sizes)
    call = f"window_size={sizes[0]}, block_size={sizes[1]}"
    positions = tuple(int(p) for mask in sizes[2:] for p in np.flatnonzero(mask))
    if positions:
        call += f", globals {positions}"
    call += ": who sees whom"
    require_array(weights, f"{call}, output for 7 tokens", (n, n))
    if np.isnan(weights).any():
        fail(f"{call}: the output holds nan. Does some query see no key at all?")
    require_mask(weights == 0, hidden, call, global_positions=positions)
    for query, row in enumerate(weights):
        seen = np.count_nonzero(row)
        require(
            np.isclose(row.sum(), 1),
            f"{call}: the weights of query {query} sum to {row.sum():.3g}, expected 1.",
            "All keys of a query share one softmax.",
        )
        for key in np.flatnonzero(row):
            require(
                np.isclose(row[key], 1 / seen),
                f"{call}: query {query} gives key {key} the weight {row[key]:.3g}, "
                f"expected {1 / seen:.3g}, as to each of the others.",
                "Is a key counted twice?",
            )


def _check_scores(attention: Callable[..., ndarray], *more: ndarray) -> None:
    """Two tokens; only the second sees both."""
    Q, K = np.array([[0.0] * 4, [2 * LN3, 0, 0, 0]]), np.array([[0.0] * 4, [1, 0, 0, 0]])
    V = np.array([[4.0, 0], [0, 4]])
    nudge = "The scores are Q times K, divided by the square root of d_k, which is 4 here."
    got = attention(Q, K, V, 2, 2, *more)
    require_close(got, [[4, 0], [1, 3]], "output where the weights are 1/4 and 3/4", nudge)
    with np.errstate(all="ignore"):  # the message says more than NumPy's warnings
        got = attention(2e4 * Q, K, V, 2, 2, *more)
    nudge = "exp of a large number is inf: subtract the largest open score of each query first."
    require_close(got, V, "output with large scores", nudge)
    Q, K = np.array([[2e4, 0, 0, 0]] * 2), np.array([[-1.0, 0, 0, 0], [1, 0, 0, 0]])
    with np.errstate(all="ignore"):
        got = attention(Q, K, V, 2, 2, *more)
    nudge = (
        "Subtract the largest of the open scores. A blocked one may be far larger, and beside it "
        "exp makes all open ones 0."
    )
    require_close(got, V, "output where the largest score is blocked", nudge)


def _check_against_dense(attention: Callable[..., ndarray], *more: ndarray) -> None:
    for batch, dtype in (((), np.float64), ((), np.float32), ((2, 3), np.float64)):
        rng = np.random.default_rng(1)
        Q, K, V = (rng.normal(size=(*batch, 20, d)).astype(dtype) for d in (9, 9, 2))
        what = f"the output for {np.dtype(dtype)} and Q of shape {Q.shape}"
        try:
            got = attention(*(x.copy() for x in (Q, K, V)), 4, 6, *more)
        except (ValueError, IndexError) as error:
            if not batch:
                raise
            fail(f"{what}: {type(error).__name__}: {error}", "Tokens are the last axis but one.")
        nudge = "What you make with np.zeros or np.empty needs the dtype of the inputs."
        require_array(got, what, V.shape, dtype, nudge)
        furthest = np.abs(got - dense_attention(Q, K, V, 4, *more)).max()
        require(
            furthest < 1e-5,
            f"{what} is not that of dense attention: the largest difference is {furthest:.3g}.",
            "The pattern of who sees whom is right. Look at the scores, their scale, and batches.",
        )
    text = np.ones((LONG, 1))
    more = tuple(np.arange(LONG) == 9 for _ in more)
    held = peak_memory(attention, text, text, text, 4, 8, *more)
    require(
        held <= LONG**2,
        f"For {LONG} tokens your attention holds {held:,} bytes at once. Even an array of "
        f"{LONG} * {LONG} bools takes {LONG**2:,}: keep to the scores of one block.",
    )
