"""Inputs for the exercises of 03_longformer."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused
from grading.judging.exercise import Case, Inputs

LARGE = 2.0**13  # spread of scores that overflow exp
NAMES = ("Q", "K", "V", "Q_global", "K_global", "V_global")


def flags(n: int, *positions: int) -> np.ndarray:
    return np.isin(np.arange(n), positions)


def pattern(*, globals_too: bool = False, padding: bool = False) -> Callable[[Generator], Inputs]:
    """A window that is far from the ends, and flags. Of two padded tokens, one may be global."""

    def draw(rng: Generator) -> Inputs:
        attention_window = 2 * int(rng.integers(1, 4))
        n = 2 * attention_window + int(rng.integers(4, 8))
        return {"attention_window": attention_window} | _tokens(rng, n, globals_too, padding)

    return draw


def sure_of_globals(inputs: Inputs) -> np.ndarray:
    """Rows and columns of globals, and entries that a wrong reach would leave as they are."""
    is_global = inputs["is_global"]
    return is_global | is_global[:, np.newaxis] | sure(inputs)


def sure_of_padding(inputs: Inputs) -> np.ndarray:
    is_padding = inputs["is_padding"]
    return is_padding | is_padding[:, np.newaxis]


def sure(inputs: Inputs) -> np.ndarray:
    position = np.arange(len(inputs["is_global"]))
    apart = abs(np.subtract.outer(position, position))
    return (apart == 0) | (apart > inputs["attention_window"])


def windows_to_check(rng: Generator) -> list[Case]:
    good = pattern()(rng)
    wrong = (0, -2 * int(rng.integers(1, 50)), 2 * int(rng.integers(1, 50)) + 1)
    return [
        Case(good | {"attention_window": 2}, accepted=True),
        *(refused(good, "attention_window", value) for value in wrong),
    ]


def masked(
    *, d_k: int = 1, batch: tuple[int, ...] = (), spread: float = 1.0, without_key: bool = False
) -> Callable[[Generator], Inputs]:
    """Any mask that leaves each query itself, or else, of one or two, nothing."""

    def draw(rng: Generator) -> Inputs:
        n = int(rng.integers(6, 10))
        mask = rng.random((n, n)) < 0.5
        mask[np.diag_indices(n)] = False
        if without_key:
            mask[rng.permutation(n)[: rng.integers(1, 3)]] = True
        Q, K = rng.normal(size=(2, *batch, n, d_k))
        if spread > 1:  # query 0 has negative scores alone, and its largest is blocked
            Q, K = np.round(8 * Q) / 8 + 1 / 16, -np.abs(np.round(8 * K) / 8) - 1 / 4
            Q[..., 0, :], K[..., -1, :], mask[0, -1] = np.abs(Q[..., 0, :]), -1 / 8, True
        return {"Q": Q, "K": K * spread, "V": rng.normal(size=(*batch, n, 3)), "mask": mask}

    return draw


def to_overwrite(
    *, d_k: int = 1, batch: tuple[int, ...] = (), padding: bool = False
) -> Callable[[Generator], Inputs]:
    """Outputs of local rows, which could be any numbers, and the global projections."""

    def draw(rng: Generator) -> Inputs:
        n = int(rng.integers(6, 10))
        Q, K = rng.normal(size=(2, *batch, n, d_k))
        local, V = rng.normal(size=(2, *batch, n, 3))
        tokens = _tokens(rng, n, globals_too=True, padding=padding)
        return {"local": local, "Q_global": Q, "K_global": K, "V_global": V} | tokens

    return draw


def rows_of_globals(inputs: Inputs) -> np.ndarray:
    return inputs["is_global"][:, np.newaxis]


def other_rows(inputs: Inputs) -> np.ndarray:
    return ~inputs["is_global"][:, np.newaxis]


def layer_sizes(rng: Generator) -> Inputs:
    num_heads = int(rng.integers(2, 4))
    return {
        "d_model": num_heads * int(rng.integers(2, 4)),
        "num_heads": num_heads,
        "attention_window": 2 * int(rng.integers(1, 3)),
    }


def layer(
    *,
    biases: tuple[str, ...] = (),
    globals_too: bool = False,
    padding: bool = False,
    texts: int | None = None,
) -> Callable[[Generator], Inputs]:
    """A layer with weights of its own, and a text or several to run through it.

    biases: names of those that are not zero.
    """

    def draw(rng: Generator) -> Inputs:
        sizes = layer_sizes(rng)
        d, n = sizes["d_model"], 2 * sizes["attention_window"] + int(rng.integers(4, 7))
        given = {f"W_{name}": rng.normal(size=(d, d)) / d**0.5 for name in NAMES}
        given |= {f"b_{name}": rng.normal(size=d) * (name in biases) for name in NAMES}
        each = [_tokens(rng, n, globals_too, padding) for _ in range(texts or 1)]
        tokens = {name: np.stack([text[name] for text in each]) for name in each[0]}
        tokens["x"] = rng.normal(size=(len(each), n, d))
        if texts is None:
            tokens = {name: value[0] for name, value in tokens.items()}
        return sizes | given | tokens

    return draw


def layers_to_check(rng: Generator) -> list[Case]:
    good = layer_sizes(rng)
    smallest = good | {"num_heads": 1, "attention_window": 2}
    return [
        *(Case(sizes, accepted=True) for sizes in (good, smallest)),
        refused(good, "attention_window", 2 * int(rng.integers(1, 50)) + 1),
        refused(good, "attention_window", 0),
        refused(good, "num_heads", good["d_model"] - 1),
        refused(good, "num_heads", 0),
    ]


def _tokens(rng: Generator, n: int, globals_too: bool, padding: bool) -> Inputs:
    """One or two globals inside the text, and two padded tokens at its end, one of them global."""
    inner = rng.permutation(np.arange(1, n - 2))[: rng.integers(1, 3)] if globals_too else ()
    padded = (n - 2, n - 1) if padding else ()
    also = padded[:1] if globals_too else ()
    return {"is_global": flags(n, *inner, *also), "is_padding": flags(n, *padded)}
