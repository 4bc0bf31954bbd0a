"""Inputs for the exercises of 04_in_a_model."""

from typing import Any

import numpy as np
from numpy.random import Generator

from grading.judging.draws import shuffled
from grading.judging.exercise import Case, Inputs

FULL, SLIDING = "full_attention", "sliding_attention"


def text(rng: Generator, n: int, vocabulary: int, dtype: type = float) -> Inputs:
    """Scores of both signs, small enough for a softmax without its shift."""
    logits: np.ndarray = rng.normal(scale=2.0, size=(n, vocabulary)).astype(dtype)
    return {"logits": logits, "tokens": rng.integers(vocabulary, size=n)}


def texts(rng: Generator) -> list[Case]:
    """Longer and shorter than the vocabulary; of two tokens; the first once more at the end."""
    first, second = text(rng, int(rng.integers(8, 11)), 5), text(rng, 4, int(rng.integers(7, 10)))
    square = text(rng, 6, 6)
    return [Case(inputs) for inputs in (first, second, square, text(rng, 2, 3), first)]


def large_scores(rng: Generator) -> list[Case]:
    """Rows so large that no exponential is a number, so low that all are 0, and both in a text.

    The chances are ordinary ones; but for the last text, where some tokens are nearly certain.
    """
    cases = []
    for signs, dtype in ((1, float), (-1, float), (-1, np.float32), ([1, -1, 1, -1, 1, -1], float)):
        inputs = text(rng, 6, 5, dtype)
        levels = rng.permutation((3000.0, 2500.0, 2000.0, 1500.0, 1000.0, 900.0)) * signs
        scores = inputs["logits"] + levels[:, np.newaxis]
        cases.append(Case(inputs | {"logits": scores.astype(dtype)}))
    certain = text(rng, 6, 5)
    certain["logits"][[0, 3], certain["tokens"][[1, 4]]] += 3000.0
    return [*cases, Case(certain)]


def unlikely_tokens(rng: Generator) -> list[Case]:
    """Of a chance that is 0 as a float, though their cost is finite.

    The costs are so far apart that their mean is nothing else, and each row has a level of its own.
    """
    cases = []
    for n, least in ((4, 850), (6, 13_000)):  # the second is below long doubles, too
        inputs = text(rng, n, 5)
        inputs["logits"] += 30.0 * rng.permutation(n)[:, np.newaxis]
        apart = least * rng.permutation(np.linspace(0, 0.5, n - 1) ** 2)
        unlikely = np.arange(n - 1), inputs["tokens"][1:]
        inputs["logits"][unlikely] -= least + apart + rng.uniform(0, 100)
        cases.append(Case(inputs))
    return cases


def texts_of_both_dtypes(rng: Generator) -> list[Case]:
    return [Case(text(rng, 5, 4, dtype)) for dtype in (np.float32, np.float64)]


def config(rng: Generator, layer_types: list[str], window: int | None) -> dict[str, Any]:
    """As of a small model. Each size is another number, so that none can stand for another.

    hidden_size is no multiple of the heads: the quotient must be rounded down.
    """
    kv_heads, groups = int(rng.choice([2, 3, 5])), int(rng.integers(2, 5))
    heads, width = kv_heads * groups, 8 * int(rng.integers(3, 6))
    return {
        "num_hidden_layers": len(layer_types),
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "hidden_size": heads * width + heads - 1,
        "head_dim": width,
        "sliding_window": window,
        "layer_types": layer_types,
        "torch_dtype": "bfloat16",
    }


def some_window(rng: Generator) -> int:
    return int(rng.integers(6, 12))


def mixed(rng: Generator) -> list[str]:
    """Both kinds of layers, not as many of the one as of the other, in any order."""
    types = [SLIDING] * int(rng.integers(4, 6)) + [FULL] * int(rng.integers(1, 4))
    return [str(kind) for kind in rng.permutation(types)]


def without_windows(rng: Generator) -> list[Case]:
    """With a window that no layer has; and with none."""
    sizes = [int(n) for n in rng.permutation(np.arange(20, 40))[:3]]
    windows = (some_window(rng), None, None)
    layers = (int(rng.integers(3, 7)), int(rng.integers(7, 10)), 1)
    first, *others = (
        Case({"config": config(rng, [FULL] * count, window), "length": n})
        for n, window, count in zip(sizes, windows, layers, strict=True)
    )
    return [first, *others, first]


def with_windows(rng: Generator) -> list[Case]:
    """Texts that are longer than the window, as long, one longer or shorter, and much shorter."""
    cases = []
    for more in (int(rng.integers(9, 90)), 0, 1, -1, -4):
        window = some_window(rng)
        cases.append(Case({"config": config(rng, mixed(rng), window), "length": window + more}))
    one = config(rng, [SLIDING] * int(rng.integers(2, 5)), 1)
    long = Case({"config": config(rng, mixed(rng), some_window(rng)), "length": 10**6})
    return shuffled(rng, [*cases, Case({"config": one, "length": 9}), long])


def with_missing_fields(rng: Generator) -> list[Case]:
    """Also where head_dim is there and not the quotient that stands in for it."""
    window = some_window(rng)
    length = window + int(rng.integers(9, 90))
    own = config(rng, mixed(rng), window)
    own["head_dim"] *= 2
    cases = [own, own | {"head_dim": own["head_dim"] // 4}]
    for missing, value in (("head_dim", window), ("layer_types", window), ("layer_types", None)):
        fields = config(rng, mixed(rng) if value else [FULL] * 3, value)
        del fields[missing]
        cases.append(fields)
    bare = config(rng, [SLIDING] * int(rng.integers(3, 7)), window)
    del bare["head_dim"], bare["layer_types"]
    return shuffled(rng, [Case({"config": each, "length": length}) for each in [*cases, bare]])


def of_each_dtype(rng: Generator) -> list[Case]:
    cases = []
    for dtype in ("float32", "float16", "bfloat16"):
        fields = config(rng, [FULL] * int(rng.integers(3, 7)), None) | {"torch_dtype": dtype}
        cases.append(Case({"config": fields, "length": int(rng.integers(20, 40))}))
    return shuffled(rng, cases)


def of_all_kinds(rng: Generator) -> list[Case]:
    return [*with_missing_fields(rng), *of_each_dtype(rng)]


def stacked(fields: dict[str, Any], length: int) -> Case:
    return Case({"config": fields, "length": length})


def stacks_of_windows(rng: Generator) -> list[Case]:
    """Texts longer than the reach, as long, and shorter; with and without layer_types."""
    cases = []
    for more in (int(rng.integers(5, 50)), 1, 0, -1, -int(rng.integers(5, 10))):
        count, window = int(rng.integers(3, 7)), some_window(rng)
        fields = config(rng, [SLIDING] * count, window)
        cases.append(stacked(fields, count * (window - 1) + 1 + more))
    bare = config(rng, [SLIDING] * int(rng.integers(3, 7)), some_window(rng))
    del bare["layer_types"]
    one, alone = config(rng, [SLIDING], 7), config(rng, [SLIDING] * 4, 1)
    cases += [stacked(bare, 10**6), stacked(bare, 9), stacked(one, 20), stacked(alone, 20)]
    return shuffled(rng, cases)


def mixed_stacks(rng: Generator) -> list[Case]:
    """Full attention above the windows, below them, between them, everywhere, and unsaid.

    In one layer and in several, at any place of a stack; with a window that no layer has, or None.
    """
    window = some_window(rng)
    orders = [[FULL, SLIDING, SLIDING], [SLIDING, SLIDING, FULL], [SLIDING, FULL, SLIDING], [FULL]]
    for several in (1, 1, 2, 3):
        types = [SLIDING] * 6
        for place in rng.permutation(np.arange(1, 6))[:several]:
            types[place] = FULL
        orders.append(types)
    cases = [stacked(config(rng, types, window), int(rng.integers(60, 99))) for types in orders]
    cases.append(stacked(config(rng, [FULL] * 3, None), int(rng.integers(60, 99))))
    unsaid = config(rng, [FULL] * 3, None)
    del unsaid["layer_types"]
    return shuffled(rng, [*cases, stacked(unsaid, int(rng.integers(60, 99)))])


def stacks(rng: Generator) -> list[Case]:
    return [*stacks_of_windows(rng), *mixed_stacks(rng)]
