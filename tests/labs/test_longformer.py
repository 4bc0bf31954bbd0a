"""Proves the Longformer layer: against loops over single pairs, with any masks."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.lab02.reference import building_blocks, sliding_window
from solutions.lab02_bonus.fast import longformer

proof = settings(deadline=None, max_examples=60, derandomize=True)
PROJECTIONS = [f"{letter}{kind}" for kind in ("", "_global") for letter in "QKV"]


@pytest.fixture(scope="module")
def make_layer():
    def make(*arguments, seed=0):
        """With biases, which a new layer has at zero."""
        layer = longformer.LongformerSelfAttention(*arguments)
        rng = np.random.default_rng(seed)
        for name in PROJECTIONS:
            setattr(layer, f"b_{name}", rng.normal(size=layer.d_model))
        return layer

    return make


def by_pairs(layer, x, tokens, globals_):
    """The paper's definition, one head, one query and one key after the other."""
    output = np.zeros(x.shape)
    for h in range(layer.num_heads):
        head = slice(h * layer.d_k, (h + 1) * layer.d_k)
        rows = {
            name: x @ getattr(layer, f"W_{name}")[:, head] + getattr(layer, f"b_{name}")[head]
            for name in PROJECTIONS
        }
        for i in np.flatnonzero(tokens):
            kind = "_global" if globals_[i] else ""
            near = layer.attention_window / 2
            keys = [
                j
                for j in np.flatnonzero(tokens)
                if globals_[i] or globals_[j] or i - near <= j <= i + near
            ]
            q, k, v = (rows[f"{letter}{kind}"] for letter in "QKV")
            shares = [math.exp(q[i] @ k[j] / math.sqrt(layer.d_k)) for j in keys]
            output[i, head] = sum(s * v[j] for s, j in zip(shares, keys, strict=True)) / sum(shares)
    return output


@st.composite
def masks(draw):
    """Two flags for each token of each sequence: is it one, and is it global?"""
    shape = draw(st.sampled_from([(1,), (7,), (2, 9), (3, 1), (2, 6)]))
    flags = st.lists(st.booleans(), min_size=math.prod(shape), max_size=math.prod(shape))
    return [np.reshape(draw(flags), shape) for _ in range(2)]


@proof
@given(masks(), st.sampled_from([2, 4, 6, 20]), st.sampled_from([(4, 2), (6, 3), (3, 1)]))
def test_agrees_with_loops_over_pairs(make_layer, masks, window, sizes):
    tokens, globals_ = masks
    layer = make_layer(*sizes, window)
    x = np.random.default_rng(1).normal(size=(*tokens.shape, layer.d_model))
    got = layer(x, tokens.astype(int), globals_.astype(float))
    assert got.shape == x.shape, "the output must have the shape of x"
    for b in np.ndindex(tokens.shape[:-1]):
        expected = by_pairs(layer, x[b], tokens[b], tokens[b] & globals_[b])
        np.testing.assert_allclose(got[b], expected, rtol=1e-11, atol=1e-11)


def test_without_masks_all_are_tokens_and_none_is_global(make_layer):
    layer, x = make_layer(4, 2, 4), np.random.default_rng(1).normal(size=(2, 9, 4))
    got, ones, zeros = layer.forward(x), np.ones((2, 9)), np.zeros((2, 9))
    assert np.array_equal(got, layer(x, ones, zeros)), "a mask of ones, or of zeros, acts"


def test_it_sees_half_the_window_on_each_side(make_layer):
    layer, x = make_layer(4, 2, 6), np.random.default_rng(1).normal(size=(20, 4))
    changed = x.copy()
    changed[10] += 1
    got = np.flatnonzero((layer(changed) != layer(x)).any(axis=1))
    assert got.tolist() == list(range(7, 14)), "attention_window / 2 on each side, and itself"


def test_the_content_of_padding_changes_no_bit(make_layer):
    layer, x = make_layer(4, 2, 4), np.random.default_rng(1).normal(size=(2, 9, 4))
    tokens = np.arange(9) < [[5], [9]]
    changed = x.copy()
    changed[0, 5:] = 1e3
    flags = np.zeros((2, 9), bool)
    flags[:, [0, 7]] = True  # the second of them is padding in the first sequence
    assert np.array_equal(layer(changed, tokens, flags), layer(x, tokens, flags))


def test_with_the_same_projections_it_is_one_attention_in_one_mask(make_layer):
    layer, x = make_layer(6, 3, 4), np.random.default_rng(1).normal(size=(11, 6))
    for letter in "QKV":
        setattr(layer, f"W_{letter}_global", getattr(layer, f"W_{letter}"))
        setattr(layer, f"b_{letter}_global", getattr(layer, f"b_{letter}"))
    create = sliding_window.create_sliding_window_mask
    causal = create(11, 3, [0, 6])  # both ways: what is open in it, or in it turned round
    Q, K, V = (
        sliding_window.split_heads(x @ getattr(layer, f"W_{a}") + getattr(layer, f"b_{a}"), 3)
        for a in "QKV"
    )
    output, _ = building_blocks.masked_attention(Q, K, V, causal & causal.T)
    expected = sliding_window.combine_heads(output)
    got = layer(x, None, np.isin(np.arange(11), [0, 6]))
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


def test_inputs_are_never_changed(make_layer):
    given = [np.random.default_rng(1).normal(size=(2, 5, 4)), np.ones((2, 5)), np.eye(2, 5)]
    copies = [value.copy() for value in given]
    make_layer(4, 2, 2)(*given)
    assert all(map(np.array_equal, given, copies)), "an input was written to"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 2), "d_model is 0; .* at least 1"),
        ((4, 0, 2), "num_heads is 0; .* at least 1"),
        ((4, 2, 0), "attention_window is 0; .* at least 1"),
        ((4, 2, 3), "attention_window is 3; it must be even"),
        ((4, 3, 2), "d_model is 4; num_heads=3 must divide it"),
    ],
)
def test_bad_settings_are_named(arguments, message, make_layer):
    with pytest.raises(ValueError, match=message):
        make_layer(*arguments)


@pytest.mark.parametrize("shape", [(4,), (5, 7), (1, 2, 5, 4)])
def test_a_bad_x_is_named(shape, make_layer):
    with pytest.raises(ValueError, match=rf"x has shape {re.escape(str(shape))}; .* 4\)"):
        make_layer(4, 2, 2)(np.ones(shape))


@pytest.mark.parametrize("name", ["attention_mask", "global_attention_mask"])
@pytest.mark.parametrize("shape", [(5,), (2, 4), (1, 2, 5)])
def test_a_bad_mask_is_named(name, shape, make_layer):
    with pytest.raises(
        ValueError, match=rf"^{name} has shape {re.escape(str(shape))}; .* \(2, 5\)"
    ):
        make_layer(4, 2, 2)(np.ones((2, 5, 4)), **{name: np.ones(shape)})
