"""Self-checks of 01_sliding_window."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from checks.attention import RETURNED, check_any_attention, check_weights, random_qkv
from checks.masks import require_mask
from checks.numbers import require_close
from labkit.steps import (
    passed,
    require,
    require_defined,
    require_int,
    require_refusal,
    require_tuple,
    self_check,
)
from masks import parse_mask


@self_check
def check_window_mask(create_sliding_window_mask: Callable[..., ndarray]) -> None:
    """create_sliding_window_mask(seq_len, window_size): bool (seq_len, seq_len)."""
    require_defined(create_sliding_window_mask, "create_sliding_window_mask")
    check_window(create_sliding_window_mask)
    passed("window, start, wide windows, refused sizes")


@self_check
def check_masked_attention(masked_attention: Callable[..., tuple[ndarray, ndarray]]) -> None:
    """masked_attention(Q, K, V, mask): output (..., n, d_v), weights (..., n, n)."""
    name = "masked_attention"
    require_defined(masked_attention, name)
    masks = {3: parse_mask("..# / .#. / #.."), 4: parse_mask(".##. / .##. / .##. / .##.")}

    def attend(Q, K, V):
        return masked_attention(Q, K, V, masks[Q.shape[-2]].copy())

    # keys 0, 1 and 2 have the scores 0, ln 3 and ln 3: after exp they count 1, 3 and 3
    expected = [[1 / 4, 3 / 4, 0], [1 / 4, 0, 3 / 4], [0, 1 / 2, 1 / 2]]
    check_weights(attend, expected, f"{name}(Q, K, V, mask)")
    check_any_attention(attend, name, [[1, 0, 0], [0, 0, 1], [0, 1 / 2, 1 / 2]])

    mask = masks[3].copy()
    masked_attention(*random_qkv(3), mask)
    require(np.array_equal(mask, masks[3]), f"{name} changed the mask. Use new arrays.")

    # each query has a huge score at its blocked key, and 0 at the two others
    huge = np.array([[0.0, 0.0, 2e4], [0.0, 2e4, 0.0], [2e4, 0.0, 0.0]])
    with np.errstate(all="ignore"):
        result = masked_attention(huge, 2 * np.eye(3), np.eye(3), mask)
    _, weights = require_tuple(result, name, *RETURNED)
    require_close(
        weights,
        [[1 / 2, 1 / 2, 0], [1 / 2, 0, 1 / 2], [0, 1 / 2, 1 / 2]],
        "weights where each query has a huge score at its blocked key",
        "The largest score that counts is the largest of the open ones.",
    )
    passed("shapes, mask, scale, softmax, dtype, batches")


@self_check
def check_attended_pairs(attended_pairs: Callable[[int, int], int]) -> None:
    """attended_pairs(seq_len, window_size): int."""
    require_defined(attended_pairs, "attended_pairs")
    counts = {(4, 1): 4, (4, 2): 7, (4, 4): 10, (8, 3): 21, (4, 9): 10, (1, 1): 1}
    for (seq_len, window_size), expected in counts.items():
        got = attended_pairs(seq_len, window_size)
        nudge = "Count the dots of the mask, row by row."
        if got == seq_len * window_size:
            nudge = "That is n * w. The first queries see fewer than w keys."
        elif got == seq_len**2 - expected:
            nudge = "That is the number of blocked pairs; the open ones are asked for."
        elif window_size > seq_len:
            nudge = "This window is wider than the text: no query has more than 4 keys."
        require_int(got, expected, f"attended_pairs({seq_len}, {window_size})", nudge)
    passed("narrow windows, and one wider than the text")


@self_check
def check_receptive_field(receptive_field: Callable[[int, int], int]) -> None:
    """receptive_field(num_layers, window_size): int."""
    require_defined(receptive_field, "receptive_field")
    counts = {(1, 3): 3, (2, 3): 5, (3, 3): 7, (5, 1): 1, (4, 2): 5}
    for (num_layers, window_size), expected in counts.items():
        got = receptive_field(num_layers, window_size)
        nudge = "Draw it: from the oldest position that is seen, the next layer looks back again."
        if got == num_layers * window_size:
            nudge = "That is L * w, which counts positions twice where two windows meet."
        require_int(got, expected, f"receptive_field({num_layers}, {window_size})", nudge)
    passed("one layer, several layers, a window of 1")


def check_window(create_sliding_window_mask: Callable[..., ndarray]) -> None:
    """The window without globals, and sizes that must be refused."""
    patterns = {
        (6, 3): ".##### / ..#### / ...### / #...## / ##...# / ###...",
        (3, 1): ".## / #.# / ##.",
        (4, 4): ".### / ..## / ...# / ....",
        (4, 7): ".### / ..## / ...# / ....",
        (1, 1): ".",
    }
    for sizes, pattern in patterns.items():
        call = f"create_sliding_window_mask{sizes}"
        require_mask(create_sliding_window_mask(*sizes), pattern, call)
    for sizes, name, value in (
        ((0, 3), "seq_len", 0),
        ((4, 0), "window_size", 0),
        ((4, -2), "window_size", -2),
    ):
        require_refusal(create_sliding_window_mask, sizes, name, value)
