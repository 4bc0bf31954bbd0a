"""What the texts of 02_linear_time promise, and the aspects that ask for it."""

PROMISES = {
    "block-keys": {
        "The slice of keys that a block of queries needs.": ("the first key, inside the text",),
        "start: position of the first query of the block, at least 0.": (
            "the end, and the start of the text",
        ),
        "stop: one more than the position of its last query.": (
            "the end, and the start of the text",
        ),
        "window_size: keys that a query sees, itself included, at least 1.": (
            "the first key, inside the text",
        ),
        "Two ints, first and end, so that K[first:end] holds every key that one of the "
        "queries sees, and begins and ends with such a key.": (
            "ints",
            "the first key, inside the text",
            "the end, and the start of the text",
        ),
    },
    "block-mask": {
        "The mask of a block of queries against the keys that the block needs.": (
            "the left edge of the window",
        ),
        "start: position of the first query of the block, at least 0.": (
            "at the start of the text",
        ),
        "stop: one more than the position of its last query.": ("the future in the block",),
        "window_size: keys that a query sees, itself included, at least 1.": (
            "the left edge of the window",
        ),
        "Bool array of shape (stop - start, end - first), with first and end as in exercise "
        "1, indexed [query, key], True where the query must not see the key.": (
            "dtype",
            "the left edge of the window",
            "the future in the block",
        ),
    },
    "window-blocks": {
        "Scaled dot-product attention in a window, a block of queries at a time.": (
            "whole blocks",
            "linear time",
        ),
        "The scores are Q times K / sqrt(d_k), the weights of a query their softmax over "
        "the keys of its window.": ("scores and scale", "large scores"),
        "The inputs are left as they are.": ("inputs left as they are",),
        "Q, K: float arrays of shape (..., seq_len, d_k).": ("batch and heads",),
        "V: float array of shape (..., seq_len, d_v).": ("batch and heads",),
        "window_size: keys that a query sees, itself included, at least 1.": ("whole blocks",),
        "block_size: queries in a block, at least 1; it may be more than seq_len.": (
            "a last block that is shorter",
            "whole blocks",
        ),
        "Array of shape (..., seq_len, d_v), in the dtype of the inputs.": (
            "one array, of the inputs' dtype",
        ),
    },
    "global-blocks": {
        "Attention in a window with global tokens, a block of queries at a time.": ("linear time",),
        "A global token sees every token, and every token sees it, before and after.": (
            "global queries",
            "global keys outside the slice",
        ),
        "All keys of a query share one softmax, and each counts once.": (
            "global keys in the slice",
            "scores and scale",
            "large scores",
        ),
        "The inputs are left as they are.": ("inputs left as they are",),
        "Q, K: float arrays of shape (..., seq_len, d_k).": ("batch and heads",),
        "V: float array of shape (..., seq_len, d_v).": ("batch and heads",),
        "window_size: keys that a query sees, itself included, at least 1.": ("no global tokens",),
        "block_size: queries in a block, at least 1; it may be more than seq_len.": (
            "a last block that is shorter",
        ),
        "global_mask: bool array of shape (seq_len,), True for global tokens.": (
            "no global tokens",
            "global queries",
        ),
        "Array of shape (..., seq_len, d_v), in the dtype of the inputs.": (
            "one array, of the inputs' dtype",
        ),
    },
}
