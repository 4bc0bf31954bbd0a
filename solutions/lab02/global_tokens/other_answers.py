"""Right answers to the exercises of 02_global_tokens, in other forms."""

import functools
from typing import NamedTuple

import numpy as np

from grading.judging.written import other_answer


def check(seq_len, window_size, global_positions):
    if seq_len < 1:
        raise ValueError(f"seq_len={seq_len} is too small")
    if window_size < 1:
        raise ValueError(f"window_size={window_size} is too small")
    chosen = [] if global_positions is None else [int(p) for p in global_positions]
    for p in chosen:
        if p not in range(seq_len):
            raise ValueError(f"global_positions: there is no position {p}")
    return chosen


def future_blocked(mask, causal_globals):
    return mask | ~np.tri(len(mask), dtype=bool) if causal_globals else mask


@other_answer("global-mask", "one question for each pair")
def pair_by_pair(seq_len, window_size, global_positions=None, *, causal_globals=False):
    chosen = set(check(seq_len, window_size, global_positions))

    def is_open(i, j):
        return i in chosen or j in chosen or i - window_size < j <= i

    mask = np.array([[not is_open(i, j) for j in range(seq_len)] for i in range(seq_len)])
    return future_blocked(mask, causal_globals)


@other_answer("global-mask", "np.isin and an outer product")
def with_isin(seq_len, window_size, global_positions=None, *, causal_globals=False):
    chosen = check(seq_len, window_size, global_positions)
    token = np.arange(seq_len)
    back = token[:, None] - token[None, :]
    is_global = np.isin(token, chosen)
    is_open = ((back >= 0) & (back < window_size)) | np.logical_or.outer(is_global, is_global)
    return future_blocked(np.logical_not(is_open), causal_globals)


@other_answer("global-mask", "lists of positions as indices")
def with_index_lists(seq_len, window_size, global_positions=None, *, causal_globals=False):
    chosen = check(seq_len, window_size, global_positions)
    i, j = np.indices((seq_len, seq_len))
    mask = np.where(j > i, True, i - j >= window_size)
    mask[chosen] = False
    mask[:, chosen] = False
    return future_blocked(mask, causal_globals)


@other_answer("global-mask", "the formula of the brief")
def with_formula(seq_len, window_size, global_positions=None, *, causal_globals=False):
    chosen = check(seq_len, window_size, global_positions)
    i, j = np.ogrid[0:seq_len, 0:seq_len]
    local_mask = ~((j <= i) & (j >= np.maximum(0, i - window_size + 1)))
    flags = np.zeros(seq_len, dtype=bool)
    flags[chosen] = True
    mask = local_mask & ~(flags[:, None] | flags[None, :])
    return future_blocked(mask, causal_globals)


@other_answer("global-mask", "other names, a set, one message for all")
def with_other_names(n, w, chosen=(), *, causal_globals=False):
    allowed = set(range(max(n, 0)))
    outside = [int(p) for p in (() if chosen is None else chosen) if int(p) not in allowed]
    if n < 1 or w < 1 or outside:
        raise ValueError(f"got seq_len={n}, window_size={w}, global_positions={outside}")
    is_global = np.zeros(n, dtype=bool)
    is_global[np.asarray([] if chosen is None else chosen, dtype=np.intp)] = True
    far = np.subtract.outer(np.arange(n), np.arange(n))
    mask = np.logical_or(far < 0, far >= w)
    return future_blocked(mask * ~is_global * ~is_global[:, None], causal_globals)


@other_answer("global-mask", "open cells added up, row by row")
def with_rows(seq_len, window_size, global_positions=None, *, causal_globals=False):
    chosen = check(seq_len, window_size, global_positions)
    rows = []
    for i in range(seq_len):
        is_open = np.zeros(seq_len, dtype=bool)
        is_open[max(0, i + 1 - window_size) : i + 1] = True
        is_open[chosen] = True
        rows.append(np.full(seq_len, False) if i in chosen else ~is_open)
    return future_blocked(np.vstack(rows), causal_globals)


@other_answer("which-window", "the longest look back")
def longest_look_back(picture, global_positions):
    local = ~picture
    local[global_positions, :] = False
    local[:, global_positions] = False
    query, key = np.where(local)
    return int(max(query - key, default=0)) + 1


@other_answer("which-window", "all windows tried, narrow ones first")
def first_that_fits(picture, global_positions):
    n = len(picture)
    fits = (
        w
        for w in range(1, n + 1)
        if np.all(create_sliding_window_mask(n, w, global_positions) == picture)  # noqa: F821
    )
    return next(fits)


@other_answer("which-window", "all windows compared at once")
def all_at_once(drawn, positions):
    n, _ = drawn.shape
    masks = [create_sliding_window_mask(n, w + 1, positions) for w in range(n)]  # noqa: F821
    return np.argmax([(mask == drawn).all() for mask in masks]) + 1


@other_answer("which-window", "halved until found, as wider windows block less")
def by_halves(picture, global_positions):
    n, low, high = len(picture), 1, len(picture)
    while low < high:
        middle = (low + high) // 2
        blocked = create_sliding_window_mask(n, middle, global_positions).sum()  # noqa: F821
        low, high = (middle + 1, high) if blocked > picture.sum() else (low, middle)
    return low


@other_answer("global-attention", "other names, with NumPy's warnings off, named results")
@np.errstate(all="ignore")
def attend_without_warnings(q, k, v, window, flags=None, *, causal_globals=False):
    n = q.shape[-2]
    if flags is not None and np.asarray(flags).shape != (n,):
        raise ValueError(f"the shape of global_mask is {np.asarray(flags).shape}, not {(n,)}")
    where = [] if flags is None else [i for i, flag in enumerate(flags) if flag]
    mask = create_sliding_window_mask(n, window, where, causal_globals=causal_globals)  # noqa: F821
    scores = np.ma.array(q @ np.moveaxis(k, -1, -2), mask=np.zeros((*q.shape[:-1], n), bool) | mask)
    scores = scores * q.shape[-1] ** -0.5
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True)).filled(0)
    weights = (odds / odds.sum(axis=-1, keepdims=True)).astype(q.dtype)
    return Attended(output=weights @ v, weights=weights)


class Attended(NamedTuple):
    """What comes back, by name."""

    output: np.ndarray
    weights: np.ndarray


@other_answer("global-attention", "one head at a time")
def attend_head_by_head(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    n = Q.shape[-2]
    if global_mask is not None and np.shape(global_mask) != (n,):
        raise ValueError(f"global_mask has shape {np.shape(global_mask)}")
    positions = np.argwhere(np.zeros(n) if global_mask is None else global_mask)[:, 0]
    mask = create_sliding_window_mask(n, window_size, positions, causal_globals=causal_globals)  # noqa: F821
    output, weights = np.zeros(V.shape, V.dtype), np.zeros((*Q.shape[:-1], n), Q.dtype)
    for head in np.ndindex(Q.shape[:-2]):
        scores = Q[head] @ K[head].T / Q.shape[-1] ** 0.5
        scores[mask] = -np.inf
        shares = np.exp(scores.T - scores.max(axis=1))
        weights[head] = (shares / shares.sum(axis=0)).T
        output[head] = weights[head] @ V[head]
    return output, weights


@other_answer("global-attention", "float32 kept by a cast at the end")
def attend_and_cast(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    n, d_k = Q.shape[-2:]
    if global_mask is not None and (global_mask.ndim, global_mask.size) != (1, n):
        raise ValueError(f"global_mask: shape {global_mask.shape}, wanted ({n},)")
    positions = None if global_mask is None else np.where(global_mask)[0].tolist()
    mask = create_sliding_window_mask(n, window_size, positions, causal_globals=causal_globals)  # noqa: F821
    scores = np.einsum("...qd,...kd->...qk", Q, K).astype(float) / np.sqrt(d_k)
    scores = scores + np.where(mask, -np.inf, 0)
    weights = np.exp(scores - scores.max(-1)[..., None])
    weights = weights / weights.sum(-1)[..., None]
    return (weights @ V).astype(V.dtype), weights.astype(Q.dtype)


@other_answer("global-attention", "einsum and boolean indexing")
def attend_with_einsum(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    n = Q.shape[-2]
    if global_mask is None:
        global_mask = np.zeros(n, dtype=bool)
    if np.shape(global_mask) != (n,):
        raise ValueError(f"expected {n} flags, global_mask is of shape {np.shape(global_mask)}")
    positions = [p for p in range(n) if global_mask[p]]
    mask = create_sliding_window_mask(n, window_size, positions, causal_globals=causal_globals)  # noqa: F821
    scores = np.einsum("...id,...jd->...ij", Q, K) * Q.shape[-1] ** -0.5
    weights = np.zeros_like(scores)
    weights[..., ~mask] = scores[..., ~mask]
    weights[..., mask] = -np.inf
    weights = np.exp(weights - weights.max(axis=-1)[..., None])
    weights = weights / weights.sum(axis=-1)[..., None]
    return np.einsum("...ij,...jd->...id", weights, V), weights


@other_answer("global-attention", "one query at a time, open keys only")
def attend_to_open_keys(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    n, d_k = Q.shape[-2:]
    chosen = None
    if global_mask is not None:
        if global_mask.ndim != 1 or len(global_mask) != n:
            raise ValueError(f"global_mask {global_mask.shape} does not fit {n} positions")
        chosen = np.nonzero(global_mask)[0]
    mask = create_sliding_window_mask(n, window_size, chosen, causal_globals=causal_globals)  # noqa: F821
    output = np.empty(V.shape, dtype=V.dtype)
    weights = np.zeros(Q.shape[:-1] + (n,), dtype=Q.dtype)  # noqa: RUF005
    for i in range(n):
        keys = np.flatnonzero(~mask[i])
        scores = (K[..., keys, :] * Q[..., i : i + 1, :]).sum(axis=-1) / d_k**0.5
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        weights[..., i, keys] = shares
        output[..., i, :] = (shares[..., None] * V[..., keys, :]).sum(axis=-2)
    return output, weights


@other_answer("block-future", "np.triu")
def with_triu(mask):
    return mask | np.triu(np.ones(mask.shape, dtype=bool), k=1)


@other_answer("block-future", "a copy and two loops")
def with_copy(mask):
    result = np.array(mask, copy=True)
    for i in range(mask.shape[0]):
        for j in range(i + 1, mask.shape[1]):
            result[i, j] = True
    return result


@other_answer("block-future", "np.where")
def with_where(mask):
    i, j = np.indices(mask.shape)
    return np.where(j <= i, mask, True)


@other_answer("block-future", "the past kept, all else blocked, with another name")
def with_inverted_tril(m):
    return ~np.tril(~m)


def blocked_from(offset, mask):
    return np.logical_or(mask, np.triu(np.ones_like(mask), offset))


@other_answer("block-future", "a partial")
def with_a_partial(*given):
    return functools.partial(blocked_from, 1)(*given)


@other_answer("block-future", "rows put together")
def with_rows_put_together(mask):
    n = len(mask)
    return np.array([[*mask[i, : i + 1], *[True] * (n - i - 1)] for i in range(n)])


@other_answer("block-future", "the larger of two masks")
@np.errstate(all="ignore")
def with_maximum(mask):
    return np.maximum(mask, np.tri(len(mask), k=-1, dtype=bool).T)
