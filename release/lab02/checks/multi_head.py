"""Self-checks of 03_multi_head."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.numbers import require_close
from labkit.steps import (
    in_place_of,
    passed,
    require,
    require_array,
    require_defined,
    require_int,
    require_refusal,
    self_check,
)

HEADS_JOINED = [
    [0, 1, 2, 3, 4, 5],
    [10, 11, 12, 13, 14, 15],
    [20, 21, 22, 23, 24, 25],
    [30, 31, 32, 33, 34, 35],
]
HEADS_SPLIT = [
    [[0, 1, 2], [10, 11, 12], [20, 21, 22], [30, 31, 32]],
    [[3, 4, 5], [13, 14, 15], [23, 24, 25], [33, 34, 35]],
]


@self_check
def check_split_heads(split_heads: Callable[[ndarray, int], ndarray]) -> None:
    """split_heads(x, num_heads): (..., seq_len, d_model) to (..., num_heads, seq_len, d_k)."""
    require_defined(split_heads, "split_heads")
    nudge = (
        "Head 0 has the first three features of EVERY position. Which axis do you cut in two, "
        "and which two axes change places afterwards?"
    )
    _check_heads(lambda x: split_heads(x, 2), HEADS_JOINED, HEADS_SPLIT, "split_heads(x, 2)", nudge)
    passed("every number, with and without batch axes")


@self_check
def check_combine_heads(combine_heads: Callable[[ndarray], ndarray]) -> None:
    """combine_heads(x): (..., num_heads, seq_len, d_k) to (..., seq_len, d_model)."""
    require_defined(combine_heads, "combine_heads")
    nudge = (
        "Row t of the result is position t: its features from head 0, then those from head 1. "
        "The two axes you join must be neighbours, in that order."
    )
    _check_heads(combine_heads, HEADS_SPLIT, HEADS_JOINED, "combine_heads(x)", nudge)
    passed("every number, with and without batch axes")


@self_check
def check_attention_layer(layer_class: Callable[..., Any]) -> None:
    """SlidingWindowAttention, with a stand-in for sliding_window_attention."""
    require_defined(layer_class, "SlidingWindowAttention")
    _check_attributes(layer_class)
    _check_refused_sizes(layer_class)
    _check_global_tokens(layer_class)
    for method in ("get_attention_weights", "forward"):
        _check_handed_on(layer_class, method)
        _check_shapes(layer_class, method)
    _check_result(layer_class)
    passed("attributes, heads, globals, W_O, batches")


@self_check
def check_end_to_end(layer_class: Callable[..., Any]) -> None:
    """The layer with the student's own attention, x (2, 100, 64)."""
    require_defined(layer_class, "SlidingWindowAttention")
    x = np.random.default_rng(0).normal(size=(2, 100, 64))
    swa = layer_class(d_model=64, num_heads=8, window_size=16)
    output, weights = swa(x), swa.get_attention_weights(x)
    require_array(output, "swa(x)", x.shape)
    require_array(weights, "swa.get_attention_weights(x)", (2, 8, 100, 100))
    require(np.isfinite(output).all(), "swa(x) holds nan or inf.")
    require(np.allclose(weights.sum(axis=-1), 1), "Some rows of the weights do not sum to 1.")
    _check_reach(swa, x, 40, range(40, 56), "a window of 16")
    _check_reach(swa, x, 0, range(16), "a window of 16")
    swa = layer_class(d_model=64, num_heads=8, window_size=16, num_global_tokens=2)
    _check_reach(swa, x, 40, [0, 1, *range(40, 56)], "a window of 16 and 2 global tokens")
    _check_reach(swa, x, 0, range(100), "a window of 16 and 2 global tokens")
    nudge = "Sequences of a batch must not mix."
    require_close(swa(x[1]), swa(x)[1], "swa(x[1]), which must be swa(x)[1]", nudge)
    passed("shapes, and what one position can change")


def _check_heads(
    function: Callable[[ndarray], ndarray],
    given: list[Any],
    expected: list[Any],
    call: str,
    nudge: str,
) -> None:
    """Without batch axes, then in batches whose entries differ by 100."""
    for batch in ((), (3,), (3, 5)):  # 3 is not the number of heads
        steps = 100 * np.arange(np.prod(batch, dtype=int), dtype=np.float32)
        x = _added(steps, batch, given)
        what = f"{call} with x of shape {x.shape}"
        right = _added(steps, batch, expected)
        result = function(x)
        require_array(result, what, right.shape, x.dtype)
        require_close(result, right, what, nudge)


def _added(steps: ndarray, batch: tuple[int, ...], array: list[Any]) -> ndarray:
    values = np.array(array, dtype=np.float32)
    return steps.reshape(*batch, *[1] * values.ndim) + values


def _check_attributes(layer_class: Callable[..., Any]) -> None:
    sizes = {"d_model": 6, "num_heads": 2, "window_size": 3, "num_global_tokens": 1}
    layer = layer_class(**sizes)
    matrices = ("W_Q", "W_K", "W_V", "W_O")
    for name in (*sizes, "d_k", *matrices):
        require(hasattr(layer, name), f"The layer has no attribute {name}.")
    for name, expected in (sizes | {"d_k": 3}).items():
        require_int(getattr(layer, name), expected, f"{name} of SlidingWindowAttention(6, 2, 3, 1)")
    for name in matrices:
        require_array(getattr(layer, name), name, (6, 6))
    for index, name in enumerate(matrices):
        for other in matrices[:index]:
            same = np.array_equal(getattr(layer, name), getattr(layer, other))
            require(not same, f"{other} and {name} are equal. Draw each one on its own.")
    require_int(layer_class(6, 2, 3).num_global_tokens, 0, "num_global_tokens when it is not given")


def _check_refused_sizes(layer_class: Callable[..., Any]) -> None:
    good = {"d_model": 6, "num_heads": 2, "window_size": 3, "num_global_tokens": 1}
    wrong = {"d_model": 0, "num_heads": 0, "window_size": 0, "num_global_tokens": -1}
    for name, value in wrong.items():
        require_refusal(layer_class, tuple((good | {name: value}).values()), name, value)
    why = "num_heads is 3 here, which does not divide 10."
    require_refusal(layer_class, (10, 3, 2), "d_model", 10, why)


def _check_global_tokens(layer_class: Callable[..., Any]) -> None:
    mask = layer_class(4, 2, 2)._create_global_mask(5)
    require(mask is None, f"_create_global_mask(5) without global tokens: got {mask}, not None.")
    for count, flags in ((2, [1, 1, 0, 0, 0]), (5, [1, 1, 1, 1, 1]), (9, [1, 1, 1, 1, 1])):
        mask = layer_class(4, 2, 2, count)._create_global_mask(5)
        what = f"_create_global_mask(5) with num_global_tokens={count}"
        require_array(mask, what, (5,), bool)
        expected = np.array(flags, dtype=bool)
        require(np.array_equal(mask, expected), f"{what}: got {mask}, expected {expected}.")


X = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
# x @ SHIFT moves each feature one place to the right, and the last one to the front
SHIFT = np.array([[0.0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
PROJECTED = {
    "Q": [[[[4.0, 1], [8, 5], [12, 9]], [[2, 3], [6, 7], [10, 11]]]],
    "K": [[[[2.0, 4], [10, 12], [18, 20]], [[6, 8], [14, 16], [22, 24]]]],
    "V": [[[[3.0, 6], [15, 18], [27, 30]], [[9, 12], [21, 24], [33, 36]]]],
}


def _known_layer(layer_class: Callable[..., Any], num_global_tokens: int) -> Any:
    """d_model 4, two heads, a window of 2, and matrices that are easy to follow."""
    layer = layer_class(4, 2, 2, num_global_tokens)
    layer.W_Q, layer.W_K, layer.W_V, layer.W_O = SHIFT, 2 * np.eye(4), 3 * np.eye(4), SHIFT
    return layer


def _check_handed_on(layer_class: Callable[..., Any], method: str) -> None:
    """What a method hands to sliding_window_attention, where a batch of X alone goes in."""
    layer = _known_layer(layer_class, 1)
    _, handed = _run_with_stand_in(layer, method, X[np.newaxis])
    for name, expected in PROJECTED.items():
        what = f"the {name} that {method} hands to sliding_window_attention"
        require_array(handed[name], what, (1, 2, 3, 2))
        nudge = f"x @ W_{name} first, then split the result into heads."
        require_close(handed[name], expected, what, nudge)
    require_int(handed["window_size"], 2, f"the window_size that {method} hands on")
    last = [False, False, True]
    cases: tuple[tuple[int, list[bool] | None, list[bool]], ...] = (
        (0, None, [False, False, False]),
        (1, None, [True, False, False]),
        (1, last, last),
    )
    for num_global_tokens, given, flags in cases:
        layer = _known_layer(layer_class, num_global_tokens)
        mask = None if given is None else np.array(given)
        _, handed = _run_with_stand_in(layer, method, X, mask)
        got = handed["global_mask"]
        require(
            np.array_equal(np.zeros(3, dtype=bool) if got is None else got, flags),
            f"{method} with num_global_tokens={num_global_tokens} and global_mask={given} hands on "
            f"the global_mask {got}, expected {np.array(flags)}.",
            "A global_mask that is given replaces the first num_global_tokens." if given else None,
        )


def _check_shapes(layer_class: Callable[..., Any], method: str) -> None:
    layer = _known_layer(layer_class, 1)
    for batch in ((), (2,)):
        x = np.broadcast_to(X, (*batch, 3, 4)).copy()
        result, _ = _run_with_stand_in(layer, method, x)
        shape = x.shape if method == "forward" else (*batch, 2, 3, 3)
        require_array(result, f"{method}(x) with x of shape {x.shape}", shape)
        same = np.array_equal(x, np.broadcast_to(X, x.shape))
        require(same, f"{method} changed x. Use new arrays.")
    for shape in ((3, 5), (4,), (1, 1, 3, 4)):
        require_refusal(getattr(layer, method), (np.ones(shape),), "x", shape)


def _check_result(layer_class: Callable[..., Any]) -> None:
    """The stand-in returns V as its output: the result is V, combined, times W_O."""
    layer = _known_layer(layer_class, 1)
    both = np.stack([X, X + 100])
    result, _ = _run_with_stand_in(layer, "forward", both)
    expected = np.array([[12.0, 3, 6, 9], [24, 15, 18, 21], [36, 27, 30, 33]])
    nudge = "After attention: combine the heads, then @ W_O on the right."
    require_close(result[0], expected, "forward(x)[0]", nudge)
    require_close(result[1], expected + 300, "forward(x)[1], the second of the batch", nudge)
    weights, _ = _run_with_stand_in(layer, "get_attention_weights", both)
    nudge = "Return the weights of sliding_window_attention as they are."
    require_close(
        weights, _stand_in_weights(weights.shape), "weights of get_attention_weights(x)", nudge
    )


def _run_with_stand_in(
    layer: Any, method: str, x: ndarray, global_mask: ndarray | None = None
) -> tuple[ndarray, dict[str, Any]]:
    """The result of a method, and what it handed to sliding_window_attention."""
    handed: dict[str, Any] = {}

    def stand_in(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
        handed.update(Q=Q, K=K, V=V, window_size=window_size, global_mask=global_mask)
        return V, _stand_in_weights((*np.shape(Q)[:-1], np.shape(Q)[-2]))

    with in_place_of("sliding_window_attention", type(layer).forward, stand_in):
        run = layer if method == "forward" else getattr(layer, method)
        result = run(x, global_mask)
    require(handed, f"{method} did not call sliding_window_attention.")
    return result, handed


def _stand_in_weights(shape: tuple[int, ...]) -> ndarray:
    return np.arange(np.prod(shape), dtype=float).reshape(shape)


def _check_reach(layer: Any, x: ndarray, source: int, expected: Any, what: str) -> None:
    """Change x at one position, and see which outputs change."""
    layer.W_Q = np.zeros_like(layer.W_Q)  # all scores are 0: every open key counts the same
    touched = x.copy()
    touched[:, source] += 1.0
    changed = np.abs(layer(touched) - layer(x)).max(axis=(0, 2)) > 1e-9
    for position in range(x.shape[1]):
        words = {True: "changes", False: "does not change"}
        require(
            changed[position] == (position in expected),
            f"With {what}, x is changed at position {source}. Output {position} "
            f"{words[bool(changed[position])]}; expected: it {words[position in expected]}.",
            "Is the check of your attention, near the top of this notebook, green?",
        )
