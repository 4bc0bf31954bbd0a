"""Self-checks of 02_cost_and_reach."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from labkit.calls import watched
from labkit.steps import (
    passed,
    require,
    require_array,
    require_close,
    require_int,
    require_refusal,
    self_check,
)
from labkit.values import require_float, require_text
from masks import parse_mask

PICTURES = {
    "the mask .XX / ..X / X..": ".XX / ..X / X..",
    "the mask .. / ..": ".. / ..",
    "the mask XX / XX": "XX / XX",
    "the mask .": ".",
}


@self_check
def check_sparse_scores(apply_sparse_mask: Callable[[ndarray, ndarray], ndarray]) -> None:
    """apply_sparse_mask(attention_scores, mask): scores (..., n, n)."""
    name = "apply_sparse_mask"
    answer = watched(apply_sparse_mask, f"{name}(attention_scores, mask)")
    mask = parse_mask(".XX / ..X / .X.")
    scores = np.array([[0.5, 2, -1], [0, -3, 4], [1, 7, 0.25]])
    inf = np.inf
    expected = np.array([[0.5, -inf, -inf], [0, -3, -inf], [1, -inf, 0.25]])
    for batch in ((), (2,), (2, 4), (1, 1)):
        steps = 10 * np.arange(np.prod(batch, dtype=int)).reshape(*batch, 1, 1)
        given = scores + steps
        what = f"{name} of scores of shape {given.shape}"
        got = require_array(answer(given, mask), what, given.shape)
        require_close(got, expected + steps, what, _about_scores(got, mask), ("query", "key"))
        require(not np.shares_memory(got, given), f"{name} must return a new array.")
    for dtype in (np.float32, np.float64):
        given = scores.astype(dtype)
        what = f"{name} of scores of {np.dtype(dtype)}"
        nudge = "Begin with a copy of the scores, or with an array of their dtype."
        require_array(answer(given, mask), what, given.shape, dtype, nudge)
    why = "The scores have the shape (3, 3): one cell of the mask for each."
    for shape in ((2, 2), (3, 1), (3,), (1, 3, 3)):
        require_refusal(answer, (scores, np.zeros(shape, dtype=bool)), "mask", shape, why)
    passed("blocked and open scores, batches, dtype, refused masks")


def _about_scores(got: ndarray, mask: ndarray) -> str:
    """Why scores are wrong, as far as the numbers tell."""
    is_blocked = np.isneginf(got)
    if np.isnan(got).any():
        return "Some are nan, as 0 * inf is. Put -inf in, rather than multiply by it."
    if np.array_equal(is_blocked, np.broadcast_to(~mask, got.shape)):
        return "Open and blocked have changed places: True means blocked."
    if np.array_equal(is_blocked, np.broadcast_to(mask.T, got.shape)):
        return "The mask is used with its axes swapped: mask[i, j] is about query i and key j."
    if np.allclose(got.sum(axis=-1), 1) and (got >= 0).all():
        return "Each row sums to 1: a softmax is taken already. Its scores are asked for."
    if not is_blocked.any():
        return "A blocked score must be -inf: exp of any other number is above 0."
    return "Blocked scores become -inf; open ones stay what they were, in every one of a batch."


@self_check
def check_mask_picture(visualize_mask_pattern: Callable[[ndarray], str]) -> None:
    """visualize_mask_pattern(mask): str, a line a row."""
    name = "visualize_mask_pattern"
    answer = watched(visualize_mask_pattern, f"{name}(mask)")
    for what, picture in PICTURES.items():
        mask = parse_mask(picture)
        expected = "\n".join(" ".join(row) for row in picture.split(" / "))
        got = answer(mask)
        nudge = "One sign a cell, one space between two signs, one newline between two lines."
        if isinstance(got, str) and got != expected:
            nudge = _about_picture(got, expected) or nudge
        require_text(got, expected, f"{name} of {what}", nudge, "row")
    passed("signs, spaces, lines, their ends")


def _about_picture(got: str, expected: str) -> str | None:
    signs = got.replace(" ", "").strip("\n")
    if signs == expected.replace(" ", "").translate(str.maketrans(".X", "X.")):
        return "The signs have changed places: `.` is open (False), `X` is blocked (True)."
    if got.rstrip("\n") == expected:
        return "A newline stands between two lines, and not after the last."
    if "\n".join(line.rstrip(" ") for line in got.split("\n")) == expected:
        return "There is a space at the end of a line. A space stands between two signs."
    if set(signs) - set(".X\n"):
        return "The signs are `.` and a capital `X`; nothing else is in a picture."
    return None


@self_check
def check_sparsity(compute_sparsity: Callable[[ndarray], float]) -> None:
    """compute_sparsity(mask): float."""
    answer = watched(compute_sparsity, "compute_sparsity(mask)")
    shares = dict(zip(PICTURES, (4 / 9, 0.0, 1.0, 0.0), strict=True))
    shares["the mask .XXX / .XXX / ..XX / .XXX"] = 11 / 16
    for what, expected in shares.items():
        got = answer(parse_mask(PICTURES.get(what, what.removeprefix("the mask "))))
        nudge = "Count the X by hand. Of how many cells in all?"
        if _is_number(got) and np.isclose(got, 100 * expected) and expected:
            nudge = "That is in percent. A share is between 0 and 1."
        elif _is_number(got) and np.isclose(got, 1 - expected):
            nudge = "That is the share of open cells; sparsity is the share of blocked ones."
        require_float(got, expected, f"compute_sparsity of {what}", nudge)
    passed("some blocked, none blocked, all blocked")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


@self_check
def check_strided_pairs(strided_pairs: Callable[[int, int], int]) -> None:
    """strided_pairs(seq_len, stride): int."""
    answer = watched(strided_pairs, "strided_pairs(seq_len, stride)")
    counts = {(6, 3): 9, (6, 2): 12, (7, 3): 12, (8, 3): 15, (5, 1): 15, (4, 9): 4, (1, 1): 1}
    for (seq_len, stride), expected in counts.items():
        got = answer(seq_len, stride)
        nudge = "Draw the rows, and count the open cells of each: 1 in row 0, as it sees itself."
        if _is_number(got) and got == expected - seq_len:
            nudge = "Every query sees itself as well: that is one pair more in each row."
        elif _is_number(got) and got == seq_len**2 - expected:
            nudge = "That is the number of blocked pairs; the open ones are asked for."
        elif seq_len % stride:
            nudge = "Here the last group of rows is shorter than the stride. How many are in it?"
        require_int(got, expected, f"strided_pairs({seq_len}, {stride})", nudge)
    passed("strides that divide the length, others, a long one")


@self_check
def check_layers_needed(layers_needed: Callable[[ndarray], int]) -> None:
    """layers_needed(mask): int."""
    answer = watched(layers_needed, "layers_needed(mask)")
    layers = {
        ".XXX / ..XX / ...X / ....": 1,
        ".XXXXX / ..XXXX / ...XXX / X...XX / XX...X / XXX...": 3,
        ".XXXX / ..XXX / X..XX / XX..X / XXX..": 4,
        ".XXXX / ..XXX / ...XX / X...X / XX...": 2,
        ".XXXXX / ..XXXX / X..XXX / .X..XX / X.X..X / XX.X..": 3,
        ".XXXX / ..XXX / ...XX / .X..X / .....": 2,
        ".XXX / X.XX / .X.X / X.X.": 0,
        ".XXX / ..XX / XX.X / XX..": 0,
        ".": 1,
    }
    for picture, expected in layers.items():
        got = answer(parse_mask(picture))
        nudge = "Follow the last query: whom it sees, whom these see, and so on, layer by layer."
        if expected == 0:
            nudge = "Some pair never meets here, however many layers there are: that is 0."
        elif _is_number(got) and 1 <= got < expected:
            nudge = "Every query must know its whole past: the slowest one decides."
        elif _is_number(got) and got == expected - 1:
            nudge = "One layer is needed even where every query sees its whole past at once."
        elif _is_number(got) and got > expected:
            nudge = "After two layers a query knows what is two steps away, and so on."
        require_int(got, expected, f"layers_needed of the mask {picture}", nudge)
    passed("one layer, several, never")
