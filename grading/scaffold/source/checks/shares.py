"""Self-checks of 01_shares."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from labkit.calls import watched
from labkit.steps import (
    passed,
    require_array,
    require_close,
    require_refusal,
    self_check,
)


@self_check
def check_lab_name_shares(shares: Callable[[ndarray], ndarray]) -> None:
    """shares(counts): float (n,)."""
    answer = watched(shares, "shares(counts)")
    for counts, expected in (
        ([1, 3], [1 / 4, 3 / 4]),
        ([2, 0, 2], [1 / 2, 0, 1 / 2]),
        ([7], [1]),
    ):
        call = f"shares(np.array({counts}))"
        got = answer(np.array(counts))
        require_array(got, call, (len(counts),))
        nudge = "How much is a count of the sum of all counts?"
        if not np.isclose(got.sum(), 1):
            nudge = f"The shares sum to {got.sum():.4g}; together they must be 1."
        require_close(got, expected, call, nudge, axes=("count",))
    for low in (-1, -20):
        require_refusal(answer, (np.array([3, low]),), "counts", low)
    passed("shares, a count of 0, counts below 0")
