"""Inputs for the exercises of 03_multi_head."""

from collections.abc import Callable

from numpy.random import Generator

from grading.judging.draws import refused
from grading.judging.exercise import Case, Inputs

from ..global_tokens.cases import global_mask


def to_split(*batch: int) -> Callable[[Generator], Inputs]:
    def draw(rng: Generator) -> Inputs:
        num_heads, d_k = int(rng.integers(2, 5)), int(rng.integers(2, 5))
        x = rng.normal(size=(*batch, int(rng.integers(2, 7)), num_heads * d_k))
        return {"x": x, "num_heads": num_heads}

    return draw


def to_combine(*batch: int) -> Callable[[Generator], Inputs]:
    return lambda rng: {"x": rng.normal(size=(*batch, *rng.integers(2, 6, size=3)))}


def layer_sizes(rng: Generator) -> Inputs:
    num_heads = int(rng.integers(2, 5))
    return {
        "d_model": num_heads * int(rng.integers(2, 5)),
        "num_heads": num_heads,
        "window_size": int(rng.integers(2, 5)),
        "num_global_tokens": int(rng.integers(1, 4)),
    }


def layer(
    *,
    batch: bool = True,
    first_tokens: bool = False,
    mask_given: bool = False,
    method: str = "forward",
) -> Callable[[Generator], Inputs]:
    """A layer with weights of its own, and an x to run through it."""

    def draw(rng: Generator) -> Inputs:
        sizes = layer_sizes(rng)
        if not first_tokens:
            del sizes["num_global_tokens"]
        d_model = sizes["d_model"]
        seq_len = int(rng.integers(8, 12))  # some key is neither global nor in the last window
        names = ("W_Q", "W_K", "W_V", "W_O")
        weights = {name: rng.normal(size=(d_model, d_model)) / d_model**0.5 for name in names}
        x = rng.normal(size=(2, seq_len, d_model) if batch else (seq_len, d_model))
        given = {"global_mask": global_mask(rng, seq_len)} if mask_given else {}
        if first_tokens and mask_given:  # never among the first tokens alone
            given["global_mask"][-1] = True
        return sizes | weights | given | {"x": x, "method": method}

    return draw


def one_to_three_globals(rng: Generator) -> list[Case]:
    """Each number of global tokens for certain: left to chance, now and then none would be 1."""
    drawn = layer(first_tokens=True)
    return [Case(drawn(rng) | {"num_global_tokens": number}) for number in (1, 2, 3)]


def layers_to_check(rng: Generator) -> list[Case]:
    good = layer()(rng)
    x = good["x"][..., :-1]
    wrong = {
        "d_model": good["d_model"] + 1,  # no longer a multiple of num_heads
        "num_heads": 0,
        "window_size": -int(rng.integers(0, 99)),
        "num_global_tokens": -1,
    }
    ones = dict.fromkeys(("d_model", "num_heads", "window_size"), 1)
    smallest = {name: value[..., :1, :1] for name, value in good.items() if name[:2] == "W_"}
    return [
        Case(good, accepted=True),
        Case(good | smallest | ones | {"x": x[..., :1]}, accepted=True),
        *(refused(good, name, value) for name, value in wrong.items()),
        Case(good | {"x": x}, refuses=("x", x.shape)),
    ]
