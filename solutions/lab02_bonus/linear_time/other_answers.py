"""Right answers to the exercises of 02_linear_time, in other forms."""

from functools import partial

import numpy as np

from grading.judging.written import other_answer


@other_answer("block-keys", "as many keys back as there are")
def by_steps_back(start, stop, window_size):
    return start - min(start, window_size - 1), stop


@other_answer("block-keys", "the windows of all queries, put together")
def by_union(start, stop, window_size):
    seen = {key for q in range(start, stop) for key in range(max(0, q - window_size + 1), q + 1)}
    return [min(seen), max(seen) + 1]


@other_answer("block-keys", "an array of ints, other names for the parameters")
def by_clip(begin, end, w):
    return np.clip([begin - w + 1, end], 0, None)


@other_answer("block-keys", "integers of NumPy")
def by_searching(start, stop, window_size):
    keys = np.arange(stop)
    seen = keys[(keys > start - window_size) & (keys < stop)]
    return seen[0], seen[-1] + 1


def slice_behind(look_back, start, stop, window_size):
    return max(look_back, start - window_size + 1), stop


@other_answer("block-keys", "a function that wraps functools.partial")
def by_partial(*block):
    return partial(slice_behind, 0)(*block)


@other_answer("block-keys", "a class that is called for an answer")
class KeysOfBlock:
    __slots__ = ()

    def __new__(cls, start, stop, window_size):
        reach = range(start - window_size + 1, stop)
        return next(key for key in reach if key >= 0), reach.stop


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


@other_answer("block-mask", "a slice of the mask of all, with other names")
def mask_as_a_slice(a, b, w):
    back = np.subtract.outer(np.arange(b), np.arange(b))
    return ((back < 0) | (back >= w))[a:b, max(0, a - w + 1) :]


@other_answer("block-mask", "row by row, from slices")
def mask_by_rows(start, stop, window_size):
    first = max(0, start - window_size + 1)
    mask = np.full((stop - start, stop - first), True)
    for row, query in enumerate(range(start, stop)):
        mask[row, max(0, query - window_size + 1 - first) : query + 1 - first] = False
    return mask


@other_answer("block-mask", "a comparison of floats")
def mask_by_floats(start, stop, window_size):
    middle = np.arange(start, stop)[:, None] - (window_size - 1) / 2
    return abs(np.arange(max(0, start - window_size + 1), stop) - middle) > window_size / 2


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


@other_answer("window-blocks", "head by head, under a decorator, with other names")
@np.errstate(all="ignore")
def head_by_head(q, k, v, w, b):
    if q.ndim > 2:
        parts = (head_by_head(*each, w, b) for each in zip(q, k, v, strict=True))
        return np.stack(list(parts))
    output = np.zeros((len(q), v.shape[1]), v.dtype)
    for start in range(0, len(q), b):
        stop, first = min(start + b, len(q)), max(0, start - w + 1)
        back = np.arange(start, stop)[:, None] - np.arange(first, stop)
        scores = q[start:stop].dot(k[first:stop].T) * q.dtype.type(q.shape[1] ** -0.5)
        scores += np.where((back < 0) | (back >= w), -np.inf, 0).astype(q.dtype)
        weights = np.exp(scores - scores.max(1)[:, None])
        output[start:stop] = (weights / weights.sum(1)[:, None]).dot(v[first:stop])
    return output


@other_answer("window-blocks", "all blocks in one product, the text filled up")
def all_blocks_at_once(Q, K, V, window_size, block_size):
    n, before = Q.shape[-2], window_size - 1
    rest = -n % block_size
    start = np.arange(0, n, block_size)[:, None]
    query, key = start + np.arange(block_size), start - before + np.arange(block_size + before)
    Q, K, V = (np.pad(a, [(0, 0)] * (a.ndim - 2) + [(before, rest), (0, 0)]) for a in (Q, K, V))
    back = query[:, :, None] - key[:, None, :]
    closed = (back < 0) | (back >= window_size) | (key[:, None, :] < 0)
    Q, K, V = Q[..., query + before, :], K[..., key + before, :], V[..., key + before, :]
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5
    scores[..., closed] = -np.inf
    scores -= scores.max(-1, keepdims=True)
    weights = np.exp(scores, out=scores)
    output = weights @ V / weights.sum(-1, keepdims=True)
    return output.reshape(*output.shape[:-3], -1, V.shape[-1])[..., :n, :]


@other_answer("window-blocks", "key by key of a block: the softmax kept up to date")
def online(Q, K, V, window_size, block_size):
    outputs = []
    for start in range(0, Q.shape[-2], block_size):
        query = Q[..., start : start + block_size, :] / Q.shape[-1] ** 0.5
        at = np.arange(start, start + query.shape[-2])
        largest = np.full(query.shape[:-1], -np.inf, Q.dtype)
        total, mean = np.zeros_like(largest), np.zeros((*largest.shape, V.shape[-1]), V.dtype)
        for key in range(max(0, start - window_size + 1), at[-1] + 1):
            seen = (key <= at) & (key > at - window_size)
            score = np.where(seen, (query * K[..., key : key + 1, :]).sum(-1), -np.inf)
            higher = np.maximum(largest, score)
            shift = np.where(np.isfinite(higher), higher, 0)
            keep, share = np.exp(largest - shift), np.exp(score - shift)
            total = total * keep + share
            mean = mean * keep[..., None] + share[..., None] * V[..., key : key + 1, :]
            largest = higher
        outputs.append(mean / total[..., None])
    return np.concatenate(outputs, -2)


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


@other_answer("global-blocks", "positions in a list, keys and values joined, rows one by one")
def rows_one_by_one(q, k, v, w, b, is_global):
    n, chosen = q.shape[-2], [i for i, flag in enumerate(is_global) if flag]
    output = np.zeros((*q.shape[:-1], v.shape[-1]), v.dtype)

    def put(rows, keys, closed):
        scores = np.einsum("...qd,...kd->...qk", q[..., rows, :], k[..., keys, :])
        scores = np.where(closed, -np.inf, scores / q.shape[-1] ** 0.5)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        output[..., rows, :] = weights / weights.sum(-1, keepdims=True) @ v[..., keys, :]

    for start in range(0, n, b):
        rows = list(range(start, min(start + b, n)))
        near = [i for i in range(max(0, start - w + 1), rows[-1] + 1) if i not in chosen]
        closed = [[False] * len(chosen) + [not row - w < i <= row for i in near] for row in rows]
        put(rows, chosen + near, np.array(closed))
    for row in chosen:
        put([row], list(range(n)), False)
    return output


@other_answer("global-blocks", "copies first, numbers of NumPy for positions, a class")
class WithGlobals:
    def __new__(cls, Q, K, V, window_size, block_size, global_mask):
        Q = Q.copy()
        Q *= Q.shape[-1] ** -0.5
        output, positions = np.empty_like(V), np.nonzero(global_mask)[0]
        for start in np.arange(0, Q.shape[-2], block_size):
            query = np.arange(start, min(start + block_size, Q.shape[-2]))
            key = np.union1d(positions, np.arange(max(0, start - window_size + 1), query[-1] + 1))
            back = np.subtract.outer(query, key)
            seen = (back >= 0) & (back < window_size) | global_mask[key]
            output[..., query, :] = cls.mean(Q[..., query, :], K[..., key, :], V[..., key, :], seen)
        output[..., positions, :] = cls.mean(Q[..., positions, :], K, V, True)
        return output

    @staticmethod
    def mean(queries, keys, values, seen):
        scores = queries @ np.swapaxes(keys, -1, -2)
        scores = np.where(seen, scores, -np.inf)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return shares @ values / shares.sum(axis=-1, keepdims=True)


@other_answer("global-blocks", "window and global keys apart, joined by their totals")
def joined_by_totals(Q, K, V, window_size, block_size, global_mask):
    Q = Q / Q.shape[-1] ** 0.5
    positions, outputs = np.flatnonzero(global_mask), []

    def scores_of(queries, keys, closed):
        return np.where(closed, -np.inf, queries @ np.swapaxes(keys, -1, -2))

    for start in range(0, Q.shape[-2], block_size):
        queries = Q[..., start : start + block_size, :]
        query = np.arange(start, start + queries.shape[-2])[:, None]
        near = slice(max(0, start - window_size + 1), start + len(query))
        key = np.arange(near.start, near.stop)
        closed = (key > query) | (key <= query - window_size) | global_mask[near]
        parts = [scores_of(queries, K[..., near, :], closed)]
        parts.append(scores_of(queries, K[..., positions, :], False))
        largest = np.maximum(*(part.max(-1, initial=-np.inf) for part in parts))[..., None]
        shares = [np.exp(part - largest) for part in parts]
        total = sum(share.sum(-1, keepdims=True) for share in shares)
        outputs.append((shares[0] @ V[..., near, :] + shares[1] @ V[..., positions, :]) / total)
    output = np.concatenate(outputs, axis=-2)
    for position in positions:
        scores = scores_of(Q[..., position : position + 1, :], K, False)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mean = shares @ V / shares.sum(-1, keepdims=True)
        output[..., position, :] = mean[..., 0, :]
    return output
