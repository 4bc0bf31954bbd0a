"""Self-checks of 02_linear_time."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from checks.blocks import (
    LONG,
    check_against_dense,
    check_frames,
    check_large_scores,
    check_memory,
    check_scores,
    check_seen,
)
from checks.masks import require_mask
from labkit.calls import watched
from labkit.steps import fail, passed, require, require_array, self_check
from masks import parse_mask

BAND = """
    .###### / ..##### / ...#### / #...### / ##...## / ###...# / ####..."""  # a window of 3


@self_check
def check_block_keys(keys_of_block: Callable[[int, int, int], tuple[int, int]]) -> None:
    """keys_of_block(start, stop, window_size): (first, end)."""
    answer = watched(keys_of_block, "keys_of_block(start, stop, window_size)")
    slices = {
        (6, 9, 3): (4, 9),
        (4, 6, 1): (4, 6),
        (20, 30, 5): (16, 30),
        (0, 4, 3): (0, 4),
        (2, 4, 6): (0, 4),
    }
    for (start, stop, window_size), (first, end) in slices.items():
        call = f"keys_of_block({start}, {stop}, {window_size})"
        got = answer(start, stop, window_size)
        is_pair = isinstance(got, tuple | list | ndarray) and np.shape(got) == (2,)
        require(is_pair, f"{call} must return two numbers, first and end; got {got!r}.")
        my_first, my_end = got
        for name, value in (("first", my_first), ("end", my_end)):
            is_int = isinstance(value, int | np.integer)
            kind = type(value).__name__
            require(is_int, f"{call}: {name} is {value!r}, a {kind}; a slice needs ints.")
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
    answer = watched(block_mask, "block_mask(start, stop, window_size)")
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
            mask = answer(start, stop, window_size)
            require_array(mask, call, (stop - start, stop - first), bool, hint)
            if (mask == ~whole[start:stop, first:stop]).all() and mask.size > 1:
                fail(f"{call}: every cell is the other way round: True means blocked.")
            got[start:stop, first:stop] = mask
            require_mask(got, whole, f"{call}, put into the mask of all queries")
    passed("blocks short and long, at the start and in the middle, dtype")


@self_check
def check_window_blocks(attention: Callable[..., ndarray]) -> None:
    """windowed_attention(Q, K, V, window_size, block_size): (..., seq_len, d_v)."""
    attend = watched(attention, "windowed_attention(Q, K, V, window_size, block_size)")
    for block_size in (7, 2, 3, 1, 9):
        check_seen(attend, (3, block_size), parse_mask(BAND))
    check_scores(attend)
    check_large_scores(attend)
    check_against_dense(attend)
    check_memory(attend)
    check_frames(attend)
    passed("who sees whom in blocks of five sizes, scores, batches, dtype, memory")


@self_check
def check_global_blocks(attention: Callable[..., ndarray]) -> None:
    """windowed_attention_with_globals(Q, K, V, window_size, block_size, global_mask)."""
    name = "windowed_attention_with_globals"
    attend = watched(attention, f"{name}(Q, K, V, window_size, block_size, global_mask)")
    none, two = np.zeros(7, dtype=bool), np.isin(np.arange(7), [2, 5])
    with_globals = parse_mask("""
        .#.##.# / ...##.# / ....... / #...#.# / ##....# / ....... / ##.#...""")
    for block_size in (7, 2, 3):
        check_seen(attend, (3, block_size, none), parse_mask(BAND))
        check_seen(attend, (3, block_size, two), with_globals)
    for global_mask in (np.zeros(2, dtype=bool), np.ones(2, dtype=bool)):
        check_scores(attend, global_mask)
        check_large_scores(attend, global_mask)
    check_against_dense(attend, np.isin(np.arange(20), [4, 13]))
    check_memory(attend, np.arange(LONG) == 9)
    check_frames(attend, np.zeros(20, dtype=bool))
    passed("who sees whom with two global tokens and without, scores, batches, dtype, memory")
