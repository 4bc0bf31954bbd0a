"""Self-checks of 03_multi_head."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.attention import K, Q
from checks.diagnosis import about_weights
from checks.layer import (
    check_attributes,
    check_global_tokens,
    check_handed_on,
    check_refused_sizes,
    check_result,
    check_shapes,
)
from checks.numbers import require_close
from labkit.calls import watched
from labkit.steps import passed, require, require_array, self_check

LAYER = "SlidingWindowAttention(d_model, num_heads, window_size, num_global_tokens)"
TOP = "Is the check of your attention, near the top of this notebook, green?"
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
ONE_JOINED = [[0, 1, 2, 3], [10, 11, 12, 13]]
ONE_SPLIT = [ONE_JOINED]


@self_check
def check_split_heads(split_heads: Callable[[ndarray, int], ndarray]) -> None:
    """split_heads(x, num_heads): (..., seq_len, d_model) to (..., num_heads, seq_len, d_k)."""
    answer = watched(split_heads, "split_heads(x, num_heads)")
    nudge = (
        "Head 0 has the first three features of EVERY position. Which axis do you cut in two, "
        "and which two axes change places afterwards?"
    )
    _check_heads(lambda x: answer(x, 2), HEADS_JOINED, HEADS_SPLIT, "split_heads(x, 2)", nudge)
    nudge = "With one head there is an axis for it all the same."
    _check_heads(lambda x: answer(x, 1), ONE_JOINED, ONE_SPLIT, "split_heads(x, 1)", nudge)
    passed("every number, with and without batch axes")


@self_check
def check_combine_heads(combine_heads: Callable[[ndarray], ndarray]) -> None:
    """combine_heads(x): (..., num_heads, seq_len, d_k) to (..., seq_len, d_model)."""
    answer = watched(combine_heads, "combine_heads(x)")
    nudge = (
        "Row t of the result is position t: its features from head 0, then those from head 1. "
        "The two axes you join must be neighbours, in that order."
    )
    _check_heads(answer, HEADS_SPLIT, HEADS_JOINED, "combine_heads(x)", nudge)
    _check_heads(answer, ONE_SPLIT, ONE_JOINED, "combine_heads(x)", "Here is one head alone.")
    passed("every number, with and without batch axes")


@self_check
def check_attention_layer(layer_class: Callable[..., Any]) -> None:
    """SlidingWindowAttention, with a stand-in for sliding_window_attention."""
    make = watched(layer_class, LAYER)
    check_attributes(make)
    check_refused_sizes(make)
    check_global_tokens(make)
    for method in ("get_attention_weights", "forward"):
        check_handed_on(layer_class, method)
        check_shapes(layer_class, method)
    check_result(layer_class)
    passed("attributes, heads, globals, W_O, batches")


@self_check
def check_end_to_end(layer_class: Callable[..., Any]) -> None:
    """The layer with the student's own attention, x (2, 100, 64)."""
    make = watched(layer_class, LAYER)
    x = np.random.default_rng(0).normal(size=(2, 100, 64))
    swa = make(64, 8, 16)
    output = watched(swa, "the layer(x)")(x)
    weights = watched(swa.get_attention_weights, "get_attention_weights(x)")(x)
    require_array(output, "swa(x)", x.shape)
    require_array(weights, "swa.get_attention_weights(x)", (2, 8, 100, 100))
    require(np.isfinite(output).all(), "swa(x) holds nan or inf.")
    require(np.allclose(weights.sum(axis=-1), 1), "Some rows of the weights do not sum to 1.", TOP)
    _check_reach(swa, x, 40, range(40, 56), "a window of 16")
    _check_reach(swa, x, 0, range(16), "a window of 16")
    swa = make(64, 8, 16, 2)
    _check_reach(swa, x, 40, [0, 1, *range(40, 56)], "a window of 16 and 2 global tokens")
    _check_reach(swa, x, 0, range(100), "a window of 16 and 2 global tokens")
    nudge = "Sequences of a batch must not mix."
    require_close(swa(x[1]), swa(x)[1], "swa(x[1]), which must be swa(x)[1]", nudge)
    _check_known_weights(make(5, 1, 2))
    passed("shapes, what one position can change, and known weights")


def _check_heads(
    function: Callable[[ndarray], ndarray],
    given: list[Any],
    expected: list[Any],
    call: str,
    nudge: str,
) -> None:
    """Without batch axes, then in batches whose entries differ by 100."""
    for batch in ((), (3,), (3, 5), (1,)):  # 3 is not the number of heads
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
            TOP,
        )


def _check_known_weights(layer: Any) -> None:
    """One head, d_k is 5, a window of 2: the queries and keys of the check of the attention."""
    x = np.zeros((3, 5))
    x[:, 0], x[:, 1] = K[:, 0], 1
    layer.W_Q, layer.W_K = np.zeros((5, 5)), np.zeros((5, 5))
    layer.W_Q[1], layer.W_K[0, 0] = Q[0], 1
    weights = layer.get_attention_weights(x)
    require_array(weights, "weights of one head", (1, 3, 3))
    expected = np.array([[1, 0, 0], [3 / 4, 1 / 4, 0], [0, 1 / 4, 3 / 4]])
    nudge = f"{about_weights(weights[0], expected)}\n{TOP}"
    require_close(weights[0], expected, "weights of a layer with one head", nudge)
