"""Self-checks of 01_rolling_cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.cache import check_apart, check_full_pass, check_memory, check_seen
from checks.numbers import require_close
from labkit.calls import watched
from labkit.steps import passed, require, require_array, require_refusal, self_check
from masks import parse_mask

LN3 = np.log(3.0)  # exp(LN3) is 3: scores of 0 and LN3 give the weights 1/4 and 3/4
D_K = 5  # its root is no whole number
WINDOW = parse_mask("""
    .###### / ..##### / ...#### / #...### / ##...## / ###...# / ####...""")  # of 3
WITH_GLOBALS = parse_mask("""
    .###### / ..##### / ...#### / ....### / .....## / ..#...# / ..##...""")  # 2 of them


@self_check
def check_slot_positions(slot_positions: Callable[[int, int], ndarray]) -> None:
    """slot_positions(length, window_size): int (window_size,)."""
    answer = watched(slot_positions, "slot_positions(length, window_size)")
    slots = {
        (7, 4): [4, 5, 6, 3],
        (2, 4): [0, 1, -1, -1],
        (8, 4): [4, 5, 6, 7],
        (3, 1): [2],
        (14, 5): [10, 11, 12, 13, 9],
        (0, 3): [-1, -1, -1],
    }
    for (length, window_size), expected in slots.items():
        call = f"slot_positions({length}, {window_size})"
        got = answer(length, window_size)
        require_array(got, call, (window_size,))
        is_int = np.issubdtype(got.dtype, np.integer)
        require(is_int, f"{call}: got {got.dtype}, expected an array of int.")
        for slot, (mine, right) in enumerate(zip(got.tolist(), expected, strict=True)):
            require(
                mine == right,
                f"{call}: slot {slot} holds {mine}, expected {right}.",
                _about_slot(mine, right, length, got.tolist(), expected),
                f"got {got.tolist()}, expected {expected}",
            )
    passed("buffers empty, half full, full and written over")


@self_check
def check_store_token(store: Callable[..., None]) -> None:
    """store(keys, values, key, value, position), which writes into keys and values."""
    call = "store(keys, values, key, value, position)"
    answer = watched(store, call, may_change=("keys", "values"))
    for batch in ((), (2, 3)):
        for position, slot in ((1, 1), (6, 2), (12, 0), (15, 3)):
            rng = np.random.default_rng(position)
            keys, values = (rng.normal(size=(*batch, 4, width)) for width in (2, 3))
            key, value = (rng.normal(size=(*batch, width)) for width in (2, 3))
            before = keys.copy(), values.copy()
            answer(keys, values, key, value, position)
            for name, buffer, was, vector in zip(
                ("keys", "values"), (keys, values), before, (key, value), strict=True
            ):
                what = f"position {position}, {name} of shape {buffer.shape}"
                _check_written(buffer, was, vector, slot, what)
    passed("the slot, the other slots, later laps, batches")


@self_check
def check_cache_attention(attend_to_cache: Callable[..., ndarray]) -> None:
    """attend_to_cache(query, keys, values, length): (..., d_v)."""
    answer = watched(attend_to_cache, "attend_to_cache(query, keys, values, length)")
    keys = np.array([[0.0] * D_K, [1, 0, 0, 0, 0], [7] * D_K, [9, -9, 9, -9, 9]])
    values = np.array([[4.0, 0], [0, 4], [40, 80], [80, 40]])
    equal, one_and_three = np.zeros(D_K), np.array([D_K**0.5 * LN3, 0, 0, 0, 0])

    got = answer(equal, keys, values, 6)
    require_array(got, "the output for d_v = 2", (2,))
    nudge = "After 6 tokens a buffer of 4 is full: all its slots hold past tokens, and count."
    require_close(got, [31, 31], "output for equal scores, length=6, 4 slots", nudge)

    got = answer(equal, keys, values, 2)
    expected = np.array([2.0, 2.0])
    nudge = "After 2 tokens, slots 0 and 1 are filled. What lies in empty slots must not count."
    if np.allclose(2 * got, expected):
        nudge = "The weights of the filled slots must sum to 1."
    require_close(got, expected, "output for equal scores, length=2, 4 slots", nudge)

    got = answer(one_and_three, keys, values, 2)
    nudge = (
        f"The scores are query times key, divided by the square root of d_k, which is {D_K} here. "
        "There are 4 slots."
    )
    require_close(got, [1, 3], "output where the weights are 1/4 and 3/4, length=2", nudge)

    huge = np.array([[1.0], [0.5], [-1.0], [0.5]])
    got = answer(np.array([2e4]), huge, values, 4)
    nudge = "exp of a large number is inf: subtract the largest score first."
    require_close(got, values[0], "output with large scores", nudge)
    _check_batches(answer)
    passed("full and half-full buffers, scale, softmax, dtype, batches")


@self_check
def check_rolling_cache(cache_class: Callable[..., Any]) -> None:
    """RollingCache(window_size, num_global_tokens) and its attend(Q, K, V)."""
    make = watched(cache_class, "RollingCache(window_size, num_global_tokens)")
    check_apart(make)
    check_seen(make, (3,), [1] * 7, WINDOW)
    check_seen(make, (3,), [2, 5], WINDOW)
    check_seen(make, (3,), [1, 1, 4, 1], WINDOW)
    check_seen(make, (1,), [1, 2], parse_mask(".## / #.# / ##."))
    check_seen(make, (3, 2), [1] * 7, WITH_GLOBALS)
    check_seen(make, (3, 2), [1, 6], WITH_GLOBALS)
    check_seen(make, (9, 9), [3, 4], np.triu(np.ones((7, 7), dtype=bool), 1))
    for batch, dtype in (((), np.float64), ((2, 3), np.float64), ((), np.float32)):
        check_full_pass(make, batch, dtype)
    for num_global_tokens in (0, 2):
        check_memory(make, num_global_tokens)
    for sizes, name, value in (
        ((0,), "window_size", 0),
        ((-3,), "window_size", -3),
        ((3, -1), "num_global_tokens", -1),
        ((3, 4), "num_global_tokens", 4),
    ):
        require_refusal(make, sizes, name, value)
    passed("window, chunks, globals, full pass, memory, sizes")


def _about_slot(
    mine: int, right: int, length: int, got: list[int], expected: list[int]
) -> str | None:
    if length == 0:
        return "Nothing has been written yet: -1 says that a slot is empty."
    if mine >= length:
        return f"Position {mine} has not been written yet: the last position is {length - 1}."
    if right == -1:
        return "-1 says that a slot is empty."
    if sorted(got) == sorted(expected):
        return "These are the right positions, but nothing is moved: each stays where it was put."
    if 0 <= mine < length - len(got):
        return f"Position {mine} has left the window: the last position is {length - 1}."
    return None


def _check_written(buffer: ndarray, before: ndarray, vector: ndarray, slot: int, what: str) -> None:
    changed = [s for s in range(4) if (buffer[..., s, :] != before[..., s, :]).any()]
    require(changed, f"{what}: nothing was written. Write into the array in place.")
    for other in changed:
        nudge = "Which slot is the token's? Only what is too old is written over."
        require(other == slot, f"{what}: slot {other} must not change.", nudge)
    furthest = np.abs(buffer[..., slot, :] - vector).max()
    nudge = f"The largest difference is {furthest:.3g}."
    require(furthest == 0, f"{what}: slot {slot} does not hold the new vector.", nudge)


def _check_batches(answer: Callable[..., ndarray]) -> None:
    """float32, then entries of a batch, each as on its own; the last have large scores."""
    rng = np.random.default_rng(0)
    shapes = (4,), (5, 4), (5, 2)
    query, keys, values = (rng.normal(size=(2, 3, *s)).astype(np.float32) for s in shapes)
    query[-1] *= 1e3
    got = answer(query[0, 0], keys[0, 0], values[0, 0], 5)
    nudge = (
        "np.sqrt of an int is a float64, and so is a new array without a dtype: either turns "
        "float32 into float64."
    )
    require_array(got, "the output for float32", (2,), np.float32, nudge)
    got = answer(query, keys, values, 3)
    require_array(got, f"the output for a query of shape {query.shape}", (2, 3, 2))
    for index in np.ndindex(2, 3):
        alone = answer(query[index], keys[index], values[index], 3)
        what = f"the output of entry {list(index)} of a batch, against the same on its own"
        nudge = "Axes in front must not mix, and each query is shifted by its own largest score."
        require(np.allclose(got[index], alone, atol=1e-5), f"{what}: {got[index]}, {alone}.", nudge)
