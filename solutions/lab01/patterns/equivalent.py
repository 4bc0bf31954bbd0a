"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

BLOCKS = "blocks_one_by_one: for start in range(0, seq_len, block_size): → for start in range(0, "

EQUIVALENT = {
    "own-block-mask: block by block": {
        f"{BLOCKS}seq_len + 1, block_size):": "a block that begins at the end is empty",
    },
}
