"""The reference against implementations that nobody here wrote. Skipped where they are missing.

python -m pip install torch==2.13.0 transformers
"""

from itertools import product

import numpy as np
import pytest

from solutions.lab02.reference import sliding_window
from solutions.lab02_bonus.fast import linear_time, longformer

torch = pytest.importorskip("torch", reason="PyTorch is not installed (group oracles)")

GRID = [
    (n, w, globals_)
    for n, w, globals_ in product(
        (1, 2, 7, 33, 128), (1, 2, 3, 16, 64, 200), ((), (0,), (0, 5, 6), (1, 32))
    )
    if all(position < n for position in globals_)
]


def global_mask(n: int, positions: tuple[int, ...]) -> np.ndarray | None:
    return np.isin(np.arange(n), positions) if positions else None


def is_open(n: int, w: int, positions: tuple[int, ...], causal_globals: bool):
    """Which pairs are open, in PyTorch, from the definition: nothing of the reference is used."""
    query, key = torch.arange(n)[:, None], torch.arange(n)
    in_window = (key <= query) & (key > query - w)
    chosen = torch.zeros(n, dtype=torch.bool)
    chosen[list(positions)] = True
    pairs = in_window | chosen[:, None] | chosen
    return pairs & (key <= query) if causal_globals else pairs


@pytest.mark.parametrize("causal_globals", [False, True])
@pytest.mark.parametrize(("dtype", "atol"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_attention_is_pytorchs_with_the_same_mask(causal_globals, dtype, atol):
    attend = sliding_window.sliding_window_attention
    rng = np.random.default_rng(0)
    for n, w, positions in GRID:
        Q, K, V = (rng.normal(size=(2, 3, n, width)).astype(dtype) for width in (16, 16, 8))
        output, _ = attend(Q, K, V, w, global_mask(n, positions), causal_globals=causal_globals)
        expected = torch.nn.functional.scaled_dot_product_attention(
            *map(torch.from_numpy, (Q, K, V)), attn_mask=is_open(n, w, positions, causal_globals)
        )
        np.testing.assert_allclose(
            output, expected, rtol=0, atol=atol, err_msg=f"{n=}, {w=}, {positions=}"
        )


def test_a_window_as_long_as_the_sequence_is_pytorchs_causal_attention():
    attend = sliding_window.sliding_window_attention
    rng = np.random.default_rng(1)
    for n in (1, 5, 64):
        Q, K, V = (rng.normal(size=(n, 8)) for _ in range(3))
        expected = torch.nn.functional.scaled_dot_product_attention(
            *map(torch.from_numpy, (Q, K, V)), is_causal=True
        )
        np.testing.assert_allclose(attend(Q, K, V, n)[0], expected, rtol=0, atol=1e-12)


def test_the_layer_is_pytorchs_multi_head_attention():
    """torch.nn.MultiheadAttention with the same matrices; it multiplies from the left."""
    layer = sliding_window.SlidingWindowAttention(16, 4, 3, 2)
    peer = torch.nn.MultiheadAttention(16, 4, bias=False, batch_first=True, dtype=torch.float64)
    stacked = np.concatenate([layer.W_Q.T, layer.W_K.T, layer.W_V.T])
    with torch.no_grad():
        peer.in_proj_weight.copy_(torch.from_numpy(stacked))
        peer.out_proj.weight.copy_(torch.from_numpy(layer.W_O.T))
        x = np.random.default_rng(2).normal(size=(2, 11, 16))
        given = torch.from_numpy(x)
        output, weights = peer(
            given,
            given,
            given,
            attn_mask=~is_open(11, 3, (0, 1), False),
            average_attn_weights=False,
        )
    np.testing.assert_allclose(layer(x), output, rtol=0, atol=1e-12)
    np.testing.assert_allclose(layer.get_attention_weights(x), weights, rtol=0, atol=1e-12)


def test_the_window_is_that_of_hugging_face_transformers():
    masking = pytest.importorskip(
        "transformers.masking_utils", reason="transformers is not installed (group oracles)"
    )
    create = sliding_window.create_sliding_window_mask
    for n, w in product((1, 2, 7, 33, 128), (1, 2, 3, 16, 64, 200)):
        attends = masking.sliding_window_causal_mask_function(w)
        first = torch.tensor(0)  # of the batch, and of the heads
        theirs = attends(first, first, torch.arange(n)[:, None], torch.arange(n)[None, :])
        np.testing.assert_array_equal(create(n, w), ~theirs.numpy(), err_msg=f"{n=}, {w=}")


@pytest.mark.parametrize("attention_window", [4, 8, 16])  # theirs fails at 2
def test_the_longformer_layer_is_that_of_hugging_face_transformers(attention_window):
    """Its own docstring tells how the weights and the masks correspond."""
    theirs = pytest.importorskip(
        "transformers.models.longformer.modeling_longformer",
        reason="transformers is not installed (group oracles)",
    )
    config = theirs.LongformerConfig(
        hidden_size=12,
        num_attention_heads=3,
        attention_window=[attention_window],
        attention_probs_dropout_prob=0.0,
    )
    torch.manual_seed(0)
    peer = theirs.LongformerSelfAttention(config, layer_id=0).double().eval()
    layer = longformer.LongformerSelfAttention(12, 3, attention_window)
    for name in ("query", "key", "value", "query_global", "key_global", "value_global"):
        ours = name[0].upper() + name.removeprefix(name.split("_")[0])
        linear = getattr(peer, name)
        with torch.no_grad():
            linear.weight *= 3  # so that who attends to whom matters
            linear.bias.normal_()
        setattr(layer, f"W_{ours}", linear.weight.detach().numpy().T)
        setattr(layer, f"b_{ours}", linear.bias.detach().numpy())

    n = 48
    x = np.random.default_rng(3).normal(size=(3, n, 12))
    tokens = np.arange(n) < [[n], [30], [n - 1]]
    chosen = np.isin(np.arange(n), [0, 5, 33]) & [[True], [True], [False]]
    for globals_ in (np.zeros_like(chosen), chosen):
        merged = torch.from_numpy(tokens * (globals_ + 1))
        with torch.no_grad():
            (expected,) = peer(
                torch.from_numpy(x),
                attention_mask=(merged - 1.0) * 10_000,
                is_index_masked=merged == 0,
                is_index_global_attn=merged == 2,
                is_global_attn=bool((merged == 2).any()),
            )
        got = layer(x, tokens, globals_)
        # Its softmax is computed in float32, whatever the dtype of the layer.
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("causal_globals", [False, True])
@pytest.mark.parametrize(("dtype", "atol"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_linear_time_attention_is_pytorchs_with_the_same_mask(causal_globals, dtype, atol):
    attend = linear_time.sliding_window_attention
    rng = np.random.default_rng(0)
    for n, w, positions in GRID:
        Q, K, V = (rng.normal(size=(2, 3, n, width)).astype(dtype) for width in (16, 16, 8))
        output = attend(Q, K, V, w, global_mask(n, positions), causal_globals=causal_globals)
        expected = torch.nn.functional.scaled_dot_product_attention(
            *map(torch.from_numpy, (Q, K, V)), attn_mask=is_open(n, w, positions, causal_globals)
        )
        np.testing.assert_allclose(
            output, expected, rtol=0, atol=atol, err_msg=f"{n=}, {w=}, {positions=}"
        )
