"""What linear-time attention is raced against: the same work by others, on the same arrays.

A peer is a function from a Setting and its Q, K, V, (1, heads, n, d) as torch and NumPy share them,
to a call without arguments; or None where it cannot do the setting, or only in hours. A library
that is not installed leaves out its peers, by name.
"""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy import ndarray

from solutions.lab02.reference import sliding_window
from solutions.lab02.reference.sliding_window import (
    create_sliding_window_mask,
    sliding_window_attention,
)
from solutions.lab02_bonus.fast import linear_time

HEADS, WIDTH = 8, 64
Call = Callable[[], Any]


@dataclass(frozen=True)
class Setting:
    """Length, window and number of global tokens, spread evenly over the sequence."""

    n: int
    w: int
    g: int

    def arrays(self) -> list[ndarray]:
        rng = np.random.default_rng(0)
        shape = (1, HEADS, self.n, WIDTH)
        return [rng.standard_normal(shape, dtype=np.float32) for _ in range(3)]

    @property
    def global_mask(self) -> ndarray | None:
        return np.isin(np.arange(self.n), self.positions) if self.g else None

    @property
    def positions(self) -> ndarray:
        return np.unique(np.linspace(0, self.n - 1, self.g).astype(int))

    @property
    def pairs(self) -> int:
        """Open (query, key) pairs of one head: in the window, and what rows and columns add."""
        band = self.n * self.w - self.w * (self.w - 1) // 2
        p = self.positions
        back = p[:, None] - p  # of a global query to a global key
        rows = self.n - np.minimum(p + 1, self.w)
        columns = self.n - np.minimum(self.n - p, self.w)
        both = (back < 0) | (back >= self.w)
        return int(band + rows.sum() + columns.sum() - both.sum())


def ours(setting: Setting, QKV: list[ndarray], w: int, threads: int = 1) -> Call:
    attend = linear_time.sliding_window_attention
    return partial(attend, *QKV, w, setting.global_mask, threads=threads)


def dense(setting: Setting, QKV: list[ndarray]) -> Call | None:
    if setting.n > 4096 or (setting.w, setting.g) != (256, 0):
        return None  # needs 4 * n * n bytes a head; its time depends neither on w nor on g
    attend = sliding_window_attention
    return lambda: attend(*QKV, setting.w)[0]


def sdpa_masked(setting: Setting, QKV: list[ndarray]) -> Call | None:
    if setting.n > 16384 or (setting.w, setting.g) != (256, 0):
        return None
    import torch

    create = create_sliding_window_mask
    is_open = torch.from_numpy(~create(setting.n, setting.w))
    attend = torch.nn.functional.scaled_dot_product_attention
    return partial(attend, *map(torch.from_numpy, QKV), attn_mask=is_open)


def sdpa_causal(setting: Setting, QKV: list[ndarray]) -> Call | None:
    """Attends to the whole past: other work, of which there is more than in a window."""
    if setting.n > 16384 or (setting.w, setting.g) != (256, 0):
        return None
    import torch

    attend = torch.nn.functional.scaled_dot_product_attention
    return partial(attend, *map(torch.from_numpy, QKV), is_causal=True)


def flex_compiled(setting: Setting, QKV: list[ndarray]) -> Call | None:
    """Compiled for each setting, half a minute each: beyond n = 4096 for the middle window only."""
    if (setting.n > 4096 and setting.w != 256) or (setting.n > 16384 and setting.g):
        return None
    import torch

    return _flex(setting, QKV, lambda function: torch.compile(function, dynamic=False))


def flex_eager(setting: Setting, QKV: list[ndarray]) -> Call | None:
    return None if setting.n > 4096 or setting.w != 256 else _flex(setting, QKV, lambda f: f)


def _flex(setting, QKV, compiled):
    import torch
    from torch.nn.attention import flex_attention as flex

    is_global = torch.from_numpy(
        np.zeros(setting.n, bool) if setting.g == 0 else setting.global_mask
    )

    def in_window(batch, head, i, j):
        return (j <= i) & (i - j < setting.w)

    def is_open(batch, head, i, j):
        return in_window(batch, head, i, j) | is_global[i] | is_global[j]

    create = torch.compile(flex.create_block_mask) if setting.n > 16384 else flex.create_block_mask
    pattern = is_open if setting.g else in_window
    mask = create(pattern, None, None, setting.n, setting.n, device="cpu")
    return partial(compiled(flex.flex_attention), *map(torch.from_numpy, QKV), block_mask=mask)


def local_attention(setting: Setting, QKV: list[ndarray]) -> Call | None:
    """Its exact window of w holds w + 1 keys, so that is what it is compared with.

    For the longest sequence with the widest window it takes 14 GB, and that is left out.
    """
    if setting.g or setting.n < 4096 or setting.n * setting.w > 1 << 25:
        return None
    import torch

    library = importlib.import_module("local_attention")
    layer = library.LocalAttention(setting.w, causal=True, exact_windowsize=True)
    return partial(layer, *map(torch.from_numpy, QKV))


def longformer(setting: Setting, QKV: list[ndarray]) -> Call | None:
    """The layer of transformers: projections, and w / 2 keys on each side of a query."""
    if setting.g or not 4096 <= setting.n <= 16384:
        return None
    import torch

    library = importlib.import_module("transformers.models.longformer.modeling_longformer")
    layer = library.LongformerSelfAttention(
        library.LongformerConfig(
            hidden_size=HEADS * WIDTH,
            num_attention_heads=HEADS,
            attention_window=[setting.w],
            attention_probs_dropout_prob=0.0,
        ),
        layer_id=0,
    ).eval()
    x = torch.from_numpy(joined(QKV[0]))
    none = torch.zeros(x.shape[:2], dtype=torch.bool)
    return lambda: layer(x, none.float(), none, none, False)[0]


def our_layer(setting: Setting, QKV: list[ndarray]) -> Call:
    """As much work as the Longformer's: projections, and w + 1 keys, though all of the past."""
    x = joined(QKV[0])
    attend = linear_time.sliding_window_attention
    rng = np.random.default_rng(1)
    W = rng.standard_normal((3, x.shape[-1], x.shape[-1]), dtype=np.float32) / x.shape[-1] ** 0.5

    def run():
        heads = [sliding_window.split_heads(x @ one, HEADS) for one in W]
        return sliding_window.combine_heads(attend(*heads, setting.w + 1))

    return run


def joined(x: ndarray) -> ndarray:
    """(1, heads, n, d) to (1, n, heads * d)."""
    return np.ascontiguousarray(np.swapaxes(x, 1, 2)).reshape(1, x.shape[2], -1)


@dataclass(frozen=True)
class Peer:
    """One of them: the library that it needs, and which of our calls does as much work."""

    name: str
    library: str
    prepare: Callable[[Setting, list[ndarray]], Call | None]
    against: str = "ours"
    same_output: bool = True

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.library) is not None


PEERS = (
    Peer("dense NumPy", "numpy", dense),
    Peer("SDPA, mask", "torch", sdpa_masked),
    Peer("SDPA, is_causal", "torch", sdpa_causal, same_output=False),
    Peer("flex_attention, compiled", "torch", flex_compiled),
    Peer("flex_attention, eager", "torch", flex_eager),
    Peer("local-attention", "local_attention", local_attention, "ours, w + 1"),
    Peer("Longformer layer", "transformers", longformer, "our layer", same_output=False),
)
