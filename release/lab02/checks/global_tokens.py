"""Self-checks of 02_global_tokens."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.attention import RETURNED, check_any_attention, check_weights
from checks.masks import require_mask, require_seen
from checks.sliding_window import check_window
from labkit.calls import watched
from labkit.stand_ins import in_place_of
from labkit.steps import (
    passed,
    require,
    require_array,
    require_int,
    require_refusal,
    require_tuple,
    self_check,
)
from masks import parse_mask

# Pictures that wider windows draw as well
TRIANGLE, ALL_OPEN = "a full triangle of 4", "a picture of 2 without blocked cells"


@self_check
def check_global_mask(create_sliding_window_mask: Callable[..., ndarray]) -> None:
    """create_sliding_window_mask(seq_len, window_size, global_positions): bool."""
    name = "create_sliding_window_mask"
    answer = watched(create_sliding_window_mask, f"{name}(seq_len, window_size, global_positions)")
    check_window(answer)
    patterns: dict[tuple[int, int, tuple[int, ...]], str] = {
        (6, 2, ()): ".##### / ..#### / #..### / ##..## / ###..# / ####..",
        (6, 2, (3,)): ".##.## / ..#.## / #...## / ...... / ###..# / ###...",
        (6, 1, (4, 0)): "...... / ..##.# / .#.#.# / .##..# / ...... / .###..",
    }
    for (seq_len, window_size, positions), pattern in patterns.items():
        forms: list[Any] = [list(positions), np.array(positions, dtype=int)]
        for given in forms if positions else [*forms, None]:
            call = f"{name}({seq_len}, {window_size}, {given!r})"
            mask = answer(seq_len, window_size, given)
            require_mask(mask, pattern, call, global_positions=positions)
    for position in (6, -1):
        arguments = (6, 2, [position])
        why = f"global_positions is [{position}] and seq_len is 6: allowed are 0 to 5."
        require_refusal(answer, arguments, "global_positions", position, why)
    passed("window, rows, columns, refused arguments")


@self_check
def check_which_window(window_of_picture: Callable[[ndarray, list[int]], int]) -> None:
    """window_of_picture(picture, global_positions): int."""
    answer = watched(window_of_picture, "window_of_picture(picture, global_positions)")
    captioned = """
        F F F F F F F F / F F T T T T T T / F F F T T T T T / F T F F T T T T
        F T T F F T T T / F T T T F F T T / F T T T T F F T / F T T T T T F F"""
    pictures: tuple[tuple[str, str, list[int], int], ...] = (
        ("the picture above", captioned, [0], 2),
        ("a diagonal, .## / #.# / ##.", ".## / #.# / ##.", [], 1),
        ("the picture .### / ..## / ...# / #...", ".### / ..## / ...# / #...", [], 3),
        (TRIANGLE, ".### / ..## / ...# / ....", [], 4),
        (ALL_OPEN, ".. / ..", [0, 1], 1),
    )
    for what, pattern, global_positions, expected in pictures:
        got = answer(parse_mask(pattern), global_positions)
        nudge = "Draw your mask for the windows 1, 2, 3, ... beside it, with the same globals."
        if pattern == captioned and got == 3:
            nudge = "3 is what the caption says. Which cells of row 5 are open through the window?"
        elif what in (TRIANGLE, ALL_OPEN) and isinstance(got, int | np.integer) and got > expected:
            nudge = "More than one window may draw a picture; the smallest is asked for."
        require_int(got, expected, f"window_of_picture for {what}", nudge)
    passed("with and without globals, the smallest window")


@self_check
def check_global_attention(sliding_window_attention: Callable[..., Any]) -> None:
    """sliding_window_attention(Q, K, V, window_size, global_mask): output and weights."""
    name = "sliding_window_attention"
    answer = watched(sliding_window_attention, f"{name}(Q, K, V, window_size, global_mask)")

    def attend(Q, K, V):
        return answer(Q, K, V, 2)

    _check_seen(answer, name)
    check_weights(lambda Q, K, V: answer(Q, K, V, 3), ".## / ..# / ...", f"{name}(Q, K, V, 3)")
    check_any_attention(attend, name, [[1, 0, 0], [0, 1, 0], [0, 1 / 2, 1 / 2]])
    for wrong in (np.zeros(4, dtype=bool), np.zeros((5, 1), dtype=bool)):
        require_refusal(answer, (*FIVE, 2, wrong), "global_mask", wrong.shape)

    # a stand-in for block_future, which leaves only the diagonal, keeps exercise 4 out of this
    def diagonal(mask):
        return ~np.eye(len(mask), dtype=bool)

    with in_place_of("block_future", sliding_window_attention, diagonal):
        result = answer(*FIVE, 2, np.arange(5) == 2, causal_globals=True)
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
    answer = watched(block_future, "block_future(mask)")
    patterns = {
        ".... / .... / .... / ....": ".### / ..## / ...# / ....",
        "..#. / #..# / .#.. / ###.": ".### / #.## / .#.# / ###.",
    }
    for before, after in patterns.items():
        mask = parse_mask(before)
        result = answer(mask)
        call = f"block_future of {before}"
        nudge = "What was blocked stays blocked; of the rest, the keys after their query go."
        require_mask(result, after, call, nudge=nudge)
        require(not np.shares_memory(result, mask), "block_future must return a new array.")
    passed("the future, the past, the given mask")


# Q, K and V for five positions, where all scores are ln 3 and the output is the weights
FIVE = np.full((5, 1), np.log(3)), np.ones((5, 1)), np.eye(5)


def _check_seen(answer: Callable[..., Any], name: str) -> None:
    """The window of 2 without a global_mask, and with several."""
    patterns: dict[str, tuple[list[int] | None, str]] = {
        "global_mask is None": (None, ".#### / ..### / #..## / ##..# / ###.."),
        "position 2 is global": ([0, 0, 1, 0, 0], ".#.## / ...## / ..... / ##..# / ##..."),
        "no position is global": ([0, 0, 0, 0, 0], ".#### / ..### / #..## / ##..# / ###.."),
        "every position is global": ([1, 1, 1, 1, 1], "..... / ..... / ..... / ..... / ....."),
    }
    for who, (flags, pattern) in patterns.items():
        global_mask = None if flags is None else np.array(flags, dtype=bool)
        call = f"{name}(Q, K, V, 2, global_mask), {who}: weights above 0 are open"
        result = answer(*(array.copy() for array in FIVE), 2, global_mask)
        _, weights = require_tuple(result, name, *RETURNED)
        require_array(weights, "weights", (5, 5))
        positions = tuple(position for position, flag in enumerate(flags or []) if flag)
        explain = _about_globals if positions == (2,) else None
        require_seen(weights, pattern, call, global_positions=positions, explain=explain)


def _about_globals(query: int, key: int, blocked: ndarray) -> str | None:
    """For five positions of which only position 2 is global, and a window of 2."""
    is_open = ~blocked
    if is_open[0].all() and is_open[1].all():
        return "global_mask holds flags; create_sliding_window_mask wants the numbers of positions."
    if not (is_open[0, 2] or is_open[4, 2] or is_open[2, 4] or is_open[2, 0]):
        return "The global_mask has no effect."
    return None
