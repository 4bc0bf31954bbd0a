"""Inputs for the exercises of 03_multi_head."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused, shuffled
from grading.judging.exercise import Case, Inputs

from ..drivers import SIZES, WEIGHTS
from ..global_tokens.cases import global_mask

LARGE = 2.0**20  # of scores that overflow exp, and are far below any finite -1e4


def to_split(*batch: int, dtype: type = np.float64) -> Callable[[Generator], Inputs]:
    def draw(rng: Generator) -> Inputs:
        num_heads, d_k, seq_len = _different_sizes(rng)
        x = 8 * rng.normal(size=(*batch, seq_len, num_heads * d_k))
        return {"x": x.astype(dtype), "num_heads": num_heads}

    return draw


def to_combine(*batch: int, dtype: type = np.float64) -> Callable[[Generator], Inputs]:
    def draw(rng: Generator) -> Inputs:
        num_heads, d_k, seq_len = _different_sizes(rng)
        return {"x": (8 * rng.normal(size=(*batch, num_heads, seq_len, d_k))).astype(dtype)}

    return draw


def _different_sizes(rng: Generator) -> tuple[int, ...]:
    """Heads, features of a head, positions: no two are the same, so none stands for another."""
    return tuple(int(size) for size in rng.choice(np.arange(2, 7), size=3, replace=False))


def odd_splits(rng: Generator) -> list[Case]:
    """More axes in front than one, and a 1 wherever there can be one."""
    several, one = to_split(3, 2)(rng), to_split(1)(rng)
    d_model = one["x"].shape[-1]
    shortest = {"x": one["x"][0, :1]}
    of_one_head = [each | {"num_heads": 1} for each in (one, several)]
    inputs = (several, to_split(2, 1, 2)(rng), one, one | shortest, one | {"num_heads": d_model})
    return [Case(each) for each in (*inputs, *of_one_head)]


def square_splits(rng: Generator) -> list[Case]:
    """Of all sizes, of which none stands for another; and as many heads as positions."""
    drawn = [to_split()(rng) for _ in range(3)]
    number = drawn[0]["num_heads"]
    drawn.append({"x": rng.normal(size=(number, 2 * number)), "num_heads": number})
    return [Case(each) for each in drawn]


def square_combinations(rng: Generator) -> list[Case]:
    drawn = [to_combine()(rng)["x"] for _ in range(3)]
    number = len(drawn[0])
    return [Case({"x": x}) for x in (*drawn, rng.normal(size=(number, number, 2)))]


def odd_combinations(rng: Generator) -> list[Case]:
    several, one = to_combine(3, 2)(rng)["x"], to_combine(1)(rng)["x"]
    of_one_head = [several[..., :1, :, :], several[0, :, :1], one[:, :1]]
    inputs = (several, to_combine(2, 1, 2)(rng)["x"], one, one[0, :, :1], one[..., :1])
    return [Case({"x": x}) for x in (*inputs, *of_one_head)]


def dtypes(draw: Callable[..., Callable[[Generator], Inputs]]) -> Callable[[Generator], list[Case]]:
    """A batch in each dtype; inputs of an axis more or less are asked elsewhere."""
    kinds = (np.float32, np.float64, np.int64)
    return lambda rng: [Case(draw(7, dtype=dtype)(rng)) for dtype in kinds]


def layer_sizes(rng: Generator) -> Inputs:
    num_heads = int(rng.integers(2, 5))
    return {
        "d_model": num_heads * int(rng.choice([2, 3, 5])),
        "num_heads": num_heads,
        "window_size": int(rng.integers(2, 5)),
        "num_global_tokens": int(rng.integers(1, 4)),
    }


def layers_to_describe(rng: Generator) -> list[Case]:
    """With the number of global tokens, and without."""
    drawn = [layer_sizes(rng) for _ in range(3)]
    del drawn[1]["num_global_tokens"]
    return [Case(sizes) for sizes in drawn]


def global_masks(rng: Generator) -> list[Case]:
    """For no global token, some, as many as there are tokens, and more; for one token."""
    sizes, seq_len = layer_sizes(rng), int(rng.integers(5, 9))
    numbers = (0, int(rng.integers(1, seq_len)), seq_len, seq_len + int(rng.integers(1, 9)))
    drawn = [(number, seq_len) for number in numbers] + [(1, 1)]
    return [Case(sizes | {"num_global_tokens": number, "seq_len": n}) for number, n in drawn]


def layer(
    *,
    batch: int | None = None,
    first_tokens: bool = False,
    mask_given: bool = False,
    method: str = "forward",
    **fixed: int,
) -> Callable[[Generator], Inputs]:
    """A layer with weights of its own, and an x to run through it.

    batch: 0 for one sequence, without an axis of sequences; without a number, some sequences, but
    not as many as there are heads.
    """

    def draw(rng: Generator) -> Inputs:
        sizes = layer_sizes(rng) | fixed
        if not first_tokens:
            del sizes["num_global_tokens"]
        d_model = sizes["d_model"]
        seq_len = int(rng.integers(8, 12))  # some key is neither global nor in the last window
        weights = {name: rng.normal(size=(d_model, d_model)) / d_model**0.5 for name in WEIGHTS}
        sequences = sizes["num_heads"] + 1 if batch is None else batch
        x = rng.normal(size=(sequences, seq_len, d_model) if sequences else (seq_len, d_model))
        given = {"global_mask": global_mask(rng, seq_len)} if mask_given else {}
        if first_tokens and mask_given:  # never among the first tokens alone
            given["global_mask"][-1] = True
        return sizes | weights | {"x": x} | given | {"method": method}

    return draw


def several_heads_and_one(rng: Generator) -> list[Case]:
    """The first of them once more at the end."""
    drawn = [layer()(rng), layer(num_heads=1)(rng), layer()(rng)]
    return [Case(inputs) for inputs in (*drawn, drawn[0])]


def single_sequences(rng: Generator) -> list[Case]:
    """Without an axis of sequences; the last has a single token."""
    drawn = [layer(batch=0, first_tokens=True)(rng) for _ in range(3)]
    drawn[-1] |= {"x": drawn[-1]["x"][:1], "num_global_tokens": 1}
    return [Case(inputs) for inputs in drawn]


def one_to_three_globals(rng: Generator) -> list[Case]:
    """Each number of global tokens for certain: left to chance, now and then none would be 1.

    In the last, the window is wider than the text.
    """
    drawn = layer(first_tokens=True)
    cases = [Case(drawn(rng) | {"num_global_tokens": number}) for number in (1, 2, 3)]
    return [*cases, Case(drawn(rng) | {"window_size": 99})]


def masks_given(rng: Generator) -> list[Case]:
    """The last of them makes no token global."""
    drawn = [layer(first_tokens=True, mask_given=True)(rng) for _ in range(3)]
    drawn[0]["num_global_tokens"] = 3
    drawn[-1]["global_mask"][:] = False
    return [Case(inputs) for inputs in drawn]


def for_weights(rng: Generator) -> list[Case]:
    """With the first tokens global, and with a mask instead."""
    return [
        Case(layer(first_tokens=True, mask_given=given, method="get_attention_weights")(rng))
        for given in (False, True, True)
    ]


def one_sequence_and_several(rng: Generator) -> list[Case]:
    drawn = (layer(first_tokens=True, mask_given=True, batch=batch) for batch in (None, 1))
    return [Case(draw(rng)) for draw in drawn]


def layers_to_check(rng: Generator) -> list[Case]:
    """Good and bad sizes and texts, in any order."""
    good = layer(first_tokens=True)(rng)
    cases = [*_bad_sizes(good, rng), *_bad_texts(good, rng)]
    smallest = {name: good[name][:1, :1] for name in WEIGHTS} | {"x": good["x"][..., :1]}
    smallest |= dict.fromkeys(("d_model", "num_heads", "window_size"), 1)
    no_change: Inputs = {}
    fine = (
        no_change,
        {"num_global_tokens": 0},
        {"window_size": 999},
        {"num_heads": good["d_model"]},
    )
    cases += [Case(good | other, accepted=True) for other in (*fine, smallest)]
    return shuffled(rng, cases)


def _bad_sizes(good: Inputs, rng: Generator) -> list[Case]:
    sizes = {name: good[name] for name in SIZES}
    d_model, num_heads = good["d_model"], good["num_heads"]
    wrong = [("d_model", d_model + left) for left in (1, int(rng.integers(1, num_heads)))]
    for name in ("d_model", "num_heads", "window_size"):
        wrong += [(name, number) for number in (0, -num_heads, -int(rng.integers(1, 99)))]
    wrong += [("num_global_tokens", number) for number in (-1, -int(rng.integers(2, 99)))]
    return [refused(sizes, name, value) for name, value in wrong]


def _bad_texts(good: Inputs, rng: Generator) -> list[Case]:
    """A text with too few or too many axes or features, for either method."""
    d_model, seq_len = good["d_model"], good["x"].shape[-2]
    shapes = [(d_model,), (1, 2, seq_len, d_model), (seq_len, d_model - 1), (2, 3, d_model + 1)]
    methods = rng.permuted(["forward", "get_attention_weights"] * 2)
    return [
        Case(good | {"x": np.ones(shape), "method": str(method)}, refuses=("x", shape))
        for shape, method in zip(shapes, methods, strict=True)
    ]


def whole(*, first_tokens: bool = False, batch: int | None = None) -> Callable[..., Inputs]:
    """For a layer on an attention of the student's own: all scores are 0, only the mask counts."""

    def draw(rng: Generator) -> Inputs:
        inputs = layer(first_tokens=first_tokens, batch=batch)(rng)
        return inputs | {"W_Q": np.zeros_like(inputs["W_Q"])}

    return draw


def with_or_without_batch(rng: Generator) -> list[Case]:
    return [Case(whole(batch=batch)(rng)) for batch in (None, 0, 1)]


def with_global_tokens(rng: Generator) -> list[Case]:
    """One to three, each number for certain."""
    numbers = {1: None, 2: 0, 3: None}
    return [
        Case(whole(first_tokens=True, batch=batch)(rng) | {"num_global_tokens": number})
        for number, batch in numbers.items()
    ]


def wide_window(rng: Generator) -> Inputs:
    """All earlier tokens are seen. d_k is no square, so a rounded root is another number; nor is it
    the number of heads, or its square the length of the sequence."""
    num_heads = int(rng.integers(2, 5))
    d_model = num_heads * int(rng.choice([5, 6, 7]))
    return layer(d_model=d_model, num_heads=num_heads, window_size=99)(rng)


def large_scores(rng: Generator) -> Inputs:
    """A query gives all its weight to one key, however the scores are scaled.

    Each feature of x has another value at each position. For each head Q takes one of them, but
    never the one that K takes: their product may be below 0, also of a token with itself.
    """
    inputs = wide_window(rng)
    *batch, seq_len, d_model = inputs["x"].shape
    values = np.arange(seq_len) - seq_len // 2 + 0.5
    x = rng.permuted(np.broadcast_to(values, (*batch, d_model, seq_len)), axis=-1)
    chosen = np.zeros((d_model, d_model))
    heads = range(0, d_model, d_model // inputs["num_heads"])
    chosen[rng.integers(1, 3, size=len(heads)), heads] = LARGE
    return inputs | {"x": x.swapaxes(-1, -2).copy(), "W_Q": chosen, "W_K": np.eye(d_model)}
