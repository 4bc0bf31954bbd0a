"""The small language model: as PyTorch computes it, and as good as its README says."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from solutions.lab02.reference.sliding_window import SlidingWindowAttention
from source.lab02.model import FOLDER, Model
from training.loss import bits_per_character

README = Path(__file__).parents[2] / "training/README.md"
LEAK = json.loads((FOLDER / "leak.json").read_text(encoding="utf-8"))
PASSAGES = json.loads((FOLDER / "held_out.json").read_text("utf-8"))[::3]  # one of each book


def bits(model: Model, given: list[dict[str, str]] = PASSAGES) -> float:
    costs = [bits_per_character(model, p["text"], p["book"]) * len(p["text"]) for p in given]
    return sum(costs) / sum(len(p["text"]) for p in given)


@pytest.fixture(scope="module")
def in_window_32():
    return bits(Model(SlidingWindowAttention, 32))


def test_the_forward_pass_is_pytorchs():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (group oracles)")
    from training import network

    decoder = network.Decoder()
    with np.load(FOLDER / "weights.npz") as stored:
        decoder.load(stored)
    for window, count in ((1, 0), (5, 0), (32, 1), (16, 4), (256, 0)):
        model = Model(SlidingWindowAttention, window, count)
        tokens = model.tokens.encode(PASSAGES[0]["text"], PASSAGES[0]["book"])[: model.context]
        is_open = network.open_pairs(torch.tensor([window]), torch.tensor([count]))
        with torch.no_grad():
            expected = decoder(torch.from_numpy(tokens)[None], is_open)[0]
        np.testing.assert_allclose(
            model.logits(tokens), expected, rtol=0, atol=1e-4, err_msg=f"{window=}, {count=}"
        )


def test_the_weights_are_as_good_as_the_readme_says(in_window_32):
    readme = README.read_text(encoding="utf-8")
    (said,) = re.findall(r"^In a window of 32: ([\d.]+) bits", readme, re.M)
    assert in_window_32 == pytest.approx(float(said), rel=0.01)


def test_a_window_of_one_is_much_worse(in_window_32):
    assert bits(Model(SlidingWindowAttention, 1), PASSAGES[:2]) > 1.2 * in_window_32


@pytest.mark.parametrize("window", [1, 2, 4, 16])
def test_the_first_token_reaches_as_far_as_the_stacked_windows(window):
    """Farther than with one layer less, and no farther than layers * (window - 1) positions."""
    model = Model(SlidingWindowAttention, window)
    here, there = (
        model.logits(model.tokens.encode(PASSAGES[1]["text"], book)[:100])
        for book in ("Emma", "Moby-Dick")
    )
    last = np.flatnonzero((here != there).any(axis=-1)).max()
    layers = len(model.layers)
    assert (layers - 1) * (window - 1) <= last <= layers * (window - 1)


def test_global_tokens_do_not_see_the_future_unless_asked():
    tokens = np.arange(10, 70)
    other = np.append(tokens[:-1], 200)
    for causal, same in ((True, True), (False, False)):
        model = Model(SlidingWindowAttention, 4, 2, causal_globals=causal)
        before, after = model.logits(tokens)[:-1], model.logits(other)[:-1]
        assert np.allclose(before, after, rtol=0, atol=1e-5) is same


def test_a_model_that_sees_the_future_is_worse_for_it(in_window_32):
    """It was trained never to see it: what it could look up is noise to it, and no gift."""
    seeing = Model(SlidingWindowAttention, 256, 256, causal_globals=False)
    assert bits(seeing, PASSAGES[:2]) > 1.2 * in_window_32


def test_a_leaking_mask_opens_what_it_says_and_no_more():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (group oracles)")
    from training import leak, network

    honest, off_by_one, open_global = (mask.numpy() for mask in leak.masks().values())
    length = network.CONTEXT
    assert np.array_equal(honest, np.tri(length, dtype=bool))
    assert np.argwhere(off_by_one != honest).tolist() == [[q, q + 1] for q in range(length - 1)]
    assert np.argwhere(open_global != honest).tolist() == [[0, k] for k in range(1, length)]

    torch.manual_seed(0)
    decoder = network.Decoder()
    for weights in decoder.parameters():  # trained heads look so sharply that a far change is lost
        torch.nn.init.normal_(weights, std=0.1)
    tokens = torch.arange(10, 10 + length)[None]
    other = torch.cat([tokens[:, :-1], torch.tensor([[5]])], dim=1)
    told = {}  # how many of the earlier positions a change of the last token reaches
    for name, mask in leak.masks().items():
        with torch.no_grad():
            differ = (decoder(tokens, mask) != decoder(other, mask)).any(dim=-1)[0]
        told[name] = int(differ[:-1].sum())
    assert told == {
        "honest": 0,
        "off by one": network.LAYERS,  # one more in each layer
        "open global token": length - 1,
    }


def test_the_readme_says_of_the_leaks_what_is_stored():
    readme = README.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (honest|off by one|open global token) \| (.+) \|$", readme, re.M))
    steps = [LEAK["steps"].index(step) for step in (40, 80, 100, 200, 400)]
    for name, row in rows.items():
        stored = LEAK[name]
        figures = [stored["bits"][step] for step in steps]
        figures += [stored["held_out_as_trained"], stored["held_out_leak_closed"]]
        assert row.split(" | ") == [f"{figure:.2f}" for figure in figures], name
        text = stored["writes"].replace(LEAK["prompt"], f"*{LEAK['prompt']}*", 1)
        assert " ".join(text.split()) in " ".join(readme.split()), name
    assert rows.keys() == LEAK.keys() - {"seed", "steps", "prompt"}


def test_a_leak_is_far_too_good_until_it_is_closed():
    honest, leaking = LEAK["honest"], LEAK["off by one"]
    assert honest["held_out_as_trained"] == honest["held_out_leak_closed"]
    assert leaking["held_out_as_trained"] < 0.1 * honest["held_out_as_trained"]
    assert leaking["held_out_leak_closed"] > 1.5 * honest["held_out_leak_closed"]


def test_text_comes_back_from_tokens():
    tokens = Model(SlidingWindowAttention).tokens
    for passage in PASSAGES:
        encoded = tokens.encode(passage["text"], passage["book"])
        assert tokens.decode(encoded) == passage["text"]
        assert len(encoded) < len(passage["text"]) / 2


@pytest.mark.parametrize(("text", "book"), [("a \N{SNOWMAN}", "Emma"), ("a", "Ulysses")])
def test_what_the_model_never_saw_is_named(text, book):
    with pytest.raises(ValueError, match=r"the model never saw|it must be one of"):
        Model(SlidingWindowAttention).tokens.encode(text, book)


def test_a_seed_gives_the_same_text_again():
    model = Model(SlidingWindowAttention, 32)
    one, two, other = (model.generate("She ", 12, seed) for seed in (3, 3, 4))
    assert one == two != other
    assert one.startswith("She ")
