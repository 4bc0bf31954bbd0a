"""What the texts of 01_patterns promise, and the aspects that ask for it."""

SQUARE = "Bool array of shape (seq_len, seq_len), indexed [query, key], True = blocked."
LENGTH = "seq_len: number of positions, at least 1."
LONGER = "It may be larger than seq_len."
FAR = "stride: steps from one open key to the next, at least 1."


def message(name: str) -> str:
    return (
        f'The message names the argument and its value, as in "{name} is 0; it must be at least 1".'
    )


PROMISES = {
    "causal-mask": {
        "Mask in which no query sees a later key.": ("the past and the future",),
        LENGTH: ("bad input", "dtype"),
        SQUARE: ("the past and the future", "dtype"),
        "ValueError: seq_len is below 1.": ("bad input",),
        message("seq_len"): ("bad input",),
    },
    "local-mask": {
        "Mask in which a query sees the window_size positions that end at itself.": ("the window",),
        "Query i sees the keys max(0, i - window_size + 1) to i.": ("the window", "the start"),
        LENGTH: ("bad input", "dtype"),
        "window_size: how many positions a query sees, itself included; at least 1.": (
            "bad input",
            "the window",
        ),
        LONGER: ("a window wider than the sequence",),
        SQUARE: ("the window", "dtype"),
        "ValueError: seq_len or window_size is below 1.": ("bad input",),
        message("window_size"): ("bad input",),
    },
    "strided-mask": {
        "Mask in which a query sees every stride-th position of its past, from itself on.": (
            "the stride",
        ),
        "Query i sees the keys j <= i for which i - j is a multiple of stride.": (
            "the stride",
            "the shortest and long strides",
        ),
        LENGTH: ("bad input", "dtype"),
        FAR: ("bad input", "the shortest and long strides"),
        LONGER: ("the shortest and long strides",),
        SQUARE: ("the stride", "dtype"),
        "ValueError: seq_len or stride is below 1.": ("bad input",),
        message("stride"): ("bad input",),
    },
    "own-block-mask": {
        "Mask in which a query sees the keys of its own block, up to itself.": ("the blocks",),
        "Blocks are cut from position 0 on; the last one may be shorter.": (
            "the blocks",
            "a shorter last block",
        ),
        LENGTH: ("bad input", "dtype"),
        "block_size: number of positions in a block, at least 1.": ("bad input", "the blocks"),
        LONGER: ("a shorter last block",),
        SQUARE: ("the blocks", "dtype"),
        "ValueError: seq_len or block_size is below 1.": ("bad input",),
        message("block_size"): ("bad input",),
    },
    "combined-mask": {
        "Mask in which a query sees what a local mask or a strided mask lets it see.": (
            "near and far keys",
        ),
        "A key is blocked where create_local_mask(seq_len, window_size) and "
        "create_strided_mask(seq_len, stride) both block it.": (
            "near and far keys",
            "one of the two alone",
        ),
        LENGTH: ("bad input", "dtype"),
        "window_size: how many positions the window has, at least 1.": (
            "bad input",
            "one of the two alone",
        ),
        FAR: ("bad input", "one of the two alone"),
        "Both may be larger than seq_len.": ("one of the two alone",),
        SQUARE: ("near and far keys", "dtype"),
        "ValueError: seq_len, window_size or stride is below 1.": ("bad input",),
        message("stride"): ("bad input",),
    },
}
