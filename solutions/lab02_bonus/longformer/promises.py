"""What the texts of 03_longformer promise, and the aspects that ask for it."""

PROMISES = {
    "two-sided-mask": {
        "Who may attend to whom in a Longformer.": ("the window", "global tokens", "padding"),
        "attention_window: how many neighbours a token sees, half of them on each side; "
        "even, at least 2.": ("the window", "bad input"),
        "is_global: bool array of shape (n,).": ("global tokens", "flags left as they are"),
        "is_padding: bool array of shape (n,).": ("padding", "flags left as they are"),
        "Where both are True, it is padding.": ("padding and global tokens",),
        "Bool array of shape (n, n), queries in rows and keys in columns, True = blocked.": (
            "dtype",
            "the window",
        ),
        "Open are pairs at most attention_window // 2 apart, and pairs of which one token "
        "is global.": ("the window", "global tokens"),
        "Rows and columns of padding are blocked.": ("padding",),
        "ValueError: attention_window is odd or below 2.": ("bad input",),
        'The message names it and its value, as in "attention_window is 3; it must be even, '
        'at least 2".': ("bad input",),
    },
    "local-rows": {
        "Attention inside a mask, with zeros for a query that sees nobody.": (
            "queries without a key",
        ),
        "The scores are query times key / sqrt(d_k), the weights of a query their softmax "
        "over the keys that are open, and its output the sum of the values, each times its "
        "weight.": ("scores, scale and mask", "large scores"),
        "The inputs are left as they are.": ("heads, and inputs left as they are",),
        "Q, K: float arrays of shape (..., n, d_k).": ("heads, and inputs left as they are",),
        "V: float array of shape (..., n, d_v).": ("heads, and inputs left as they are",),
        "mask: bool array of shape (n, n), True = blocked.": ("scores, scale and mask",),
        "A row may be all True.": ("queries without a key",),
        "Array of shape (..., n, d_v).": ("heads, and inputs left as they are",),
    },
    "global-rows": {
        "The outputs of a text, with the rows of its global tokens written over.": ("global rows",),
        "A global token attends to all tokens that are no padding.": ("padding is not seen",),
        "Scores, softmax and output are as in local_rows, with the global queries, keys and "
        "values.": ("scores and scale", "large scores"),
        "local: float array of shape (..., n, d_v), outputs.": ("other rows",),
        "It is left as it is.": ("a new array, and inputs left as they are",),
        "Q_global, K_global: float arrays of shape (..., n, d_k).": ("heads",),
        "V_global: float array of shape (..., n, d_v).": ("heads",),
        "is_global: bool array of shape (n,).": ("global rows",),
        "is_padding: bool array of shape (n,).": ("padding is not seen",),
        "Where both are True, it is padding.": ("padding is not global",),
        "A new array of shape (..., n, d_v).": ("a new array, and inputs left as they are",),
        "Rows of local tokens and of padding are those of local.": (
            "other rows",
            "padding is not global",
        ),
    },
    "longformer-layer": {
        "The attention of a Longformer, without an output projection.": ("who sees whom",),
        "d_model: features of a token.": ("who sees whom",),
        "num_heads: at least 1; it divides d_model, and d_k is d_model // num_heads.": (
            "bad input",
            "biases, scale and large scores",
        ),
        "attention_window: neighbours a token sees, half on each side; even, at least 2.": (
            "bad input",
            "who sees whom",
        ),
        "ValueError: num_heads or attention_window is not as above.": ("bad input",),
        'The message names it and its value, as in "num_heads is 3; it must divide d_model, 8".': (
            "bad input",
        ),
        "Attributes: W_Q, W_K, W_V, W_Q_global, W_K_global, W_V_global, each of shape "
        "(d_model, d_model), random, and b_Q, b_K, b_V, b_Q_global, b_K_global, b_V_global, "
        "each of shape (d_model,), zeros. forward looks them up whenever it is called.": (
            "weights and biases",
            "who sees whom",
        ),
        "The outputs of one text or of a batch of texts.": ("a batch",),
        "x: float array of shape (n, d_model) or (batch, n, d_model).": (
            "a batch",
            "who sees whom",
        ),
        "is_global: bool array, of the shape of x without d_model.": ("a batch", "global tokens"),
        "is_padding: bool array of that shape.": ("a batch", "padding"),
        "Where both are True, it is padding.": ("padding",),
        "Array of the shape of x.": ("a batch", "x and flags left as they are"),
        "Rows of padding are 0.": ("padding",),
    },
}
