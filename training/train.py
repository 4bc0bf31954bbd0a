"""Train the model in PyTorch and store it. From the course folder: python -m training.train

Writes tokens.json, held_out.json and weights.npz into the folder of the model, and prints a log.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from source.lab02.model.tokens import FOLDER, NO_BOOK, WORDS, Tokens
from training.byte_pairs import learn_merges
from training.muon import Muon
from training.network import CONTEXT, VOCABULARY, Decoder, open_pairs
from training.text import read_books

Batch = tuple[Tensor, Tensor]  # tokens to read and tokens to predict, (batch, seq_len) each
Rng = np.random.Generator
Texts = dict[str, str]  # name of a book to its text, or to a part of it

SEED, THREADS = 1, 1
BATCH, STEPS = 8, 2800
RATE, RATE_OF_MATRICES, WARM_UP, COOL_DOWN = 5e-3, 0.02, 50, 0.5
UNNAMED, WHOLE = 0.3, 0.5  # shares of the sequences: whose book is not told, that are seen whole
WINDOWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
HELD_OUT, PASSAGE = 0.04, 2000  # a share of each book, and characters of a stored passage


def prepare() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Store the vocabulary and the held-out passages.

    Returns the books as tokens, to train on and held out, each without the token of its book.
    """
    trained, held_out = split_books()
    store_tokens(trained, "".join(held_out.values()))
    store_passages(held_out)
    for purpose, part in (("train on", trained), ("held out", held_out)):
        print(f"{purpose} {sum(map(len, part.values())):,} characters of {len(part)} books")
    return in_tokens(trained), in_tokens(held_out)


def split_books() -> tuple[Texts, Texts]:
    """The part of each book to train on, and the part that is held out."""
    trained, held_out = {}, {}
    for name, text in read_books().items():
        cut = text.rindex("\n", 0, int((1 - HELD_OUT) * len(text))) + 1
        trained[name], held_out[name] = text[:cut], text[cut:]
    return trained, held_out


def in_tokens(part: Texts) -> list[np.ndarray]:
    """In the vocabulary that is stored, each text without the token of its book."""
    tokens = Tokens()
    return [tokens.encode(text)[1:] for text in part.values()]


def store_tokens(trained: Texts, held_out: str) -> None:
    """The merges are learnt from the training text; only single characters may come from both."""
    names = [NO_BOOK, *trained]
    characters = "".join(sorted(set("".join(trained.values()) + held_out)))
    words = Counter(word for text in trained.values() for word in WORDS.findall(text))
    merges = learn_merges(words, VOCABULARY - len(names) - len(characters))
    lines = ",\n".join(json.dumps(pair) for pair in merges)
    head = f'{{"books": {json.dumps(names)},\n"characters": {json.dumps(characters)},\n'
    (FOLDER / "tokens.json").write_text(f'{head}"merges": [\n{lines}\n]}}\n', encoding="utf-8")


def store_passages(held_out: Texts) -> None:
    """Three of each book, from the beginning of a paragraph to the end of a word."""
    passages = []
    for name, text in held_out.items():
        for start in (500, 6500, 12500):
            passage = text[text.index("\n", start) + 1 :][:PASSAGE]
            passages.append({"book": name, "text": passage[: passage.rindex(" ")]})
    (FOLDER / "held_out.json").write_text(json.dumps(passages, indent=1) + "\n", encoding="utf-8")


def draw_batch(books: list[np.ndarray], rng: Rng) -> Batch:
    """From anywhere in the books, each sequence after the token of its book."""
    sizes = np.array([len(book) for book in books])
    rows = []
    for chosen in rng.choice(len(books), BATCH, p=sizes / sizes.sum()):
        start = rng.integers(sizes[chosen] - CONTEXT)
        first = 0 if rng.random() < UNNAMED else chosen + 1
        rows.append([first, *books[chosen][start : start + CONTEXT]])
    drawn = torch.tensor(np.array(rows))
    return drawn[:, :-1], drawn[:, 1:]


def draw_patterns(rng: Rng) -> Tensor:
    """Half of the sequences are seen whole, the others in a window, some with global tokens."""
    windows = np.where(rng.random(BATCH) < WHOLE, CONTEXT, rng.choice(WINDOWS, BATCH))
    return open_pairs(torch.tensor(windows), torch.tensor(rng.choice((0, 0, 1, 4), BATCH)))


def cost(model: Decoder, batch: Batch, is_open: Tensor) -> Tensor:
    """The mean of -log(chance of the next token), in nats."""
    return functional.cross_entropy(model(batch[0], is_open).flatten(0, 1), batch[1].flatten())


def held_out_bits(model: Decoder, books: list[np.ndarray], is_open: Tensor) -> float:
    """Bits a token, over 32 sequences that are the same every time."""
    rng = np.random.default_rng(0)
    with torch.no_grad():
        costs = [cost(model, draw_batch(books, rng), is_open).item() for _ in range(4)]
    return float(np.mean(costs) / np.log(2))


def by_window(model: Decoder, books: list[np.ndarray]) -> str:
    """Held-out bits in a window of 1, 4, 16, 64 and 256."""
    masks = [open_pairs(torch.full((BATCH,), w), torch.zeros(BATCH)) for w in (1, 4, 16, 64, 256)]
    return " ".join(f"{held_out_bits(model, books, is_open):.3f}" for is_open in masks)


def train(
    model: Decoder, books: list[np.ndarray], steps: int, draw_mask: Callable[[Rng], Tensor]
) -> Iterator[float]:
    """Train step by step, and yield the loss of each, in nats.

    The rates rise over the first steps, stay, and fall to nothing at the end.
    """
    rng = np.random.default_rng(SEED)
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if all(p is not matrix for matrix in matrices)]
    optimizers = [
        Muon(matrices, {"lr": RATE_OF_MATRICES}),
        torch.optim.AdamW(others, lr=RATE, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    for step in range(steps):
        share = min((step + 1) / WARM_UP, 1.0, (steps - step) / steps / COOL_DOWN)
        loss = cost(model, draw_batch(books, rng), draw_mask(rng))
        loss.backward()
        for optimizer, rate in zip(optimizers, rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * share
            optimizer.step()
            optimizer.zero_grad()
        yield loss.item()


def train_and_log(model: Decoder, books: list[np.ndarray], held_out: list[np.ndarray]) -> None:
    start, spent = time.process_time(), 0.0
    print("step, minutes, bits a token: in training; held out, in a window of 1 4 16 64 256")
    for step, loss in enumerate(train(model, books, STEPS, draw_patterns), start=1):
        spent = 0.99 * spent + 0.01 * loss
        if step % 200 == 0:
            minutes = (time.process_time() - start) / 60
            mean = spent / (1 - 0.99**step) / np.log(2)
            on_held_out = by_window(model, held_out)
            print(f"{step:5} {minutes:5.1f} {mean:.3f}; {on_held_out}", flush=True)
            store(model)  # also if the run is cut short


def store(model: Decoder, path: Path = FOLDER / "weights.npz") -> None:
    arrays: dict[str, Any] = model.arrays()
    np.savez(path, **arrays)


def main() -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    books, held_out = prepare()
    model = Decoder()
    print(f"{sum(parameter.numel() for parameter in model.parameters()):,} weights")
    train_and_log(model, books, held_out)
    print(f"weights.npz: {(FOLDER / 'weights.npz').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
