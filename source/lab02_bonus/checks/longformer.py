"""Self-checks of 03_longformer."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.masks import require_mask
from checks.numbers import require_close
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
NAMES = ("Q", "K", "V", "Q_global", "K_global", "V_global")
SCALE = "The scores are query times key, divided by the square root of d_k, which is 4 here."


@self_check
def check_two_sided_mask(two_sided_mask: Callable[..., ndarray]) -> None:
    """two_sided_mask(attention_window, is_global, is_padding): bool (n, n)."""
    name = "two_sided_mask"
    require_defined(two_sided_mask, name)
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
        flags = _flags(n, *global_positions), _flags(n, *padded)
        call = f"{name}({attention_window}, ...) for {n} tokens"
        for kind, positions in (("global", global_positions), ("padding", padded)):
            call += f", {kind}: {', '.join(map(str, positions))}" if positions else ""
        got = two_sided_mask(attention_window, *flags)
        require_array(got, call, expected.shape)
        wrong = np.argwhere(got != expected)
        nudge = None
        if 0 < len(wrong) < got.size:
            query, key = (int(i) for i in wrong[0])
            nudge = _about_pair(query, key, bool(got[query, key]), global_positions, padded)
        require_mask(got, expected, call, nudge=nudge)
    none = _flags(5)
    for value in (3, 0, -2):
        why = f"attention_window is {value}: half of it on each side, and at least one."
        require_refusal(two_sided_mask, (value, none, none), "attention_window", value, why)
    passed("the window on both sides, global tokens, padding, refused windows")


@self_check
def check_local_rows(local_rows: Callable[..., ndarray]) -> None:
    """local_rows(Q, K, V, mask): (..., n, d_v)."""
    require_defined(local_rows, "local_rows")
    # queries of zeros give all open keys the same weight: the output shows the mask
    zeros, eye = np.zeros((3, 4)), np.eye(3)
    mask = parse_mask("..# / #.. / ##.")
    output = _checked(local_rows(zeros, zeros, eye, mask), "output", (3, 3))
    for query, key in np.argwhere(mask & (output > 0)):
        fail(f"output: query {query} gives key {key} a weight; that pair is blocked.")
    nudge = "The weights of a row must sum to 1, over the open keys alone."
    require_close(output, [[0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0, 1]], "output", nudge)

    Q = np.array([[2 * LN3, 0, 0, 0]] * 3)
    K = np.array([[0.0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]])
    output = _checked(local_rows(Q, K, eye, mask), "output", (3, 3))
    right = [[1 / 4, 3 / 4, 0], [0, 3 / 4, 1 / 4], [0, 0, 1]]
    require_close(output, right, "output where scores are 0 and ln 3", SCALE)

    closed = parse_mask("..# / ### / ##.")
    with np.errstate(all="ignore"):  # the message says more than NumPy's warnings
        output = _checked(local_rows(zeros, zeros, eye, closed), "output", (3, 3))
    nudge = "Query 1 may see nobody: all its keys are blocked. Its output is 0, not a mean, no nan."
    require_close(output, [[0.5, 0.5, 0], [0, 0, 0], [0, 0, 1]], "output", nudge)

    with np.errstate(all="ignore"):
        output = local_rows(1e4 * Q, K, eye, mask)
    nudge = "exp of a large number is inf: subtract the largest of the open scores first."
    right = [[0, 1, 0], [0, 1, 0], [0, 0, 1]]
    require_close(output, right, "output with large scores", nudge)

    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(3, 2, 3, 3, 4))
    Q, K, V = inputs
    output = local_rows(*inputs.copy(), closed)
    _checked(output, f"output for Q of shape {Q.shape}", Q.shape)
    for index in np.ndindex(2, 3):
        alone = local_rows(Q[index], K[index], V[index], closed)
        what = f"output of batch and head {list(index)}, against the same on its own"
        require_close(output[index], alone, what, "Axes in front must not mix.")
    passed("blocked pairs, queries without a key, scale, softmax, heads")


@self_check
def check_global_rows(global_rows: Callable[..., ndarray]) -> None:
    """global_rows(local, Q_global, K_global, V_global, is_global, is_padding): (..., n, d_v)."""
    require_defined(global_rows, "global_rows")
    local, zeros, eye = np.full((4, 4), 7.0), np.zeros((4, 4)), np.eye(4)
    sure = "Row {0} is not global: it stays what it was in local."
    for is_global, is_padding, rows in (
        (_flags(4, 1), _flags(4), {1: [1 / 4] * 4}),
        (_flags(4, 0, 2), _flags(4), {0: [1 / 4] * 4, 2: [1 / 4] * 4}),
        (_flags(4, 0), _flags(4, 2, 3), {0: [1 / 2, 1 / 2, 0, 0]}),
        (_flags(4, 0, 3), _flags(4, 3), {0: [1 / 3, 1 / 3, 1 / 3, 0]}),
        (_flags(4), _flags(4), {}),
    ):
        given = local.copy()
        output = global_rows(given, zeros, zeros, eye, is_global, is_padding)
        what = f"output, global {_listed(is_global)}, padding {_listed(is_padding)}"
        _checked(output, what, (4, 4))
        require((given == local).all(), "global_rows changed local, which it was given.")
        for row in range(4):
            expected = np.array(rows.get(row, [7.0] * 4))
            nudge = sure.format(row)
            if is_padding[row]:
                nudge = f"Row {row} is padding, which cannot be global: it stays."
            elif row in rows:
                nudge = f"Row {row} is global: its output, over all tokens, stands in place of 7."
                if (output[row] > 0)[is_padding].any():
                    nudge = "Nobody sees padding, no global token either."
            require_close(output[row : row + 1], expected[np.newaxis], f"{what}: row {row}", nudge)

    Q = np.array([[2 * LN3, 0, 0, 0]] * 2)
    K = np.array([[0.0, 0, 0, 0], [1, 0, 0, 0]])
    output = global_rows(local[:2], Q, K, 4 * np.eye(2, 4), _flags(2, 0), _flags(2))
    require_close(output[:1], [[1, 3, 0, 0]], "output where scores are 0 and ln 3", SCALE)
    with np.errstate(all="ignore"):
        output = global_rows(local[:2], 1e4 * Q, K, 4 * np.eye(2, 4), _flags(2, 0), _flags(2))
    nudge = "exp of a large number is inf: subtract the largest score first."
    require_close(output[:1], [[0, 4, 0, 0]], "output with large scores", nudge)

    rng = np.random.default_rng(0)
    arrays, flags = rng.normal(size=(4, 2, 3, 5, 4)), (_flags(5, 3), _flags(5, 4))
    output = global_rows(*arrays.copy(), *flags)
    _checked(output, f"output for arrays of shape {arrays[0].shape}", arrays[0].shape)
    for index in np.ndindex(2, 3):
        alone = global_rows(*(array[index].copy() for array in arrays), *flags)
        what = f"output of batch and head {list(index)}, against the same on its own"
        require_close(output[index], alone, what, "Axes in front must not mix.")
    passed("global rows, other rows, padding, scale, heads")


@self_check
def check_longformer_layer(layer_class: Callable[..., Any]) -> None:
    """LongformerSelfAttention(d_model, num_heads, attention_window) and forward."""
    require_defined(layer_class, "LongformerSelfAttention")
    layer = layer_class(6, 3, 2)
    for name in NAMES:
        for kind, shape in ((f"W_{name}", (6, 6)), (f"b_{name}", (6,))):
            require(hasattr(layer, kind), f"LongformerSelfAttention(6, 3, 2) has no {kind}.")
            require_array(getattr(layer, kind), kind, shape)
    for sizes, name, value in (
        ((4, 3, 2), "num_heads", 3),
        ((4, 0, 2), "num_heads", 0),
        ((4, 2, 3), "attention_window", 3),
        ((4, 2, 0), "attention_window", 0),
    ):
        require_refusal(layer_class, sizes, name, value)

    _check_sources(layer_class, 8, 2, (), ())
    _check_sources(layer_class, 9, 4, (), ())
    _check_sources(layer_class, 8, 2, (2,), ())
    _check_sources(layer_class, 8, 2, (), (6, 7))
    _check_sources(layer_class, 8, 2, (0, 6), (6, 7))
    for end, who in (("", ()), ("_global", (0,))):
        _check_scores(layer_class, end, who)

    layer, rng = _drawn(layer_class(6, 3, 2)), np.random.default_rng(1)
    x, flags = rng.normal(size=(2, 7, 6)), (_flags(7, 1), _flags(7, 6))
    before = layer.forward(x[0], *flags)
    for name in NAMES:
        getattr(layer, f"W_{name}")[:, 2:4] += 1
    changed = np.abs(layer.forward(x[0], *flags) - before).max(axis=0) > 1e-9
    require(
        changed.tolist() == [False, False, True, True, False, False],
        "output of 3 heads with d_k = 2, after columns 2 and 3 of each W_... were changed: changed "
        f"are the features {np.flatnonzero(changed).tolist()}, expected [2, 3].",
        "These columns belong to head 1, and so do the features. Split and combine with care.",
    )

    flags = np.stack([_flags(7, 1), _flags(7, 2)]), np.stack([_flags(7, 6), _flags(7, 5, 6)])
    output = _checked(layer.forward(x, *flags), f"output for x of shape {x.shape}", x.shape)
    for text in range(2):
        alone = layer.forward(x[text], *(flag[text] for flag in flags))
        what = f"output of text {text} of a batch, against the same on its own"
        require_close(output[text], alone, what, "Each text of a batch has flags of its own.")
    passed("weights, sizes, who attends through which projection, biases, heads, a batch")


def _check_sources(
    layer_class: Callable[..., Any],
    n: int,
    attention_window: int,
    global_positions: tuple[int, ...],
    padded: tuple[int, ...],
) -> None:
    """Equal scores, and values that name their token: 1 for the local ones, 10 for the global."""
    layer = layer_class(n, 1, attention_window)
    for name in NAMES:
        setattr(layer, f"W_{name}", np.zeros((n, n)))
        setattr(layer, f"b_{name}", np.zeros(n))
    layer.W_V, layer.W_V_global = np.eye(n), 10 * np.eye(n)
    is_global, is_padding = _flags(n, *global_positions), _flags(n, *padded)
    output = layer.forward(np.eye(n), is_global, is_padding)
    what = f"attention_window={attention_window}, global {_listed(is_global)}, "
    what += f"padding {_listed(is_padding)}: output"
    _checked(output, what, (n, n))
    for query, row in enumerate(output):
        seen = [
            key
            for key in range(n)
            if not is_padding[[query, key]].any()
            and (abs(query - key) <= attention_window / 2 or is_global[[query, key]].any())
        ]
        for key in range(n):
            if (row[key] != 0) != (key in seen):
                about = _about_pair(query, key, row[key] == 0, global_positions, padded)
                fail(f"{what}: query {query}, key {key}: got {row[key]:.3g}.", about)
        is_row = bool(is_global[query] and not is_padding[query])
        expected = np.isin(np.arange(n), seen) * (10 if is_row else 1) / max(1, len(seen))
        nudge = (
            f"Query {query} is global: all its keys and values are global ones, by V_global."
            if is_row
            else f"Query {query} is local, also where the key is global: which projection is used "
            "goes by the query."
        )
        require_close(row[np.newaxis], expected[np.newaxis], f"{what} of query {query}", nudge)


def _check_scores(layer_class: Callable[..., Any], end: str, who: tuple[int, ...]) -> None:
    """Two tokens, d_k = 4, and scores of 0 and ln 3, which come from each part in turn."""
    first = np.zeros((4, 4))
    first[1, 0] = 1  # token 1 is e_1, and its key e_0
    for part in ("W", "b"):
        layer = layer_class(4, 1, 2)
        for name in NAMES:
            setattr(layer, f"W_{name}", np.zeros((4, 4)))
            setattr(layer, f"b_{name}", np.zeros(4))
        query = np.array([2 * LN3, 0, 0, 0])
        given = np.tile(query, (4, 1)) if part == "W" else query
        setattr(layer, f"{part}_Q{end}", given)
        setattr(layer, f"W_K{end}", first)
        setattr(layer, f"W_V{end}", 4 * np.eye(4))
        output = layer.forward(np.eye(2, 4), _flags(2, *who), _flags(2))
        what = f"output for scores of 0 and ln 3, which come from {part}_Q{end}"
        _checked(output, what, (2, 4))
        nudge = (
            f"query = x @ W_Q{end} + b_Q{end}, and the score, with the bias in it, is divided by "
            "the square root of d_k."
        )
        require_close(output[:1], [[1, 3, 0, 0]], what, nudge)
        setattr(layer, f"b_V{end}", np.full(4, 5.0))
        output = layer.forward(np.eye(2, 4), _flags(2, *who), _flags(2))
        require_close(output[:1], [[6, 8, 5, 5]], f"output with b_V{end} = 5", nudge)


def _drawn(layer: Any) -> Any:
    rng = np.random.default_rng(0)
    for name in NAMES:
        setattr(layer, f"W_{name}", rng.normal(size=(6, 6)))
        setattr(layer, f"b_{name}", rng.normal(size=6))
    return layer


def _about_pair(
    query: int,
    key: int,
    is_blocked: bool,
    global_positions: tuple[int, ...],
    padded: tuple[int, ...],
) -> str:
    """Why a pair is wrong."""
    if not is_blocked:
        if query in padded:
            return f"Position {query} is padding: it sees nobody."
        if key in padded:
            return f"Position {key} is padding: nobody sees it."
        return "The window reaches too far here: it is half of attention_window on each side."
    if query in global_positions:
        return f"Position {query} is global: it sees every key that is no padding."
    if key in global_positions:
        return f"Position {key} is global: every query sees it, padding apart."
    return (
        f"Key {key} is near enough to query {query}: the window reaches as far on both sides, and "
        "the token itself does not count."
    )


def _checked(output: Any, what: str, shape: tuple[int, ...]) -> ndarray:
    require_array(output, what, shape)
    return output


def _flags(n: int, *positions: int) -> ndarray:
    """Bool (n,), True at these positions."""
    return np.isin(np.arange(n), positions)


def _listed(flags: ndarray) -> str:
    return str(np.flatnonzero(flags).tolist())
