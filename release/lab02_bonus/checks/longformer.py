"""Self-checks of 03_longformer."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.masks import require_mask
from checks.numbers import require_close
from checks.projections import (
    ALL_BLOCKED,
    about_pair,
    check_biases,
    check_heads,
    check_lookup,
    check_scores,
    check_sources,
    check_texts,
    check_weights,
    flags_at,
)
from labkit.calls import watched
from labkit.steps import fail, passed, require_array, require_refusal, self_check
from masks import parse_mask

LN3 = np.log(3.0)  # exp(LN3) is 3: scores of 0 and LN3 give the weights 1/4 and 3/4
D_K = 5  # its root is no whole number
SCALE = f"The scores are query times key, divided by the square root of d_k, which is {D_K} here."
IN_FRONT = "Axes in front must not mix, and each query is shifted by its own largest score."


@self_check
def check_two_sided_mask(two_sided_mask: Callable[..., ndarray]) -> None:
    """two_sided_mask(attention_window, is_global, is_padding): bool (n, n)."""
    answer = watched(two_sided_mask, "two_sided_mask(attention_window, is_global, is_padding)")
    patterns: tuple[tuple[int, tuple[int, ...], tuple[int, ...], str], ...] = (
        (2, (), (), "..### / ...## / #...# / ##... / ###.."),
        (4, (), (), "...### / ....## / .....# / #..... / ##.... / ###..."),
        (2, (4,), (), "..##. / ...#. / #.... / ##... / ....."),
        (2, (), (4, 5), "..#### / ...### / #...## / ##..## / ###### / ######"),
        (2, (0, 4), (3, 4), "...## / ...## / ...## / ##### / #####"),
        (2, (), (), "."),
    )
    for attention_window, global_positions, padded, picture in patterns:
        expected = parse_mask(picture)
        n = len(expected)
        flags = flags_at(n, *global_positions), flags_at(n, *padded)
        call = f"two_sided_mask({attention_window}, ...) for {n} tokens"
        for kind, positions in (("global", global_positions), ("padding", padded)):
            call += f", {kind}: {', '.join(map(str, positions))}" if positions else ""
        got = answer(attention_window, *flags)
        require_array(got, call, expected.shape)
        if got.all() and not padded and len(expected) > 1:
            fail(f"{call}: all pairs are blocked.", ALL_BLOCKED)
        wrong = np.argwhere(got != expected)
        nudge = None
        if 0 < len(wrong) < got.size:
            query, key = (int(i) for i in wrong[0])
            nudge = about_pair(query, key, got, global_positions, padded)
        require_mask(got, expected, call, nudge=nudge)
    none = flags_at(5)
    for value in (3, 0, -2):
        why = f"attention_window is {value}: half of it on each side, and at least one."
        require_refusal(answer, (value, none, none), "attention_window", value, why)
    passed("the window on both sides, global tokens, padding, refused windows")


@self_check
def check_local_rows(local_rows: Callable[..., ndarray]) -> None:
    """local_rows(Q, K, V, mask): (..., n, d_v)."""
    answer = watched(local_rows, "local_rows(Q, K, V, mask)")
    # queries of zeros give all open keys the same weight: the output shows the mask
    zeros, eye = np.zeros((3, D_K)), np.eye(3)
    mask = parse_mask("..# / #.. / ##.")
    output = require_array(answer(zeros, zeros, eye, mask), "output", (3, 3))
    for query, key in np.argwhere(mask & (output > 0)):
        fail(f"output: query {query} gives key {key} a weight; that pair is blocked.")
    nudge = "The weights of a row must sum to 1, over the open keys alone."
    require_close(output, [[0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0, 1]], "output", nudge)

    Q, K = np.zeros((3, D_K)), np.eye(3, D_K, -1)
    Q[:, 0] = D_K**0.5 * LN3
    right = [[1 / 4, 3 / 4, 0], [0, 3 / 4, 1 / 4], [0, 0, 1]]
    require_close(answer(Q, K, eye, mask), right, "output where scores are 0 and ln 3", SCALE)

    closed = parse_mask("..# / ### / ##.")
    output = answer(zeros, zeros, eye, closed)
    nudge = "Query 1 may see nobody: all its keys are blocked. Its output is 0, not a mean, no nan."
    require_close(output, [[0.5, 0.5, 0], [0, 0, 0], [0, 0, 1]], "output", nudge)

    nudge = "exp of a large number is inf: subtract the largest of the open scores first."
    right = [[0, 1, 0], [0, 1, 0], [0, 0, 1]]
    require_close(answer(1e4 * Q, K, eye, mask), right, "output with large scores", nudge)

    inputs = np.random.default_rng(0).normal(size=(3, 2, 3, 3, 4))
    inputs[0, -1] *= 1e3
    output = answer(*inputs, closed)
    require_array(output, f"output for Q of shape {inputs[0].shape}", inputs[0].shape)
    for index in np.ndindex(2, 3):
        alone = answer(*(array[index] for array in inputs), closed)
        what = f"output of batch and head {list(index)}, against the same on its own"
        require_close(output[index], alone, what, IN_FRONT)
    passed("blocked pairs, queries without a key, scale, softmax, heads")


@self_check
def check_global_rows(global_rows: Callable[..., ndarray]) -> None:
    """global_rows(local, Q_global, K_global, V_global, is_global, is_padding): (..., n, d_v)."""
    call = "global_rows(local, Q_global, K_global, V_global, is_global, is_padding)"
    answer = watched(global_rows, call)
    for positions, padded, share in (
        ((1,), (), 1 / 4),
        ((0, 2), (), 1 / 4),
        ((0,), (2, 3), 1 / 2),
        ((0, 3), (3,), 1 / 3),
        ((), (), 0),
    ):
        _check_rows(answer, flags_at(4, *positions), flags_at(4, *padded), share)

    local, V = np.full((3, 4), 7.0), 4 * np.eye(3, 4)
    Q, K = np.zeros((3, D_K)), np.eye(3, D_K, -1)
    Q[:, 0] = D_K**0.5 * LN3
    first, last = flags_at(3, 0), flags_at(3, 2)
    output = answer(local, Q, K, V, first, last)
    require_close(output[:1], [[1, 3, 0, 0]], "output where scores are 0 and ln 3", SCALE)
    output = answer(local, 1e4 * Q, K, V, first, last)
    nudge = "exp of a large number is inf: subtract the largest score first."
    require_close(output[:1], [[0, 4, 0, 0]], "output with large scores", nudge)
    K[:, 0] = 1, 2, 0  # so that the scores are negative, and that of padding is 0
    output = answer(local, -1e4 * Q, K, V, first, last)
    nudge = (
        "Nobody sees padding, whatever its score: leave it out, or make its score -inf, before "
        "you look for the largest."
    )
    require_close(output[:1], [[4, 0, 0, 0]], "output where padding has the largest score", nudge)

    arrays = np.random.default_rng(0).normal(size=(4, 2, 3, 5, 4))
    arrays[1, -1] *= 1e3
    flags = flags_at(5, 3), flags_at(5, 4)
    output = answer(*arrays, *flags)
    require_array(output, f"output for arrays of shape {arrays[0].shape}", arrays[0].shape)
    for index in np.ndindex(2, 3):
        alone = answer(*(array[index] for array in arrays), *flags)
        what = f"output of batch and head {list(index)}, against the same on its own"
        require_close(output[index], alone, what, IN_FRONT)
    passed("global rows, other rows, padding, scale, heads")


@self_check
def check_longformer_layer(layer_class: Callable[..., Any]) -> None:
    """LongformerSelfAttention(d_model, num_heads, attention_window) and forward."""
    make = watched(layer_class, "LongformerSelfAttention(d_model, num_heads, attention_window)")
    check_weights(make(6, 3, 2))
    for sizes, name, value in (
        ((4, 3, 2), "num_heads", 3),
        ((4, 0, 2), "num_heads", 0),
        ((4, 2, 3), "attention_window", 3),
        ((4, 2, 0), "attention_window", 0),
    ):
        require_refusal(make, sizes, name, value)
    check_lookup(make)
    check_sources(make, 8, 2, (), ())
    check_sources(make, 9, 4, (), ())
    check_sources(make, 8, 2, (2,), ())
    check_sources(make, 8, 2, (), (6, 7))
    check_sources(make, 8, 2, (0, 6), (6, 7))
    for end, who in (("", ()), ("_global", (0,))):
        check_scores(make, end, who)
        check_biases(make, end, who)
    check_heads(make)
    check_texts(make)
    passed("weights, sizes, who attends through which projection, biases, heads, a batch")


def _check_rows(
    answer: Callable[..., ndarray], is_global: ndarray, is_padding: ndarray, share: float
) -> None:
    """All scores are 0, and local is 7 throughout. share: of each key that a global token sees."""
    zeros, eye = np.zeros((4, 4)), np.eye(4)
    output = answer(np.full((4, 4), 7.0), zeros, zeros, eye, is_global, is_padding)
    what = (
        f"output, global {np.flatnonzero(is_global).tolist()}, "
        f"padding {np.flatnonzero(is_padding).tolist()}"
    )
    require_array(output, what, (4, 4))
    for row in range(4):
        expected, nudge = (
            np.full(4, 7.0),
            f"Row {row} is not global: it stays what it was in local.",
        )
        if is_padding[row]:
            nudge = f"Row {row} is padding, which cannot be global: it stays."
        elif is_global[row]:
            expected = np.where(is_padding, 0, share)
            nudge = f"Row {row} is global: its output, over all tokens, stands in place of 7."
            if (output[row] > 0)[is_padding].any():
                nudge = "Nobody sees padding, no global token either."
        require_close(output[row : row + 1], expected[np.newaxis], f"{what}: row {row}", nudge)
