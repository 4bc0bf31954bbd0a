"""What the layer of a Longformer computes, and through which of its projections."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.numbers import require_close
from labkit.calls import method_of
from labkit.steps import fail, require, require_array

Make = Callable[..., Any]
LN3 = np.log(3.0)  # exp(LN3) is 3: scores of 0 and LN3 give the weights 1/4 and 3/4
D_K = 5  # its root is no whole number
ALL_BLOCKED = "Nobody sees anybody, though there is no padding: True in is_padding is padding."
NAMES = ("Q", "K", "V", "Q_global", "K_global", "V_global")


def flags_at(n: int, *positions: int) -> ndarray:
    """Bool (n,), True at these positions."""
    return np.isin(np.arange(n), positions)


def forward(layer: Any, x: ndarray, is_global: ndarray, is_padding: ndarray, what: str) -> ndarray:
    """The output of a layer, once it is known to have the shape of x."""
    run = method_of(layer, "forward(x, is_global, is_padding)")
    return require_array(run(x, is_global, is_padding), what, x.shape)


def check_weights(layer: Any) -> None:
    """Of a layer with d_model=6, as it is made."""
    for name in NAMES:
        for kind, shape in ((f"W_{name}", (6, 6)), (f"b_{name}", (6,))):
            require(hasattr(layer, kind), f"LongformerSelfAttention(6, 3, 2) has no {kind}.")
            require_array(getattr(layer, kind), kind, shape)
        matrix, bias = getattr(layer, f"W_{name}"), getattr(layer, f"b_{name}")
        require(
            np.ptp(matrix) > 0, f"W_{name} is {matrix.flat[0]:g} throughout. Draw it at random."
        )
        require(not bias.any(), f"b_{name} is not 0 throughout, as it has to be at first.")


def check_lookup(make: Make) -> None:
    """With weights of 0 throughout, set after the layer was made, no output can be other than 0."""
    layer = _with_zeros(make(4, 1, 2), 4)
    output = forward(layer, np.eye(3, 4), flags_at(3), flags_at(3), "output for x of shape (3, 4)")
    require(
        not output.any() or np.isnan(output).any(),
        "Each W_... and b_... was set to 0 after the layer was made, and yet its output is not 0. "
        "Look them up as attributes of self whenever forward is called, and add nothing else.",
    )


def check_sources(
    make: Make,
    n: int,
    attention_window: int,
    global_positions: tuple[int, ...],
    padded: tuple[int, ...],
) -> None:
    """Equal scores, and values that name their token: 1 for the local ones, 10 for the global."""
    layer = _with_zeros(make(n, 1, attention_window), n)
    layer.W_V, layer.W_V_global = np.eye(n), 10 * np.eye(n)
    is_global, is_padding = flags_at(n, *global_positions), flags_at(n, *padded)
    what = f"attention_window={attention_window}, global {list(global_positions)}, "
    what += f"padding {list(padded)}: output"
    output = forward(layer, np.eye(n), is_global, is_padding, what)
    for query, row in enumerate(output):
        seen = [
            key
            for key in range(n)
            if not is_padding[[query, key]].any()
            and (abs(query - key) <= attention_window / 2 or is_global[[query, key]].any())
        ]
        for key in range(n):
            if (row[key] != 0) != (key in seen):
                about = about_pair(query, key, output == 0, global_positions, padded)
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


def check_scores(make: Make, end: str, who: tuple[int, ...]) -> None:
    """Two tokens, and scores of 0 and ln 3, which come from each part of the query in turn."""
    for part in ("W", "b"):
        output = forward(*_two_tokens(make, end, who, part), "output for two tokens")
        what = f"output for scores of 0 and ln 3, which come from {part}_Q{end}"
        nudge = (
            f"query = x @ W_Q{end} + b_Q{end}, and the score, with the bias in it, is divided by "
            f"the square root of d_k, which is {D_K} here."
        )
        require_close(output[:1], [[1, 3, 0, 0, 0]], what, nudge)


def check_biases(make: Make, end: str, who: tuple[int, ...]) -> None:
    """The bias of the values is added to each output."""
    layer, *given = _two_tokens(make, end, who, "W")
    setattr(layer, f"b_V{end}", np.full(D_K, 5.0))
    output = forward(layer, *given, "output for two tokens")
    nudge = f"value = x @ W_V{end} + b_V{end}, for each key."
    require_close(output[:1], [[6, 8, 5, 5, 5]], f"output with b_V{end} = 5", nudge)


def _two_tokens(make: Make, end: str, who: tuple[int, ...], part: str) -> tuple[Any, ...]:
    """A layer with one head, and two tokens with scores of 0 and ln 3, from W or b of Q."""
    layer = _with_zeros(make(D_K, 1, 2), D_K)
    query = np.zeros(D_K)
    query[0] = D_K**0.5 * LN3
    keys = np.zeros((D_K, D_K))
    keys[1, 0] = 1  # token 1 is e_1, and its key e_0
    setattr(layer, f"{part}_Q{end}", np.tile(query, (D_K, 1)) if part == "W" else query)
    setattr(layer, f"W_K{end}", keys)
    setattr(layer, f"W_V{end}", 4 * np.eye(D_K))
    return layer, np.eye(2, D_K), flags_at(2, *who), flags_at(2)


def check_heads(make: Make) -> None:
    """Columns of the matrices belong to heads, as the features of the output do."""
    layer, x = _drawn(make(6, 3, 2)), np.random.default_rng(1).normal(size=(7, 6))
    given = x, flags_at(7, 1), flags_at(7, 6), "output of 3 heads with d_k = 2"
    before = forward(layer, *given)
    for name in NAMES:
        getattr(layer, f"W_{name}")[:, 2:4] += 1
    changed = np.abs(forward(layer, *given) - before).max(axis=0) > 1e-9
    require(
        changed.tolist() == [False, False, True, True, False, False],
        "output of 3 heads with d_k = 2, after columns 2 and 3 of each W_... were changed: changed "
        f"are the features {np.flatnonzero(changed).tolist()}, expected [2, 3].",
        "These columns belong to head 1, and so do the features. Split and combine with care.",
    )


def check_texts(make: Make) -> None:
    """Each text of a batch comes out as it does on its own."""
    layer, x = _drawn(make(6, 3, 2)), np.random.default_rng(1).normal(size=(2, 7, 6))
    flags = (
        np.stack([flags_at(7, 1), flags_at(7, 2)]),
        np.stack([flags_at(7, 6), flags_at(7, 5, 6)]),
    )
    output = forward(layer, x, *flags, f"output for x of shape {x.shape}")
    for text in range(2):
        alone = forward(layer, x[text], *(flag[text] for flag in flags), "output of one text")
        what = f"output of text {text} of a batch, against the same on its own"
        require_close(output[text], alone, what, "Each text of a batch has flags of its own.")


def _with_zeros(layer: Any, d_model: int) -> Any:
    for name in NAMES:
        setattr(layer, f"W_{name}", np.zeros((d_model, d_model)))
        setattr(layer, f"b_{name}", np.zeros(d_model))
    return layer


def _drawn(layer: Any) -> Any:
    rng = np.random.default_rng(0)
    for name in NAMES:
        setattr(layer, f"W_{name}", rng.normal(size=(6, 6)))
        setattr(layer, f"b_{name}", rng.normal(size=6))
    return layer


def about_pair(
    query: int,
    key: int,
    blocked: ndarray,
    global_positions: tuple[int, ...],
    padded: tuple[int, ...],
) -> str:
    """Why a pair is wrong. blocked: all pairs, as they were got."""
    if blocked.all() and not padded:
        return ALL_BLOCKED
    if not blocked[query, key]:
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
