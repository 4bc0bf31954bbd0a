"""What the texts of 01_rolling_cache promise, and the aspects that ask for it."""

PROMISES = {
    "slot-positions": {
        "The position of the token in each slot of a ring buffer.": ("written over",),
        "length: how many tokens have been stored, at least 0.": ("not yet written over",),
        "They are at the positions 0 to length - 1.": ("written over",),
        "window_size: the number of slots, at least 1.": ("written over",),
        "Int array of shape (window_size,): for each slot the position of the token that "
        "lies there, or -1 where none does yet.": (
            "an array of int",
            "written over",
            "not yet written over",
        ),
    },
    "store-token": {
        "Write the key and the value of one token into a ring buffer, in place.": (
            "the first lap",
        ),
        "keys: array of shape (..., window_size, d_k).": ("batch and heads",),
        "It is changed.": ("the first lap",),
        "values: array of shape (..., window_size, d_v).": ("batch and heads",),
        "key: array of shape (..., d_k).": ("batch and heads", "later laps"),
        "value: array of shape (..., d_v).": ("batch and heads", "later laps"),
        "position: of the token in the text, at least 0.": ("the first lap",),
        "It may be far larger than window_size.": ("later laps",),
    },
    "cache-attention": {
        "Scaled dot-product attention of one query over the filled slots of a buffer.": (
            "a full cache",
        ),
        "The scores are query times key / sqrt(d_k), the weights their softmax over the "
        "filled slots, and the output the sum of the values, each times its weight.": (
            "scale",
            "large scores",
            "a full cache",
        ),
        "The inputs are left as they are.": ("inputs left as they are",),
        "query: float array of shape (..., d_k).": ("batch and heads", "dtype"),
        "keys: float array of shape (..., window_size, d_k).": ("batch and heads", "dtype"),
        "values: float array of shape (..., window_size, d_v).": ("batch and heads", "dtype"),
        "length: how many tokens have been stored, at least 1.": ("a cache not yet full",),
        "If that is less than window_size, slots from length on are empty: any number may "
        "lie there.": ("a cache not yet full",),
        "Array of shape (..., d_v), in the dtype of the inputs.": ("dtype", "batch and heads"),
    },
    "rolling-cache": {
        "The keys and values that the next tokens of a text can see.": ("one token at a time",),
        "Token i attends to the window, max(0, i - window_size + 1) to i, and to the global "
        "tokens up to i: the first num_global_tokens of the text.": (
            "one token at a time",
            "global tokens once, beside the window",
            "a global token kept",
        ),
        "It sees each of them once.": ("global tokens once, beside the window",),
        "window_size: how many positions a token sees, itself included; at least 1.": (
            "bad input",
            "one token at a time",
        ),
        "num_global_tokens: at least 0, at most window_size.": ("bad input",),
        "ValueError: an argument is out of its range.": ("bad input",),
        'The message names it and its value, as in "num_global_tokens is 5; allowed are 0 to 4".': (
            "bad input",
        ),
        "Between calls it keeps window_size + num_global_tokens keys and values, in arrays "
        "that are attributes, or in lists of arrays; up to window_size more are accepted.": (
            "memory",
        ),
        "The outputs of the next n tokens of the text, which are remembered.": (
            "chunks of any length",
        ),
        "Q, K: float arrays of shape (..., n, d_k), n at least 1.": (
            "chunks of any length",
            "batch and heads",
        ),
        "V: float array of shape (..., n, d_v).": ("batch and heads",),
        "Array of shape (..., n, d_v), in the dtype of the inputs: what a full pass over "
        "the whole text gives for these tokens.": ("dtype", "scale, and large scores"),
    },
}
