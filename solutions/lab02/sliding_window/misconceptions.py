"""Wrong answers to the exercises of 01_sliding_window.

Where several are one mistake, they have its name, its hint and what else they share from one place.
"""

import math
from typing import Any

import numpy as np

from grading.judging.written import misconception

Shared = dict[str, Any]

START, WIDER = "the start", "a window wider than the sequence"
SHAPES = ("the window", START, WIDER)


def require_at_least_one(**sizes):
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} is {size}; it must be at least 1")


def positions(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    key = np.arange(seq_len)
    return key[:, np.newaxis], key


def right_mask(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query) | (key <= query - window_size)


@misconception(
    "window-mask",
    "window one too wide",
    loses=("the window",),
    hint="Count the open keys in one row, the query itself included. How many should there be?",
    says="too far",
)
def one_too_wide(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query) | (key < query - window_size)


ONE_TOO_NARROW: Shared = {
    "exercise": "window-mask",
    "name": "window one too narrow",
    "loses": ("the window", START),
    "hint": "With a window of 2, a query sees itself and the key just before it. What does yours?",
}


@misconception(**ONE_TOO_NARROW, says="too short")
def one_too_narrow(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query) | (key <= query - window_size + 1) & (key < query)


@misconception(**ONE_TOO_NARROW, says="too short")
def one_too_narrow_even_for_the_query(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query) | (key < query - window_size + 2)


WITHOUT_THE_QUERY: Shared = {
    "exercise": "window-mask",
    "name": "window ends before the query",
    "loses": (*SHAPES, "dtype"),
    "hint": "A window of 1 leaves each token alone with itself. What does yours leave it with?",
}


@misconception(**WITHOUT_THE_QUERY, says="always sees itself")
def ends_before_the_query(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key >= query) | (key <= query - window_size)


@misconception(**WITHOUT_THE_QUERY, says="always sees itself")
def as_wide_before_the_query(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key >= query) | (key < query - window_size)


ONE_AHEAD: Shared = {
    "exercise": "window-mask",
    "name": "window reaches one position into the future",
    "loses": (*SHAPES, "dtype"),
    "hint": "The query is the last position of its window. Which one is the last of yours?",
}


@misconception(**ONE_AHEAD, says="looks back only")
def one_ahead(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query + 1) | (key <= query - window_size)


@misconception(**ONE_AHEAD, says="looks back only")
def moved_by_one(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query + 1) | (key <= query + 1 - window_size)


INVERTED: Shared = {
    "exercise": "window-mask",
    "name": "mask inverted: True where attention is open",
    "hint": "Read what True means in the docstring, then look at the diagonal of your mask.",
}


@misconception(**INVERTED, loses=("the window",), says="other way round")
def inverted(seq_len, window_size):
    return ~right_mask(seq_len, window_size)


@misconception(**INVERTED, loses=("the window", "dtype"), says="expected bool")
def inverted_ints(seq_len, window_size):
    return np.where(right_mask(seq_len, window_size), 0, 1)


@misconception(**INVERTED, loses=("the window", "dtype"), says="expected bool")
def inverted_floats(seq_len, window_size):
    return np.where(right_mask(seq_len, window_size), 0.0, 1.0)


@misconception(
    "window-mask",
    "window on the wrong side: it looks ahead",
    loses=(*SHAPES, "dtype"),
    hint="Which index is the query and which the key? Follow one row with your finger.",
    says="axes swapped",
)
def looks_ahead(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key < query) | (key >= query + window_size)


TWO_SIDED: Shared = {
    "exercise": "window-mask",
    "name": "window on both sides of the query",
    "loses": (*SHAPES, "dtype"),
    "hint": "A position must not see what comes after it. What does your first row see?",
}


@misconception(**TWO_SIDED, says="looks back only")
def two_sided(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return np.abs(query - key) >= window_size


@misconception(**TWO_SIDED, says="looks back only")
def two_sided_and_wider(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return np.abs(query - key) > window_size


@misconception(**TWO_SIDED, says="looks back only")
def centred(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return np.abs(query - key) > window_size // 2


@misconception(
    "window-mask",
    "the future is not blocked",
    loses=(*SHAPES, "dtype"),
    hint="Some keys are too old. Which others must a query not see?",
    says="looks back only",
)
def future_open(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return key <= query - window_size


WINDOW_IGNORED: Shared = {
    "exercise": "window-mask",
    "name": "window_size not used",
    "hint": "Change window_size. What changes in your mask?",
}


@misconception(**WINDOW_IGNORED, loses=("the window",), says="too far")
def window_ignored(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return key > query


@misconception(**WINDOW_IGNORED, loses=(*SHAPES, "dtype"), says="too far")
def always_a_window_of_3(seq_len, window_size):
    require_at_least_one(window_size=window_size)
    return right_mask(seq_len, 3)


@misconception(**WINDOW_IGNORED, loses=(*SHAPES, "dtype"), says="too short")
def always_a_window_of_2(seq_len, window_size):
    require_at_least_one(window_size=window_size)
    return right_mask(seq_len, 2)


@misconception(
    "window-mask",
    "blocked only where both reasons hold at once",
    loses=(*SHAPES, "dtype"),
    hint="Can a key be too late and too early at the same time? One reason is enough.",
    says="looks back only",
)
def both_reasons(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query) & (key <= query - window_size)


NOT_CLIPPED: Shared = {
    "exercise": "window-mask",
    "name": "start of the window not clipped at 0",
    "loses": (START, WIDER),
    "hint": "What does a slice do when its start is negative? Try it on a small list.",
}


@misconception(**NOT_CLIPPED, says="always sees itself")
def not_clipped(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        mask[i, i - window_size + 1 : i + 1] = False
    return mask


@misconception(**NOT_CLIPPED, says="too short")
def not_clipped_but_the_query(seq_len, window_size):
    mask = not_clipped(seq_len, window_size)
    np.fill_diagonal(mask, False)
    return mask


@misconception(
    "window-mask",
    "window goes on at the end of the text, like a ring",
    loses=(START, WIDER),
    hint="What comes before position 0? With np.roll or %, it is the last position.",
    says="looks back only",
)
def wraps_around(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (query - key) % seq_len >= window_size


FULL_WIDTH: Shared = {
    "exercise": "window-mask",
    "name": "window keeps its full width at the start",
    "loses": (START, WIDER),
    "hint": "Query 0 has nothing before it. How many keys does it see in your mask?",
}


@misconception(**FULL_WIDTH, says="looks back only")
def full_width(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        start = max(0, i - window_size + 1)
        mask[i, start : start + window_size] = False
    return mask


@misconception(**FULL_WIDTH, says="looks back only")
def full_width_inside(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        start = min(max(0, i - window_size + 1), seq_len - window_size)
        mask[i, start : start + window_size] = False
    return mask


NUMBERS: Shared = {
    "exercise": "window-mask",
    "name": "0 and 1 instead of a boolean mask",
    "loses": ("dtype",),
    "hint": "The pattern is right. What dtype does the docstring promise?",
    "says": "expected bool",
}


@misconception(**NUMBERS)
def ints(seq_len, window_size):
    return np.where(right_mask(seq_len, window_size), 1, 0)


@misconception(**NUMBERS)
def floats(seq_len, window_size):
    return np.where(right_mask(seq_len, window_size), 1.0, 0.0)


@misconception(**NUMBERS)
def narrow_floats(seq_len, window_size):
    return right_mask(seq_len, window_size).astype(np.float32)


ADDITIVE: Shared = {
    "exercise": "window-mask",
    "name": "0 and -inf instead of True and False",
    "loses": ("the window", "dtype"),
    "hint": "That is what is added to the scores later. Here a mask says yes or no.",
    "says": "expected bool",
}


@misconception(**ADDITIVE)
def additive(seq_len, window_size):
    return np.where(right_mask(seq_len, window_size), -np.inf, 0.0)


@misconception(**ADDITIVE)
def additive_and_finite(seq_len, window_size):
    return np.where(right_mask(seq_len, window_size), -1e9, 0.0)


NO_ARRAY: Shared = {
    "exercise": "window-mask",
    "name": "a list of lists instead of an array",
    "loses": ("dtype",),
    "hint": "The pattern is right. What type does the docstring promise?",
    "says": "expected a NumPy array",
}


@misconception(**NO_ARRAY)
def nested_lists(seq_len, window_size):
    return right_mask(seq_len, window_size).tolist()


@misconception(**NO_ARRAY)
def nested_lists_of_numbers(seq_len, window_size):
    return np.where(right_mask(seq_len, window_size), 1, 0).tolist()


@misconception(
    "window-mask",
    "nothing is returned",
    loses=(*SHAPES, "dtype"),
    hint="The mask is made. What does the last line of your function do with it?",
    says="Is a return missing?",
)
def nothing_returned(seq_len, window_size):
    right_mask(seq_len, window_size)


@misconception(
    "window-mask",
    "the example's mask returned for every input",
    loses=(*SHAPES, "dtype", "bad input"),
    hint="The example is one case of many: build the mask from seq_len and window_size.",
    says="shape (4, 4)",
)
def only_the_example(seq_len, window_size):
    return np.array([[0, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0]], dtype=bool)


_masks: dict[int, np.ndarray] = {}


@misconception(
    "window-mask",
    "mask of an earlier call returned: only its length is looked at",
    loses=(START,),
    hint="Two calls with one seq_len and two windows: what does the second one return?",
    says="expected",
)
def kept_by_length(seq_len, window_size):
    if seq_len not in _masks:
        _masks[seq_len] = right_mask(seq_len, window_size)
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return _masks[seq_len]


NOT_CHECKED: Shared = {
    "exercise": "window-mask",
    "name": "sizes not checked",
    "loses": ("bad input",),
    "hint": "The docstring names two arguments that must be at least 1. What does a size of 0 do?",
}


@misconception(**NOT_CHECKED, says="is accepted")
def sizes_not_checked(seq_len, window_size):
    key = np.arange(seq_len)
    query = key[:, np.newaxis]
    return (key > query) | (key <= query - window_size)


@misconception(**NOT_CHECKED, says="is accepted")
def sizes_left_to_numpy(seq_len, window_size):
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        mask[i, max(0, i - window_size + 1) : i + 1] = False
    return mask


ONE_CHECKED: Shared = {
    "exercise": "window-mask",
    "name": "only one of the two sizes checked",
    "loses": ("bad input",),
    "hint": "The docstring names two arguments that must be at least 1. Your message knows one.",
    "says": "is accepted",
}


@misconception(**ONE_CHECKED)
def only_seq_len_checked(seq_len, window_size):
    require_at_least_one(seq_len=seq_len)
    return sizes_not_checked(seq_len, window_size)


@misconception(**ONE_CHECKED)
def only_window_size_checked(seq_len, window_size):
    require_at_least_one(window_size=window_size)
    return sizes_not_checked(seq_len, window_size)


HALF_CHECKED: Shared = {
    "exercise": "window-mask",
    "name": "sizes half checked: 0 passes, or what is negative",
    "loses": ("bad input",),
    "hint": "At least 1: is 0 refused, and is -2?",
    "says": "is accepted",
}


@misconception(**HALF_CHECKED)
def only_zero_refused(seq_len, window_size):
    if not seq_len or not window_size:
        raise ValueError(f"seq_len is {seq_len} and window_size is {window_size}")
    return sizes_not_checked(seq_len, window_size)


@misconception(**HALF_CHECKED)
def zero_accepted(seq_len, window_size):
    if seq_len < 0 or window_size < 0:
        raise ValueError(f"seq_len is {seq_len} and window_size is {window_size}")
    return sizes_not_checked(seq_len, window_size)


@misconception(**HALF_CHECKED)
def zero_windows_accepted(seq_len, window_size):
    if seq_len < 1 or window_size < 0:
        raise ValueError(f"seq_len is {seq_len} and window_size is {window_size}")
    return sizes_not_checked(seq_len, window_size)


@misconception(**HALF_CHECKED)
def zero_lengths_accepted(seq_len, window_size):
    if seq_len < 0 or window_size < 1:
        raise ValueError(f"seq_len is {seq_len} and window_size is {window_size}")
    return sizes_not_checked(seq_len, window_size)


OTHER_ERROR: Shared = {
    "exercise": "window-mask",
    "name": "refused with another exception than a ValueError",
    "loses": ("bad input",),
    "hint": "Who calls your function catches one kind of exception. Which does the docstring name?",
    "says": "expected a ValueError",
}


@misconception(**OTHER_ERROR)
def asserted(seq_len, window_size):
    assert seq_len >= 1, f"seq_len is {seq_len}"
    assert window_size >= 1, f"window_size is {window_size}"
    return right_mask(seq_len, window_size)


@misconception(**OTHER_ERROR)
def type_error(seq_len, window_size):
    for name, size in (("seq_len", seq_len), ("window_size", window_size)):
        if size < 1:
            raise TypeError(f"{name} is {size}")
    return right_mask(seq_len, window_size)


@misconception(**OTHER_ERROR)
def index_error(seq_len, window_size):
    for name, size in (("seq_len", seq_len), ("window_size", window_size)):
        if size < 1:
            raise IndexError(f"{name} is {size}")
    return right_mask(seq_len, window_size)


@misconception(
    "window-mask",
    "the message names no argument, or not its value",
    loses=("bad input",),
    hint="Who reads the message wants to know which argument is wrong, and what it was.",
    says="not one that names it",
)
def message_without_value(seq_len, window_size):
    if seq_len < 1 or window_size < 1:
        raise ValueError("sizes must be positive")
    return right_mask(seq_len, window_size)


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def unscaled(Q, K):
    return Q @ np.swapaxes(K, -1, -2)


def scaled(Q, K):
    return unscaled(Q, K) / Q.shape[-1] ** 0.5


def blocked(scores, mask):
    return np.where(mask, -np.inf, scores)


BLOCKED, ANY_SCORES = "blocked keys", "blocked keys, whatever the scores"
ALL_OF_ATTENTION = (
    *(BLOCKED, ANY_SCORES, "softmax", "scale"),
    *("large scores", "batch and heads", "dtype", "inputs unchanged"),
)


@misconception(
    "masked-attention",
    "scores not scaled",
    loses=("scale",),
    hint="What are the scores divided by, and why? The docstring has the formula.",
    says="not to be scaled",
)
def not_scaled(Q, K, V, mask):
    weights = softmax(blocked(unscaled(Q, K), mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "scores scaled twice: divided by d_k",
    loses=("scale",),
    hint="Is it d_k that the scores are divided by? And does it happen in one place only?",
    says="divided by d_k, or twice",
)
def scaled_twice(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K) / Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "scores multiplied by the root of d_k",
    loses=("scale",),
    hint="The more products a score adds up, the larger it gets. Does yours make up for that?",
    says="d_k is 5",
)
def multiplied(Q, K, V, mask):
    weights = softmax(blocked(unscaled(Q, K) * Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "scores scaled by another size than d_k",
    loses=("scale",),
    hint="Several axes have a size. Which one is summed over in a score?",
    says="d_k is 5",
)
def scaled_by_another_size(Q, K, V, mask):
    weights = softmax(blocked(unscaled(Q, K) / V.shape[-1] ** 0.5, mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "scores rounded down: divided by //",
    loses=("scale",),
    hint="What is 7 // 2, and what is 7 / 2?",
    says="d_k is 5",
)
def scores_rounded(Q, K, V, mask):
    weights = softmax(blocked(unscaled(Q, K) // Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "root of d_k rounded to a whole number",
    loses=("scale",),
    hint="What is the root of 8, and what is it in your code?",
    says="",
)
def rounded_root(Q, K, V, mask):
    weights = softmax(blocked(unscaled(Q, K) / math.isqrt(Q.shape[-1]), mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "scores divided by 2, whatever d_k is",
    loses=("scale",),
    hint="In an example d_k is 4, and its root is 2. What is it for other inputs?",
    says="",
)
def scaled_by_two(Q, K, V, mask):
    weights = softmax(blocked(unscaled(Q, K) / 2, mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "mask applied after the softmax",
    loses=(BLOCKED, ANY_SCORES),
    hint="Add up one row of your weights. Who took the share that is missing?",
    says="before the softmax",
)
def mask_after_softmax(Q, K, V, mask):
    weights = np.where(mask, 0, softmax(scaled(Q, K)))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "mask not used",
    loses=(BLOCKED, ANY_SCORES),
    hint="Change the mask. What changes in your weights?",
    says="a share as if it were open",
)
def mask_ignored(Q, K, V, mask):
    weights = softmax(scaled(Q, K))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "blocked scores set to 0 instead of -inf",
    loses=(BLOCKED, ANY_SCORES, "large scores"),
    hint="What is exp(0)? A blocked key must have no weight at all.",
    says="0 blocks nothing",
)
def zero_scores(Q, K, V, mask):
    weights = softmax(np.where(mask, 0, scaled(Q, K)))
    return weights @ V, weights


FINITE: Shared = {
    "exercise": "masked-attention",
    "name": "blocked scores low, but not -inf",
    "hint": "Take scores that are lower still. Which key gets the weight then?",
}


@misconception(**FINITE, loses=(BLOCKED, ANY_SCORES, "large scores"), says="must be 0")
def hardly_low(Q, K, V, mask):
    weights = softmax(np.where(mask, -10.0, scaled(Q, K)))
    return weights @ V, weights


@misconception(**FINITE, loses=(ANY_SCORES, "large scores"), says="must be 0")
def not_low(Q, K, V, mask):
    weights = softmax(np.where(mask, -20.0, scaled(Q, K)))
    return weights @ V, weights


@misconception(**FINITE, loses=(ANY_SCORES, "large scores"), says="not low enough")
def lower(Q, K, V, mask):
    weights = softmax(np.where(mask, -100.0, scaled(Q, K)))
    return weights @ V, weights


@misconception(**FINITE, loses=("large scores",), says="not low enough")
def low(Q, K, V, mask):
    weights = softmax(np.where(mask, -1e4, scaled(Q, K)))
    return weights @ V, weights


@misconception(**FINITE, loses=(ANY_SCORES,), says="not low enough")
def lowered(Q, K, V, mask):
    weights = softmax(scaled(Q, K) - 1e4 * mask.astype(Q.dtype))
    return weights @ V, weights


@misconception(**FINITE, loses=(ANY_SCORES,), says="must be 0")
def lowered_a_little(Q, K, V, mask):
    weights = softmax(scaled(Q, K) - 20 * mask.astype(Q.dtype))
    return weights @ V, weights


@misconception(**FINITE, loses=(ANY_SCORES, "dtype"), says="not low enough")
def lowered_in_float64(Q, K, V, mask):
    weights = softmax(scaled(Q, K) + mask * -1e4)
    return weights @ V, weights


@misconception(
    "masked-attention",
    "0 times -inf: all weights are nan",
    loses=ALL_OF_ATTENTION,
    hint="What is 0 * -inf? Print what is added to an open score.",
    says="got nan",
)
def zero_times_inf(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = softmax(scaled(Q, K) + mask * -np.inf)
    return weights @ V, weights


BLOCKED_MAXIMUM: Shared = {
    "exercise": "masked-attention",
    "name": "largest score taken over blocked keys as well",
    "loses": (ANY_SCORES,),
    "hint": "Let a blocked key have by far the largest score. What is left of the open ones?",
}


@misconception(**BLOCKED_MAXIMUM, says="largest of")
def blocked_maximum(Q, K, V, mask):
    scores = scaled(Q, K)
    shares = np.where(mask, 0, np.exp(scores - scores.max(axis=-1, keepdims=True)))
    with np.errstate(all="ignore"):
        weights = shares / shares.sum(axis=-1, keepdims=True)
    return weights @ V, weights


@misconception(**BLOCKED_MAXIMUM, says="largest of")
def blocked_maximum_and_no_nan(Q, K, V, mask):
    weights = np.nan_to_num(blocked_maximum(Q, K, V, mask)[1])
    return weights @ V, weights


READ_INVERTED: Shared = {
    "exercise": "masked-attention",
    "name": "mask read the other way round",
    "hint": "True means blocked. Which scores does your code keep?",
    "says": "",
}


@misconception(**READ_INVERTED, loses=(BLOCKED, ANY_SCORES, "large scores", "batch and heads"))
def mask_read_inverted_and_finite(Q, K, V, mask):
    weights = softmax(np.where(mask, scaled(Q, K), -1e9))
    return weights @ V, weights


@misconception(**READ_INVERTED, loses=(BLOCKED, ANY_SCORES, "batch and heads"))
def mask_read_inverted(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = softmax(np.where(mask, scaled(Q, K), -np.inf))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "mask transposed",
    loses=(BLOCKED, ANY_SCORES),
    hint="mask[i, j] is about query i and key j. Which is which in your scores?",
    says="expected",
)
def mask_transposed(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = softmax(blocked(scaled(Q, K), mask.T))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "scores transposed: K @ Q^T",
    loses=(ANY_SCORES, "softmax", "scale", "large scores"),
    hint="A row of the scores belongs to a query. Which of Q and K gives the rows of your product?",
    says="weights of",
)
def scores_transposed(Q, K, V, mask):
    weights = softmax(blocked(scaled(K, Q), mask))
    return weights @ V, weights


OVER_QUERIES: Shared = {
    "exercise": "masked-attention",
    "name": "softmax over the queries instead of the keys",
    "hint": "Each query shares out a weight of 1 among the keys. Along which axis is that?",
    "says": "over the keys",
}
NOT_IN_ROWS = (ANY_SCORES, "softmax", "large scores")


@misconception(**OVER_QUERIES, loses=NOT_IN_ROWS)
def softmax_over_queries(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=-2, keepdims=True))
        weights = shares / shares.sum(axis=-2, keepdims=True)
    return weights @ V, weights


@misconception(**OVER_QUERIES, loses=NOT_IN_ROWS)
def softmax_over_queries_with_one_shift(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=(-1, -2), keepdims=True))
        weights = shares / shares.sum(axis=-2, keepdims=True)
    return weights @ V, weights


@misconception(**OVER_QUERIES, loses=NOT_IN_ROWS)
def sum_over_queries(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = shares / shares.sum(axis=-2, keepdims=True)
    return weights @ V, weights


@misconception(**OVER_QUERIES, loses=(*NOT_IN_ROWS, "batch and heads"))
def softmax_over_first_axis(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=0, keepdims=True))
        weights = shares / shares.sum(axis=0, keepdims=True)
    return weights @ V, weights


@misconception(**OVER_QUERIES, loses=(*NOT_IN_ROWS, "batch and heads"))
def sum_over_first_axis(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = shares / shares.sum(axis=0, keepdims=True)
    return weights @ V, weights


NO_KEEPDIMS: Shared = {
    "exercise": "masked-attention",
    "name": "row sums laid along the columns: keepdims missing",
    "hint": "A sum of each row has shape (n,). Along which axis does NumPy lay that out?",
}


@misconception(**NO_KEEPDIMS, loses=(*NOT_IN_ROWS, "batch and heads"), says="weights of")
def no_keepdims(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=-1))
        weights = shares / shares.sum(axis=-1)
    return weights @ V, weights


@misconception(**NO_KEEPDIMS, loses=("softmax", "batch and heads"), says="weights of")
def no_keepdims_in_the_sum(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = shares / shares.sum(axis=-1)
    return weights @ V, weights


NOT_DIVIDED: Shared = {
    "exercise": "masked-attention",
    "name": "exponentials not divided by their sum",
    "hint": "Add up one row of your weights. What should the sum be?",
    "says": "divide each row by its own sum",
}


@misconception(**NOT_DIVIDED, loses=(BLOCKED, "softmax", "scale"))
def not_divided(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights @ V, weights


@misconception(**NOT_DIVIDED, loses=ALL_OF_ATTENTION)
def divided_by_everything(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = shares / shares.sum()
    return weights @ V, weights


@misconception(
    "masked-attention",
    "softmax without the shift overflows",
    loses=("large scores",),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="inf",
)
def unstable(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    return weights @ V, weights


ONE_SHIFT: Shared = {
    "exercise": "masked-attention",
    "name": "one shift for all rows of the softmax",
    "loses": ("large scores",),
    "hint": "A row far below the largest score of all becomes zeros. Shift each by its own.",
    "says": "shift each row",
}


@misconception(**ONE_SHIFT)
def one_shift(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max())
        weights = shares / shares.sum(axis=-1, keepdims=True)
    return weights @ V, weights


@misconception(**ONE_SHIFT)
def one_shift_and_no_nan(Q, K, V, mask):
    weights = np.nan_to_num(one_shift(Q, K, V, mask)[1])
    return weights @ V, weights


ALL_AXES: Shared = {
    "exercise": "masked-attention",
    "name": "all axes of K transposed, those of the batch too",
    "loses": ("batch and heads",),
    "hint": "K.T turns all axes around. Which two should change places?",
}


@misconception(**ALL_AXES, says="")
def transposes_all_axes(Q, K, V, mask):
    weights = softmax(blocked(Q @ K.T / Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


ONE_SEQUENCE: Shared = {
    "exercise": "masked-attention",
    "name": "written for one sequence: no batch axes",
    "loses": ("batch and heads",),
    "hint": "Q may have axes in front. Which of its sizes do you need? Count them from the end.",
}


@misconception(**ONE_SEQUENCE, says="unpack")
def one_sequence_only(Q, K, V, mask):
    n, d_k = Q.shape
    weights = softmax(blocked(Q @ K.T / d_k**0.5, mask))
    return weights @ V, weights


@misconception(**ONE_SEQUENCE, says="")
def one_sequence_in_einsum(Q, K, V, mask):
    weights = softmax(blocked(np.einsum("qd,kd->qk", Q, K) / Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


@misconception(**ONE_SEQUENCE, says="")
def one_sequence_in_dot(Q, K, V, mask):
    weights = softmax(blocked(np.dot(Q, K.T) / Q.shape[-1] ** 0.5, mask))
    return np.dot(weights, V), weights


@misconception(**ONE_SEQUENCE, says="")
def first_sequence_alone_masked(Q, K, V, mask):
    scores = scaled(Q, K)
    scores[mask] = -np.inf
    weights = softmax(scores)
    return weights @ V, weights


@misconception(**ONE_SEQUENCE, says="")
def axis_counted_from_the_front(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = shares / shares.sum(axis=1, keepdims=True)
    return weights @ V, weights


@misconception(**ONE_SEQUENCE, says="")
def width_counted_from_the_front(Q, K, V, mask):
    weights = softmax(blocked(unscaled(Q, K) / Q.shape[1] ** 0.5, mask))
    return weights @ V, weights


ONE_BATCH_AXIS: Shared = {
    "exercise": "masked-attention",
    "name": "written for one batch axis at most: no heads",
    "loses": ("batch and heads",),
    "hint": "There may be any number of axes in front. Which of yours do you count from the front?",
}


@misconception(**ONE_BATCH_AXIS, says="")
def one_batch_axis_in_einsum(Q, K, V, mask):
    if Q.ndim == 2:
        return masked_by_einsum("qd,kd->qk", Q, K, V, mask)
    return masked_by_einsum("bqd,bkd->bqk", Q, K, V, mask)


def masked_by_einsum(product, Q, K, V, mask):
    weights = softmax(blocked(np.einsum(product, Q, K) / Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


@misconception(**ONE_BATCH_AXIS, says="")
def one_batch_axis_transposed(Q, K, V, mask):
    K_T = K.T if K.ndim == 2 else K.transpose(0, 2, 1)
    weights = softmax(blocked(Q @ K_T / Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


BATCHES_ONLY: Shared = {
    "exercise": "masked-attention",
    "name": "written for a fixed number of batch axes: one sequence fails",
    "loses": ALL_OF_ATTENTION,
    "hint": "Q may have no axes in front at all. Count those that you need from the end.",
    "says": "",
}


@misconception(**BATCHES_ONLY)
def axes_of_a_batch_swapped(Q, K, V, mask):
    weights = softmax(blocked(Q @ K.transpose(0, 2, 1) / Q.shape[-1] ** 0.5, mask))
    return weights @ V, weights


@misconception(**BATCHES_ONLY)
def batch_and_heads_unpacked(Q, K, V, mask):
    batch, heads, n, d_k = Q.shape
    weights = softmax(blocked(Q @ K.transpose(0, 1, 3, 2) / d_k**0.5, mask))
    return weights @ V, weights


@misconception(**BATCHES_ONLY)
def one_batch_axis_unpacked(Q, K, V, mask):
    batch, n, d_k = Q.shape
    weights = softmax(blocked(scaled(Q, K), mask))
    return weights @ V, weights


SQUEEZED: Shared = {
    "exercise": "masked-attention",
    "name": "axes of length 1 are lost: squeeze",
    "loses": ("batch and heads",),
    "hint": "A batch may hold one sequence. What shape does its output have?",
    "says": "",
}


@misconception(**SQUEEZED)
def squeezed(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask))
    return np.squeeze(weights @ V), np.squeeze(weights)


@misconception(**SQUEEZED)
def output_squeezed(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask))
    return np.squeeze(weights @ V), weights


@misconception(
    "masked-attention",
    "lists instead of arrays",
    loses=("dtype",),
    hint="The numbers are right. What types does the docstring promise?",
    says="expected a NumPy array",
)
def as_lists(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask))
    return (weights @ V).tolist(), weights.tolist()


@misconception(
    "masked-attention",
    "float64 returned for float32",
    loses=("dtype",),
    hint="Which number of yours did NumPy make where a Python one would do? It decides the dtype.",
    says="expected float32",
)
def promoted(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask)).astype(np.float64)
    return weights @ V, weights


OTHER_DTYPE: Shared = {
    "exercise": "masked-attention",
    "name": "float32 returned, whatever the inputs are",
    "loses": ("dtype",),
    "hint": "Give your function float64. What comes back?",
    "says": "expected float64",
}


@misconception(**OTHER_DTYPE)
def always_float32(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask)).astype(np.float32)
    return (weights @ V).astype(np.float32), weights


@misconception(**OTHER_DTYPE)
def weights_always_float32(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask)).astype(np.float32)
    return weights @ V, weights


@misconception(**OTHER_DTYPE)
def output_always_float32(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask))
    return (weights @ V).astype(np.float32), weights


@misconception(
    "masked-attention",
    "Q scaled in place",
    loses=("inputs unchanged",),
    hint="An operator such as /= writes into the array it is given. Whose array is that?",
    says="changed Q",
)
def in_place(Q, K, V, mask):
    Q /= Q.shape[-1] ** 0.5
    weights = softmax(blocked(unscaled(Q, K), mask))
    return weights @ V, weights


CHANGED: Shared = {
    "exercise": "masked-attention",
    "name": "an input is changed",
    "loses": ("inputs unchanged",),
    "hint": "Look for what writes into an array that was given: /=, [...] =, out=, sort, fill.",
}


@misconception(**CHANGED, says="changed K")
def keys_scaled_in_place(Q, K, V, mask):
    K /= K.shape[-1] ** 0.5
    weights = softmax(blocked(unscaled(Q, K), mask))
    return weights @ V, weights


@misconception(**CHANGED, says="changed mask")
def mask_inverted_in_place(Q, K, V, mask):
    np.logical_not(mask, out=mask)
    weights = softmax(blocked(scaled(Q, K), ~mask))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "weights and output returned in the wrong order",
    loses=(BLOCKED, ANY_SCORES, "batch and heads", "dtype"),
    hint="Two things are returned. Which one comes first?",
    says="weights: got shape",
)
def results_swapped(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask))
    return weights, weights @ V


ONE_RESULT: Shared = {
    "exercise": "masked-attention",
    "name": "one result returned instead of two",
    "loses": (BLOCKED, ANY_SCORES, "batch and heads", "dtype"),
    "hint": "The docstring promises two things, in a tuple. Which one is missing?",
    "says": "must return 2 things",
}


@misconception(**ONE_RESULT)
def only_the_output(Q, K, V, mask):
    return softmax(blocked(scaled(Q, K), mask)) @ V


@misconception(**ONE_RESULT)
def only_the_weights(Q, K, V, mask):
    return softmax(blocked(scaled(Q, K), mask))


@misconception(
    "masked-attention",
    "no arrays are returned",
    loses=ALL_OF_ATTENTION,
    hint="Two arrays are asked for, in a tuple. What does the last line of your function give?",
    says="must return 2 things",
)
def no_results(Q, K, V, mask):
    softmax(blocked(scaled(Q, K), mask)) @ V


SAME_WIDTH: Shared = {
    "exercise": "masked-attention",
    "name": "values taken to be as wide as queries",
    "loses": ("scale", "batch and heads"),
    "hint": "V may have another width than Q. Which of the two does the output have?",
}


@misconception(**SAME_WIDTH, says="")
def output_like_queries(Q, K, V, mask):
    output = np.zeros_like(Q)
    weights = softmax(blocked(scaled(Q, K), mask))
    output[...] = weights @ V
    return output, weights


@misconception(**SAME_WIDTH, says="")
def output_added_up_like_queries(Q, K, V, mask):
    output = np.zeros(Q.shape, dtype=Q.dtype)
    weights = softmax(blocked(scaled(Q, K), mask))
    output += weights @ V
    return output, weights


@misconception(**SAME_WIDTH, says="")
def output_by_loops_like_queries(Q, K, V, mask):
    output = np.zeros_like(Q)
    weights = softmax(blocked(scaled(Q, K), mask))
    for i in range(Q.shape[-2]):
        for j in range(Q.shape[-2]):
            output[..., i, :] += weights[..., i, j, None] * V[..., j, :]
    return output, weights


@misconception(**SAME_WIDTH, says="")
def output_reshaped_like_queries(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask))
    return (weights @ V).reshape(Q.shape), weights


@misconception(
    "masked-attention",
    "output summed over the queries instead of the keys",
    loses=(BLOCKED, ANY_SCORES),
    hint="The output of query i is made with row i of the weights. Is it, in yours?",
    says="output of",
)
def output_over_queries(Q, K, V, mask):
    weights = softmax(blocked(scaled(Q, K), mask))
    return np.swapaxes(weights, -1, -2) @ V, weights


@misconception(
    "masked-attention",
    "scores returned instead of weights",
    loses=ALL_OF_ATTENTION,
    hint="The rows of the weights sum to 1. Do those of what you return?",
    says="weights",
)
def scores_returned(Q, K, V, mask):
    scores = blocked(scaled(Q, K), mask)
    return softmax(scores) @ V, scores


INSIDE, WIDE, INT = "a window inside the sequence", WIDER, "an int"
PAIRS = (INSIDE, WIDE, INT)

SHORT_ROWS: Shared = {
    "exercise": "attended-pairs",
    "name": "short rows at the start forgotten",
    "loses": PAIRS,
    "hint": "How many keys does query 0 see?",
}


@misconception(**SHORT_ROWS, says="n * w")
def full_rows_only(seq_len, window_size):
    return seq_len * min(window_size, seq_len)


@misconception(**SHORT_ROWS, says="n * w")
def length_times_window(seq_len, window_size):
    return seq_len * window_size


@misconception(
    "attended-pairs",
    "window never limited by the sequence",
    loses=(WIDE,),
    hint="No query sees more keys than there are. What if the window is wider than that?",
    says="wider than the text",
)
def formula_for_narrow_windows(seq_len, window_size):
    return seq_len * window_size - window_size * (window_size - 1) // 2


@misconception(
    "attended-pairs",
    "blocked pairs counted instead of open ones",
    loses=PAIRS,
    hint="Count the pairs in which a query does see the key.",
    says="blocked pairs",
)
def blocked_pairs(seq_len, window_size):
    width = min(window_size, seq_len)
    return seq_len**2 - seq_len * width + width * (width - 1) // 2


def right_pairs(seq_len, window_size):
    width = min(window_size, seq_len)
    return seq_len * width - width * (width - 1) // 2


FLOAT_PAIRS: Shared = {
    "exercise": "attended-pairs",
    "name": "a float returned instead of an int",
    "loses": (INT,),
    "hint": "The number is right. What does / make of two ints, and what does // make?",
    "says": "expected an int",
}


@misconception(**FLOAT_PAIRS)
def float_pairs(seq_len, window_size):
    return float(right_pairs(seq_len, window_size))


@misconception(**FLOAT_PAIRS)
def numpy_float_pairs(seq_len, window_size):
    return np.float64(right_pairs(seq_len, window_size))


QUERY_NOT_COUNTED: Shared = {
    "exercise": "attended-pairs",
    "name": "the query itself not counted",
    "loses": PAIRS,
    "hint": "With a window of 1 each query sees one key. Which one?",
}


@misconception(**QUERY_NOT_COUNTED, says="Count the dots")
def short_rows_without_the_query(seq_len, window_size):
    return sum(min(query, window_size) for query in range(seq_len))


@misconception(**QUERY_NOT_COUNTED, says="Count the dots")
def rows_without_the_query(seq_len, window_size):
    return right_pairs(seq_len, window_size) - seq_len


@misconception(
    "attended-pairs",
    "window one too wide",
    loses=(INSIDE,),
    hint="In a window of 1 there are as many pairs as positions. How many are there in yours?",
    says="Count the dots",
)
def pairs_one_too_wide(seq_len, window_size):
    return right_pairs(seq_len, window_size + 1)


@misconception(
    "attended-pairs",
    "window one too narrow",
    loses=PAIRS,
    hint="In a window of 1 there are as many pairs as positions. How many are there in yours?",
    says="Count the dots",
)
def pairs_one_too_narrow(seq_len, window_size):
    return right_pairs(seq_len, window_size - 1)


@misconception(
    "attended-pairs",
    "pairs of all queries and all keys counted",
    loses=PAIRS,
    hint="A window looks back only, and not far. Which pairs of n * n are open?",
    says="Count the dots",
)
def dense_pairs(seq_len, window_size):
    return seq_len**2


@misconception(
    "attended-pairs",
    "both sides of the query counted",
    loses=PAIRS,
    hint="A query does not see what comes after it. How many keys does query 0 see?",
    says="Count the dots",
)
def pairs_on_both_sides(seq_len, window_size):
    return 2 * right_pairs(seq_len, window_size) - seq_len


@misconception(
    "attended-pairs",
    "all earlier keys counted: the window is not used",
    loses=(INSIDE,),
    hint="Change window_size. What changes in your count?",
    says="Count the dots",
)
def whole_triangle(seq_len, window_size):
    return seq_len * (seq_len + 1) // 2


@misconception(
    "attended-pairs",
    "one short row too few",
    loses=PAIRS,
    hint="In a window of w, how many rows have fewer than w open cells?",
    says="n * w",
)
def one_short_row_too_few(seq_len, window_size):
    width = min(window_size, seq_len)
    return seq_len * width - (width - 1) * (width - 2) // 2


@misconception(
    "attended-pairs",
    "returned inside the loop: one row is counted",
    loses=PAIRS,
    hint="How often does your loop run before the function ends?",
    says="Count the dots",
)
def first_row_only(seq_len, window_size):
    return 1


@misconception(
    "attended-pairs",
    "the example's number returned for every input",
    loses=PAIRS,
    hint="21 is the answer for 8 positions and a window of 3. And for others?",
    says="Count the dots",
)
def the_examples_number(seq_len, window_size):
    return 21


_counted: list[int] = []


@misconception(
    "attended-pairs",
    "pairs of earlier calls counted again",
    loses=PAIRS,
    hint="Call your function twice with the same numbers. What does it remember, and where?",
    says="Count the dots",
    unsteady=True,
)
def goes_on_counting(seq_len, window_size):
    _counted.append(right_pairs(seq_len, window_size))
    return sum(_counted)


@misconception(
    "attended-pairs",
    "rows counted, but not added up",
    loses=PAIRS,
    hint="Your result has a number for each query. How many pairs are there in all?",
    says="truth value",
)
def rows_not_added(seq_len, window_size):
    return np.minimum(np.arange(seq_len) + 1, window_size)


SEVERAL, ONE = "several layers", "one layer"
REACH = (SEVERAL, ONE, INT)


@misconception(
    "receptive-field",
    "overlap of the layers forgotten: L * w",
    loses=(SEVERAL,),
    hint="Where the windows of two layers meet, one position is in both.",
    says="L * w",
)
def layers_times_window(num_layers, window_size):
    return num_layers * window_size


@misconception(
    "receptive-field",
    "overlap of the layers forgotten: L * w",
    loses=REACH,
    hint="Where the windows of two layers meet, one position is in both.",
    says="Draw it",
)
def layers_times_window_and_itself(num_layers, window_size):
    return num_layers * window_size + 1


@misconception(
    "receptive-field",
    "the output's own position not counted",
    loses=REACH,
    hint="With a window of 1 an output depends on one position. On which?",
    says="expected 3",
)
def itself_forgotten(num_layers, window_size):
    return num_layers * (window_size - 1)


@misconception(
    "receptive-field",
    "reach multiplied from layer to layer: w ** L",
    loses=(SEVERAL,),
    hint="By how many positions does each further layer look back: always the same number?",
    says="the next layer looks back again",
)
def window_to_the_power(num_layers, window_size):
    return window_size**num_layers


@misconception(
    "receptive-field",
    "reach doubled from layer to layer",
    loses=(SEVERAL,),
    hint="The windows have no gaps here, and all layers the same. How much does each one add?",
    says="the next layer looks back again",
)
def dilated(num_layers, window_size):
    return 1 + (window_size - 1) * (2**num_layers - 1)


TWO_SIDES: Shared = {
    "exercise": "receptive-field",
    "name": "both sides counted: these windows only look back",
    "loses": REACH,
    "hint": "A convolution sees both sides. What does a query of ours see of its future?",
}


@misconception(**TWO_SIDES, says="Draw it")
def two_sides(num_layers, window_size):
    return 2 * num_layers * (window_size - 1) + 1


ONE_LAYER_OFF: Shared = {
    "exercise": "receptive-field",
    "name": "one layer too many or too few",
    "loses": REACH,
    "hint": "What does your formula say for a single layer? That is the window itself.",
}


@misconception(**ONE_LAYER_OFF, says="Draw it")
def one_layer_too_few(num_layers, window_size):
    return (num_layers - 1) * (window_size - 1) + 1


@misconception(**ONE_LAYER_OFF, says="Draw it")
def one_layer_too_many(num_layers, window_size):
    return (num_layers + 1) * (window_size - 1) + 1


@misconception(
    "receptive-field",
    "only one layer counted",
    loses=(SEVERAL,),
    hint="Change num_layers. What changes in your number?",
    says="the next layer looks back again",
)
def layers_ignored(num_layers, window_size):
    return window_size


FLOAT_REACH: Shared = {
    "exercise": "receptive-field",
    "name": "a float returned instead of an int",
    "loses": (INT,),
    "hint": "The number is right. Which operation of yours makes a float of it?",
    "says": "expected an int",
}


@misconception(**FLOAT_REACH)
def float_reach(num_layers, window_size):
    return num_layers * (window_size - 1) + 1.0


@misconception(**FLOAT_REACH)
def numpy_float_reach(num_layers, window_size):
    return np.float64(num_layers * (window_size - 1) + 1)
