"""The whole square against the band of a window, timed."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from numpy import ndarray

from banded import banded_attention
from labkit import curves, drawing

LENGTHS = (256, 512, 1024, 2048)
WIDTH = 64  # features of a query, as in many models


def show_race(
    masked_attention: Callable[..., tuple[ndarray, ndarray]],
    create_mask: Callable[[int, int], ndarray],
    window_size: int,
) -> None:
    """Time an attention that computes all pairs, and one that computes the band alone."""
    if drawing.is_left_out("The race"):
        return
    rng = np.random.default_rng(8)
    times: dict[str, list[float]] = {"your square": [], "the band": []}
    for n in LENGTHS:
        Q, K, V = rng.normal(size=(3, n, WIDTH))
        mask = create_mask(n, window_size)
        square, in_square = _timed(lambda Q=Q, K=K, V=V, mask=mask: masked_attention(Q, K, V, mask))
        band, in_band = _timed(lambda Q=Q, K=K, V=V: banded_attention(Q, K, V, window_size))
        alike = np.allclose(square[0], band)
        times["your square"].append(in_square)
        times["the band"].append(in_band)
    ratio = in_square / in_band
    curves.show_lines(
        LENGTHS,
        times,
        f"At n = {n}: {in_square:.0f} ms for your square, {in_band:.0f} ms for the band, "
        f"{ratio:.0f} times as fast.\nTheir outputs agree: {alike}.",
        title=f"Time of attention in a window of {window_size}",
        xlabel="sequence length n",
        ylabel="milliseconds",
        told="Milliseconds against sequence length",
    )


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and the better of two times in milliseconds."""
    spent = []
    for _ in range(2):
        start = perf_counter()
        result = run()
        spent.append(1000 * (perf_counter() - start))
    return result, min(spent)
