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


class SizeError(ValueError):
    """A kind of its own, as good style has it."""


@other_answer("window-mask", "other names, ranges compared, an exception of its own")
def with_other_names(n, w):
    wrong = {name: size for name, size in (("seq_len", n), ("window_size", w)) if not size >= 1}
    if wrong:
        raise SizeError(f"at least 1, please: {wrong}")
    return np.stack([(np.arange(n) <= i - w) | (np.arange(n) > i) for i in range(n)])


class WindowMask:
    """Kept by both sizes, and handed out as it is."""

    def __init__(self):
        self.known = {}

    def __call__(self, length, window):
        refuse_small(seq_len=length, window_size=window)
        if (length, window) not in self.known:
            row = np.r_[np.ones(length, bool), np.zeros(min(window, length), bool)]
            row = np.r_[row[min(window, length) :], np.ones(length - 1, bool)]
            rows = [row[length - 1 - i :][:length] for i in range(length)]
            self.known[length, window] = np.array(rows)
        return self.known[length, window]


@other_answer("window-mask", "an object that is called")
def with_an_object(*sizes):
    return WindowMask()(*sizes)


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


@other_answer("masked-attention", "other names, with NumPy's warnings off")
@np.errstate(all="ignore")
def attend_without_warnings(queries, keys, values, forbidden):
    d = queries.shape[-1]
    logits = (queries @ keys.swapaxes(-1, -2)) * d**-0.5
    logits = np.where(forbidden, -float("inf"), logits)
    logits -= logits.max(-1, keepdims=True)
    odds = np.exp(logits)
    return (odds @ values) / odds.sum(-1, keepdims=True), odds / odds.sum(-1, keepdims=True)


def attend_once(Q, K, V, mask):
    out, shares = np.zeros((len(Q), V.shape[-1]), V.dtype), np.zeros((len(Q), len(K)), Q.dtype)
    for i, blocked in enumerate(mask):
        open_keys = [j for j in range(len(K)) if not blocked[j]]
        scores = np.array([np.dot(Q[i], K[j]) for j in open_keys]) / np.sqrt(Q.shape[-1])
        shares[i, open_keys] = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        out[i] = shares[i] @ V
    return out, shares


@other_answer("masked-attention", "one sequence at a time, by recursion")
def attend_by_recursion(Q, K, V, mask):
    if Q.ndim == 2:
        return attend_once(Q, K, V, mask)
    pairs = [attend_by_recursion(*parts, mask) for parts in zip(Q, K, V, strict=True)]
    return tuple(np.stack(each) for each in zip(*pairs, strict=True))


@other_answer("masked-attention", "batches laid flat")
def attend_flat(Q, K, V, mask):
    *batch, n, d_k = Q.shape
    q, k, v = (x.reshape(-1, n, x.shape[-1]) for x in (Q, K, V))
    scores = np.array(q @ k.transpose(0, 2, 1) / d_k**0.5)
    scores[:, mask] = -np.inf
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    return (weights @ v).reshape(*batch, n, -1), weights.reshape(*batch, n, n)


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


@other_answer("receptive-field", "a set of positions, followed layer by layer")
def reach_by_simulation(layers, window):
    seen = {0}
    for _ in range(layers):
        seen = {position - back for position in seen for back in range(window)}
    return len(seen)


@other_answer("receptive-field", "the mask, followed layer by layer")
def reach_by_mask(num_layers, window_size):
    n = num_layers * window_size
    is_open = ~create_sliding_window_mask(n, window_size)  # noqa: F821
    seen = np.arange(n) == n - 1
    for _ in range(num_layers):
        seen = is_open[seen].any(axis=0)
    return seen.sum()


@other_answer("attended-pairs", "a NumPy sum")
def pairs_by_numpy(n, w):
    return np.clip(np.arange(1, n + 1), None, w).sum()


@other_answer("attended-pairs", "whole numbers from a formula with a half")
def pairs_by_halves(n, w):
    short = min(n, w)
    return round(short * (short + 1) / 2 + (n - short) * w)
