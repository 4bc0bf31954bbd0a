"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

NO_QUERY = "one block more has no query"
AS_BOOLS = "np.where takes any number but 0 for True"
ROWS = "output[..., positions, :] = _attend(Q[..., positions, :], K, V, np.zeros(1{}))"
IN_FRONT = "in_front = np.zeros((stop - start, len(positions)){})"
SEEN = "sorted(positions.union(range(n) if i in positions else window))"

BLOCKS = {
    "windowed_attention_with_globals: for start in range(0, Q.shape[-2], block_size): → "
    "for start in range(0, Q.shape[-2] + 1, block_size):": NO_QUERY,
    f"windowed_attention_with_globals: {IN_FRONT.format(', dtype=bool')} → "
    f"{IN_FRONT.format('')}": AS_BOOLS,
}

EQUIVALENT = {
    "linear_time": {
        **BLOCKS,
        f"windowed_attention_with_globals: {ROWS.format(', dtype=bool')} → "
        f"{ROWS.format('')}": AS_BOOLS,
    },
    "global-blocks-answer": BLOCKS,
    "global-blocks: one query after the other, from the set of its keys": {
        f"each_query_its_keys: keys = np.array({SEEN}) → keys = {SEEN}": (
            "NumPy takes a list of positions as it takes an array of them"
        ),
    },
}
