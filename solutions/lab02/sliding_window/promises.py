"""What the texts of 01_sliding_window promise, and the aspects that ask for it."""

PROMISES = {
    "window-mask": {
        "Mask of a sliding window that ends at the query.": ("the window",),
        "Query i attends to the keys max(0, i - window_size + 1) to i.": (
            "the window",
            "the start",
        ),
        "seq_len: number of positions, at least 1.": ("bad input", "dtype"),
        "window_size: how many positions a query sees, itself included; at least 1.": (
            "bad input",
            "the window",
        ),
        "It may be larger than seq_len.": ("a window wider than the sequence",),
        "Bool array of shape (seq_len, seq_len), indexed [query, key], True = blocked.": (
            "the window",
            "dtype",
        ),
        "ValueError: seq_len or window_size is below 1.": ("bad input",),
        'The message names the argument and its value, as in "window_size is 0; it must be '
        'at least 1".': ("bad input",),
    },
    "masked-attention": {
        "Scaled dot-product attention that obeys a mask.": ("blocked keys",),
        "The scores are Q @ K^T / sqrt(d_k), the weights their softmax over the keys.": (
            "softmax",
            "scale",
        ),
        "The inputs are left as they are.": ("inputs unchanged",),
        "Q, K: float arrays of shape (..., n, d_k).": ("dtype", "batch and heads"),
        "V: float array of shape (..., n, d_v).": ("dtype", "batch and heads"),
        "mask: bool array of shape (n, n), True = blocked.": ("blocked keys",),
        "Each row has an open key.": ("blocked keys, whatever the scores",),
        "A tuple (output, weights), in the dtype of the inputs:": ("dtype",),
        "output: array of shape (..., n, d_v).": ("batch and heads",),
        "weights: array of shape (..., n, n).": ("batch and heads",),
        "Each row sums to 1; blocked weights are 0.": (
            "softmax",
            "blocked keys, whatever the scores",
            "large scores",
        ),
    },
    "attended-pairs": {
        "Number of (query, key) pairs that a sliding window leaves open.": (
            "a window inside the sequence",
        ),
        "seq_len: number of positions n, at least 1.": ("a window wider than the sequence",),
        "window_size: how many positions a query sees, itself included; at least 1.": (
            "a window inside the sequence",
        ),
        "The number of pairs, an int.": ("an int",),
    },
    "receptive-field": {
        "Number of input positions that one output depends on, far from the start.": (
            "several layers",
        ),
        "num_layers: number of stacked layers L, at least 1.": ("one layer",),
        "window_size: how many positions a query sees, itself included; at least 1.": (
            "one layer",
            "several layers",
        ),
        "The number of positions, the output's own included, an int.": ("an int",),
    },
}
