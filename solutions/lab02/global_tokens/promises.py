"""What the texts of 02_global_tokens promise, and the aspects that ask for it."""

PROMISES = {
    "global-mask": {
        "Mask of a sliding window with global tokens.": ("window and globals together",),
        "Query i attends to the keys max(0, i - window_size + 1) to i.": (
            "the window, without globals",
        ),
        "A global position attends to every position, and every position attends to it.": (
            "global rows",
            "global columns",
        ),
        "seq_len: number of positions, at least 1.": ("bad input",),
        "window_size: how many positions a query sees, itself included; at least 1.": (
            "bad input",
        ),
        "global_positions: positions that are global, in any order, as a list or an int "
        "array, possibly empty.": ("positions in any form",),
        "None means that there are none.": ("positions in any form",),
        "causal_globals: whether the future is blocked after all (see exercise 4).": (
            "block-future: in your attention",
        ),
        "Bool array of shape (seq_len, seq_len), indexed [query, key], True = blocked.": ("dtype",),
        "ValueError: seq_len or window_size is below 1, or a global position is not in 0 to "
        "seq_len - 1.": ("bad input",),
        'The message names the argument and the wrong value, as in "global_positions holds '
        '9; allowed are 0 to 7".': ("bad input",),
    },
    "which-window": {
        "The smallest window whose mask is this picture.": ("pictures without globals",),
        "picture: bool array of shape (n, n), True = blocked.": ("pictures with globals",),
        "Some window draws it.": ("pictures without globals", "pictures with globals"),
        "global_positions: the positions that are global in it, possibly none.": (
            "pictures without globals",
            "pictures with globals",
        ),
        "The smallest window_size for which create_sliding_window_mask, with these global "
        "positions, gives exactly this picture; an int.": (
            "pictures without globals",
            "pictures with globals",
            "an int",
        ),
    },
    "global-attention": {
        "Scaled dot-product attention inside a window with global tokens.": (
            "the window",
            "global tokens",
            "scale",
            "large scores",
        ),
        "The mask comes from create_sliding_window_mask, which is given causal_globals, too.": (
            "block-future: in your attention",
        ),
        "The inputs are left as they are.": ("inputs unchanged",),
        "Q, K: float arrays of shape (..., seq_len, d_k).": ("batch and heads", "dtype"),
        "V: float array of shape (..., seq_len, d_v).": ("batch and heads", "dtype"),
        "window_size: how many positions a query sees, itself included.": ("the window",),
        "global_mask: bool array of shape (seq_len,), True where a position is global.": (
            "global tokens",
        ),
        "None means that there are none.": ("the window", "global tokens"),
        "causal_globals: whether the future is blocked after all (see exercise 4).": (
            "block-future: in your attention",
        ),
        "A tuple (output, weights), in the dtype of the inputs:": ("dtype",),
        "output: array of shape (..., seq_len, d_v).": ("batch and heads",),
        "weights: array of shape (..., seq_len, seq_len).": ("batch and heads",),
        "Each row sums to 1; blocked weights are 0.": ("the window", "large scores"),
        "ValueError: global_mask is not of shape (seq_len,).": ("bad input",),
        'The message names it and its shape, as in "global_mask has shape (3,); '
        'it must be (8,)".': ("bad input",),
    },
    "block-future": {
        "The same mask, with every key after its query blocked as well.": ("the future",),
        "mask: bool array of shape (n, n), True = blocked.": ("a new bool array",),
        "It is left as it is.": ("a new bool array",),
        "A new bool array of shape (n, n).": ("a new bool array",),
        "What was blocked stays blocked.": ("the past and the present",),
    },
}
