"""The reference of 04_in_a_model, what the hand-out gives, and what its texts say of the model."""

import json
import re

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import ROOT
from solutions.lab02.reference import in_a_model, sliding_window
from source.lab02.banded import banded_attention
from source.lab02.model import FOLDER

CONFIGS = json.loads((FOLDER / "configs.json").read_text("utf-8"))
README = (ROOT / "training/README.md").read_text("utf-8")
TYPES = st.lists(st.sampled_from(["full_attention", "sliding_attention"]), min_size=1, max_size=5)


def text_of(notebook: str) -> str:
    cells = nbformat.read(ROOT / f"source/lab02/{notebook}.ipynb", as_version=4).cells
    return "\n".join(cell.source for cell in cells)


def table(text: str, first_of_header: str) -> dict[str, list[str]]:
    """The rows of a Markdown table by their first cell."""
    _, _, below = text.partition(f"| {first_of_header} |")
    lines = below.partition("\n\n")[0].splitlines()[1:]
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {first: rest for first, *rest in rows if first.isdigit()}


@pytest.mark.parametrize("scale", [1, 300])
def test_bits_are_pytorchs_cross_entropy(scale):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (group oracles)")
    rng = np.random.default_rng(9)
    logits, tokens = scale * rng.normal(size=(20, 7)), rng.integers(7, size=20)
    nats = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits[:-1]), torch.from_numpy(tokens[1:])
    )
    assert in_a_model.bits_per_token(logits, tokens) == pytest.approx(nats.item() / np.log(2))


@given(TYPES, st.integers(1, 6), st.integers(1, 12))
def test_the_reach_is_that_of_the_masks_one_after_the_other(types, window, length):
    config = {"num_hidden_layers": len(types), "layer_types": types, "sliding_window": window}
    seen = np.arange(length) == length - 1
    for kind in reversed(types):
        size = window if kind == "sliding_attention" else length
        seen = ~sliding_window.create_sliding_window_mask(length, size)[seen].all(axis=0)
    assert in_a_model.stack_reach(config, length) == seen.sum()


@given(TYPES, st.integers(1, 6), st.integers(1, 12))
def test_a_cache_grows_by_its_full_layers_once_the_windows_are_full(types, window, length):
    sizes = {"num_key_value_heads": 2, "head_dim": 4, "torch_dtype": "float32"}
    config = {"layer_types": types, "sliding_window": window, **sizes}
    grown = [in_a_model.cache_bytes(config, length + more) for more in (0, 1)]
    layers = len(types) if length < window else types.count("full_attention")
    assert grown[1] - grown[0] == layers * 2 * 2 * 4 * 4


def test_mistrals_cache_is_what_the_first_notebook_says_of_it():
    mistral = CONFIGS["Mistral 7B v0.1"]
    assert in_a_model.cache_bytes(mistral, 1) == 128 * 2**10
    assert in_a_model.cache_bytes(mistral | {"sliding_window": None}, 32768) == 4 * 2**30
    assert in_a_model.cache_bytes(mistral, 32768) == 512 * 2**20
    assert in_a_model.stack_reach(mistral, 10**6) == 131_041


def test_the_real_models_have_the_layers_that_the_text_tells():
    full = {
        name: [at for at, kind in enumerate(config.get("layer_types", [])) if kind[0] == "f"]
        for name, config in CONFIGS.items()
    }
    assert full["Gemma 3 27B"][:3] == [5, 11, 17]
    assert len(full["Gemma 3 27B"]) == 10
    for name in ("Gemma 2 9B", "gpt-oss-20b"):
        assert full[name] == list(range(1, CONFIGS[name]["num_hidden_layers"], 2))
    for config in CONFIGS.values():
        assert len(config.get("layer_types", [])) in (0, config["num_hidden_layers"])


@given(st.integers(1, 20), st.integers(1, 30), st.integers(0, 99))
def test_the_band_gives_what_the_square_gives(n, window, seed):
    Q, K, V = np.random.default_rng(seed).normal(size=(3, n, 4))
    square, _ = sliding_window.sliding_window_attention(Q, K, V, window)
    np.testing.assert_allclose(banded_attention(Q, K, V, window), square, atol=1e-12)


def test_the_model_is_no_more_than_two_megabytes():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.*")) < 2 * 2**20


def test_the_tables_of_the_notebooks_are_those_that_were_measured():
    bits, kinds = table(README, "window | no global token"), table(README, "window | names")
    said = text_of("01_sliding_window")
    windows, measured = (
        re.findall(r"[\d.]+", re.search(rf"^\| {name}.*\|$", said, re.M)[0])
        for name in ("window `w`", "bits a character")
    )
    for window, value in zip(windows, measured, strict=True):
        assert float(value) == round(float(bits[window][0]), 2), window
    rows = table(text_of("04_in_a_model"), "window | all pieces")
    assert rows
    for window, (_, names, quotes, with_global) in rows.items():
        told = kinds[window]
        assert [names, quotes, with_global] == [told[0], told[3], told[1]], window
