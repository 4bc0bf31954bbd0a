"""The reference of 01_rolling_cache, against the dense reference of Lab 02 and by properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.lab02.reference import sliding_window
from solutions.lab02_bonus.reference import rolling_cache


@pytest.fixture(scope="module")
def blocks():
    return rolling_cache


@st.composite
def sizes(draw):
    """A window, global tokens that fit it, and the chunks of a text."""
    window_size = draw(st.integers(1, 6))
    chunks = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    return window_size, draw(st.integers(0, window_size)), chunks


@given(
    sizes=sizes(),
    batch=st.sampled_from([(), (2,), (2, 3)]),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 99),
)
@settings(max_examples=100, deadline=None)
def test_a_text_in_chunks_equals_the_full_pass(sizes, batch, dtype, seed, blocks):
    window_size, num_global_tokens, chunks = sizes
    rng, n = np.random.default_rng(seed), sum(chunks)
    Q, K, V = (rng.normal(size=(*batch, n, d)).astype(dtype) for d in (4, 4, 3))
    cache = blocks.RollingCache(window_size, num_global_tokens)
    ends = np.cumsum(chunks)[:-1]
    parts = zip(*(np.split(array, ends, axis=-2) for array in (Q, K, V)), strict=True)
    output = np.concatenate([cache.attend(*part) for part in parts], axis=-2)
    expected, _ = sliding_window.sliding_window_attention(
        *(Q, K, V, window_size, np.arange(n) < num_global_tokens), causal_globals=True
    )
    assert output.dtype == dtype
    np.testing.assert_allclose(output, expected, atol=1e-5 if dtype == np.float32 else 1e-12)
    assert cache.keys.shape == (*batch, window_size, 4), "the ring has grown"
    assert cache.global_keys.shape == (*batch, num_global_tokens, 4)


@given(length=st.integers(0, 60), window_size=st.integers(1, 12))
def test_the_slots_hold_the_last_positions_each_in_its_own(length, window_size, blocks):
    slots = blocks.slot_positions(length, window_size)
    filled = np.flatnonzero(slots >= 0)
    assert sorted(slots[filled]) == list(range(max(0, length - window_size), length))
    assert all(slots[slot] % window_size == slot for slot in filled)
    assert (slots[slots < 0] == -1).all()


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0,), "window_size is 0"),
        ((-2, 0), "window_size is -2"),
        ((3, 4), "num_global_tokens is 4"),
        ((3, -1), "num_global_tokens is -1"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(sizes, message, blocks):
    with pytest.raises(ValueError, match=message):
        blocks.RollingCache(*sizes)
