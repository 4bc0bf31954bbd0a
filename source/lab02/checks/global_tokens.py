"""Self-checks of 02_global_tokens."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.attention import RETURNED, check_any_attention, check_weights
from checks.masks import require_mask
from checks.sliding_window import check_window
from labkit.steps import (
    in_place_of,
    passed,
    require,
    require_array,
    require_defined,
    require_int,
    require_refusal,
    require_tuple,
    self_check,
)
from masks import parse_mask


@self_check
def check_global_mask(create_sliding_window_mask: Callable[..., ndarray]) -> None:
    """create_sliding_window_mask(seq_len, window_size, global_positions): bool."""
    name = "create_sliding_window_mask"
    require_defined(create_sliding_window_mask, name)
    check_window(create_sliding_window_mask)
    patterns: dict[tuple[int, int, tuple[int, ...]], str] = {
        (6, 2, ()): ".##### / ..#### / #..### / ##..## / ###..# / ####..",
        (6, 2, (3,)): ".##.## / ..#.## / #...## / ...... / ###..# / ###...",
        (6, 1, (4, 0)): "...... / ..##.# / .#.#.# / .##..# / ...... / .###..",
    }
    for (seq_len, window_size, positions), pattern in patterns.items():
        call = f"{name}({seq_len}, {window_size}, {list(positions)})"
        for given in (list(positions), np.array(positions, dtype=int)):
            before = given.copy()
            mask = create_sliding_window_mask(seq_len, window_size, given)
            require_mask(mask, pattern, call, global_positions=positions)
            require(np.array_equal(given, before), f"{call} changed its global_positions.")
    for position in (6, -1):
        arguments = (6, 2, [position])
        why = f"global_positions is [{position}] and seq_len is 6: allowed are 0 to 5."
        require_refusal(create_sliding_window_mask, arguments, "global_positions", position, why)
    passed("window, rows, columns, refused arguments")


@self_check
def check_which_window(window_of_picture: Callable[[ndarray, list[int]], int]) -> None:
    """window_of_picture(picture, global_positions): int."""
    require_defined(window_of_picture, "window_of_picture")
    captioned = """
        F F F F F F F F / F F T T T T T T / F F F T T T T T / F T F F T T T T
        F T T F F T T T / F T T T F F T T / F T T T T F F T / F T T T T T F F"""
    pictures: tuple[tuple[str, str, list[int], int], ...] = (
        ("the picture above", captioned, [0], 2),
        ("a diagonal, .## / #.# / ##.", ".## / #.# / ##.", [], 1),
        ("the picture .### / ..## / ...# / #...", ".### / ..## / ...# / #...", [], 3),
        ("a full triangle of 4", ".### / ..## / ...# / ....", [], 4),
        ("a picture of 2 without blocked cells", ".. / ..", [0, 1], 1),
    )
    for what, pattern, global_positions, expected in pictures:
        got = window_of_picture(parse_mask(pattern), global_positions)
        nudge = "Draw your mask for the windows 1, 2, 3, ... beside it, with the same globals."
        if pattern == captioned and got == 3:
            nudge = "3 is what the caption says. Which cells of row 5 are open through the window?"
        elif isinstance(got, int | np.integer) and got > expected and what != "the picture above":
            nudge = "More than one window may draw a picture; the smallest is asked for."
        require_int(got, expected, f"window_of_picture for {what}", nudge)
    passed("with and without globals, the smallest window")


@self_check
def check_global_attention(sliding_window_attention: Callable[..., Any]) -> None:
    """sliding_window_attention(Q, K, V, window_size, global_mask): output and weights."""
    name = "sliding_window_attention"
    require_defined(sliding_window_attention, name)

    def attend(Q, K, V):
        return sliding_window_attention(Q, K, V, 2)

    check_weights(attend, [[1, 0, 0], [1 / 4, 3 / 4, 0], [0, 1 / 2, 1 / 2]], f"{name}(Q, K, V, 2)")
    # queries of zeros give all open keys the same weight: the weights show the mask
    zeros, eye = np.zeros((5, 1)), np.eye(5)
    patterns = {
        "position 2": ([0, 0, 1, 0, 0], ".#.## / ...## / ..... / ##..# / ##..."),
        "no position": ([0, 0, 0, 0, 0], ".#### / ..### / #..## / ##..# / ###.."),
        "every position": ([1, 1, 1, 1, 1], "..... / ..... / ..... / ..... / ....."),
    }
    for who, (flags, pattern) in patterns.items():
        global_mask = np.array(flags, dtype=bool)
        call = f"{name}(Q, K, V, 2, global_mask), {who} is global: weights above 0 are open"
        result = sliding_window_attention(zeros, zeros, eye, 2, global_mask)
        _, weights = require_tuple(result, name, *RETURNED)
        require_array(weights, "weights", (5, 5))
        positions = tuple(position for position in range(5) if flags[position])
        nudge = _about_globals(weights) if who == "position 2" else None
        require_mask(weights == 0, pattern, call, global_positions=positions, nudge=nudge)
        require(np.array_equal(global_mask, flags), f"{name} changed the global_mask.")

    check_any_attention(attend, name, [[1, 0, 0], [0, 1, 0], [0, 1 / 2, 1 / 2]])
    for wrong in (np.zeros(4, dtype=bool), np.zeros((5, 1), dtype=bool)):
        arguments = (zeros, zeros, eye, 2, wrong)
        require_refusal(sliding_window_attention, arguments, "global_mask", wrong.shape)

    # a stand-in for block_future, which leaves only the diagonal, keeps exercise 4 out of this
    def diagonal(mask):
        return ~np.eye(len(mask), dtype=bool)

    with in_place_of("block_future", sliding_window_attention, diagonal):
        arguments = (zeros, zeros, eye, 2, np.arange(5) == 2)
        result = sliding_window_attention(*arguments, causal_globals=True)
        _, weights = require_tuple(result, name, *RETURNED)
    for query, key in ((0, 2), (1, 2), (2, 3), (2, 4)):
        require(
            weights[query, key] == 0,
            f"{name}(..., causal_globals=True): query {query} gives key {key} the weight "
            f"{weights[query, key]:.3g}, expected 0.",
            "Hand causal_globals on to create_sliding_window_mask.",
        )
    passed("window, globals, softmax, batches, causal")


@self_check
def check_block_future(block_future: Callable[[ndarray], ndarray]) -> None:
    """block_future(mask): bool (n, n), a new array."""
    require_defined(block_future, "block_future")
    patterns = {
        ".... / .... / .... / ....": ".### / ..## / ...# / ....",
        "..#. / #..# / .#.. / ###.": ".### / #.## / .#.# / ###.",
    }
    for before, after in patterns.items():
        mask = parse_mask(before)
        result = block_future(mask)
        unchanged = np.array_equal(mask, parse_mask(before))
        require(
            unchanged,
            "block_future changed the mask it was given.",
            "Make a new one: whoever called it may still need the mask as it was.",
        )
        call = f"block_future of {before}"
        nudge = "What was blocked stays blocked; of the rest, the keys after their query go."
        require_mask(result, after, call, nudge=nudge)
        require(not np.shares_memory(result, mask), "block_future must return a new array.")
    passed("the future, the past, the given mask")


def _about_globals(weights: ndarray) -> str | None:
    """For five positions of which only position 2 is global, and a window of 2."""
    is_open = weights != 0
    if is_open[0].all() and is_open[1].all():
        return "global_mask holds flags; create_sliding_window_mask wants the numbers of positions."
    if not (is_open[0, 2] or is_open[4, 2] or is_open[2, 4] or is_open[2, 0]):
        return "The global_mask has no effect."
    return None
