"""What the notebooks show of the model. Use it through `lab`, as in lab.show_attention(...)."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from labkit import curves, drawing, heat
from labkit.text import wrapped

from . import FOLDER, Model

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
    attention: Callable[..., Any],
    bits_per_token: Callable[[ndarray, ndarray], float],
    windows: Sequence[int] = WINDOWS,
) -> None:
    """Measure what held-out text costs in windows of some sizes, with 0 and 1 global tokens."""
    if drawing.is_left_out("Loss against window"):
        return
    lines: dict[str, list[float]] = {"no global token": [], "1 global token": []}
    for window in windows:
        for count, line in enumerate(lines.values()):
            line.append(_held_out_bits(Model(attention, window, count), bits_per_token))
        print(f"window {window:3}: " + ", ".join(f"{k} {v[-1]:.3f}" for k, v in lines.items()))
    curves.show_lines(
        windows,
        lines,
        f"From a window of {windows[0]} to one of {windows[-1]}, in bits a token:\n"
        + ", ".join(f"{name} {line[0]:.2f} to {line[-1]:.2f}" for name, line in lines.items()),
        title="What a window costs the model",
        xlabel="window size",
        ylabel="bits a token",
        told="Bits a token of held-out text against the window",
        scales=("log", "linear"),
    )


def _held_out_bits(model: Model, bits_per_token: Callable[[ndarray, ndarray], float]) -> float:
    """The mean over the beginnings of some passages, each as long as the model reads at once."""
    passages = _read("held_out.json")
    chosen = passages[:: len(passages) // PASSAGES]
    encoded = (model.tokens.encode(p["text"], p["book"])[: model.context] for p in chosen)
    return float(np.mean([bits_per_token(model.logits(tokens), tokens) for tokens in encoded]))


def show_training() -> None:
    """Two trainings of one model, of which one can see what it is to predict."""
    stored = _read("leak.json")
    lines = {"causal": stored["honest"]["bits"], "one cell too far": stored["off by one"]["bits"]}
    ends = ", ".join(f"{name} {values[-1]:.2f}" for name, values in lines.items())
    curves.show_lines(
        stored["steps"],
        lines,
        f"Bits a token after {stored['steps'][-1]} steps: {ends}.",
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
    """A row for each model: GiB of its cache at each length, and the reach at the last one."""
    print(f"{'':<18}" + "".join(f"{f'n = {n:,}':>14}" for n in lengths) + f"{'reach':>12}")
    for name, config in models.items():
        sizes = (cache_bytes(config, n) / 2**30 for n in lengths)
        cells = "".join(f"{f'{size:.2f} GiB':>14}" for size in sizes)
        print(f"{name:<18}{cells}{stack_reach(config, lengths[-1]):>12,}")
