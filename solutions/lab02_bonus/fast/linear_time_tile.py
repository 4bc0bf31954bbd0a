"""One tile of linear-time attention: neighbouring blocks of queries on the keys that they see.

This is where the time goes, so it is tuned: ../reference/linear_time.py is the same in plain steps.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy import ndarray

BLOCK = 32  # queries: more of them waste scores beside the window, fewer make small products
PRODUCT = 800_000  # multiplications at most: OpenBLAS does up to a million without making copies
SAFE = 2.0**40  # a sum of weights between 1 / SAFE and SAFE has lost none that counts
FAR = 80.0  # from 0, for a score: beyond it powers are slow, too large for SAFE, or next to nothing
LATER = np.tri(BLOCK, k=-1, dtype=bool)  # [key, query]


def _fastest_power() -> tuple[np.ufunc, float]:
    """Of exp and exp2, and the factor that turns it into exp: e ** x == 2 ** (x * log2(e)).

    Where NumPy has exp2 in instructions of the processor (AVX-512), it takes half as long as exp in
    float32, and no longer in float64. Elsewhere the C library does it, number by number.
    """
    try:
        from numpy.lib.introspect import opt_func_info
    except ImportError:  # before NumPy 2.0
        return np.exp, 1.0
    found = opt_func_info(func_name="^exp2$", signature="float32").get("exp2", {})
    if any("baseline" not in chosen["current"] for chosen in found.values()):
        return np.exp2, math.log2(math.e)
    return np.exp, 1.0


POWER, TO_EXP = _fastest_power()


class Tile(NamedTuple):
    """Blocks of as many queries each, from these starts. Axes: [head, block, position, width]."""

    starts: range
    queries: ndarray
    keys: ndarray  # from window_size before the first query, or from 0, to the last query
    values: ndarray
    output: ndarray
    global_keys: ndarray
    global_values: ndarray


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def attend_tile(
    tile: Tile, window_size: int, positions: ndarray, causal: bool, room: ndarray
) -> None:
    """Fill in the output of a tile. positions: (g,) of the global keys. room: 1D, for the scores.

    Subtracting the largest score of a query changes no weight, only the range of the numbers, in
    two more passes over the scores. So it is done only where the sums show that it was needed.
    Scores are [head, block, key, query], global keys first: so only queries have to be transposed.
    """
    _, queries, keys, values, output, global_keys, global_values = tile
    heads, blocks, size, d_k = queries.shape
    g, near_keys = len(positions), keys.shape[2]
    shape = (heads, blocks, g + near_keys, size)
    scores = room[: np.prod(shape)].reshape(shape)
    front, near = scores[:, :, :g], scores[:, :, g:]
    scaled = np.multiply(np.swapaxes(queries, 2, 3), TO_EXP * d_k**-0.5, order="C")
    step = max(1, PRODUCT // (size * d_k))
    slices = [slice(i, i + step) for i in range(0, near_keys, step)]
    pieces = [(near[:, :, part], keys[:, :, part], values[:, :, part]) for part in slices]
    if g:
        pieces.append((front, global_keys, global_values))
    for shift in (False, True):
        for part, part_keys, _ in pieces:
            np.matmul(part_keys, scaled, out=part)
        if shift:
            _hide(-np.inf, front, near, tile.starts, window_size, positions, causal)
            scores -= scores.max(axis=2, keepdims=True)
        np.clip(scores, -FAR * TO_EXP, FAR * TO_EXP, out=scores)
        POWER(scores, out=scores)
        _hide(0, front, near, tile.starts, window_size, positions, causal)
        totals = np.ones(g + near_keys, scores.dtype) @ scores
        if ((totals > 1 / SAFE) & (totals < SAFE)).all():
            break
    (weights, _, part_values), *others = [(np.swapaxes(x, 2, 3), y, z) for x, y, z in pieces]
    np.matmul(weights, part_values, out=output)
    for weights, _, part_values in others:
        output += weights @ part_values
    output /= totals[..., None]


def _hide(value, front, near, starts, window_size, positions, causal):
    """Set what is outside the window; and inside, the global keys: they stand in front as well."""
    size, gone = near.shape[3], max(0, window_size - starts[0])  # keys before position 0
    newest, oldest = near[:, :, -size:], near[:, :, : max(0, size - gone)]
    np.copyto(newest, value, where=LATER[:size, :size])
    np.copyto(oldest, value, where=~LATER[gone:size, :size])
    if len(positions):
        keys = positions - np.maximum(0, np.array(starts) - window_size)[:, None]
        blocks, which = np.nonzero((keys >= 0) & (keys < near.shape[2]))
        near[:, blocks, keys[blocks, which]] = value
    if causal:
        queries = np.array(starts)[:, None, None] + np.arange(size)
        np.copyto(front, value, where=positions[:, None] > queries)
