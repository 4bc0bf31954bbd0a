"""The steps that compare who sees whom with what it should be."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from labkit.steps import fail
from masks import MASK

Explain = Callable[[int, int, ndarray], str | None]


def require_mask(
    got: object,
    expected: str | ndarray,
    call: str,
    *,
    global_positions: tuple[int, ...] = (),
    nudge: str | None = None,
) -> None:
    """A bool mask (n, n) equals the expected one, which may be a picture. If not, show both."""

    def explain(query: int, key: int, got: ndarray) -> str:
        if query == key and got[query, key] and query not in global_positions:
            return "A query always sees itself."
        return nudge or _about_cell(query, key, got, global_positions)

    MASK.require(got, expected, call, explain, may_be_reversed=nudge is None)


def require_seen(
    weights: ndarray,
    expected: str | ndarray,
    call: str,
    *,
    global_positions: tuple[int, ...] = (),
    explain: Explain | None = None,
) -> None:
    """Weights for scores that are equal, and not 0, show who sees whom: all open keys alike.

    explain: from the first wrong query and key and the mask that was got, why.
    """
    hidden = MASK.parse(expected) if isinstance(expected, str) else expected
    if np.isnan(weights).any():
        query = int(np.argwhere(np.isnan(weights))[0][0])
        fail(f"{call}: the weights of query {query} are nan. Does it see no key at all?")
    for query, key in np.argwhere(hidden & (weights != 0)):
        open_keys = weights[query, ~hidden[query]]
        is_like_them = np.isclose(weights[query, key], open_keys, rtol=1e-3, atol=0).any()
        if open_keys.max() > 0 and not is_like_them:
            fail(
                f"{call}: query {query} gives key {key}, which is blocked, the weight "
                f"{weights[query, key]:.3g}, and its open keys up to {open_keys.max():.3g}.",
                "A blocked score must be -inf. 0 blocks nothing, since exp(0) is 1, and exp of any "
                "other number is above 0, too.",
            )
    seen = weights == 0
    nudge = None
    if explain and (seen != hidden).any():
        query, key = (int(i) for i in np.argwhere(seen != hidden)[0])
        nudge = explain(query, key, seen)
    require_mask(seen, hidden, call, global_positions=global_positions, nudge=nudge)


def _about_cell(query: int, key: int, got: ndarray, global_positions: tuple[int, ...]) -> str:
    """Why a cell of a mask is wrong."""
    if query in global_positions:
        return f"Position {query} is global: it sees every key, so its whole row is open."
    if key in global_positions:
        return f"Position {key} is global: every query sees it, so its whole column is open."
    if global_positions and not got[query].any():
        return f"Row {query} is open as if position {query} were global; it is not."
    if key > query:
        return f"Key {key} comes after query {query}: a window looks back only."
    reach = "is too short here" if got[query, key] else "reaches too far"
    return f"The window {reach}. It ends at the query, which counts, and cannot begin before 0."
