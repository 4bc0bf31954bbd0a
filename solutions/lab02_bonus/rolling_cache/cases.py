"""Inputs for the exercises of 01_rolling_cache."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from grading.judging.draws import refused, shuffled
from grading.judging.exercise import Case, Inputs

LARGE = 2.0**20  # of scores that overflow exp, and are far below any finite -1e4
GAP = 60.0  # between scores that leave all the weight to the largest, however they are scaled


def partly_filled(rng: Generator) -> list[Case]:
    """Buffers of which some slots are empty: all of them, some, and none for the first time."""
    window = int(rng.integers(5, 9))
    lengths = (0, 1, int(rng.integers(2, window)), window, 0)
    return [Case({"length": length, "window_size": window}) for length in lengths]


def written_over(rng: Generator) -> list[Case]:
    """In the middle of a later lap, at the end of one, far on, and in a buffer of one slot."""
    window = int(rng.integers(5, 9))
    sizes = [wrapped(rng), {"length": window * int(rng.integers(2, 6)), "window_size": window}]
    sizes += [{"length": int(rng.integers(3, 9)), "window_size": 1}, sizes[0], wrapped(rng)]
    sizes += [{"length": int(rng.integers(300, 600)), "window_size": window}]
    return [Case(each) for each in sizes]


def not_yet_full(rng: Generator) -> Inputs:
    window = int(rng.integers(7, 10))  # the two slots or more of _weighed
    return {"length": window - int(rng.integers(1, 3)), "window_size": window}


def wrapped(rng: Generator) -> Inputs:
    """In the middle of a later lap."""
    window = int(rng.integers(5, 9))
    laps, rest = rng.integers(1, 6), rng.integers(1, window - 1)
    return {"length": int(window * laps + rest), "window_size": window}


def exactly_full(rng: Generator) -> Inputs:
    """At the end of a later lap."""
    window = int(rng.integers(5, 9))
    return {"length": window * int(rng.integers(2, 6)), "window_size": window}


def to_store(lap: int, *batch: int) -> Callable[[Generator], Inputs]:
    """A full buffer, and a token of this lap for neither its first nor its last slot."""

    def draw(rng: Generator) -> Inputs:
        window, d_k, d_v = int(rng.integers(5, 9)), 2, int(rng.choice([2, 4]))
        return {
            "keys": rng.normal(size=(*batch, window, d_k)),
            "values": rng.normal(size=(*batch, window, d_v)),
            "key": rng.normal(size=(*batch, d_k)),
            "value": rng.normal(size=(*batch, d_v)),
            "position": int(lap * window + rng.integers(2, window - 1)),
        }

    return draw


def in_batches(rng: Generator) -> list[Case]:
    """Up to three axes in front of the slots, in the first lap, which needs no remainder.

    And all sizes 1: one slot of one number.
    """
    drawn = [to_store(0, *batch)(rng) for batch in ((9,), (2, 3), (1, 9), (2, 1, 2))]
    smallest = {name: drawn[0][name][:1, :1, :1] for name in ("keys", "values")}
    smallest |= {name: drawn[0][name][:1, :1] for name in ("key", "value")}
    return [Case(inputs) for inputs in (*drawn, smallest | {"position": 0})]


def in_the_first_lap(rng: Generator) -> list[Case]:
    """Into a slot that holds numbers, and into an empty one, which holds nan as in the notebook."""
    drawn = [to_store(0)(rng) for _ in range(3)]
    for name in ("keys", "values"):
        drawn[2][name][drawn[2]["position"]] = np.nan
    return [Case(inputs) for inputs in drawn]


def far_into_the_text(rng: Generator) -> list[Case]:
    """Later laps, one of them the thousandth; and the first slot."""
    drawn = [to_store(3)(rng), to_store(1000)(rng), to_store(1)(rng)]
    drawn[-1]["position"] = 2 * drawn[-1]["keys"].shape[-2]
    return [Case(inputs) for inputs in drawn]


def _cached(rng: Generator, sizes: Inputs, *batch: int, d_k: int = 3, d_v: int = 3) -> Inputs:
    window = sizes["window_size"]
    return {
        "query": rng.normal(size=(*batch, d_k)),
        "keys": rng.normal(size=(*batch, window, d_k)),
        "values": rng.normal(size=(*batch, window, d_v)),
        "length": sizes["length"],
    }


def _with_scores(inputs: Inputs, scores: np.ndarray | float) -> Inputs:
    """The same with these scores, before they are scaled: all in the first feature."""
    query, keys = np.zeros_like(inputs["query"]), inputs["keys"].copy()
    query[..., 0] = 1
    keys[..., 0] = scores
    return inputs | {"query": query, "keys": keys}


def _levels(rng: Generator, *shape: int) -> np.ndarray:
    """Whole numbers along the last axis, in any order, below and above 0 but never 0."""
    row = np.arange(shape[-1]) - shape[-1] // 2 + 0.5
    return rng.permuted(np.broadcast_to(row, shape), axis=-1)


def full_caches(rng: Generator) -> list[Case]:
    """In three of them all scores are equal; in one the query picks a slot."""
    drawn = [_cached(rng, sizes(rng)) for sizes in (wrapped, exactly_full, wrapped, wrapped)]
    cases = [_with_scores(inputs, 0.0) for inputs in drawn[:3]]
    picking = _with_scores(drawn[3], GAP * _levels(rng, len(drawn[3]["keys"])))
    return [Case(inputs) for inputs in (*cases, picking)]


def caches_not_yet_full(rng: Generator) -> list[Case]:
    """Equal scores in filled slots. In empty ones they are not much larger, or far larger."""
    cases = []
    for empty in (1.0, LARGE, 1.0):
        window = int(rng.integers(6, 9))
        length = int(rng.integers(2, window - 1))  # more than one slot is empty
        inputs = _cached(rng, {"length": length, "window_size": window})
        is_filled = np.arange(len(inputs["keys"])) < inputs["length"]
        noise = rng.normal(size=len(is_filled))
        cases.append(_with_scores(inputs, np.where(is_filled, 0.0, empty * (1 + noise**2))))
    return [Case(inputs) for inputs in cases]


def _weighed(sizes: Inputs) -> np.ndarray:
    """Slots that get a weight where the subject is another than which slots are filled.

    All others, empty or not, have far lower scores: who counts them wrongly is not charged again.
    """
    slots, empty = np.arange(sizes["window_size"]), sizes["window_size"] - sizes["length"]
    return (slots >= empty) & (slots < sizes["length"] - 1)


def scaled(rng: Generator) -> list[Case]:
    """d_k is no square, so a rounded root is another number; and it is not d_v."""
    cases = []
    for d_k in map(int, rng.permutation([3, 5, 7])):
        sizes = not_yet_full(rng)
        inputs = _cached(rng, sizes, d_k=d_k, d_v=2 * d_k)
        query, keys = inputs["query"], inputs["keys"]
        levels = 175 + d_k**0.5 * _levels(rng, len(keys)) / 2
        missing = np.where(_weighed(sizes), levels, -300.0) - keys @ query
        cases.append(inputs | {"keys": keys + np.outer(missing, query) / (query @ query)})
    return [Case(inputs) for inputs in cases]


def large(rng: Generator) -> list[Case]:
    """In a batch of more entries than slots: large scores, small ones, and all far below 0."""
    cases = []
    for _ in range(3):
        sizes = not_yet_full(rng)
        levels = np.abs(_levels(rng, 9, sizes["window_size"]))
        levels *= np.resize([[LARGE], [1000], [-LARGE]], (9, 1))
        scores = np.where(_weighed(sizes), levels, -99 * LARGE)
        cases.append(_with_scores(_cached(rng, sizes, 9), scores))
    return [Case(inputs) for inputs in cases]


def batches(rng: Generator) -> list[Case]:
    """Each query picks a slot of its own entry."""
    cases = []
    for batch in ((2, 3), (4,), (1, 2), (2, 1, 2)):
        sizes = not_yet_full(rng)
        levels = _levels(rng, *batch, sizes["window_size"]) + 5
        scores = np.where(_weighed(sizes), GAP * levels, -GAP)
        cases.append(_with_scores(_cached(rng, sizes, *batch, d_v=4), scores))
    return [Case(inputs) for inputs in cases]


def dtypes(rng: Generator) -> list[Case]:
    cases = []
    for dtype in (np.float32, np.float64, np.float32):
        inputs = _cached(rng, not_yet_full(rng), d_k=int(rng.integers(2, 6)))
        arrays = {name: inputs[name].astype(dtype) for name in ("query", "keys", "values")}
        cases.append(Case(inputs | arrays))
    return cases


def left_alone(rng: Generator) -> list[Case]:
    return [
        Case(_cached(rng, sizes(rng), d_k=5)) for sizes in (not_yet_full, wrapped, not_yet_full)
    ]


Text = Callable[..., Inputs]


def any_text(rng: Generator, *shape: int, d_k: int = 3, d_v: int = 3) -> Inputs:
    widths = {"Q": d_k, "K": d_k, "V": d_v}
    return {name: rng.normal(size=(*shape, d)) for name, d in widths.items()}


def equal_scores(rng: Generator, *shape: int, d_v: int = 3) -> Inputs:
    """Each visible token counts the same: a wrong scale does no harm."""
    text = any_text(rng, *shape, d_v=d_v)
    return text | {"Q": np.zeros_like(text["Q"])}


def picking(rng: Generator, *shape: int, d_v: int = 3, gap: float = GAP) -> Inputs:
    """Each token gives all weight to the largest score it sees, or to the smallest.

    Among any ten tokens in a row no two scores are the same.
    """
    text = any_text(rng, *shape, d_v=d_v)
    *batch, length = shape
    levels = _levels(rng, *batch, 10)
    text["K"][..., 0] = gap * levels[..., np.arange(length) % 10]
    text["Q"][...] = 0
    text["Q"][..., 0] = rng.choice([-1.0, 1.0], size=shape)
    return text


def global_picked(rng: Generator, *shape: int) -> Inputs:
    """Each token gives all weight to the first one, as long as it sees it, however far back."""
    text = any_text(rng, *shape)
    text["Q"][..., 0], text["K"][..., 0, 0] = 1, 500
    return text


def one_by_one(
    text: Text, laps: int = 2, batch: tuple[int, ...] = (), window: int = 0, **sizes: int
) -> Callable[[Generator], Inputs]:
    """A text whose tokens come one at a time; with laps=0 it ends before the window is full."""

    def draw(rng: Generator) -> Inputs:
        w = window or int(rng.integers(4, 7))
        length = laps * w + int(rng.integers(2, max(w, 4)))
        return text(rng, *batch, length, **sizes) | {"window_size": w, "chunks": [1] * length}

    return draw


def single_tokens(rng: Generator) -> list[Case]:
    drawn = (one_by_one(equal_scores), one_by_one(picking), one_by_one(equal_scores, window=1))
    return [Case(draw(rng)) for draw in (*drawn, one_by_one(picking, laps=3))]


def in_chunks(rng: Generator) -> list[Case]:
    """Chunks shorter and longer than the window, and a single token; the first is not alone."""
    cases = []
    for text in (equal_scores, picking, equal_scores):
        window = int(rng.integers(3, 6))
        chunks = [2, 1, window + int(rng.integers(1, 5)), 2, int(rng.integers(2, window))]
        chunks = [2, *(int(chunk) for chunk in rng.permutation(chunks))]
        cases.append(text(rng, sum(chunks)) | {"window_size": window, "chunks": chunks})
    cases.append(cases[0] | {"chunks": [sum(cases[0]["chunks"])]})
    prompt = picking(rng, 20) | {"window_size": 3, "chunks": [18, 2]}
    cases.append(prompt)
    return [Case(inputs) for inputs in cases]


def first_token_kept(rng: Generator) -> list[Case]:
    return [Case(one_by_one(global_picked, laps=3)(rng) | {"num_global_tokens": 1}) for _ in "12"]


def global_tokens(rng: Generator) -> list[Case]:
    """Two or more; the first case is asked once more at the end."""
    drawn = [one_by_one(text)(rng) for text in (equal_scores, picking, equal_scores)]
    for inputs in drawn:
        inputs["num_global_tokens"] = int(rng.integers(2, inputs["window_size"]))
    return [Case(inputs) for inputs in (*drawn, drawn[0])]


def long_texts(rng: Generator) -> list[Case]:
    """Far longer than the window; one begins with a long chunk; and one for a window of 1."""
    drawn = [one_by_one(any_text, laps=6)(rng) for _ in range(3)]
    drawn[1]["num_global_tokens"] = 2
    start = 2 * drawn[2]["window_size"]
    drawn[2]["chunks"] = [start, *drawn[2]["chunks"][start:]]
    return [Case(inputs) for inputs in (*drawn, one_by_one(any_text, laps=20, window=1)(rng))]


def scores(rng: Generator) -> list[Case]:
    """A scale that is no whole number, and scores that overflow exp; all tokens are seen."""
    drawn = [one_by_one(any_text, laps=0, d_k=d_k, d_v=2 * d_k)(rng) for d_k in (3, 5, 7)]
    drawn += [one_by_one(picking, laps=0)(rng) for _ in range(2)]
    for inputs in drawn[3:]:
        inputs["K"] *= LARGE
    return [Case(inputs) for inputs in drawn]


def in_batches_of_texts(rng: Generator) -> list[Case]:
    """In the last, the scores of one entry are far above those of the other.

    Not so far that exp overflows or gives 0: the shift is asked elsewhere.
    """
    kinds = ((picking, (2, 3)), (equal_scores, (4,)), (picking, (1, 2)), (picking, (2, 1, 2)))
    drawn = [one_by_one(text, 0, batch, d_v=4)(rng) for text, batch in kinds]
    apart = one_by_one(picking, 0, (2,))(rng)
    apart["Q"][..., 0] = 1
    apart["K"][..., 0] = 0.6 * apart["K"][..., 0] + [[950], [-950]]
    return [Case(inputs) for inputs in (*drawn, apart)]


def texts_of_dtypes(rng: Generator) -> list[Case]:
    cases = []
    for dtype in (np.float32, np.float64, np.float32):
        inputs = one_by_one(any_text, laps=0)(rng)
        cases.append(Case(inputs | {name: inputs[name].astype(dtype) for name in "QKV"}))
    return cases


def caches_to_check(rng: Generator) -> list[Case]:
    """Good and bad sizes, in any order."""
    good = one_by_one(any_text, laps=0)(rng)
    window = good["window_size"]
    fine = [(window, 0), (window, 2), (window, window), (1, 0), (1, 1)]
    cases = [Case(_sized(good, *sizes), accepted=True) for sizes in fine]
    cases += [
        refused(_sized(good, window, 0), "window_size", size)
        for size in (0, -1, -int(rng.integers(2, 99)))
    ]
    cases += [
        refused(_sized(good, size, 0), "num_global_tokens", number)
        for size, number in (
            (window, -1),
            (window, -int(rng.integers(2, 99))),
            (window, window + 1),
            (window, int(rng.integers(100, 999))),
            (1, 2),
        )
    ]
    return shuffled(rng, cases)


def _sized(inputs: Inputs, window_size: int, num_global_tokens: int) -> Inputs:
    return inputs | {"window_size": window_size, "num_global_tokens": num_global_tokens}
