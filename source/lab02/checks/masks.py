"""The step that compares a mask with the one that it should be."""

from numpy import ndarray

from masks import MASK


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
