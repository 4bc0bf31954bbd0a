"""Right answers to the exercises of 02_global_tokens, in other forms."""

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
