"""Self-checks of 01_sliding_window."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from checks.attention import RETURNED, check_any_attention, check_weights
from checks.diagnosis import about_large_scores
from checks.masks import require_mask
from checks.numbers import require_close
from labkit.calls import watched
from labkit.steps import passed, require_int, require_refusal, require_tuple, self_check
from masks import parse_mask


@self_check
def check_window_mask(create_sliding_window_mask: Callable[..., ndarray]) -> None:
    """create_sliding_window_mask(seq_len, window_size): bool (seq_len, seq_len)."""
    call = "create_sliding_window_mask(seq_len, window_size)"
    check_window(watched(create_sliding_window_mask, call))
    passed("window, start, wide windows, refused sizes")


@self_check
def check_masked_attention(masked_attention: Callable[..., tuple[ndarray, ndarray]]) -> None:
    """masked_attention(Q, K, V, mask): output (..., n, d_v), weights (..., n, n)."""
    name = "masked_attention"
    answer = watched(masked_attention, f"{name}(Q, K, V, mask)")
    masks = {3: "..# / .#. / ...", 4: ".##. / .##. / .##. / .##."}

    def attend(Q, K, V):
        return answer(Q, K, V, parse_mask(masks[Q.shape[-2]]))

    # keys 0, 1 and 2 have the scores ln 3, 0 and ln 3: after exp they count 3, 1 and 3
    check_weights(attend, masks[3], f"{name}(Q, K, V, mask)")
    # two queries have a huge score at their blocked key; all other scores are 0
    huge = np.array([[0.0, 0.0, 2e4], [0.0, 2e4, 0.0], [0.0, 0.0, 0.0]])
    _, weights = require_tuple(attend(huge, 2 * np.eye(3), np.eye(3)), name, *RETURNED)
    expected = np.array([[1 / 2, 1 / 2, 0], [1 / 2, 0, 1 / 2], [1 / 3, 1 / 3, 1 / 3]])
    nudge = "The largest score that counts is the largest of the open ones."
    if np.any(weights[expected == 0] > 0):
        nudge = about_large_scores(weights, expected)
    what = "weights where a blocked key has a huge score"
    require_close(weights, expected, what, nudge)
    check_any_attention(attend, name, [[1, 0, 0], [0, 0, 1], [1, 0, 0]])
    passed("shapes, mask, scale, softmax, dtype, batches")


@self_check
def check_attended_pairs(attended_pairs: Callable[[int, int], int]) -> None:
    """attended_pairs(seq_len, window_size): int."""
    attended_pairs = watched(attended_pairs, "attended_pairs(seq_len, window_size)")
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
    receptive_field = watched(receptive_field, "receptive_field(num_layers, window_size)")
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
        (4, 1): ".### / #.## / ##.# / ###.",
        (4, 4): ".### / ..## / ...# / ....",
        (4, 7): ".### / ..## / ...# / ....",
        (1, 1): ".",
    }
    seen: dict[str, str] = {}  # what it has returned, and for which call
    for sizes, pattern in patterns.items():
        call = f"create_sliding_window_mask{sizes}"
        mask = create_sliding_window_mask(*sizes)
        earlier = seen.get(repr(mask))
        nudge = f"That is what {earlier} gave. Is something kept between calls?"
        require_mask(mask, pattern, call, nudge=nudge if earlier else None)
        seen[repr(mask)] = call
    for sizes, name, value in (
        ((0, 3), "seq_len", 0),
        ((4, 0), "window_size", 0),
        ((4, -2), "window_size", -2),
    ):
        require_refusal(create_sliding_window_mask, sizes, name, value)
