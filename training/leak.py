"""Train with a leak of the future, and store what comes of it. From the course folder:
python -m training.leak

The stored model never saw a leak. Here the same network is trained three times, on the same text
in the same order, with three masks. Writes leak.json into the folder of the model: curves, no
weights.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from solutions.lab02.reference.sliding_window import SlidingWindowAttention
from source.lab02.model import FOLDER, Model
from training.network import CONTEXT, Decoder
from training.train import SEED, THREADS, held_out_bits, in_tokens, split_books, store, train

STEPS, EVERY = 400, 20
BOOK, PROMPT, COUNT = "Emma", "Mr. Knightley looked at her, and", 40


def masks() -> dict[str, Tensor]:
    """Name to (seq_len, seq_len), True = open: the honest mask, and two that leak."""
    query, key = torch.arange(CONTEXT)[:, None], torch.arange(CONTEXT)
    return {
        "honest": key <= query,
        "off by one": key <= query + 1,  # the next token, which is the one to predict
        "open global token": (key <= query) | (query == 0),  # the whole text, and all look at it
    }


def run(mask: Tensor) -> dict[str, Any]:
    """One training: its curve, what held-out text costs in the end, and what it writes.

    All figures are bits a token. The leak is closed by the honest mask: whoever writes has no next
    token to look at.
    """
    torch.manual_seed(SEED)
    model = Decoder()
    books, held_out = map(in_tokens, split_books())
    losses = np.array(list(train(model, books, STEPS, lambda _: mask))) / np.log(2)
    return {
        "bits": losses.reshape(-1, EVERY).mean(axis=1).round(3).tolist(),
        "held_out_as_trained": round(held_out_bits(model, held_out, mask), 3),
        "held_out_leak_closed": round(held_out_bits(model, held_out, masks()["honest"]), 3),
        "writes": write(model),
    }


def write(model: Decoder) -> str:
    """By the NumPy model, whose attention is causal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        store(model, path)
        return Model(SlidingWindowAttention, weights=path).generate(PROMPT, COUNT, SEED, BOOK)


def as_text(results: dict[str, dict[str, Any]]) -> str:
    """JSON with one line for each curve and each figure."""
    head = {"seed": SEED, "steps": list(range(EVERY, STEPS + 1, EVERY)), "prompt": PROMPT}
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for name, result in results.items():
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in result.items()]
        parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    torch.set_num_threads(THREADS)
    results = {}
    for name, mask in masks().items():
        results[name] = run(mask)
        print(name, results[name], flush=True)
    (FOLDER / "leak.json").write_text(as_text(results), encoding="utf-8")


if __name__ == "__main__":
    main()
