"""Sliding window attention in linear time: exact, in NumPy, without the scores that nobody reads.

A block of queries meets only the keys that one of them sees: a slice as long as the window and the
block, and the global keys. That takes O(n * (w + g)) time, and room for one tile of scores whatever
n is. Beltagy et al. (2020), Longformer, section 3.2, cut the band into blocks; the running softmax
of the global rows is from Milakov, Gimelshein (2018), Online normalizer calculation for softmax.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy import ndarray

from solutions.sliding_window import require_at_least, require_matching_shapes

BLOCK = 48  # queries: more of them waste scores beside the window, fewer make small products
TILE = 1 << 19  # scores held at once: heads are stacked up to it, so that NumPy has enough to do
SAFE = 2.0**40  # a sum of exponentials between 1 / SAFE and SAFE has lost nothing
EARLIER = np.arange(BLOCK)[:, None] < np.arange(BLOCK)  # [key, query], counted from one position


def sliding_window_attention(
    Q: ndarray,
    K: ndarray,
    V: ndarray,
    window_size: int,
    global_mask: ndarray | None = None,
    *,
    causal_globals: bool = False,
    threads: int = 1,
) -> ndarray:
    """The output of the dense reference in sliding_window.py, without its weights.

    Q, K: (..., seq_len, d_k), V: (..., seq_len, d_v), global_mask: (seq_len,) bool or None.
    Returns (..., seq_len, d_v) in the floating dtype of the inputs.
    threads: Python's, which take turns at the blocks; give the BLAS one (OPENBLAS_NUM_THREADS=1).
    Raises the ValueErrors of the dense reference, and one for threads below 1.
    """
    Q, K, V = np.asarray(Q), np.asarray(K), np.asarray(V)
    require_matching_shapes(Q, K, V, global_mask)
    seq_len = Q.shape[-2]
    require_at_least(1, seq_len=seq_len, window_size=window_size, threads=threads)
    positions = np.flatnonzero([] if global_mask is None else global_mask)
    output = np.empty(V.shape, np.result_type(Q, K, V, np.float16))  # floating, whatever they are
    work = np.result_type(output, np.float32)  # half precision is too coarse to add up in
    arrays = [*(x.astype(work, copy=False) for x in (Q, K, V)), output]
    arrays = [x[None] if Q.ndim == 2 else x for x in arrays]  # there is an axis of heads
    *batches, num_heads, _, _ = arrays[0].shape
    stacked = max(1, TILE // (BLOCK * (BLOCK + min(window_size, seq_len) + len(positions))))
    starts = [range(i * BLOCK, seq_len, threads * BLOCK) for i in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        for *batch, i in np.ndindex(*batches, -(-num_heads // stacked)):
            heads = (*batch, slice(i * stacked, (i + 1) * stacked))
            tile = (*(x[heads] for x in arrays), positions, causal_globals)
            list(pool.map(partial(_attend_blocks, window_size, *tile), starts))
            if len(positions):
                _attend_globals(*tile)  # over what the blocks left in these rows
    return output


def _attend_blocks(window_size, Q, K, V, output, positions, causal, starts):
    """Fill in the output of the blocks of queries from these starts. Q: (heads, seq_len, d_k)."""
    for start in starts:
        stop = min(start + BLOCK, Q.shape[1])
        first = max(0, start - window_size + 1)  # the oldest key that one of the queries sees
        keys, values = K[:, first:stop], V[:, first:stop]
        if len(positions):
            keys = np.concatenate([K[:, positions], keys], axis=1)
            values = np.concatenate([V[:, positions], values], axis=1)
        hide = partial(_hide, range(start, stop), first, window_size, positions, causal)
        queries = Q[:, start:stop] * Q.shape[2] ** -0.5
        weights, totals = _exponentials(keys, np.swapaxes(queries, 1, 2), hide)
        output[:, start:stop] = np.swapaxes(weights, 1, 2) @ values / totals[..., None]


def _hide(queries, first, window_size, positions, causal, scores):
    """Set to -inf what is outside the window; and in it, the global keys: they stand in front."""
    size, gone = len(queries), window_size - 1 - (queries.start - first)  # keys before position 0
    front, near = scores[:, : len(positions)], scores[:, len(positions) :]
    np.copyto(near[:, -size:], -np.inf, where=EARLIER.T[:size, :size])
    if gone < size:
        np.copyto(near[:, : size - gone], -np.inf, where=EARLIER[gone:size, :size])
    near[:, positions[(first <= positions) & (positions < queries.stop)] - first] = -np.inf
    if causal:
        np.copyto(front, -np.inf, where=positions[:, None] > queries)


def _exponentials(keys, queries, hide):
    """exp(scores), laid out (heads, keys, queries), and their sums over the keys.

    Subtracting the largest score of a query changes no weight, only the range of the numbers, and
    takes as long as a product. So it is done only where the sums show that it was needed.
    """
    for shift in (False, True):
        scores = keys @ queries
        hide(scores)
        with np.errstate(over="ignore", invalid="ignore"):
            if shift:
                scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            totals = np.ones(len(scores[0]), scores.dtype) @ scores
        if shift or ((totals > 1 / SAFE) & (totals < SAFE)).all():
            return scores, totals


def _attend_globals(Q, K, V, output, positions, causal):
    """Fill in the rows of the global queries: all keys, in slices, in one running softmax."""
    queries = Q[:, positions] * Q.shape[2] ** -0.5
    size = max(BLOCK, TILE // (len(Q) * len(positions)))
    largest, total, result = np.full((*queries.shape[:2], 1), -np.inf, Q.dtype), 0, 0
    for start in range(0, Q.shape[1], size):
        scores = queries @ np.swapaxes(K[:, start : start + size], 1, 2)
        if causal:
            scores[:, np.arange(start, start + scores.shape[2]) > positions[:, None]] = -np.inf
        before, largest = largest, np.maximum(largest, scores.max(axis=2, keepdims=True))
        weights, kept = np.exp(scores - largest), np.exp(before - largest)
        total = total * kept + weights.sum(axis=2, keepdims=True)
        result = result * kept + weights @ V[:, start : start + size]
    output[:, positions] = result / total
