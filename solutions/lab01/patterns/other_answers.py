"""Right answers to the exercises of 01_patterns, in other forms."""

import numpy as np

from grading.judging.written import other_answer


def refuse_small(**sizes):
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be positive, not {size}")


class SizeError(ValueError):
    """A kind of its own, as good style has it."""


@other_answer("causal-mask", "np.tri")
def causal_with_tri(seq_len):
    refuse_small(seq_len=seq_len)
    return ~np.tri(seq_len, dtype=bool)


@other_answer("causal-mask", "two loops")
def causal_with_loops(n):
    if not n >= 1:
        raise SizeError(f"seq_len: {n}")
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        for j in range(i + 1, n):
            mask[i, j] = True
    return mask


@other_answer("causal-mask", "np.triu of ones")
def causal_with_triu(length):
    refuse_small(seq_len=length)
    return np.triu(np.ones((length, length)), k=1) == 1


@other_answer("causal-mask", "nested lists, made an array")
def causal_with_lists(seq_len):
    refuse_small(seq_len=seq_len)
    return np.array([[False] * (i + 1) + [True] * (seq_len - i - 1) for i in range(seq_len)])


@other_answer("local-mask", "two triangles")
def local_with_triangles(seq_len, window_size):
    refuse_small(seq_len=seq_len, window_size=window_size)
    ones = np.ones((seq_len, seq_len), dtype=bool)
    return ~(np.tril(ones) & np.triu(ones, k=1 - window_size))


@other_answer("local-mask", "slices of rows")
def local_with_slices(n, w):
    refuse_small(seq_len=n, window_size=w)
    mask = np.full((n, n), True)
    for i in range(n):
        mask[i, max(0, i - w + 1) : i + 1] = False
    return mask


@other_answer("local-mask", "a comprehension")
def local_with_comprehension(seq_len, window_size):
    refuse_small(seq_len=seq_len, window_size=window_size)
    return np.array(
        [[not 0 <= i - j < window_size for j in range(seq_len)] for i in range(seq_len)]
    )


@other_answer("local-mask", "np.fromfunction and other names")
def local_with_fromfunction(length, window):
    wrong = {k: v for k, v in (("seq_len", length), ("window_size", window)) if v < 1}
    if wrong:
        raise SizeError(f"at least 1, please: {wrong}")
    return np.fromfunction(lambda i, j: (j > i) | (i - j >= window), (length, length))


@other_answer("strided-mask", "a loop over ranges")
def strided_with_ranges(seq_len, stride):
    refuse_small(seq_len=seq_len, stride=stride)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for query in range(seq_len):
        mask[query, list(range(query, -1, -stride))] = False
    return mask


@other_answer("strided-mask", "diagonals, one by one")
def strided_with_diagonals(n, s):
    refuse_small(seq_len=n, stride=s)
    is_open = np.zeros((n, n), dtype=bool)
    for back in range(0, n, s):
        is_open |= np.eye(n, k=-back, dtype=bool)
    return ~is_open


@other_answer("strided-mask", "remainders compared")
def strided_with_remainders(seq_len, stride):
    refuse_small(seq_len=seq_len, stride=stride)
    i, j = np.indices((seq_len, seq_len))
    return np.where((j <= i) & (i % stride == j % stride), False, True)


@other_answer("strided-mask", "slices backwards")
def strided_with_slices(seq_len, stride):
    refuse_small(seq_len=seq_len, stride=stride)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i, row in enumerate(mask):
        row[i::-stride] = False
    return mask


@other_answer("own-block-mask", "block by block")
def blocks_one_by_one(seq_len, block_size):
    refuse_small(seq_len=seq_len, block_size=block_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for start in range(0, seq_len, block_size):
        part = mask[start : start + block_size, start : start + block_size]
        part[np.tri(len(part), dtype=bool)] = False
    return mask


@other_answer("own-block-mask", "np.kron, cut off")
def blocks_with_kron(n, size):
    refuse_small(seq_len=n, block_size=size)
    count = -(-n // size)
    blocks = np.kron(np.eye(count), np.ones((size, size)))[:n, :n]
    return np.tril(blocks) == 0


@other_answer("own-block-mask", "np.repeat and ranges")
def blocks_with_repeat(seq_len, block_size):
    refuse_small(seq_len=seq_len, block_size=block_size)
    start = np.repeat(np.arange(0, seq_len, block_size), block_size)[:seq_len]
    key = np.arange(seq_len)
    return ~((key >= start[:, None]) & (key <= key[:, None]))


@other_answer("own-block-mask", "pair by pair")
def blocks_pair_by_pair(length, block):
    refuse_small(seq_len=length, block_size=block)

    def is_open(i, j):
        return j <= i and i // block == j // block

    return ~np.array([[is_open(i, j) for j in range(length)] for i in range(length)])


@other_answer("combined-mask", "pair by pair")
def combined_pair_by_pair(seq_len, window_size, stride):
    refuse_small(seq_len=seq_len, window_size=window_size, stride=stride)

    def is_open(back):
        return back >= 0 and (back < window_size or back % stride == 0)

    return np.array([[not is_open(i - j) for j in range(seq_len)] for i in range(seq_len)])


@other_answer("combined-mask", "of one's own masks, by np.minimum")
def combined_with_minimum(n, w, s):
    return np.minimum(create_local_mask(n, w), create_strided_mask(n, s))  # noqa: F821


@other_answer("combined-mask", "what is open, joined")
def combined_of_open(seq_len, window_size, stride):
    near = ~create_local_mask(seq_len, window_size)  # noqa: F821
    far = ~create_strided_mask(seq_len, stride)  # noqa: F821
    return ~(near | far)


@other_answer("combined-mask", "slices, row by row")
def combined_with_slices(seq_len, window_size, stride):
    refuse_small(seq_len=seq_len, window_size=window_size, stride=stride)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        mask[i, max(0, i - window_size + 1) : i + 1] = False
        mask[i, i::-stride] = False
    return mask
