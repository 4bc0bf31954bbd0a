"""The reference of Lab 01: pair by pair, by properties, and against what the reading says."""

import itertools
import re
import runpy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import EXERCISES, ROOT
from labkit.drawing import Kind
from labkit.grids import Grid
from solutions.lab01.reference import cost_and_reach, patterns
from solutions.lab02.reference import building_blocks, sliding_window

LENGTHS, SIZES = st.integers(1, 24), st.integers(1, 30)
READING = (ROOT / "docs/01_sparse_patterns.md").read_text("utf-8")
GRID = Grid("mask", "query", "key", Kind("open", "none"), Kind("blocked", "none"), ".X")
DEFINED = {
    patterns.create_local_mask: lambda i, j, size: i - size + 1 <= j,
    patterns.create_strided_mask: lambda i, j, size: any(i - k * size == j for k in range(i + 1)),
    patterns.create_block_mask: lambda i, j, size: any(
        start <= j and i < start + size for start in range(0, i + 1, size)
    ),
}


def pair_by_pair(seq_len, sees):
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i, j in itertools.product(range(seq_len), repeat=2):
        mask[i, j] = not (j <= i and sees(i, j))
    return mask


@given(LENGTHS, SIZES)
@pytest.mark.parametrize("create", DEFINED, ids=lambda create: create.__name__)
def test_a_pattern_is_what_its_definition_says_of_each_pair(create, seq_len, size):
    expected = pair_by_pair(seq_len, lambda i, j: DEFINED[create](i, j, size))
    assert np.array_equal(create(seq_len, size), expected)


@given(LENGTHS, SIZES, SIZES)
def test_of_two_patterns_a_key_is_open_that_either_opens(seq_len, window, stride):
    mask = patterns.create_combined_mask(seq_len, window, stride)
    local = patterns.create_local_mask(seq_len, window)
    strided = patterns.create_strided_mask(seq_len, stride)
    assert np.array_equal(~mask, ~local | ~strided)


@given(LENGTHS)
def test_where_patterns_meet(seq_len):
    causal = patterns.create_causal_mask(seq_len)
    assert np.array_equal(causal, ~np.tri(seq_len, dtype=bool))
    wide = [create(seq_len, seq_len) for create in (*DEFINED,)]
    assert np.array_equal(wide[0], causal)
    assert np.array_equal(wide[1], ~np.eye(seq_len, dtype=bool))
    assert np.array_equal(wide[2], causal)
    assert np.array_equal(patterns.create_strided_mask(seq_len, 1), causal)


@given(LENGTHS, SIZES)
def test_the_local_mask_is_the_window_of_lab_02(seq_len, window):
    mask = patterns.create_local_mask(seq_len, window)
    assert np.array_equal(mask, sliding_window.create_sliding_window_mask(seq_len, window))
    pairs = building_blocks.attended_pairs(seq_len, window)
    assert cost_and_reach.compute_sparsity(mask) == pytest.approx(1 - pairs / seq_len**2)


@pytest.mark.parametrize(
    "exercise", [e for e, (lab, _) in EXERCISES.items() if lab.name == "lab01" and "mask" in e[-4:]]
)
def test_sizes_below_1_are_refused_by_name(exercise, reference):
    _, entry = EXERCISES[exercise]
    names = list(next(iter(entry.aspects)).cases(np.random.default_rng(0))[0].inputs)
    for name, size in itertools.product(names, (0, -1)):
        with pytest.raises(ValueError, match=f"{name} is {size}; it must be at least 1"):
            reference(exercise)(*(size if each == name else 3 for each in names))


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_a_picture_can_be_read_back(seed, n):
    mask = np.random.default_rng(seed).random((n, n)) < 0.5
    picture = cost_and_reach.visualize_mask_pattern(mask)
    assert np.array_equal(GRID.parse(picture), mask)
    assert picture == GRID.picture(mask)
    assert len(picture) == 2 * n * n - 1, "single spaces and newlines, none at the end"


@given(st.integers(0, 2**32))
def test_scores_become_minus_infinity_where_the_mask_is_true(seed):
    rng = np.random.default_rng(seed)
    scores, mask = rng.normal(size=(2, 3, 5, 5)).astype(np.float32), rng.random((5, 5)) < 0.5
    before = scores.copy()
    sparse = cost_and_reach.apply_sparse_mask(scores, mask)
    assert sparse.dtype == np.float32
    assert np.array_equal(sparse, np.where(mask, np.float32(-np.inf), scores))
    assert np.array_equal(scores, before)


@given(st.integers(1, 200), st.integers(1, 220))
def test_pairs_of_a_stride_are_those_of_its_mask(seq_len, stride):
    mask = patterns.create_strided_mask(seq_len, stride)
    assert cost_and_reach.strided_pairs(seq_len, stride) == (~mask).sum()


@given(st.integers(2, 20), st.integers(2, 20))
def test_layers_are_those_of_the_formulas_in_the_reading(n, size):
    layers = cost_and_reach.layers_needed
    assert layers(patterns.create_causal_mask(n)) == 1
    assert layers(patterns.create_local_mask(n, size)) == max(1, -(-(n - 1) // (size - 1)))
    assert layers(patterns.create_strided_mask(n, size)) == 0
    assert layers(patterns.create_block_mask(n, size)) == (size >= n)
    both = layers(patterns.create_combined_mask(n, size, size))
    assert both == (2 if n > size + 1 else 1)


@given(st.integers(0, 2**32), st.integers(1, 9))
def test_layers_of_any_mask_are_those_of_powers(seed, n):
    mask = np.random.default_rng(seed).random((n, n)) < 0.5
    mask[np.tri(n, dtype=bool).T] = True
    np.fill_diagonal(mask, False)
    steps = (~mask).astype(float)
    known = [np.linalg.matrix_power(steps, power) > 0 for power in range(1, n + 2)]
    full = [bool(each[np.tri(n, dtype=bool)].all()) for each in known]
    expected = full.index(True) + 1 if True in full else 0
    assert cost_and_reach.layers_needed(mask) == expected


def test_the_counts_of_the_reading_are_those_of_the_reference():
    """Its pictures are drawn from the reference, and looked at in test_figures.py."""
    for mask in (
        patterns.create_causal_mask(8),
        patterns.create_local_mask(8, 3),
        patterns.create_strided_mask(8, 4),
        patterns.create_block_mask(8, 4),
        patterns.create_combined_mask(8, 4, 4),
    ):
        prose = re.sub(r"!\[[^]]*\]", "", READING)
        assert re.search(rf"\b{(~mask).sum()}\b", prose)
    assert f"{cost_and_reach.strided_pairs(4096, 64):,}" in READING
    blocks = sum(range(257)) * (4096 // 256)
    assert f"{blocks:,}" in READING


def test_the_random_keys_of_the_reading_bring_all_to_all_in_three_layers():
    shown = runpy.run_path(str(ROOT / "docs/draw_figures.py"))
    reads = ~shown["MASKS"]["random"]["random, r = 2"]
    assert np.all(np.linalg.matrix_power(reads.astype(int), 3))
    assert not np.all(np.linalg.matrix_power(reads.astype(int), 2))
    for query, keys in enumerate(shown["RANDOM"]):
        told = f"query {query} reads( the keys)? {', '.join(map(str, keys))}"
        assert re.search(told, " ".join(READING.split()), re.IGNORECASE)
