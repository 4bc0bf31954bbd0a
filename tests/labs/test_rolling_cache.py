"""Proves the rolling cache: at every step what the dense reference gives, in constant memory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.lab02.reference import sliding_window
from solutions.lab02_bonus.fast import rolling_cache

proof = settings(deadline=None, max_examples=200, derandomize=True)
LEADS = [(), (3,), (2, 3), (0,)]


@pytest.fixture(scope="module")
def dense():
    return sliding_window.sliding_window_attention


@pytest.fixture(scope="module")
def make_cache():
    return rolling_cache.RollingCache


def inputs(n, lead=(), d_k=4, d_v=3, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(*lead, n, width)).astype(dtype) for width in (d_k, d_k, d_v)]


def rows(arrays, start, stop):
    return [x[..., start:stop, :] for x in arrays]


@proof
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=12),
    st.integers(1, 12).flatmap(lambda w: st.tuples(st.just(w), st.integers(0, w))),
    st.sampled_from(LEADS),
    st.sampled_from([(np.float32, 1e-6), (np.float64, 1e-12)]),
    st.integers(0, 99),
)
def test_any_chunks_give_at_every_step_what_the_whole_text_gives(
    dense, make_cache, chunks, window_and_globals, lead, precision, seed
):
    (window, num_global), (dtype, tolerance) = window_and_globals, precision
    QKV = inputs(sum(chunks), lead, dtype=dtype, seed=seed)
    cache, start = make_cache(window, num_global), 0
    for chunk in chunks:
        stop = start + chunk
        got = cache.attend(*rows(QKV, start, stop))
        text = rows(QKV, 0, stop)  # nothing of what comes later
        global_mask = np.arange(stop) < num_global
        expected, _ = dense(*text, window, global_mask, causal_globals=True)
        assert got.dtype == dtype, f"{dtype.__name__} came back as {got.dtype}"
        np.testing.assert_allclose(
            got,
            expected[..., start:stop, :],
            rtol=tolerance,
            atol=tolerance,
            err_msg=f"positions {start} to {stop - 1} differ from the dense reference",
        )
        start = stop
        assert cache.length == stop, "length counts the positions taken so far"


@pytest.mark.parametrize("chunk", [1, 3, 4, 5, 30])
def test_a_position_is_in_the_slot_of_its_rest(chunk, make_cache):
    Q, K, V = inputs(30, (2,))
    cache = make_cache(4, 2)
    for start in range(0, 30, chunk):
        cache.attend(*rows((Q, K, V), start, start + chunk))
    last = range(26, 30)
    assert [position % 4 for position in last] == [2, 3, 0, 1]
    for position in last:
        slot = position % 4
        assert np.array_equal(cache.keys[:, slot], K[:, position]), f"{position} not in {slot}"
        assert np.array_equal(cache.values[:, slot], V[:, position]), f"{position} not in {slot}"
    assert np.array_equal(cache.global_keys, K[:, :2]), "the global keys are the first"
    assert np.array_equal(cache.global_values, V[:, :2]), "the global values are the first"


@pytest.mark.parametrize("num_global", [0, 1, 4])
def test_the_memory_it_takes_does_not_grow(num_global, make_cache):
    cache, QKV = make_cache(4, num_global), inputs(3, (2,), d_k=5, d_v=7, dtype=np.float32)
    assert cache.nbytes == 0, "nothing is stored before the first chunk"
    kept, expected = set(), 2 * (4 + num_global) * (5 + 7) * 4
    for _ in range(100):
        cache.attend(*QKV)
        arrays = (cache.keys, cache.values, cache.global_keys, cache.global_values)
        assert all(array.base is None for array in arrays), "a view keeps a larger array alive"
        assert cache.nbytes == sum(array.nbytes for array in arrays) == expected
        kept.add(tuple(map(id, arrays)))
    assert len(kept) == 1, "the buffers are written to, not made anew"
    assert cache.length == 300


def test_what_it_stores_is_a_copy_and_inputs_are_never_changed(make_cache):
    cache, QKV = make_cache(4, 1), inputs(6)
    copies = [x.copy() for x in QKV]
    cache.attend(*QKV)
    assert all(map(np.array_equal, QKV, copies)), "an input was written to"
    stored = cache.keys.copy()
    QKV[1][:] = 0
    assert np.array_equal(cache.keys, stored), "the cache shares memory with its input"


def test_a_refused_chunk_leaves_the_cache_as_it_was(dense, make_cache):
    QKV, cache = inputs(7), make_cache(3)
    first = cache.attend(*rows(QKV, 0, 4))
    with pytest.raises(ValueError, match="shape"):
        cache.attend(*inputs(3, d_k=5))
    got = np.concatenate([first, cache.attend(*rows(QKV, 4, 7))])
    np.testing.assert_allclose(got, dense(*QKV, 3)[0], rtol=0, atol=1e-12)


def test_a_causal_global_is_part_of_the_window_while_it_lasts_and_stays_afterwards(make_cache):
    """Attention sinks: position 0 acts on all later positions, position 1 on the next three."""
    changed = {}
    for position in (0, 1):
        Q, K, V = inputs(20)
        outputs = []
        for shift in (0, 1):
            V[position] += shift
            outputs.append(make_cache(4, 1).attend(Q, K, V))
        changed[position] = np.flatnonzero((outputs[0] != outputs[1]).any(axis=1)).tolist()
    assert changed == {0: list(range(20)), 1: [1, 2, 3, 4]}


@pytest.mark.parametrize("score", [-1e6, 1e6])
def test_large_scores_stay_finite(score, make_cache, dense):
    Q, K, V = inputs(12, d_k=2)
    Q[:, 0], K[:, 0] = 1, K[:, 0] + score
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got = make_cache(3, 1).attend(Q, K, V)
    expected = dense(Q, K, V, 3, np.arange(12) < 1, causal_globals=True)[0]
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "window_size is 0; it must be at least 1"),
        ((4, -1), "num_global_tokens is -1; it must be at least 0"),
        ((4, 5), "num_global_tokens is 5; this cache takes at most window_size=4"),
    ],
)
def test_bad_sizes_are_named(arguments, message, make_cache):
    with pytest.raises(ValueError, match=message):
        make_cache(*arguments)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(4,)] * 3, r"Q, K, V have shapes \(4,\), \(4,\), \(4,\); "),
        ([(2, 1, 4), (2, 2, 4), (2, 2, 3)], r"\(2, 1, 4\), \(2, 2, 4\), \(2, 2, 3\); "),
        ([(2, 0, 4), (2, 0, 4), (2, 0, 3)], "chunk_len is 0; it must be at least 1"),
        ([(1, 4), (1, 4), (1, 3)], r"K has shape \(1, 4\); .* \(2, chunk_len, 4\)"),
        ([(2, 1, 5), (2, 1, 5), (2, 1, 3)], r"K has shape \(2, 1, 5\); .* \(2, chunk_len, 4\)"),
        ([(2, 1, 4), (2, 1, 4), (2, 1, 1)], r"V has shape \(2, 1, 1\); .* \(2, chunk_len, 3\)"),
    ],
)
def test_bad_chunks_are_named(shapes, message, make_cache):
    cache = make_cache(4)
    cache.attend(*inputs(3, (2,)))
    with pytest.raises(ValueError, match=message):
        cache.attend(*map(np.ones, shapes))
