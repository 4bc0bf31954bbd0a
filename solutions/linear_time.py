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
TILE = 1 << 17  # scores held at once, to stay in the cache: heads are stacked up to this
SAFE = 2.0**40  # a sum of exponentials between 1 / SAFE and SAFE has lost nothing
NOT_LATER = np.where(np.tri(BLOCK, k=-1), -np.inf, np.inf).astype(np.float32)  # [key, query]


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
    window_size = min(window_size, seq_len)
    output = np.empty(V.shape, np.result_type(Q, K, V, np.float16))  # floating, whatever they are
    work = np.result_type(output, np.float32)  # half precision is too coarse to add up in
    arrays = [*(x.astype(work, copy=False) for x in (Q, K, V)), output]
    arrays = [x[None] if Q.ndim == 2 else x for x in arrays]  # there is an axis of heads
    *batches, num_heads, _, _ = arrays[0].shape
    stacked = max(1, TILE // (BLOCK * (len(positions) + window_size + BLOCK)))
    starts = [range(i * BLOCK, seq_len, threads * BLOCK) for i in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        for *batch, i in np.ndindex(*batches, -(-num_heads // stacked)):
            heads = (*batch, slice(i * stacked, (i + 1) * stacked))
            tile = (*(x[heads] for x in arrays), positions, causal_globals)
            list(pool.map(partial(_attend_blocks, window_size, *tile), starts))
            if len(positions):
                _attend_globals(*tile)  # over what the blocks left in these rows
    return output


@np.errstate(over="ignore", invalid="ignore")
def _attend_blocks(window_size, Q, K, V, output, positions, causal, starts):
    """Fill in the output of the blocks of queries from these starts. Q: (heads, seq_len, d_k).

    Subtracting the largest score of a query changes no weight, only the range of the numbers, in
    two more passes over the scores. So it is done only where the sums show that it was needed.
    """
    g, global_keys, global_values = len(positions), K[:, positions], V[:, positions]
    room = np.empty((len(Q), g + window_size + BLOCK, BLOCK), Q.dtype)
    for start in starts:
        stop = min(start + BLOCK, Q.shape[1])
        first = max(0, start - window_size)  # the key that has just left the window
        scores = room[:, : g + stop - first, : stop - start]  # [head, key, query]
        queries = np.swapaxes(Q[:, start:stop] * Q.shape[2] ** -0.5, 1, 2)
        for shift in (False, True):
            np.matmul(global_keys, queries, out=scores[:, :g])
            np.matmul(K[:, first:stop], queries, out=scores[:, g:])
            _hide(scores, range(start, stop), first, window_size, positions, causal)
            if shift:
                scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            totals = np.ones(scores.shape[1], scores.dtype) @ scores
            if ((totals > 1 / SAFE) & (totals < SAFE)).all():
                break
        result = np.swapaxes(scores[:, g:], 1, 2) @ V[:, first:stop]
        if g:
            result += np.swapaxes(scores[:, :g], 1, 2) @ global_values
        np.divide(result, totals[..., None], out=output[:, start:stop])


def _hide(scores, queries, first, window_size, positions, causal):
    """Set to -inf what is outside the window; and in it, the global keys: they stand in front."""
    front, near = scores[:, : len(positions)], scores[:, len(positions) :]
    size, gone = len(queries), window_size - (queries.start - first)  # keys before position 0
    newest, oldest = near[:, -size:], near[:, : max(0, size - gone)]
    np.minimum(newest, NOT_LATER[:size, :size], out=newest)
    np.minimum(oldest, -NOT_LATER[gone:size, :size], out=oldest)
    if len(positions):
        near[:, positions[(first <= positions) & (positions < queries.stop)] - first] = -np.inf
    if causal:
        np.copyto(front, -np.inf, where=positions[:, None] > queries)


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
