"""Proves linear-time attention: equal to the dense reference, and as frugal as it says."""

import math
import tracemalloc
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.lab02.reference import sliding_window
from solutions.lab02_bonus.fast import linear_time

proof = settings(deadline=None, max_examples=300, derandomize=True)
TOLERANCE = {np.float16: 2e-3, np.float32: 1e-6, np.float64: 1e-12}
EXACT = [np.float32, np.float64]
LEADS = [(), (1,), (3,), (2, 3), (3, 1), (0,), (2, 0), (2, 1, 2)]


@pytest.fixture(scope="module")
def dense():
    return sliding_window.sliding_window_attention


@pytest.fixture(scope="module", params=[(np.exp, 1.0), (np.exp2, math.log2(math.e))])
def linear(request) -> Iterator[ModuleType]:
    """With either power: which one is in use depends on the machine."""
    power, to_exp = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solutions.lab02_bonus.fast.linear_time_tile.POWER", power)
        patch.setattr("solutions.lab02_bonus.fast.linear_time_tile.TO_EXP", to_exp)
        yield linear_time


@st.composite
def lengths_and_globals(draw) -> tuple[int, np.ndarray | None]:
    """Lengths around whole blocks, and others; no, few, many or only global tokens."""
    lengths = [31, 32, 33, 63, 64, 65, 95, 96, 97, 145, 200]
    n = draw(st.one_of(st.integers(1, 12), st.sampled_from(lengths)))
    some = st.lists(st.integers(0, n - 1), max_size=5).map(lambda p: np.isin(np.arange(n), p))
    return n, draw(st.one_of(st.none(), some, st.sampled_from([np.zeros(n, bool), np.ones(n)])))


def inputs(n, lead=(), d_k=4, d_v=3, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(*lead, n, width)).astype(dtype) for width in (d_k, d_k, d_v)]


def assert_equal(got, expected, what="the output is not that of the dense reference"):
    assert got.shape == expected.shape, "the output has another shape than the reference's"
    assert got.dtype == expected.dtype, "the output has another dtype than the reference's"
    tolerance = TOLERANCE[got.dtype.type]
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance, err_msg=what)


@proof
@given(
    lengths_and_globals(),
    st.one_of(st.integers(1, 12), st.sampled_from([31, 32, 33, 64, 100, 199, 200, 300])),
    st.booleans(),
    st.sampled_from(LEADS),
    st.sampled_from(EXACT),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 99),
)
def test_it_is_the_dense_reference(
    dense, linear, length_and_globals, window, causal, lead, dtype, d_k, d_v, seed
):
    n, global_mask = length_and_globals
    QKV = inputs(n, lead, d_k, d_v, dtype, seed)
    got = linear.sliding_window_attention(*QKV, window, global_mask, causal_globals=causal)
    assert_equal(got, dense(*QKV, window, global_mask, causal_globals=causal)[0])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("product", [1, 10_000, 10**9])
@pytest.mark.parametrize("tile", [1, 20_000, 10**9])
def test_neither_the_tiles_nor_the_threads_change_the_output(
    tile, product, threads, causal, dense, linear, monkeypatch
):
    """A block at a time, some, and all of all heads; keys one by one, some, and all of a block."""
    monkeypatch.setattr(linear, "TILE", tile)
    monkeypatch.setattr("solutions.lab02_bonus.fast.linear_time_tile.PRODUCT", product)
    Q, K, V = inputs(500, (2, 5))
    global_mask = np.isin(np.arange(500), [0, 31, 32, 300, 499])
    options = {"causal_globals": causal}
    got = linear.sliding_window_attention(Q, K, V, 70, global_mask, threads=threads, **options)
    assert_equal(got, dense(Q, K, V, 70, global_mask, **options)[0])


@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.int16, np.int8, ">f4"])
def test_other_dtypes_are_taken_as_the_reference_takes_them(dtype, dense, linear):
    QKV = [(2 * x).astype(dtype) for x in inputs(60)]
    got = linear.sliding_window_attention(*QKV, 5)
    assert_equal(got, dense(*QKV, 5)[0])


def test_a_window_may_be_a_small_integer_of_numpy(dense, linear):
    QKV = inputs(100)
    assert_equal(linear.sliding_window_attention(*QKV, np.uint8(5)), dense(*QKV, 5)[0])


def test_heads_that_are_a_view_are_taken_as_they_are(dense, linear):
    """As a layer splits them: (batch, seq_len, heads, d_k) with two axes swapped."""
    Q, K, V = (np.swapaxes(x, 1, 2) for x in inputs(3, (2, 100)))
    assert_equal(linear.sliding_window_attention(Q, K, V, 7), dense(Q, K, V, 7)[0])


def test_inputs_are_never_changed(linear):
    global_mask = np.isin(np.arange(100), [3, 70])
    given = [*inputs(100, (2,)), global_mask]
    copies = [value.copy() for value in given]
    linear.sliding_window_attention(*given[:3], 5, global_mask)
    assert all(map(np.array_equal, given, copies)), "an input was written to"


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("factor", [1e-30, 1, 30, 300, 1e4, 1e15, 1e32])
@pytest.mark.parametrize("dtype", EXACT)
def test_scores_of_any_size_are_safe(dtype, factor, causal, dense, linear):
    """The largest of 200 queries times 300 has scores far beyond what exp can take."""
    Q, K, V = inputs(200, (2,), d_k=8, dtype=dtype)
    Q[:, ::3] *= dtype(factor)  # rows that need the shift beside rows that do not
    global_mask = np.isin(np.arange(200), [0, 100])
    options = {"global_mask": global_mask, "causal_globals": causal}
    with np.errstate(all="raise"):  # holds for one thread: its work is done here
        got = linear.sliding_window_attention(Q, K, V, 20, **options)
    expected = dense(Q.astype(float), K.astype(float), V.astype(float), 20, **options)[0]
    exact = 1e-6 if dtype == np.float32 else 1e-12
    bound = exact * max(1, factor)  # rounding of a score, which exp turns into one of a weight
    np.testing.assert_allclose(got, expected, rtol=0, atol=bound)


@pytest.mark.parametrize(
    ("shift", "dtype", "bound"),
    [(shift, np.float64, 1e-8) for shift in (-1e6, -100, 100, 1e6)]
    + [(shift, np.float32, 1e-4) for shift in (-139, 110)],  # just before 0 and just before inf
)
def test_a_common_shift_of_all_scores_changes_nothing(shift, dtype, bound, linear):
    Q, K, V = inputs(100, d_k=2, dtype=dtype)
    Q[:, 0] = 1  # so that a shift of K's first column shifts all scores of a query alike
    shifted = K + np.array([shift, 0], dtype)
    got, expected = (linear.sliding_window_attention(Q, keys, V, 9) for keys in (shifted, K))
    np.testing.assert_allclose(got, expected, rtol=0, atol=bound)


def test_global_queries_whose_first_keys_have_a_score_of_minus_infinity(linear, monkeypatch):
    """Those keys weigh nothing, whatever slice of the keys they fill."""
    monkeypatch.setattr(linear, "TILE", 1)  # slices of 32
    Q, K, V = map(np.abs, inputs(100))
    hidden = K.copy()
    hidden[:40] = -np.inf
    got = linear.sliding_window_attention(Q, hidden, V, 5, np.arange(100) == 99)
    expected = linear.sliding_window_attention(Q[40:], K[40:], V[40:], 5, np.arange(60) == 59)
    np.testing.assert_allclose(got[99], expected[59], rtol=1e-12)


@pytest.mark.parametrize("value", [-1e30, 1e30, np.inf])
def test_a_blocked_key_does_not_matter_whatever_it_is(value, linear):
    Q, K, V = map(np.abs, inputs(100))
    bad = K.copy()
    bad[60] = value
    blocked = np.r_[0:60, 63:100]
    with np.errstate(all="raise"):  # nor does it warn
        got, expected = (linear.sliding_window_attention(Q, keys, V, 3) for keys in (bad, K))
    np.testing.assert_allclose(got[blocked], expected[blocked], rtol=1e-12)


@pytest.mark.parametrize(
    ("shapes", "window", "mask_shape"),
    [
        ([(4,), (4,), (4,)], 2, (4,)),
        ([(4, 2), (5, 2), (5, 2)], 2, (4,)),
        ([(4, 2), (4, 2), (1, 4, 2)], 2, (4,)),
        ([(4, 2)] * 3, 0, (4,)),
        ([(0, 2)] * 3, 2, (0,)),
        ([(4, 2)] * 3, 2, (5,)),
        ([(4, 2)] * 3, 0, (4, 1)),
    ],
)
def test_bad_input_is_refused_in_the_words_of_the_reference(
    shapes, window, mask_shape, dense, linear
):
    arguments = (*map(np.ones, shapes), window, np.ones(mask_shape, bool))
    with pytest.raises(ValueError, match="must be") as expected:
        dense(*arguments)
    with pytest.raises(ValueError, match="must be") as got:
        linear.sliding_window_attention(*arguments)
    assert str(got.value) == str(expected.value)


def test_there_is_at_least_one_thread(linear):
    with pytest.raises(ValueError, match="threads is 0; it must be at least 1"):
        linear.sliding_window_attention(*inputs(4), 2, threads=0)


@pytest.mark.parametrize("positions", [[], [0, 700, 1999]])
def test_the_memory_it_takes_does_not_grow_with_the_length(positions, linear, monkeypatch):
    monkeypatch.setattr(linear, "TILE", 1 << 14)  # smaller than any of the lengths needs

    def peak(n):
        QKV = inputs(n, (4,), d_k=8, d_v=8, dtype=np.float32)
        global_mask = np.isin(np.arange(n), positions)
        tracemalloc.start()
        output = linear.sliding_window_attention(*QKV, 32, global_mask)
        workspace = tracemalloc.get_traced_memory()[1] - output.nbytes
        tracemalloc.stop()
        return workspace

    linear.sliding_window_attention(*inputs(64), 32)  # what is imported or cached once
    short, long = peak(20_000), peak(80_000)
    assert long - short < 15_000, f"{short} bytes, four times the length: {long}"
