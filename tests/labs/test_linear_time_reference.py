"""The reference of 02_linear_time, against the dense reference of Lab 02 and by properties."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.lab02.reference import sliding_window
from solutions.lab02_bonus.reference import linear_time

SIZES = {
    "n": st.integers(1, 20),
    "window_size": st.integers(1, 24),
    "block_size": st.integers(1, 24),
}


@pytest.fixture(scope="module")
def blocks():
    return linear_time


@given(
    **SIZES,
    batch=st.sampled_from([(), (2,), (2, 3)]),
    dtype=st.sampled_from([np.float32, np.float64]),
    share=st.sampled_from([0.0, 0.2, 1.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=100, deadline=None)
def test_blocks_of_any_size_equal_dense_attention(
    n, window_size, block_size, batch, dtype, share, seed, blocks
):
    rng = np.random.default_rng(seed)
    Q, K, V = (rng.normal(size=(*batch, n, d)).astype(dtype) for d in (4, 4, 3))
    global_mask = rng.random(n) < share
    dense = sliding_window.sliding_window_attention
    sizes = (window_size, block_size)
    for output, (expected, _) in (
        (blocks.windowed_attention(Q, K, V, *sizes), dense(Q, K, V, window_size)),
        (
            blocks.windowed_attention_with_globals(Q, K, V, *sizes, global_mask),
            dense(Q, K, V, window_size, global_mask),
        ),
    ):
        assert output.dtype == dtype
        np.testing.assert_allclose(output, expected, atol=1e-5 if dtype == np.float32 else 1e-12)


@given(**SIZES)
def test_the_masks_of_the_blocks_are_cut_from_that_of_all(n, window_size, block_size, blocks):
    whole = sliding_window.create_sliding_window_mask(n, window_size)
    for start in range(0, n, block_size):
        stop = min(start + block_size, n)
        first, end = blocks.keys_of_block(start, stop, window_size)
        mask = blocks.block_mask(start, stop, window_size)
        np.testing.assert_array_equal(mask, whole[start:stop, first:end])
        assert whole[start:stop, :first].all(), "a key before the slice is seen"
        assert whole[start:stop, end:].all(), "a key behind the slice is seen"
        assert not mask.all(axis=0)[[0, -1]].any(), "the slice is longer than it needs to be"


def test_twice_the_tokens_take_no_more_than_twice_the_memory(blocks):
    def peak(n: int) -> int:
        text = np.ones((n, 4))
        tracemalloc.start()
        try:
            blocks.windowed_attention_with_globals(text, text, text, 16, 16, np.arange(n) == 5)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(4096) < 2.2 * peak(2048)
