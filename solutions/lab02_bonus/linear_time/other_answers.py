"""Right answers to the exercises of 02_linear_time, in other forms."""

import numpy as np

from grading.judging.written import other_answer


@other_answer("block-keys", "as many keys back as there are")
def by_steps_back(start, stop, window_size):
    return start - min(start, window_size - 1), stop


@other_answer("block-keys", "the windows of all queries, put together")
def by_union(start, stop, window_size):
    seen = {key for q in range(start, stop) for key in range(max(0, q - window_size + 1), q + 1)}
    return [min(seen), max(seen) + 1]


@other_answer("block-mask", "cell by cell")
def mask_by_loop(start, stop, window_size):
    first = max(0, start - window_size + 1)
    mask = np.ones((stop - start, stop - first), dtype=bool)
    for query in range(start, stop):
        for key in range(max(first, query - window_size + 1), query + 1):
            mask[query - start, key - first] = False
    return mask


@other_answer("block-mask", "two triangles")
def mask_by_triangles(start, stop, window_size):
    first = max(0, start - window_size + 1)
    shape = (stop - start, stop - first)
    past = np.tri(*shape, k=start - first, dtype=bool)
    too_old = np.tri(*shape, k=start - first - window_size, dtype=bool)
    return ~past | too_old


@other_answer("block-mask", "the distance from query to key")
def mask_by_distance(start, stop, window_size):
    back = np.subtract.outer(
        np.arange(start, stop), np.arange(max(0, start - window_size + 1), stop)
    )
    return np.logical_or(back < 0, back >= window_size)


@other_answer("window-blocks", "one query after the other, whatever the block")
def query_by_query(Q, K, V, window_size, block_size):
    output = np.empty(V.shape, V.dtype)
    for i in range(Q.shape[-2]):
        window = slice(max(0, i - window_size + 1), i + 1)
        scores = np.einsum("...d,...kd->...k", Q[..., i, :], K[..., window, :])
        scores *= Q.shape[-1] ** -0.5
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        output[..., i, :] = np.einsum("...k,...kd->...d", weights, V[..., window, :])
    return output


@other_answer("window-blocks", "steps back instead of keys: all queries at once")
def step_by_step_back(Q, K, V, window_size, block_size):
    n = Q.shape[-2]
    scores = np.full((*Q.shape[:-1], window_size), -np.inf, Q.dtype)
    for back in range(min(window_size, n)):
        product = Q[..., back:, :] * K[..., : n - back, :]
        scores[..., back:, back] = product.sum(axis=-1) / Q.shape[-1] ** 0.5
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    output = np.zeros_like(V)
    for back in range(min(window_size, n)):
        output[..., back:, :] += weights[..., back:, back, np.newaxis] * V[..., : n - back, :]
    return output


@other_answer("window-blocks", "blocks written into place, divided at the end")
def divided_late(Q, K, V, window_size, block_size):
    output = np.empty_like(V)
    n, d_k = Q.shape[-2:]
    for start in range(0, n, block_size):
        query = np.arange(start, min(start + block_size, n))
        key = np.arange(max(0, start - window_size + 1), query[-1] + 1)
        back = query[:, np.newaxis] - key
        scores = Q[..., query, :] @ np.swapaxes(K[..., key, :], -1, -2) * d_k**-0.5
        scores[..., (back < 0) | (back >= window_size)] = -np.inf
        shares = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        output[..., query, :] = shares @ V[..., key, :] / shares.sum(axis=-1)[..., np.newaxis]
    return output


@other_answer("global-blocks", "one query after the other, from the set of its keys")
def each_query_its_keys(Q, K, V, window_size, block_size, global_mask):
    output = np.empty_like(V)
    positions = {int(p) for p in np.flatnonzero(global_mask)}
    n = Q.shape[-2]
    for i in range(n):
        window = range(max(0, i - window_size + 1), i + 1)
        keys = np.array(sorted(positions.union(range(n) if i in positions else window)))
        scores = np.einsum("...d,...kd->...k", Q[..., i, :], K[..., keys, :])
        scores = scores / Q.shape[-1] ** 0.5
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = weights / weights.sum(axis=-1, keepdims=True)
        output[..., i, :] = np.einsum("...k,...kd->...d", weights, V[..., keys, :])
    return output


@other_answer("global-blocks", "global keys outside the slice joined behind it")
def only_those_outside(Q, K, V, window_size, block_size, global_mask):
    output, n = np.empty_like(V), Q.shape[-2]
    chosen = np.flatnonzero(global_mask)
    for start in range(0, n, block_size):
        query = np.arange(start, min(start + block_size, n))[:, np.newaxis]
        first, end = max(0, start - window_size + 1), start + len(query)
        outside = chosen[(chosen < first) | (chosen >= end)]
        key = np.concatenate([np.arange(first, end), outside])
        seen = (key <= query) & (key > query - window_size) | global_mask[key]
        scores = Q[..., start:end, :] @ np.swapaxes(K[..., key, :], -1, -2) / Q.shape[-1] ** 0.5
        scores = np.where(seen, scores, -np.inf)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = shares / shares.sum(axis=-1, keepdims=True)
        output[..., start:end, :] = shares @ V[..., key, :]
    for p in chosen:
        scores = np.einsum("...d,...kd->...k", Q[..., p, :], K) / Q.shape[-1] ** 0.5
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = shares / shares.sum(axis=-1, keepdims=True)
        output[..., p, :] = np.einsum("...k,...kd->...d", shares, V)
    return output
