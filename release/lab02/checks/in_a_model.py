"""Self-checks of 04_in_a_model."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from labkit.calls import watched
from labkit.steps import passed, require_int, self_check
from labkit.values import require_float

Nudges = dict[Any, str]  # by what was got; that of None is for all else

FULL, SLIDING = "full_attention", "sliding_attention"
LEFT_OUT = object()  # in place of a field that is not there
SMALL_MODEL = {
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "hidden_size": 53,
    "head_dim": 8,
    "sliding_window": 3,
    "layer_types": [SLIDING, FULL, SLIDING],
    "torch_dtype": "float16",
}

# chances 1/4 1/4 1/2, then 7/8 1/16 1/16, then 1/2 1/4 1/4, then 1/16 7/8 1/16
SCORES = np.log([[1.0, 1.0, 2.0], [14.0, 1.0, 1.0], [2.0, 1.0, 1.0], [1.0, 14.0, 1.0]])
TOKENS = np.array([0, 2, 1, 1])  # of the chances 1/2, 1/16 and 1/4: 1, 4 and 2 bits
BITS = 7 / 3

WORK_OUT = "Work out what one position takes in one layer, and how many are kept in each."
ALL_FULL: Nudges = {
    480: "That is half. A layer keeps a key and a value in each of its key-value heads; and asked "
    "for are bytes: yours may be numbers, not bytes.",
    320: "That is one layer; each layer has a cache of its own.",
    2880: "These are as many heads as there are of queries. What is kept has num_key_value_heads.",
    576: "That is a window in every layer: look at layer_types.",
    7680: "These are bits.",
    None: WORK_OUT,
}
WINDOWS: Nudges = {
    576: "That is a window in every layer: look at layer_types.",
    None: "A layer with a window keeps the last sliding_window positions, no more and no fewer.",
}
SHORT = "This text is shorter than the window: no layer keeps more than there is."
UNSAID = "With no layer_types, all layers have the window, or full attention if it is None."
REACH: Nudges = {
    12: "That is L * w, which counts positions twice where two windows meet.",
    8: "The output's own position counts: does a window of 1 see itself?",
    3: "That is one layer. With several layers, each looks further back than the one below.",
    None: "Draw it: from the oldest position that is seen, the next layer looks back again.",
}


@self_check
def check_bits_per_token(bits_per_token: Callable[..., float]) -> None:
    """bits_per_token(logits, tokens): float."""
    answer = watched(bits_per_token, "bits_per_token(logits, tokens)")
    got = answer(SCORES.copy(), TOKENS.copy())
    what = "bits_per_token of tokens that cost 1, 4 and 2 bits"
    given = f"logits = np.log({np.exp(SCORES).round().astype(int).tolist()})"
    nudge = f"{_about_bits(got)}\n{given}\ntokens = {TOKENS.tolist()}"
    require_float(got, BITS, what, nudge)
    levels = np.array([[2000.0], [-2000.0], [900.0], [0.0]])
    nudge = "The chances are as before. For large scores, shift each row by its own largest score."
    require_float(
        answer(SCORES + levels, TOKENS.copy()),
        BITS,
        "bits_per_token of the same, with large scores",
        nudge,
    )
    nudge = (
        "Its chance is too small to be a float, its cost is not: take the logarithm of the "
        "quotient as a difference of logarithms."
    )
    unlikely = answer(np.array([[0.0, -1000.0], [0.0, 0.0]]), np.array([0, 1]))
    require_float(unlikely, 1000 / np.log(2), "bits_per_token where a chance is exp(-1000)", nudge)
    single = answer(np.zeros((2, 4), dtype=np.float32), np.array([3, 1]))
    require_float(single, 2.0, "bits_per_token of one of four alike, in float32")
    passed("which token a row predicts, bits, the mean, large scores, unlikely tokens")


@self_check
def check_cache_bytes(cache_bytes: Callable[[dict[str, Any], int], int]) -> None:
    """cache_bytes(config, length): int."""
    answer = watched(cache_bytes, "cache_bytes(config, length)")

    def check(expected: int, about: str, length: int, nudge: str | Nudges, **more: Any) -> None:
        config = {**SMALL_MODEL, **more}
        config = {name: value for name, value in config.items() if value is not LEFT_OUT}
        got = answer(copy.deepcopy(config), length)
        why = nudge if isinstance(nudge, str) else _why(got, nudge)
        told = "\n".join(f"  {name}: {value!r}" for name, value in config.items())
        require_int(got, expected, f"{about}, length {length}", f"{why}\nconfig:\n{told}")

    check(960, "three layers of full attention", 5, ALL_FULL, layer_types=[FULL] * 3)
    check(768, "one layer of full attention and two windows of 3", 6, WINDOWS)
    check(384, "the same, with a text that is shorter than the window", 2, SHORT)
    check(1152, "no window at all", 6, UNSAID, layer_types=LEFT_OUT, sliding_window=None)
    check(576, "a window, and no layer_types", 6, UNSAID, layer_types=LEFT_OUT)
    nudge = "Where head_dim is missing, it is hidden_size // num_attention_heads."
    check(768, "no head_dim", 6, nudge, head_dim=LEFT_OUT)
    nudge = "Where head_dim is there, it counts; hidden_size says nothing about a key then."
    check(1536, "a head_dim that is not the quotient", 6, nudge, head_dim=16)
    nudge = "A number of float32 takes 4 bytes, one of float16 or bfloat16 takes 2."
    for name, expected in (("float32", 1536), ("bfloat16", 768)):
        check(expected, f"numbers of {name}", 6, nudge, torch_dtype=name)
    passed("full attention, windows, missing fields, sizes of numbers")


@self_check
def check_stack_reach(stack_reach: Callable[[dict[str, Any], int], int]) -> None:
    """stack_reach(config, length): int."""
    answer = watched(stack_reach, "stack_reach(config, length)")

    def reach(types: list[str], length: int) -> int:
        sizes = {"num_hidden_layers": len(types), "layer_types": [*types]}
        return answer({**SMALL_MODEL, **sizes}, length)

    got = reach([SLIDING] * 4, 20)
    require_int(got, 9, "stack_reach of four windows of 3 in a text of 20", _why(got, REACH))
    nudge = "This text has only 5 positions."
    require_int(
        reach([SLIDING] * 4, 5), 5, "stack_reach of four windows of 3 in a text of 5", nudge
    )
    require_int(
        reach([SLIDING], 20), 3, "stack_reach of one window of 3 in a text of 20", "Draw it."
    )
    nudge = "A layer of full attention sees all that the layers below it have read."
    for types in ([SLIDING, FULL, SLIDING], [FULL, SLIDING], [SLIDING, FULL], [FULL]):
        require_int(reach(types, 20), 20, f"stack_reach of {types} in a text of 20", nudge)
    unsaid = {name: value for name, value in SMALL_MODEL.items() if name != "layer_types"}
    require_int(
        answer({**unsaid}, 20), 7, "stack_reach with no layer_types, three windows of 3", UNSAID
    )
    require_int(
        answer({**unsaid, "sliding_window": None}, 20),
        20,
        "stack_reach with no window at all",
        UNSAID,
    )
    passed("windows alone, with full attention, texts shorter than the reach")


def _why(got: Any, nudges: Nudges) -> str:
    return nudges.get(got if isinstance(got, int) else None, nudges[None])


def _about_bits(got: Any) -> str:
    """What this mean is the mean of, as far as we know it."""
    mistaken = {
        "Row i predicts the token after it, at position i + 1: the first row goes with token 1.": (
            2.0481612695, 2.0642150260, 0.7950967186, 2.6666666667,
        ),
        "That counts the last row: the last row predicts a token that is not there.": (2.75,),
        "That is the natural logarithm, where a bit is 0.69: take it to the base 2.": (
            BITS * np.log(2),
        ),
        "That is the sum; asked for is the mean.": (7.0,),
        "Of n tokens, n - 1 tokens are predicted: divide by that.": (1.75,),
        "A cost is minus the logarithm of a chance.": (-BITS,),
    }  # fmt: skip
    close = (
        nudge
        for nudge, values in mistaken.items()
        if np.size(got) == 1 and np.isclose(np.asarray(got, dtype=float), values).any()
    )
    fallback = "Work out the chances of each row: its softmax. One of them is that of what comes."
    return next(close, fallback)
