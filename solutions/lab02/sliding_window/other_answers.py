"""Right answers to the exercises of 01_sliding_window, in other forms."""

import functools
from collections.abc import Iterator

import numpy as np

from grading.judging.written import other_answer


def refuse_small(**sizes):
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be positive, not {size}")


@other_answer("window-mask", "two loops")
def with_loops(seq_len, window_size):
    refuse_small(seq_len=seq_len, window_size=window_size)
    mask = np.full((seq_len, seq_len), True)
    for i in range(seq_len):
        for j in range(max(0, i - window_size + 1), i + 1):
            mask[i, j] = False
    return mask


@other_answer("window-mask", "a comprehension")
def with_comprehension(seq_len, window_size):
    refuse_small(seq_len=seq_len, window_size=window_size)
    return np.array(
        [[not 0 <= i - j < window_size for j in range(seq_len)] for i in range(seq_len)]
    )


@other_answer("window-mask", "two triangles")
def with_triangles(seq_len, window_size):
    refuse_small(seq_len=seq_len, window_size=window_size)
    ones = np.ones((seq_len, seq_len), dtype=bool)
    return ~(np.tril(ones) & np.triu(ones, k=1 - window_size))


@other_answer("window-mask", "strides over one row")
def with_strides(seq_len, window_size):
    refuse_small(seq_len=seq_len, window_size=window_size)
    back = np.arange(seq_len - 1, -seq_len, -1)
    row = (back < 0) | (back >= window_size)
    return np.lib.stride_tricks.sliding_window_view(row, seq_len)[::-1].copy()


@functools.lru_cache(maxsize=None)  # noqa: UP033  as students find it in tutorials
def cached_mask(seq_len, window_size):
    i, j = np.indices((seq_len, seq_len))
    return np.where((i >= j) & (i - j < window_size), False, True)


@other_answer("window-mask", "a cache, np.where and type hints")
def with_cache(seq_len: int, window_size: int) -> np.ndarray:
    refuse_small(seq_len=seq_len, window_size=window_size)
    return cached_mask(seq_len, window_size)


@other_answer("window-mask", "np.fromfunction")
def with_fromfunction(seq_len, window_size):
    refuse_small(seq_len=seq_len, window_size=window_size)

    def blocked(i, j):
        return np.logical_or(j > i, i - j >= window_size)

    return np.fromfunction(blocked, (seq_len, seq_len))


@other_answer("masked-attention", "loops")
def attend_with_loops(Q, K, V, mask):
    output = np.zeros((*Q.shape[:-1], V.shape[-1]), dtype=V.dtype)
    weights = np.zeros((*Q.shape[:-1], K.shape[-2]), dtype=Q.dtype)
    for index in np.ndindex(Q.shape[:-2]):
        for i in range(Q.shape[-2]):
            scores = [
                -np.inf if mask[i, j] else float(Q[index][i] @ K[index][j]) / Q.shape[-1] ** 0.5
                for j in range(K.shape[-2])
            ]
            exps = [np.exp(score - max(scores)) for score in scores]
            for j in range(K.shape[-2]):
                weights[(*index, i, j)] = exps[j] / sum(exps)
                output[(*index, i)] += weights[(*index, i, j)] * V[index][j]
    return output, weights


@other_answer("masked-attention", "einsum")
def attend_with_einsum(Q, K, V, mask):
    scores = np.einsum("...qd,...kd->...qk", Q, K) / Q.shape[-1] ** 0.5
    scores[..., mask] = -np.inf
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= np.einsum("...qk->...q", weights)[..., None]
    return np.einsum("...qk,...kd->...qd", weights, V), weights


@other_answer("masked-attention", "an additive mask")
def attend_with_additive_mask(Q, K, V, mask):
    bias = np.zeros(mask.shape, dtype=Q.dtype)
    bias[mask] = -np.inf
    scores = Q @ K.swapaxes(-2, -1) / Q.shape[-1] ** 0.5 + bias
    scores = scores - np.max(scores, axis=-1, keepdims=True)
    weights = np.exp(scores) / np.exp(scores).sum(-1)[..., np.newaxis]
    return weights @ V, weights


@other_answer("masked-attention", "float32 inside")
def attend_in_float32(Q, K, V, mask):
    q, k, v = (array.astype(np.float32) for array in (Q, K, V))
    scores = np.matmul(q, np.moveaxis(k, -1, -2)) * np.float32(1 / np.sqrt(q.shape[-1]))
    scores = np.where(np.broadcast_to(mask, scores.shape), np.float32(-np.inf), scores)
    weights = np.exp(scores - np.amax(scores, axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return (weights @ v).astype(Q.dtype), weights.astype(Q.dtype)


@other_answer("masked-attention", "Q scaled first, logarithms, masked arrays")
def attend_with_logarithms(Q, K, V, mask):
    scores = (Q / Q.shape[-1] ** 0.5) @ np.swapaxes(K, -1, -2)
    scores = np.ma.masked_array(scores, np.broadcast_to(mask, scores.shape))
    largest = scores.max(axis=-1, keepdims=True)
    total = np.log(np.exp(scores - largest).sum(axis=-1, keepdims=True)) + largest
    weights = np.exp(scores - total).filled(0).astype(Q.dtype)
    return weights @ V, weights


@other_answer("attended-pairs", "a sum over the queries")
def pairs_one_by_one(seq_len, window_size):
    return sum(min(i + 1, window_size) for i in range(seq_len))


@other_answer("attended-pairs", "counted in a mask")
def pairs_counted(seq_len, window_size):
    back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
    return np.count_nonzero((back >= 0) & (back < window_size))


@other_answer("attended-pairs", "a formula for each case")
def pairs_by_case(seq_len, window_size):
    if window_size >= seq_len:
        return seq_len * (seq_len + 1) // 2
    full_rows = seq_len - window_size + 1
    return full_rows * window_size + sum(range(window_size))


def looking_back(num_layers, window_size) -> Iterator[int]:
    yield 1
    for _ in range(num_layers):
        yield window_size - 1


@other_answer("receptive-field", "a generator")
def reach_with_generator(num_layers, window_size):
    return sum(looking_back(num_layers, window_size))


@other_answer("receptive-field", "NumPy integers")
def reach_with_numpy(num_layers, window_size):
    return np.int64(num_layers) * (np.int64(window_size) - 1) + 1


@other_answer("receptive-field", "recursion")
def reach_by_recursion(num_layers, window_size):
    if num_layers == 1:
        return window_size
    return reach_by_recursion(num_layers - 1, window_size) + window_size - 1
