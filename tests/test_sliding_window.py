"""Proves the reference: against loops over single pairs, and against properties of the contract."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.lab02.reference.sliding_window import SlidingWindowAttention as Layer
from solutions.lab02.reference.sliding_window import create_sliding_window_mask as create_mask
from solutions.lab02.reference.sliding_window import sliding_window_attention as attention

proof = settings(deadline=None, max_examples=100, derandomize=True)
# A length, a window (at times longer than the sequence), the global positions, causal_globals.
MASKS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.just(n), st.integers(1, 15), st.sets(st.integers(0, n - 1)).map(sorted), st.booleans()
    )
)


def blocked(query, key, window, positions=(), causal=False):
    """The contract for a single pair."""
    if causal and key > query:
        return True
    if query in positions or key in positions:
        return False
    return not max(0, query - window + 1) <= key <= query


def mask_by_pairs(n, *rule):
    return [[blocked(query, key, *rule) for key in range(n)] for query in range(n)]


def attention_by_pairs(Q, K, V, *rule):
    (n, d_k), d_v = Q.shape, V.shape[1]
    output, weights = np.zeros((n, d_v)), np.zeros((n, n))
    for i in range(n):
        keys = [j for j in range(n) if not blocked(i, j, *rule)]
        scores = {j: sum(Q[i, c] * K[j, c] for c in range(d_k)) / math.sqrt(d_k) for j in keys}
        total = sum(math.exp(score) for score in scores.values())
        for j in keys:
            weights[i, j] = math.exp(scores[j]) / total
            for c in range(d_v):
                output[i, c] += weights[i, j] * V[j, c]
    return output, weights


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def flags(n, positions):
    return np.isin(np.arange(n), positions)


def assert_close(got, expected, what, tolerance=1e-11):
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance, err_msg=what)


def outputs_changed(function, x, position):
    """The positions whose output differs, in any bit, after one input row has changed."""
    changed = x + 1.5 * flags(len(x), position)[:, None]
    return set(np.flatnonzero((function(changed) != function(x)).any(axis=-1)))


class TestSlidingWindowMask:
    @proof
    @given(MASKS)
    def test_every_pair_follows_the_contract(self, setting):
        n, window, positions, causal = setting
        mask = create_mask(n, window, positions, causal_globals=causal)
        assert mask.dtype == bool, "the mask must hold booleans"
        assert mask.tolist() == mask_by_pairs(*setting), "a pair breaks the contract"

    def test_causal_globals_is_given_by_name(self):
        with pytest.raises(TypeError, match="positional"):
            create_mask(4, 2, [0], True)

    @pytest.mark.parametrize("positions", [[5, 2], (2, 5, 2), np.array([2, 5])])
    def test_globals_come_in_any_order_and_container(self, positions):
        got = create_mask(7, 2, positions).tolist()
        assert got == mask_by_pairs(7, 2, [2, 5]), "only the set of positions counts"

    def test_the_picture_captioned_window_3_was_drawn_by_window_2(self):
        picture = """FFFFFFFF FFTTTTTT FFFTTTTT FTFFTTTT
                     FTTFFTTT FTTTFFTT FTTTTFFT FTTTTTFF"""
        drawn = [[letter == "T" for letter in row] for row in picture.split()]
        assert create_mask(8, 2, [0]).tolist() == drawn, "window 2, position 0 global drew it"
        assert create_mask(8, 3, [0]).tolist() != drawn, "its caption, window 3, did not"

    @pytest.mark.parametrize("position", range(6))
    def test_open_globals_leak_the_future_and_causal_globals_do_not(self, position):
        open_pairs = ~create_mask(6, 2, [position])
        assert open_pairs[:, position].all(), "one layer shows a global to all earlier positions"
        assert (open_pairs @ open_pairs).all(), "two layers show everything to every position"
        causal = ~create_mask(6, 2, [position], causal_globals=True)
        two_layers = causal @ causal
        assert not np.triu(causal | two_layers, k=1).any(), "causal globals let the future through"
        assert two_layers[position:, : position + 1].all(), "a causal global must relay the past"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((0, 2), "seq_len is 0; .* at least 1"),
            ((4, -1), "window_size is -1; .* at least 1"),
            ((4, 2, [0, 4]), "global_positions holds 4; .* 0 to 3"),
            ((4, 2, [-1]), "global_positions holds -1; .* 0 to 3"),
        ],
    )
    def test_bad_input_is_named(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            create_mask(*arguments)


class TestSlidingWindowAttention:
    @proof
    @given(MASKS, st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
    def test_agrees_with_loops_over_pairs(self, setting, d_k, d_v, seed):
        n, window, positions, causal = setting
        Q, K, V = np.split(2 * draw(n, 2 * d_k + d_v, seed=seed), [d_k, 2 * d_k], axis=1)
        output, weights = attention(Q, K, V, window, flags(n, positions), causal_globals=causal)
        expected = attention_by_pairs(Q, K, V, window, positions, causal)
        assert_close(output, expected[0], "the output differs from the loops")
        assert_close(weights, expected[1], "the weights differ from the loops")
        assert_close(weights.sum(axis=-1), 1, "the weights of a query do not sum to 1")
        zero = (weights == 0).tolist()
        assert zero == mask_by_pairs(*setting), "blocked weights, and only they, are exactly 0"

    @pytest.mark.parametrize(
        ("dtype", "tolerance"), [(np.float16, 5e-3), (np.float32, 1e-5), (np.float64, 1e-11)]
    )
    def test_the_dtype_is_kept(self, dtype, tolerance):
        QKV = draw(3, 9, 4).astype(dtype)
        exact = attention_by_pairs(*QKV.astype(float), 3)
        for got, expected in zip(attention(*QKV, 3), exact, strict=True):
            assert got.dtype == dtype, f"{dtype.__name__} came back as {got.dtype}"
            assert_close(got, expected, "less exact than the dtype allows", tolerance)

    @pytest.mark.parametrize("lead", [(1,), (3,), (2, 3), (2, 1, 3)])
    def test_batch_and_heads_agree_with_one_at_a_time(self, lead):
        Q, K, V = np.split(draw(*lead, 7, 11), [4, 8], axis=-1)
        output, weights = attention(Q, K, V, 3, flags(7, [2]))
        assert output.shape == (*lead, 7, 3), "the output has the wrong shape"
        assert weights.shape == (*lead, 7, 7), "the weights have the wrong shape"
        for i in np.ndindex(lead):
            alone = attention(Q[i], K[i], V[i], 3, flags(7, [2]))
            assert_close(output[i], alone[0], f"output {i} depends on its neighbours")
            assert_close(weights[i], alone[1], f"weights {i} depend on their neighbours")

    def test_inputs_are_never_changed(self):
        inputs = [*draw(3, 6, 4), flags(6, [1])]
        copies = [value.copy() for value in inputs]
        attention(*inputs[:3], 2, inputs[3], causal_globals=True)
        assert all(map(np.array_equal, inputs, copies)), "an input was written to"

    @pytest.mark.parametrize("shift", [-1e6, 1e6])
    def test_large_scores_stay_finite(self, shift):
        Q, K, V = draw(3, 7, 2)
        Q[:, 0] = 1  # so that a shift of K's first column shifts all scores of a query alike
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            got = attention(Q, K + np.array([shift, 0]), V, 3)[0]
        assert_close(got, attention(Q, K, V, 3)[0], "softmax must ignore a common shift", 1e-8)

    def test_a_huge_score_on_a_blocked_key_does_not_matter(self):
        Q, K, V = np.abs(draw(3, 6, 4))
        huge = K + 1e6 * flags(6, [5])[:, None]
        got, expected = (attention(Q, keys, V, 2)[0][:5] for keys in (huge, K))
        assert np.array_equal(got, expected), "a blocked key takes part in the softmax"

    @pytest.mark.parametrize(
        ("window", "positions", "allowed", "name"),
        [(w, [], np.tri(8), "causal") for w in (8, 9, 100)] + [(1, range(8), 1, "dense")],
    )
    def test_the_extremes_are_plain_attention(self, window, positions, allowed, name):
        Q, K, V = draw(3, 8, 4)
        scores = np.exp(Q @ K.T / 2) * allowed
        expected = scores / scores.sum(axis=1, keepdims=True) @ V
        got = attention(Q, K, V, window, flags(8, positions))[0]
        assert_close(got, expected, f"window {window}, globals {positions}: not {name} attention")

    @pytest.mark.parametrize("position", [0, 6])
    @pytest.mark.parametrize(("layers", "window"), [(1, 1), (1, 4), (2, 2), (3, 3), (4, 2)])
    def test_a_token_changes_its_receptive_field_and_no_bit_outside(self, layers, window, position):
        def stack(x):
            for _ in range(layers):
                x = attention(x, x, x, window)[0]
            return x

        got = outputs_changed(stack, draw(20, 4), position)
        expected = set(range(position, position + layers * (window - 1) + 1))
        assert got == expected, "a token acts on L*(w-1)+1 positions, from its own on"

    @pytest.mark.parametrize(
        ("shapes", "window", "mask_shape", "message"),
        [
            ([(4,), (4,), (4,)], 2, (4,), r"Q, K, V have shapes \(4,\), \(4,\), \(4,\); "),
            ([(4, 2), (5, 2), (5, 2)], 2, (4,), r"\(4, 2\), \(5, 2\), \(5, 2\); .* seq_len, d_k"),
            ([(4, 2), (4, 3), (4, 2)], 2, (4,), r"\(4, 2\), \(4, 3\), \(4, 2\); .* seq_len, d_k"),
            ([(4, 2), (4, 2), (5, 2)], 2, (4,), r"\(4, 2\), \(4, 2\), \(5, 2\); .* seq_len, d_v"),
            ([(4, 2), (4, 2), (1, 4, 2)], 2, (4,), r"\(4, 2\), \(4, 2\), \(1, 4, 2\); "),
            ([(3, 4, 2), (3, 4, 2), (1, 4, 2)], 2, (4,), r"\(3, 4, 2\), \(1, 4, 2\); "),
            ([(4, 2)] * 3, 0, (4,), "window_size is 0; .* at least 1"),
            ([(0, 2)] * 3, 2, (0,), "seq_len is 0; .* at least 1"),
            ([(4, 2)] * 3, 2, (5,), r"global_mask has shape \(5,\); .* \(4,\)"),
            ([(4, 2)] * 3, 2, (4, 1), r"global_mask has shape \(4, 1\); .* \(4,\)"),
        ],
    )
    def test_bad_input_is_named(self, shapes, window, mask_shape, message):
        with pytest.raises(ValueError, match=message):
            attention(*map(np.ones, shapes), window, np.ones(mask_shape, bool))


class TestSlidingWindowAttentionClass:
    def test_attributes_and_weights(self):
        layer = Layer(12, 3, 5, 2)
        names = ("d_model", "num_heads", "d_k", "window_size", "num_global_tokens")
        assert [getattr(layer, name) for name in names] == [12, 3, 4, 5, 2], f"one of {names}"
        matrices = [layer.W_Q, layer.W_K, layer.W_V, layer.W_O]
        assert all(W.shape == (12, 12) for W in matrices), "each W is (d_model, d_model)"
        assert len({W.tobytes() for W in matrices}) == 4, "each W is a draw of its own"

    @proof
    @given(MASKS, st.integers(1, 3), st.integers(1, 3), st.booleans(), st.booleans())
    def test_agrees_with_one_head_after_another(self, setting, num_heads, d_k, batched, given_mask):
        n, window, positions, _ = setting
        layer = Layer(num_heads * d_k, num_heads, window, num_global_tokens=len(positions))
        in_force = positions if given_mask else range(len(positions))
        x = draw(*[2] * batched, n, layer.d_model)
        values = [x, layer.W_Q, layer.W_K, layer.W_V, layer.W_O]
        copies = [value.copy() for value in values]
        arguments = (x, flags(n, positions)) if given_mask else (x,)
        got, weights = layer(*arguments), layer.get_attention_weights(*arguments)
        assert got.shape == x.shape, "the output must have the shape of x"
        assert weights.shape == (*x.shape[:-2], num_heads, n, n), "one square for each head"
        assert np.array_equal(got, layer.forward(*arguments)), "calling differs from forward"
        assert all(map(np.array_equal, values, copies)), "the input or a weight was written to"
        for b in np.ndindex(x.shape[:-2]):
            QKV = np.stack([x[b] @ W for W in (layer.W_Q, layer.W_K, layer.W_V)])
            heads = [QKV[..., h * d_k : (h + 1) * d_k] for h in range(num_heads)]
            expected = [attention_by_pairs(*head, window, in_force) for head in heads]
            joined = np.concatenate([output for output, _ in expected], axis=1) @ layer.W_O
            assert_close(got[b], joined, "the heads were split or joined wrongly")
            assert_close(weights[b], [w for _, w in expected], "the weights of a head are wrong")

    @pytest.mark.parametrize("count", [0, 1, 3, 6, 9])
    def test_the_first_tokens_are_global(self, count):
        got = Layer(8, 2, 2, count)._create_global_mask(6)
        expected = [position < count for position in range(6)] if count else None
        assert (got if got is None else got.tolist()) == expected, f"the first {count} are global"

    @pytest.mark.parametrize("lead", [(), (2,)])
    def test_splitting_and_combining_heads_undo_each_other(self, lead):
        layer, x = Layer(12, 3, 2), draw(*lead, 5, 12)
        heads = layer._split_heads(x)
        assert heads.shape == (*lead, 3, 5, 4), "heads come before positions"
        assert np.array_equal(heads[..., 1, :, :], x[..., 4:8]), "head 1 holds columns 4 to 7"
        assert np.array_equal(layer._combine_heads(heads), x), "split, then combine, changes x"

    def test_the_order_of_the_heads_does_not_matter(self):
        layer, x, order = Layer(12, 3, 3, 1), draw(2, 6, 12), [2, 0, 1]
        before, weights = layer(x), layer.get_attention_weights(x)
        columns = np.arange(12).reshape(3, 4)[order].ravel()
        for name in ("W_Q", "W_K", "W_V"):
            setattr(layer, name, getattr(layer, name)[:, columns])
        layer.W_O = layer.W_O[columns]
        assert_close(layer(x), before, "permuted heads change the output")
        got = layer.get_attention_weights(x)
        assert_close(got, weights[:, order], "the weights did not follow their heads")

    @pytest.mark.parametrize(("arguments", "reached"), [((), 16), ((2,), 100)])
    def test_the_snippet_of_the_brief(self, arguments, reached):
        swa, x = Layer(64, 8, 16, *arguments), draw(2, 100, 64)
        assert swa(x).shape == x.shape, "the output must have the shape of x"
        changed = outputs_changed(swa, x[0], 0)
        assert (50 in changed) == (reached > 50), "token 0 reaches output 50 only as a global"
        assert changed == set(range(reached)), f"token 0 must reach the first {reached} outputs"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((0, 1, 2), "d_model is 0; .* at least 1"),
            ((8, 0, 2), "num_heads is 0; .* at least 1"),
            ((8, 2, 0), "window_size is 0; .* at least 1"),
            ((8, 2, 2, -1), "num_global_tokens is -1; .* at least 0"),
            ((8, 3, 2), "d_model is 8; num_heads=3 must divide it"),
        ],
    )
    def test_bad_settings_are_named(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            Layer(*arguments)

    @pytest.mark.parametrize("method", ["__call__", "forward", "get_attention_weights"])
    @pytest.mark.parametrize("shape", [(8,), (5, 7), (2, 5, 9), (1, 2, 5, 8)])
    def test_bad_input_is_named(self, method, shape):
        call = getattr(Layer(8, 2, 3), method)
        with pytest.raises(ValueError, match=rf"x has shape {re.escape(str(shape))}; .* 8\)"):
            call(np.ones(shape))
        with pytest.raises(ValueError, match=r"global_mask has shape \(5,\); .* \(6,\)"):
            call(np.ones((6, 8)), np.ones(5, bool))
