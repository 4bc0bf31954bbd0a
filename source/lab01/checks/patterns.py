"""Self-checks of 01_patterns."""

from collections.abc import Callable
from typing import Any

from numpy import ndarray

from checks.masks import require_patterns, require_refused_sizes
from labkit.calls import watched
from labkit.stand_ins import in_place_of
from labkit.steps import passed, require, self_check
from masks import parse_mask

CAUSAL = ".XXX / ..XX / ...X / ...."
DIAGONAL = ".XXX / X.XX / XX.X / XXX."
LOCAL = {
    (7, 2): ".XXXXXX / ..XXXXX / X..XXXX / XX..XXX / XXX..XX / XXXX..X / XXXXX..",
    (6, 3): ".XXXXX / ..XXXX / ...XXX / X...XX / XX...X / XXX...",
    (4, 1): DIAGONAL,
    (4, 4): CAUSAL,
    (4, 6): CAUSAL,
    (1, 1): ".",
}
STRIDED = {
    (7, 3): ".XXXXXX / X.XXXXX / XX.XXXX / .XX.XXX / X.XX.XX / XX.XX.X / .XX.XX.",
    (6, 4): ".XXXXX / X.XXXX / XX.XXX / XXX.XX / .XXX.X / X.XXX.",
    (4, 1): CAUSAL,
    (4, 3): ".XXX / X.XX / XX.X / .XX.",
    (4, 6): DIAGONAL,
    (1, 1): ".",
}


@self_check
def check_causal_mask(create_causal_mask: Callable[[int], ndarray]) -> None:
    """create_causal_mask(seq_len): bool (seq_len, seq_len)."""
    answer = watched(create_causal_mask, "create_causal_mask(seq_len)")
    patterns = {
        (4,): CAUSAL,
        (6,): ".XXXXX / ..XXXX / ...XXX / ....XX / .....X / ......",
        (1,): ".",
    }

    def explain(query, key, is_blocked, sizes):
        return f"Key {key} comes before query {query}: the past is open, all of it."

    require_patterns(answer, "create_causal_mask", patterns, explain)
    require_refused_sizes(answer, ("seq_len",))
    passed("the past, the future, one position, refused sizes")


@self_check
def check_local_mask(create_local_mask: Callable[[int, int], ndarray]) -> None:
    """create_local_mask(seq_len, window_size): bool (seq_len, seq_len)."""
    answer = watched(create_local_mask, "create_local_mask(seq_len, window_size)")
    patterns = {
        (6, 3): ".XXXXX / ..XXXX / ...XXX / X...XX / XX...X / XXX...",
        (6, 2): ".XXXXX / ..XXXX / X..XXX / XX..XX / XXX..X / XXXX..",
        (4, 1): DIAGONAL,
        (4, 4): CAUSAL,
        (4, 7): CAUSAL,
        (1, 1): ".",
    }

    def explain(query, key, is_blocked, sizes):
        reach = "is too short here" if is_blocked else "reaches too far"
        return (
            f"The window {reach}. It holds {sizes[1]} in all, ends at the query, which counts, "
            "and cannot begin before 0."
        )

    require_patterns(answer, "create_local_mask", patterns, explain)
    require_refused_sizes(answer, ("seq_len", "window_size"))
    passed("window, start, wide windows, refused sizes")


@self_check
def check_strided_mask(create_strided_mask: Callable[[int, int], ndarray]) -> None:
    """create_strided_mask(seq_len, stride): bool (seq_len, seq_len)."""
    answer = watched(create_strided_mask, "create_strided_mask(seq_len, stride)")
    patterns = {
        (7, 3): ".XXXXXX / X.XXXXX / XX.XXXX / .XX.XXX / X.XX.XX / XX.XX.X / .XX.XX.",
        (6, 2): ".XXXXX / X.XXXX / .X.XXX / X.X.XX / .X.X.X / X.X.X.",
        (4, 1): CAUSAL,
        (4, 6): DIAGONAL,
        (1, 1): ".",
    }

    def explain(query, key, is_blocked, sizes):
        back, stride = query - key, sizes[1]
        whole = "a" if back % stride == 0 else "not a"
        return (
            f"Key {key} is {back} before query {query}: {whole} whole number of steps of {stride}."
        )

    require_patterns(answer, "create_strided_mask", patterns, explain)
    require_refused_sizes(answer, ("seq_len", "stride"))
    passed("strides, a stride of 1, a long stride, refused sizes")


@self_check
def check_own_block_mask(create_block_mask: Callable[[int, int], ndarray]) -> None:
    """create_block_mask(seq_len, block_size): bool (seq_len, seq_len)."""
    answer = watched(create_block_mask, "create_block_mask(seq_len, block_size)")
    patterns = {
        (6, 3): ".XXXXX / ..XXXX / ...XXX / XXX.XX / XXX..X / XXX...",
        (6, 2): ".XXXXX / ..XXXX / XX.XXX / XX..XX / XXXX.X / XXXX..",
        (7, 3): ".XXXXXX / ..XXXXX / ...XXXX / XXX.XXX / XXX..XX / XXX...X / XXXXXX.",
        (4, 1): DIAGONAL,
        (4, 6): CAUSAL,
        (1, 1): ".",
    }

    def explain(query, key, is_blocked, sizes):
        mine, other = query // sizes[1], key // sizes[1]
        where = f"both are in block {mine}" if mine == other else f"blocks {mine} and {other}"
        return f"Query {query} and key {key}, in blocks of {sizes[1]}: {where}, counted from 0."

    require_patterns(answer, "create_block_mask", patterns, explain)
    require_refused_sizes(answer, ("seq_len", "block_size"))
    passed("blocks, a short last block, blocks of 1, refused sizes")


@self_check
def check_combined_mask(create_combined_mask: Callable[[int, int, int], ndarray]) -> None:
    """create_combined_mask(seq_len, window_size, stride), beside a local and a strided mask."""
    name = "create_combined_mask"
    answer = watched(create_combined_mask, f"{name}(seq_len, window_size, stride)")
    patterns = {
        (7, 2, 3): ".XXXXXX / ..XXXXX / X..XXXX / .X..XXX / X.X..XX / XX.X..X / .XX.X..",
        (6, 3, 4): ".XXXXX / ..XXXX / ...XXX / X...XX / .X...X / X.X...",
        (4, 1, 6): DIAGONAL,
        (4, 6, 3): CAUSAL,
        (4, 1, 1): CAUSAL,
        (1, 1, 1): ".",
    }

    def explain(query, key, is_blocked, sizes):
        back, (_, window, stride) = query - key, sizes
        near = f"{'inside' if back < window else 'outside'} a window of {window}"
        far = "" if back % stride == 0 else "not "
        return (
            f"Key {key} is {back} before query {query}: {near}, {far}a whole number of steps of "
            f"{stride}. One of the two is enough to be open."
        )

    # what exercises 2 and 3 would give: a mistake there is not looked for here
    local = _given("create_local_mask", "window_size", LOCAL)
    strided = _given("create_strided_mask", "stride", STRIDED)
    with (
        in_place_of("create_local_mask", create_combined_mask, local),
        in_place_of("create_strided_mask", create_combined_mask, strided),
    ):
        require_patterns(answer, name, patterns, explain)
        require_refused_sizes(answer, ("seq_len", "window_size", "stride"))
    passed("near keys, far keys, the edges, refused sizes")


def _given(name: str, size_name: str, pictures: dict[tuple[int, int], str]) -> Any:
    """A function that gives these masks, and refuses what is below 1."""
    # beyond the length, all sizes are the same
    known = {(n, min(n, size)): picture for (n, size), picture in pictures.items()}

    def create(seq_len, size):
        for what, value in (("seq_len", seq_len), (size_name, size)):
            if value < 1:
                raise ValueError(f"{what} is {value}; it must be at least 1")
        require(
            (seq_len, min(seq_len, size)) in known,
            f"create_combined_mask calls {name}({seq_len}, {size}).",
            "Which of the sizes that it was given are for this mask?",
        )
        return parse_mask(known[seq_len, min(seq_len, size)])

    return create
