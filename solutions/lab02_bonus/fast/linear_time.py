"""Sliding window attention in linear time: exact, in NumPy, without the scores that nobody reads.

A block of queries meets one slice of keys and the global keys: O(n * (w + g)) time, and in each
thread room for a tile of scores. Blocks: Beltagy et al. (2020), Longformer, section 3.2. Global
rows: Milakov, Gimelshein (2018), Online normalizer calculation for softmax.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from operator import index

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import sliding_window_view

from solutions.lab02.reference.sliding_window import require_at_least, require_matching_shapes
from solutions.lab02_bonus.fast.linear_time_tile import BLOCK, Tile, attend_tile

TILE = 1 << 19  # numbers held at once, to stay in the cache: blocks are stacked up to this


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
    Returns (..., seq_len, d_v) in the floating dtype of the inputs. V must be finite, in float32
    below 1e26 (a sum of weights may come to SAFE), and no value 1e15 times another (see FAR).
    threads: Python's, which take turns at the tiles; give the BLAS one (OPENBLAS_NUM_THREADS=1).
    Raises the ValueErrors of the dense reference, and one for threads below 1.
    """
    Q, K, V = np.asarray(Q), np.asarray(K), np.asarray(V)
    require_matching_shapes(Q, K, V, global_mask)
    seq_len = Q.shape[-2]
    require_at_least(1, seq_len=seq_len, window_size=window_size, threads=threads)
    positions = np.flatnonzero([] if global_mask is None else global_mask)
    window_size = min(index(window_size), seq_len)
    keys = len(positions) + window_size + BLOCK  # of a block
    stacked = max(1, TILE // (BLOCK * max(keys, Q.shape[-1], V.shape[-1])))
    dtype = np.result_type(np.result_type(Q, K, 0.0), V)  # as of the reference's scores, and output
    work = np.result_type(dtype, np.float32)  # half precision is too coarse to add up in
    output = np.empty(V.shape, work)
    arrays = [*(x.astype(work, copy=False) for x in (Q, K, V)), output]
    arrays = [x[None] if Q.ndim == 2 else x for x in arrays]  # there is an axis of heads
    rooms = [np.empty(stacked * BLOCK * keys, work) for _ in range(threads)]

    def attend(tiles, room):
        for tile in tiles:
            attend_tile(tile, window_size, positions, causal_globals, room)

    with ThreadPoolExecutor(threads) as pool:
        run = pool.map if threads > 1 else map
        for batch in np.ndindex(arrays[0].shape[:-3]):
            heads = [x[batch] for x in arrays]
            tiles = [_tiles(heads, window_size, positions, stacked) for _ in rooms]
            turns = [islice(each, i, None, threads) for i, each in enumerate(tiles)]
            list(run(attend, turns, rooms))
            if len(positions):  # over what the tiles left in these rows
                list(run(partial(_attend_globals, positions, causal_globals), *heads))
    return output.astype(dtype, copy=False)


def _tiles(arrays, window_size, positions, stacked):
    """Cut the heads into tiles of so many blocks: neighbours first, then the same of other heads.

    Only blocks of as many queries and as many keys go together. One whose window begins before
    position 0 has fewer keys than any other, and the last one may have fewer queries.
    """
    Q, K, V, output = arrays  # (heads, seq_len, width)
    num_heads, seq_len, _ = Q.shape
    global_keys, global_values = K[:, None, positions], V[:, None, positions]
    starts = range(0, seq_len, BLOCK)
    whole = starts[-(-window_size // BLOCK) : seq_len // BLOCK]
    alone = [starts[i : i + 1] for i, start in enumerate(starts) if start not in whole]
    for group in filter(None, [*alone, whole]):
        first, size = max(0, group[0] - window_size), min(BLOCK, seq_len - group[0])
        own = partial(_slices, start=group[0], length=size, count=len(group))
        seen = partial(_slices, start=first, length=group[0] + size - first, count=len(group))
        blocks = [own(Q), seen(K), seen(V), own(output)]
        for i in range(0, len(group), stacked):
            neighbours = group[i : i + stacked]
            step = stacked // len(neighbours)
            for head in range(0, num_heads, step):
                heads = slice(head, head + step)
                near = [x[heads, i : i + stacked] for x in blocks]
                yield Tile(neighbours, *near, global_keys[heads], global_values[heads])


def _slices(x, start, length, count):
    """Views (heads, count, length, width) of the positions from start, start + BLOCK, ... on."""
    if count == 1:  # what follows would do it as well, but not as fast
        return x[:, None, start : start + length]
    every = sliding_window_view(x[:, start:], length, axis=1, writeable=True)
    return np.swapaxes(every[:, : count * BLOCK : BLOCK], 2, 3)


@np.errstate(over="ignore", under="ignore")
def _attend_globals(positions, causal, Q, K, V, output):
    """Fill in the rows of the global queries of a head: all keys, slice by slice."""
    queries = Q[positions] * Q.shape[1] ** -0.5
    size = max(BLOCK, TILE // 4 // len(positions))  # scores and weights, in each thread
    largest, total, result = np.full((len(positions), 1), np.finfo(Q.dtype).min), 0, 0
    for start in range(0, len(K), size):
        scores = queries @ K[start : start + size].T
        if causal:
            scores[np.arange(start, start + scores.shape[1]) > positions[:, None]] = -np.inf
        before, largest = largest, np.maximum(largest, scores.max(axis=1, keepdims=True))
        weights, kept = np.exp(scores - largest), np.exp(before - largest)
        total = total * kept + weights.sum(axis=1, keepdims=True)
        result = result * kept + weights @ V[start : start + size]
    output[positions] = result / total
