"""What the notebooks show of the model. Use it through `lab`, as in lab.show_attention(...)."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from labkit import curves, drawing, heat
from labkit.text import wrapped

from . import FOLDER, Model, Tokens

WINDOWS = (1, 2, 4, 8, 16, 64, 256)
PASSAGES = 7  # one of each book: what they say together is steady enough for a curve


def _read(name: str) -> Any:
    """One of the stored files."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def trained_head(does: str) -> tuple[list[str], ndarray]:
    """The words of a sentence, and the weights (n, n) of the stored head that does this."""
    stored = _read("heads.json")
    heads = {head["does"]: np.array(head["weights"]) for head in stored["heads"]}
    return stored["pieces"], heads[does]


def show_attention(words: Sequence[str], weights: ndarray, title: str, caption: str) -> None:
    """Weights (n, n) of one head, with the words of the text on both axes."""

    def draw():
        figure, (axes,) = drawing.new_figure(1, height=6.2)
        image = heat.draw_weights(axes, weights, numbered=False)
        axes.set(title=title, xlabel="key: the word that is looked at", ylabel="query: the word")
        axes.set_xticks(range(len(words)), words, rotation=90, fontsize=8)
        axes.set_yticks(range(len(words)), words, fontsize=8)
        figure.colorbar(image, ax=axes, label="weight (striped: exactly 0)", shrink=0.8)
        return figure

    largest = (
        f"{word} ({query}): {words[row.argmax()]} ({row.argmax()}) {row.max():.2f}"
        for query, (word, row) in enumerate(zip(words, weights, strict=True))
    )
    alt = f"{title}. Heat map of attention weights. Largest weight of each word: "
    drawing.emit(draw, f"{alt}{'; '.join(largest)}.", caption)


def continue_text(model: Model, text: str, book: str, count: int = 40, seed: int = 0) -> None:
    """A text, continued by count tokens that are drawn from what the model says."""
    if drawing.is_left_out("A text, continued"):
        return
    written = model.generate(text, count, seed, book)
    print(wrapped(f"{text}|{written.removeprefix(text)}"))


def show_loss(
    attention: Callable[..., Any], bits_per_token: Callable[[ndarray, ndarray], float]
) -> None:
    """Measure and draw what held-out text costs in windows of all sizes."""
    if drawing.is_left_out("Loss against window"):
        return
    lines = _losses(attention, bits_per_token, WINDOWS)
    curves.show_lines(
        WINDOWS,
        lines,
        f"From a window of {WINDOWS[0]} to one of {WINDOWS[-1]}, in bits a token:\n"
        + ", ".join(f"{name} {line[0]:.2f} to {line[-1]:.2f}" for name, line in lines.items()),
        title="What a window costs the model",
        xlabel="window size",
        ylabel="bits a token",
        told="Bits a token of held-out text against the window",
        scales=("log", "linear"),
    )


def list_losses(
    attention: Callable[..., Any],
    bits_per_token: Callable[[ndarray, ndarray], float],
    windows: Sequence[int],
) -> None:
    """The same measured in a few windows, in numbers alone."""
    if not drawing.is_left_out("Loss against window"):
        _losses(attention, bits_per_token, windows)


def _losses(
    attention: Callable[..., Any],
    bits_per_token: Callable[[ndarray, ndarray], float],
    windows: Sequence[int],
) -> dict[str, list[float]]:
    """With 0 and with 1 global token, in bits a token; printed as it goes on."""
    texts = _held_out()
    lines: dict[str, list[float]] = {"no global token": [], "1 global token": []}
    for window in windows:
        for count, line in enumerate(lines.values()):
            model = Model(attention, window, count)
            read = [tokens[: model.context] for tokens in texts]
            costs = [bits_per_token(model.logits(tokens), tokens) for tokens in read]
            line.append(float(np.mean(costs)))
        print(f"window {window:3}: " + ", ".join(f"{k} {v[-1]:.3f}" for k, v in lines.items()))
    return lines


def _held_out() -> list[ndarray]:
    """Some passages in tokens, of which the model reads the beginning."""
    passages, tokens = _read("held_out.json"), Tokens()
    return [tokens.encode(p["text"], p["book"]) for p in passages[:: len(passages) // PASSAGES]]


def show_training() -> None:
    """Two trainings of one model, of which one can see what it is to predict."""
    stored = _read("leak.json")
    runs = {"causal": stored["honest"], "one cell too far": stored["off by one"]}
    told = []
    for name, run in runs.items():
        told += [
            f"{name}: {run['bits'][-1]:.2f} bits a token in training after {stored['steps'][-1]} "
            f"steps, {run['held_out_as_trained']:.2f} on held-out text, "
            f"{run['held_out_leak_closed']:.2f} there with a causal mask.",
            f"It writes: {run['writes'][:110]} ...",
        ]
    curves.show_lines(
        stored["steps"],
        {name: run["bits"] for name, run in runs.items()},
        wrapped("\n".join(told)),
        title="Training, with and without a leak",
        xlabel="step",
        ylabel="bits a token, in training",
        told="Bits a token in training against the step",
        scales=("linear", "linear"),
    )


def real_configs() -> dict[str, dict[str, Any]]:
    """The fields of exercise 2, from the config.json of some models."""
    return _read("configs.json")


def list_caches(
    models: Mapping[str, dict[str, Any]],
    cache_bytes: Callable[[dict[str, Any], int], int],
    stack_reach: Callable[[dict[str, Any], int], int],
    lengths: Sequence[int],
) -> None:
    """A row for each model: GiB of its cache at each length; at the last, its share and reach."""
    heads = "".join(f"{f'n = {n:,}':>15}" for n in lengths)
    print(f"{'':<16}{heads}{'of full':>9}{'reach':>11}")
    for name, config in models.items():
        sizes = [cache_bytes(config, n) for n in lengths]
        cells = "".join(f"{f'{size / 2**30:.2f} GiB':>15}" for size in sizes)
        everywhere = config | {"layer_types": ["full_attention"] * config["num_hidden_layers"]}
        share = sizes[-1] / cache_bytes(everywhere, lengths[-1])
        print(f"{name:<16}{cells}{share:>9.3f}{stack_reach(config, lengths[-1]):>11,}")
