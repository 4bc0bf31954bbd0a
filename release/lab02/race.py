"""The whole square against the band of a window, timed."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from numpy import ndarray

from banded import banded_attention
from labkit import curves, drawing

LENGTHS = (256, 512, 1024, 2048)
WINDOWS = (8, 16, 32, 64, 128, 256, 512)
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
        (square, _), in_square = _timed(masked_attention, Q, K, V, create_mask(n, window_size))
        band, in_band = _timed(banded_attention, Q, K, V, window_size)
        times["your square"].append(in_square)
        times["the band"].append(in_band)
    ratio = in_square / in_band
    curves.show_lines(
        LENGTHS,
        times,
        f"At n = {n}: {in_square:.0f} ms for your square, {in_band:.0f} ms for the band, "
        f"{ratio:.0f} times as fast.\nTheir outputs agree: {np.allclose(square, band)}.",
        title=f"Time of attention in a window of {window_size}",
        xlabel="sequence length n",
        ylabel="milliseconds",
        told="Milliseconds against sequence length",
    )


def show_times(layer_class: Callable[..., Any], length: int = 1024) -> None:
    """Time a layer in windows of many sizes, and one with its matrices that computes the band."""
    if drawing.is_left_out("Time against window"):
        return
    x = np.random.default_rng(8).normal(size=(length, WIDTH))
    times: dict[str, list[float]] = {"your layer": [], "the band": []}
    for window in WINDOWS:
        layer = layer_class(WIDTH, 1, window)
        whole, in_layer = _timed(layer, x)
        band, in_band = _timed(_banded_layer, layer, x, window)
        times["your layer"].append(in_layer)
        times["the band"].append(in_band)
    curves.show_lines(
        WINDOWS,
        times,
        f"n = {length}. Your layer takes {min(times['your layer']):.0f} to "
        f"{max(times['your layer']):.0f} ms, the band {min(times['the band']):.0f} to "
        f"{max(times['the band']):.0f} ms.\nTheir outputs agree: {np.allclose(whole, band)}.",
        title="Time of a layer against its window",
        xlabel="window size",
        ylabel="milliseconds",
        told="Milliseconds against the window",
    )


def _banded_layer(layer: Any, x: ndarray, window_size: int) -> ndarray:
    return banded_attention(x @ layer.W_Q, x @ layer.W_K, x @ layer.W_V, window_size) @ layer.W_O


def _timed(run: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What it returns, and the better of two times in milliseconds."""
    spent = []
    for _ in range(2):
        start = perf_counter()
        result = run(*arguments)
        spent.append(1000 * (perf_counter() - start))
    return result, min(spent)
