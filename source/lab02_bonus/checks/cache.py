"""What a rolling cache must do, and how much it may keep."""

import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy import ndarray

from checks.masks import require_seen
from checks.shares import require_equal_shares
from dense import dense_attention
from labkit.calls import method_of
from labkit.steps import require, require_array

Make = Callable[..., Any]
WIDE = 500  # numbers of a key, and of a value: beside them all else that is kept is small


def check_apart(make: Make) -> None:
    """A new cache knows nothing of another one. Only a first token is given to each."""
    token = np.zeros((1, 1))
    in_chunks(make(3), (token, token, np.array([[777.0]])), [1])
    output = in_chunks(make(3), (token, token, token), [1])
    require(
        not np.isfinite(output).all() or output[0, 0] == 0,
        f"One cache was given the value 777. Another, new one was then given the value 0 alone, "
        f"and its output is {output[0, 0]:.4g}, not 0: they share what they keep. Make it in "
        "__init__, as an attribute of self; what belongs to the class or the notebook is shared.",
    )


def check_seen(make: Make, sizes: tuple[int, ...], lengths: list[int], hidden: ndarray) -> None:
    """Equal scores, and values that name their token: an output shows the weight of each key."""
    n = len(hidden)
    text = np.full((n, 1), np.log(3.0)), np.ones((n, 1)), np.eye(n)
    weights = in_chunks(make(*sizes), text, lengths)
    call = f"RollingCache({', '.join(map(str, sizes))}), chunks of {lengths}: who sees whom"
    calls = np.repeat(np.arange(len(lengths)), lengths)

    def explain(token: int, key: int, blocked: ndarray) -> str:
        return _about_seen(token, key, blocked, calls, *sizes)

    require_seen(weights, hidden, call, explain=explain)
    positions = tuple(range(n if len(sizes) > 1 else 0))[: sizes[-1]]
    require_equal_shares(weights, call, positions, "Do empty slots take part?")


def check_full_pass(make: Make, batch: tuple[int, ...], dtype: Any) -> None:
    rng = np.random.default_rng(1)
    Q, K, V = (rng.normal(size=(*batch, 20, d)).astype(dtype) for d in (5, 5, 2))
    Q[..., 10:, :] *= 1e3 if dtype == np.float64 else 1
    got = in_chunks(make(4, 2), (Q, K, V), [1] * 10 + [3, 7])
    what = f"the output for {np.dtype(dtype)} and Q of shape {Q.shape}"
    require_array(got, what, V.shape, dtype, "A buffer has the dtype of what it holds.")
    expected = dense_attention(Q, K, V, 4, np.arange(20) < 2, causal_globals=True)
    wrong = np.argwhere(~np.isclose(got, expected, atol=1e-5))
    if len(wrong):
        token = int(wrong[0][-2])
        about = "the scores, their scale, and batches"
        if token >= 10 and Q.dtype == np.float64:
            about = (
                "the softmax: the scores of these tokens are large, and exp of them is inf. Shift "
                "each query by its own largest score"
            )
        require(
            False,
            f"{what} is not that of the full pass: the largest difference is "
            f"{np.abs(got - expected).max():.3g}, and token {token} is the first that differs.",
            f"The pattern of who sees whom is right. Look at {about}.",
        )


def check_memory(make: Make, num_global_tokens: int) -> None:
    """Whatever stays when 40 tokens are done, wherever it is kept: each brings its own arrays."""
    cache = make(4, num_global_tokens)
    attend = method_of(cache, "attend(Q, K, V)")
    tracemalloc.start()
    try:
        for _ in range(40):
            attend(*(np.ones((1, WIDE)) for _ in range(3)))
        kept = tracemalloc.get_traced_memory()[0] / (2 * WIDE * 8)  # keys and values of float64
    finally:
        tracemalloc.stop()
    require(
        kept <= 2 * 4 + num_global_tokens + 1,  # one for all else
        f"After 40 tokens RollingCache(4, {num_global_tokens}) keeps as much as {kept:.0f} keys "
        f"and values; {4 + num_global_tokens} are enough.",
    )


def numbers_kept(cache: Any) -> int:
    """How many numbers lie in the arrays that a cache keeps: in lists and other objects as well."""
    parts, numbers, seen = _parts(cache), 0, []
    while parts:
        part = parts.pop()
        if any(part is other for other in seen):
            continue
        seen.append(part)
        if isinstance(part, ndarray):
            numbers += part.size
        elif isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list | tuple | set | deque):
            parts += part
        elif not (callable(part) or isinstance(part, ModuleType)):
            parts += _parts(part)
    return numbers


def _parts(thing: Any) -> list[Any]:
    """The attributes of an object, those in __slots__ as well."""
    slots = (getattr(owner, "__slots__", ()) for owner in type(thing).__mro__)
    names = [name for each in slots for name in ([each] if isinstance(each, str) else each)]
    in_slots = [getattr(thing, name) for name in names if hasattr(thing, name)]
    return [*getattr(thing, "__dict__", {}).values(), *in_slots]


def in_chunks(cache: Any, text: Sequence[ndarray], lengths: Iterable[int]) -> ndarray:
    """All outputs for a text that is handed over in chunks."""
    attend = method_of(cache, "attend(Q, K, V)")
    outputs, begin = [], 0
    for length in lengths:
        Q, K, V = (array[..., begin : begin + length, :].copy() for array in text)
        output = attend(Q, K, V)
        require_array(output, f"attend(Q, K, V) with V of shape {V.shape}", V.shape)
        outputs.append(output)
        begin += length
    return np.concatenate(outputs, axis=-2)


def _about_seen(
    token: int,
    key: int,
    blocked: ndarray,
    calls: ndarray,
    window_size: int,
    num_global_tokens: int = 0,
) -> str:
    """calls: in which call each token came."""
    if not blocked[token, key] and key > token:
        return f"Token {token} sees key {key}, which comes after it in the chunk."
    if not blocked[token, key]:
        return f"Token {token} sees key {key}, which lies too far back."
    if key == token:
        return f"Token {token} does not see itself."
    if key < num_global_tokens:
        return (
            f"Token {token} does not see key {key}, which is global. Global tokens have places of "
            "their own beside the window."
        )
    earlier = calls < calls[:, np.newaxis]
    if blocked[earlier].all():
        return f"Token {token} does not see key {key}. What one call stores, the next must find."
    return (
        f"Token {token} does not see key {key}: the window is too short here. It is {window_size} "
        "tokens, itself included."
    )
