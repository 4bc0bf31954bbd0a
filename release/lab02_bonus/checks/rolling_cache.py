"""Self-checks of 01_rolling_cache."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from checks.masks import require_mask
from checks.numbers import require_close
from dense import dense_attention
from labkit.steps import (
    fail,
    passed,
    require,
    require_array,
    require_defined,
    require_refusal,
    self_check,
)
from masks import parse_mask

LN3 = np.log(3.0)  # exp(LN3) is 3: scores of 0 and LN3 give the weights 1/4 and 3/4


@self_check
def check_slot_positions(slot_positions: Callable[[int, int], ndarray]) -> None:
    """slot_positions(length, window_size): int (window_size,)."""
    require_defined(slot_positions, "slot_positions")
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
        got = slot_positions(length, window_size)
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
    require_defined(store, "store")
    for batch in ((), (2, 3)):
        for position, slot in ((1, 1), (6, 2), (12, 0), (15, 3)):
            rng = np.random.default_rng(position)
            buffers = {n: rng.normal(size=(*batch, 4, d)) for n, d in (("keys", 2), ("values", 3))}
            token = {n: rng.normal(size=(*batch, d)) for n, d in (("key", 2), ("value", 3))}
            before = {name: buffer.copy() for name, buffer in buffers.items()}
            store(**buffers, **token, position=position)
            for (name, buffer), vector in zip(buffers.items(), token.values(), strict=True):
                what = f"position {position}, {name} of shape {buffer.shape}"
                _check_written(buffer, before[name], vector, slot, what)
    passed("the slot, the other slots, later laps, batches")


@self_check
def check_cache_attention(attend_to_cache: Callable[..., ndarray]) -> None:
    """attend_to_cache(query, keys, values, length): (..., d_v)."""
    require_defined(attend_to_cache, "attend_to_cache")
    keys = np.array([[0.0, 0, 0, 0], [1, 0, 0, 0], [7, 7, 7, 7], [9, -9, 9, -9]])
    values = np.array([[4.0, 0], [0, 4], [40, 80], [80, 40]])
    equal, one_and_three = np.zeros(4), np.array([2 * LN3, 0, 0, 0])

    got = attend_to_cache(equal, keys, values, 6)
    require_array(got, "the output for d_v = 2", (2,))
    nudge = "After 6 tokens a buffer of 4 is full: all its slots hold past tokens, and count."
    require_close(got, [31, 31], "output for equal scores, length=6, 4 slots", nudge)

    got = attend_to_cache(equal, keys, values, 2)
    expected = np.array([2.0, 2.0])
    nudge = "After 2 tokens, slots 0 and 1 are filled. What lies in empty slots must not count."
    if np.allclose(2 * got, expected):
        nudge = "The weights of the filled slots must sum to 1."
    require_close(got, expected, "output for equal scores, length=2, 4 slots", nudge)

    got = attend_to_cache(one_and_three, keys, values, 2)
    nudge = "The scores are query times key, divided by the square root of d_k, which is 4 here."
    require_close(got, [1, 3], "output where the weights are 1/4 and 3/4, length=2, 4 slots", nudge)

    huge = np.array([[1.0], [0.5], [-1.0], [0.5]])
    with np.errstate(all="ignore"):  # the message says more than NumPy's warnings
        got = attend_to_cache(np.array([2e4]), huge, values, 4)
    nudge = "exp of a large number is inf: subtract the largest score first."
    require_close(got, values[0], "output with large scores", nudge)

    rng = np.random.default_rng(0)
    query, keys, values = (
        rng.normal(size=(2, 3, *shape)).astype(np.float32) for shape in ((4,), (5, 4), (5, 2))
    )
    got = attend_to_cache(query[0, 0], keys[0, 0], values[0, 0], 5)
    nudge = "np.sqrt of an int is a float64, and it turns float32 arrays into float64."
    require_array(got, "the output for float32", (2,), np.float32, nudge)
    got = attend_to_cache(query, keys, values, 3)
    require_array(got, f"the output for a query of shape {query.shape}", (2, 3, 2))
    for index in np.ndindex(2, 3):
        alone = attend_to_cache(query[index], keys[index], values[index], 3)
        what = f"the output of entry {list(index)} of a batch, against the same on its own"
        require(np.allclose(got[index], alone, atol=1e-5), f"{what}: {got[index]}, {alone}.")
    passed("full and half-full buffers, scale, softmax, dtype, batches")


@self_check
def check_rolling_cache(cache_class: Callable[..., Any]) -> None:
    """RollingCache(window_size, num_global_tokens) and its attend(Q, K, V)."""
    require_defined(cache_class, "RollingCache")
    window = parse_mask("""
        .###### / ..##### / ...#### / #...### / ##...## / ###...# / ####...""")
    with_globals = parse_mask("""
        .###### / ..##### / ...#### / ....### / .....## / ..#...# / ..##...""")
    _check_seen(cache_class, (3,), [1] * 7, window)
    _check_seen(cache_class, (3,), [2, 5], window)
    _check_seen(cache_class, (3,), [1, 1, 4, 1], window)
    _check_seen(cache_class, (3, 2), [1] * 7, with_globals)
    _check_seen(cache_class, (3, 2), [1, 6], with_globals)
    _check_seen(cache_class, (9, 9), [3, 4], np.triu(np.ones((7, 7), dtype=bool), 1))

    for batch, dtype in (((), np.float64), ((2, 3), np.float64), ((), np.float32)):
        rng = np.random.default_rng(1)
        Q, K, V = (rng.normal(size=(*batch, 20, d)).astype(dtype) for d in (4, 4, 2))
        got = _in_chunks(cache_class(4, 2), (Q, K, V), [1] * 10 + [3, 7])
        what = f"the output for {np.dtype(dtype)} and Q of shape {Q.shape}"
        require_array(got, what, V.shape, dtype, "A buffer has the dtype of what it holds.")
        expected = dense_attention(Q, K, V, 4, np.arange(20) < 2, causal_globals=True)
        require(
            np.allclose(got, expected, atol=1e-5),
            f"{what} is not that of the full pass: the largest difference is "
            f"{np.abs(got - expected).max():.3g}.",
            "The pattern of who sees whom is right. Look at the scores, their scale, and batches.",
        )

    tokens = np.ones((40, 2))
    for num_global_tokens in (0, 2):
        cache = cache_class(4, num_global_tokens)
        _in_chunks(cache, (tokens, tokens, tokens), [1] * 40)
        kept = numbers_kept(cache) / 4  # a key and a value of two numbers each
        require(
            kept <= 2 * 4 + num_global_tokens,
            f"After 40 tokens RollingCache(4, {num_global_tokens}) keeps {kept:.0f} keys and "
            f"values; {4 + num_global_tokens} are enough.",
        )
    for sizes, name, value in (
        ((0,), "window_size", 0),
        ((-3,), "window_size", -3),
        ((3, -1), "num_global_tokens", -1),
        ((3, 4), "num_global_tokens", 4),
    ):
        require_refusal(cache_class, sizes, name, value)
    passed("window, chunks, globals, full pass, memory, sizes")


def numbers_kept(cache: Any) -> int:
    """How many numbers lie in the arrays that a cache keeps, in lists as well."""
    parts = list(vars(cache).values())
    numbers = 0
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            part = list(part.values())
        if isinstance(part, list | tuple | deque):
            parts += part
        elif isinstance(part, ndarray):
            numbers += part.size
    return numbers


def _about_slot(
    mine: int, right: int, length: int, got: list[int], expected: list[int]
) -> str | None:
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
    right = np.array_equal(buffer[..., slot, :], vector)
    require(right, f"{what}: slot {slot} does not hold the new vector.")


def _in_chunks(cache: Any, text: Sequence[ndarray], lengths: list[int]) -> ndarray:
    """All outputs for a text that is handed over in chunks."""
    outputs, begin = [], 0
    for length in lengths:
        Q, K, V = (array[..., begin : begin + length, :].copy() for array in text)
        output = cache.attend(Q, K, V)
        require_array(output, f"attend(Q, K, V) with V of shape {V.shape}", V.shape)
        outputs.append(output)
        begin += length
    return np.concatenate(outputs, axis=-2)


def _check_seen(
    cache_class: Callable[..., Any], sizes: tuple[int, ...], lengths: list[int], hidden: ndarray
) -> None:
    """Equal scores, and values that name their token: an output shows the weight of each key."""
    n = len(hidden)
    text = np.zeros((n, 2)), np.ones((n, 2)), np.eye(n)
    weights = _in_chunks(cache_class(*sizes), text, lengths)
    arguments = ", ".join(map(str, sizes))
    call = f"RollingCache({arguments}), chunks of {lengths}: who sees whom"
    if np.isnan(weights).any():
        nudge = "Does the first token see no key at all? Store, then attend."
        fail(f"{call}: the output holds nan.", nudge)
    got = weights == 0
    if (got != hidden).any():
        token, key = (int(i) for i in np.argwhere(got != hidden)[0])
        nudge = _about_seen(token, key, bool(got[token, key]), *sizes)
        require_mask(got, hidden, call, nudge=nudge)
    for token, row in enumerate(weights):
        expected = 1 / np.count_nonzero(row)
        require(
            np.isclose(row.sum(), 1),
            f"{call}: the weights of token {token} sum to {row.sum():.3g}, expected 1.",
            "Do empty slots take part?",
        )
        for key in np.flatnonzero(row):
            if not np.isclose(row[key], expected):
                fail(
                    f"{call}: token {token} gives key {key} the weight {row[key]:.3g}, "
                    f"expected {expected:.3g}, as to each of the others.",
                    "Is a key counted twice?",
                )


def _about_seen(
    token: int, key: int, is_hidden: bool, window_size: int, num_global_tokens: int = 0
) -> str:
    if not is_hidden and key > token:
        return f"Token {token} sees key {key}, which comes after it in the chunk."
    if not is_hidden:
        return f"Token {token} sees key {key}, which lies too far back."
    if key == token:
        return f"Token {token} does not see itself."
    if key < num_global_tokens:
        return (
            f"Token {token} does not see key {key}, which is global. Global tokens have places of "
            "their own beside the window."
        )
    return f"Token {token} does not see key {key}. What one call stores, the next must find."
