"""Inputs for the exercises of 03_longformer.

A mistake should cost what it breaks. So where an aspect is about something else, the scores are
equal, or d_k is 1, which hides their scale, and the window holds the whole text.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused, repeat, shuffled
from grading.judging.exercise import Case, Inputs

LARGE = 2.0**15  # a score whose exp is inf, and that of its negative 0
LOW = 300.0  # a score whose exp is neither
NAMES = ("Q", "K", "V", "Q_global", "K_global", "V_global")
BATCHES = ((2, 3), (4,), (1, 2), ())  # axes in front

Draw = Callable[[Generator], Inputs]
Cases = Callable[[Generator], list[Case]]


def flags(n: int, *positions: int) -> np.ndarray:
    return np.isin(np.arange(n), positions)


# the mask


def pattern(*, globals_too: bool = False, padding: bool = False) -> Draw:
    """A window that is far from the ends, and flags. Of two padded tokens, one may be global."""

    def draw(rng: Generator) -> Inputs:
        attention_window = 2 * int(rng.integers(2, 5))
        n = 2 * attention_window + int(rng.integers(4, 8))
        return {"attention_window": attention_window} | _tokens(rng, n, globals_too, padding)

    return draw


def windows(rng: Generator) -> list[Case]:
    """Some, one that is as wide as the text, a wider one, a single token, and the first again."""
    first, second = pattern()(rng), pattern()(rng)
    n = len(second["is_global"])
    widths = (2 * (n // 2), 2 * n - 2, 2 * n)
    others = [second | {"attention_window": width} for width in widths]
    token = {"attention_window": 4, "is_global": flags(1), "is_padding": flags(1)}
    return [Case(inputs) for inputs in (first, second, *others, token, first)]


def sure_of_globals(inputs: Inputs) -> np.ndarray:
    """Rows and columns of globals, and entries that a wrong reach would leave as they are."""
    is_global = inputs["is_global"]
    return is_global | is_global[:, np.newaxis] | _sure(inputs)


def sure_of_padding(inputs: Inputs) -> np.ndarray:
    """Rows and columns of padding, and each token's view of itself."""
    is_padding = inputs["is_padding"]
    return is_padding | is_padding[:, np.newaxis] | np.eye(len(is_padding), dtype=bool)


def patterns_with_padding(rng: Generator) -> list[Case]:
    """The last text is padding alone."""
    drawn = [pattern(padding=True)(rng) for _ in range(5)]
    return [*map(Case, drawn), Case(drawn[0] | {"is_padding": drawn[0]["is_padding"] | True})]


def _sure(inputs: Inputs) -> np.ndarray:
    position = np.arange(len(inputs["is_global"]))
    apart = abs(np.subtract.outer(position, position))
    return (apart == 0) | (apart > inputs["attention_window"])


def windows_to_check(rng: Generator) -> list[Case]:
    good = pattern()(rng)
    return shuffled(rng, _windows_to_check(rng, good))


# attention


def widths(draw: Callable[[int], Draw]) -> Cases:
    """Each d_k once: none is a square, a divisor of another size, or as large as d_v."""
    return lambda rng: [Case(draw(int(d_k))(rng)) for d_k in rng.permutation([2, 5, 7])]


def masked(d_k: int) -> Draw:
    """Any mask that leaves each query itself."""

    def draw(rng: Generator) -> Inputs:
        n = int(rng.integers(8, 11))
        mask = rng.random((n, n)) < 0.5
        mask[np.diag_indices(n)] = False
        return _attention(rng, (n,), d_k, 3) | {"mask": mask}

    return draw


def without_key(rng: Generator) -> list[Case]:
    """Queries that see all or nothing: one of them, two, all of a text. Equal scores."""
    drawn = []
    for closed in (1, 2, 7):
        inputs = _equal_scores(_attention(rng, (7,), 3, 3))
        rows = np.isin(np.arange(7), rng.permutation(7)[:closed])
        drawn.append(Case(inputs | {"mask": np.tile(rows[:, np.newaxis], 7)}))
    return drawn


def large_scores(rng: Generator) -> list[Case]:
    """Queries with high scores, with low ones beside higher that are blocked, with low ones alone.

    Low is far below what may be taken for minus infinity.
    """
    drawn = [_large_scores(rng) for _ in range(3)]
    return [Case(inputs) for inputs in (*drawn, drawn[0] | {"K": -abs(drawn[0]["K"])})]


def _large_scores(rng: Generator) -> Inputs:
    n = 2 * int(rng.integers(4, 6))
    high = rng.permutation(np.arange(n) < n // 2)
    mask = (rng.permutation(np.arange(n) % 2 < 1)[:, np.newaxis] & high) | (
        rng.random((n, n)) < 0.3
    )
    ends = np.flatnonzero(high)[0], np.flatnonzero(~high)[0]
    mask[:, ends[1]] = False  # each query sees a key of a low score
    text = {"Q": np.ones((n, 1)), "K": np.where(high, LARGE, -LARGE)[:, np.newaxis]}
    return text | {"V": rng.normal(size=(n, 1)), "mask": mask}


def heads(rng: Generator) -> list[Case]:
    """No, one and two axes in front, and once queries and keys that a scale would change."""
    n = int(rng.integers(6, 9))
    is_open = {"mask": np.zeros((n, n), dtype=bool)}
    mask = {"mask": ~np.eye(n, dtype=bool)}
    texts = [_attention(rng, (*batch, n), 1, 1) | is_open for batch in BATCHES]
    return [Case(text) for text in (*texts, _attention(rng, (2, n), 5, 5) | mask)]


# rows of globals


def to_overwrite(*, d_k: int = 3, padding: bool = False, also: bool = False) -> Draw:
    """Outputs of local rows, which could be any numbers; global projections with equal scores.

    also: of two padded tokens, one is flagged as global.
    """

    def draw(rng: Generator) -> Inputs:
        n = int(rng.integers(6, 10))
        text = _equal_scores(_attention(rng, (n,), d_k, d_k))
        tokens = _tokens(rng, n, True, padding)
        if not also:
            tokens["is_global"] &= ~tokens["is_padding"]
        return _as_global(rng.normal(size=(n, d_k)), text) | tokens

    return draw


def others(rng: Generator) -> list[Case]:
    """With global tokens, and a text without any."""
    drawn = [case.inputs for case in repeat(3, to_overwrite())(rng)]
    n = len(drawn[0]["is_global"])
    return [Case(inputs) for inputs in (*drawn, drawn[0] | {"is_global": flags(n)})]


def beside_padding(rng: Generator) -> Inputs:
    """Padding, whose scores are higher than all others."""
    inputs = to_overwrite(padding=True)(rng)
    column = np.where(inputs["is_padding"], LOW, -LOW)[:, np.newaxis]
    d_k = inputs["K_global"].shape[1]
    return inputs | {"K_global": column * np.ones(d_k) / d_k**0.5}


def all_global(d_k: int) -> Draw:
    """Every token is global, so that its scores count, and nothing was in its row."""

    def draw(rng: Generator) -> Inputs:
        n = int(rng.integers(8, 11))
        text = _attention(rng, (n,), d_k, 3)
        return _as_global(np.zeros((n, 3)), text) | _flagged(n, range(n))

    return draw


def large_global_scores(rng: Generator) -> list[Case]:
    """All global: half of the rows high and half low. And beside padding with higher scores."""
    n = 2 * int(rng.integers(3, 5))
    sides, sizes = (rng.permutation(np.repeat(pair, n // 2)) for pair in ([-1.0, 1], [1.0, 2]))
    text = {"Q": sides, "K": LARGE * sizes, "V": rng.normal(size=n)}
    every = {name: a[:, np.newaxis] for name, a in text.items()}
    low = every | {"Q": np.ones((n, 1)), "K": np.full((n, 1), -LARGE)}
    low["K"][-2:] = LARGE
    local = np.zeros((n, 1))
    return [
        Case(_as_global(local, every) | _flagged(n, range(n))),
        Case(_as_global(local, low) | _flagged(n, range(n - 2), (n - 2, n - 1))),
    ]


def global_heads(rng: Generator) -> list[Case]:
    n = int(rng.integers(6, 9))
    drawn = []
    for batch in BATCHES:
        text = _attention(rng, (*batch, n), 1, 1)
        inputs = _as_global(np.zeros((*batch, n, 1)), text)
        drawn.append(Case(inputs | _flagged(n, range(n))))
    return drawn


def to_be_left_alone(rng: Generator) -> list[Case]:
    """Scores that need a scale, with padding; and a text without global tokens."""
    n = int(rng.integers(6, 9))
    texts = [_as_global(rng.normal(size=(n, 5)), _attention(rng, (n,), 5, 5)) for _ in range(2)]
    return [
        Case(texts[0] | _flagged(n, (1, n - 1), (n - 2, n - 1))),
        Case(texts[1] | _flagged(n, ())),
    ]


def rows_of_globals(inputs: Inputs) -> np.ndarray:
    is_global: np.ndarray = inputs["is_global"] & ~inputs["is_padding"]
    return is_global[:, np.newaxis]


def rows_of_locals(inputs: Inputs) -> np.ndarray:
    is_local: np.ndarray = ~inputs["is_global"] & ~inputs["is_padding"]
    return is_local[:, np.newaxis]


def rows_of_padding(inputs: Inputs) -> np.ndarray:
    is_padding: np.ndarray = inputs["is_padding"]
    return is_padding[:, np.newaxis]


# the layer


def layer_sizes(rng: Generator) -> Inputs:
    num_heads = int(rng.integers(2, 4))
    return {
        "d_model": num_heads * int(rng.integers(2, 4)),
        "num_heads": num_heads,
        "attention_window": 2 * int(rng.integers(2, 4)),
    }


def layer(
    *,
    num_heads: int = 1,
    d_k: int = 1,
    wide: bool = True,
    biases: tuple[str, ...] = (),
    two_sets: bool = False,
    globals_too: bool = False,
    padding: bool = False,
    texts: int | None = None,
) -> Draw:
    """A layer with weights of its own, and a text or several to run through it.

    wide: the window holds the whole text, so that no mistake at its edges shows.
    biases: names of those that are not zero.
    two_sets: the global matrices are not the local ones.
    """

    def draw(rng: Generator) -> Inputs:
        d, n = num_heads * d_k, int(rng.integers(9, 12))
        weights = {f"W_{name}": _matrix(rng, d) for name in NAMES}
        if not two_sets:
            weights |= {f"W_{name}_global": weights[f"W_{name}"] for name in "QKV"}
        weights |= {f"b_{name}": rng.normal(size=d) * (name in biases) for name in NAMES}
        each = [_tokens(rng, n, globals_too, padding) for _ in range(texts or 1)]
        tokens = {name: np.stack([text[name] for text in each]) for name in each[0]}
        tokens["x"] = rng.normal(size=(len(each), n, d))
        if texts is None:
            tokens = {name: value[0] for name, value in tokens.items()}
        window = 6 * n if wide else 2 * int(rng.integers(2, 4))
        sizes = {"d_model": d, "num_heads": num_heads, "attention_window": window}
        return sizes | weights | tokens

    return draw


def scores(rng: Generator) -> list[Case]:
    """Biases of both sets, more than one feature a head, and scores that are large."""
    drawn = []
    for every_global, d_k in ((False, 2), (True, 3), (False, 5)):
        inputs = layer(num_heads=2, d_k=d_k, biases=NAMES, two_sets=True)(rng)
        inputs["is_global"] |= every_global
        drawn.append(inputs)
    for name, like in (("Q", drawn[0]), ("Q_global", drawn[1])):
        drawn.append(like | {f"W_{name}": 1000 * like[f"W_{name}"]})
    return [Case(inputs) for inputs in drawn]


def with_padding(rng: Generator) -> list[Case]:
    """The last with biases, which must not show in rows of padding: there, only these count."""
    draw = layer(globals_too=True, padding=True)
    drawn = [draw(rng) for _ in range(5)]
    biased = drawn[0] | _all_biases(rng, drawn[0])
    return [Case(inputs) for inputs in (*drawn, biased)]


def _all_biases(rng: Generator, inputs: Inputs) -> Inputs:
    return {f"b_{name}": 1 + rng.random(inputs["d_model"]) for name in NAMES}


def of_padding_if_biased(inputs: Inputs) -> np.ndarray:
    return rows_of_padding(inputs) | ~np.any(inputs["b_V"])


def batches(rng: Generator) -> list[Case]:
    """Two texts with globals and padding of their own, and a single one."""
    of = partial(layer, num_heads=2, wide=False, globals_too=True)
    draws = [of(texts=3), of(texts=1), of(padding=True, texts=2)]
    drawn = [draw(rng) for draw in draws]
    for inputs in (drawn[0], drawn[2]):  # whoever takes the first text's flags for all is seen
        n = inputs["x"].shape[1]
        inputs["is_global"][0], inputs["is_global"][1] = flags(n, 0), flags(n, n - 3)
    drawn[2]["is_padding"][1] = flags(n, n - 1)
    return [Case(inputs) for inputs in drawn]


def layers_to_check(rng: Generator) -> list[Case]:
    good = layer_sizes(rng)
    heads = good["num_heads"]
    smallest = good | {"num_heads": 1}
    most = good | {"num_heads": good["d_model"], "attention_window": 2 * int(rng.integers(9, 99))}
    wrong = [good["d_model"] - 1, good["d_model"] * 2, 0, -heads]
    return shuffled(
        rng,
        [
            *(Case(sizes, accepted=True) for sizes in (smallest, most)),
            *(refused(good, "num_heads", value) for value in wrong),
            *_windows_to_check(rng, good),
        ],
    )


def _windows_to_check(rng: Generator, good: Inputs) -> list[Case]:
    """Some are odd and some below 2, and others are neither."""
    right = (2, 4, 2 * int(rng.integers(3, 50)))
    wrong = (1, 2 * int(rng.integers(1, 50)) + 1, 0, -2 * int(rng.integers(1, 50)), -1)
    return [
        *(Case(good | {"attention_window": value}, accepted=True) for value in right),
        *(refused(good, "attention_window", value) for value in wrong),
    ]


def _tokens(rng: Generator, n: int, globals_too: bool, padding: bool) -> Inputs:
    """Two globals inside the text, and two padded tokens, one of them global.

    Padding is at the end of the text, at both ends or in front, and may be inside.
    """
    places = ((n - 2, n - 1), (0, n - 1), (0, 1), (2, n - 1))
    padded = places[rng.integers(len(places))] if padding else ()
    inner = rng.permutation(np.setdiff1d(np.arange(1, n - 1), padded))[:2] if globals_too else ()
    also = padded[:1] if globals_too else ()
    return {"is_global": flags(n, *inner, *also), "is_padding": flags(n, *padded)}


def _flagged(
    n: int, is_global: range | tuple[int, ...], is_padding: tuple[int, ...] = ()
) -> Inputs:
    return {"is_global": flags(n, *is_global), "is_padding": flags(n, *is_padding)}


def _attention(rng: Generator, shape: tuple[int, ...], d_k: int, d_v: int) -> Inputs:
    return {name: rng.normal(size=(*shape, d)) for name, d in (("Q", d_k), ("K", d_k), ("V", d_v))}


def _equal_scores(text: Inputs) -> Inputs:
    return text | {"Q": np.ones_like(text["Q"]), "K": np.ones_like(text["K"])}


def _as_global(local: np.ndarray, text: Inputs) -> Inputs:
    return {"local": local} | {f"{name}_global": text[name] for name in "QKV"}


def _matrix(rng: Generator, d: int) -> np.ndarray:
    """A single number must not be small, or nothing would depend on it."""
    if d == 1:
        return rng.choice([-1.0, 1.0], size=(1, 1)) * rng.uniform(1, 2)
    return rng.normal(size=(d, d)) / d**0.5
