"""Sparse patterns: the reference for 01_patterns, and the meaning of every mark.

Child, Gray, Radford, Sutskever (2019), Generating Long Sequences with Sparse Transformers, section
4.3: a local and a strided pattern, and one of blocks. Each is written here as the keys that one
query sees, where the notebook compares squares of positions.
A mask is True where attention is blocked, everywhere in this course.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy import ndarray


def create_causal_mask(seq_len: int) -> ndarray:
    """Mask in which query i sees the keys 0 to i. Bool (seq_len, seq_len), True = blocked."""
    require_at_least(1, seq_len=seq_len)
    return mask_of(seq_len, lambda query: range(query + 1))


def create_local_mask(seq_len: int, window_size: int) -> ndarray:
    """Mask in which query i sees the window_size keys that end at i, from 0 on."""
    require_at_least(1, seq_len=seq_len, window_size=window_size)
    return mask_of(seq_len, lambda query: range(max(0, query - window_size + 1), query + 1))


def create_strided_mask(seq_len: int, stride: int) -> ndarray:
    """Mask in which query i sees the keys i, i - stride, i - 2 * stride, ..."""
    require_at_least(1, seq_len=seq_len, stride=stride)
    return mask_of(seq_len, lambda query: range(query, -1, -stride))


def create_block_mask(seq_len: int, block_size: int) -> ndarray:
    """Mask in which query i sees the keys from the start of its own block to i."""
    require_at_least(1, seq_len=seq_len, block_size=block_size)
    return mask_of(seq_len, lambda query: range(query - query % block_size, query + 1))


def create_combined_mask(seq_len: int, window_size: int, stride: int) -> ndarray:
    """Mask in which query i sees what the local or the strided mask lets it see."""
    mask = create_local_mask(seq_len, window_size)
    for query, row in enumerate(create_strided_mask(seq_len, stride)):
        for key, is_blocked in enumerate(row):
            if not is_blocked:
                mask[query, key] = False
    return mask


def mask_of(seq_len: int, keys_of: Callable[[int], Iterable[int]]) -> ndarray:
    """The mask in which each query sees these keys and no others."""
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for query in range(seq_len):
        for key in keys_of(query):
            mask[query, key] = False
    return mask


def require_at_least(minimum: int, **values: int) -> None:
    """Raises ValueError, naming the first of the values that is below the minimum."""
    for name, value in values.items():
        if value < minimum:
            raise ValueError(f"{name} is {value}; it must be at least {minimum}")
