"""The steps that compare the masks of an answer with patterns that one can draw by hand."""

from collections.abc import Callable, Mapping

from numpy import ndarray

from labkit.steps import require_refusal
from masks import MASK

# Of a wrong cell in the past: its query, its key, whether it is blocked, and the sizes.
Explain = Callable[[int, int, bool, tuple[int, ...]], str]


def require_patterns(
    create: Callable[..., ndarray],
    name: str,
    patterns: Mapping[tuple[int, ...], str],
    explain: Explain,
) -> None:
    """For these sizes, masks equal these pictures. If one does not, show both."""
    seen: dict[str, str] = {}  # what has been returned, and for which call
    for sizes, pattern in patterns.items():
        call = f"{name}({', '.join(map(str, sizes))})"
        mask = create(*sizes)
        earlier = seen.setdefault(repr(mask), call)

        def about(query, key, got, sizes=sizes, earlier=earlier, call=call):
            if earlier != call:
                return f"That is what {earlier} gave. Is something kept between calls?"
            if key > query:
                return f"Key {key} comes after query {query}: no pattern here looks ahead."
            if query == key:
                return "A query always sees itself."
            return explain(query, key, bool(got[query, key]), sizes)

        MASK.require(mask, pattern, call, about, may_be_reversed=earlier == call)


def require_refused_sizes(create: Callable[..., ndarray], names: tuple[str, ...]) -> None:
    """Each size in turn is too small; the others are good."""
    for place, name in enumerate(names):
        for size in (0, -2):
            sizes = [4] * len(names)
            sizes[place] = size
            require_refusal(create, tuple(sizes), name, size)
