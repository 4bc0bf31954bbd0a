"""What the texts of 02_cost_and_reach promise, and the aspects that ask for it."""

PROMISES = {
    "sparse-scores": {
        "Scores in which those of blocked pairs are -inf.": ("blocked scores",),
        "The inputs are left as they are.": ("inputs unchanged",),
        "attention_scores: float array of shape (..., n, n), indexed [..., query, key].": (
            "batch and heads",
        ),
        "mask: bool array of shape (n, n), True = blocked.": ("blocked scores", "bad input"),
        "A new array of the shape and the dtype of the scores.": ("dtype", "inputs unchanged"),
        "Open scores are what they were.": ("open scores",),
        "ValueError: mask is not of shape (n, n).": ("bad input",),
        'The message names it and its shape, as in "mask has shape (3,); it must be (8, 8)".': (
            "bad input",
        ),
    },
    "mask-picture": {
        "A mask as a picture made of text.": ("a text",),
        "A line is a row of the mask, a sign is a cell: . is open (False), X is blocked (True).": (
            "the signs",
        ),
        "The signs of a line are separated by single spaces, the lines by single newlines.": (
            "the spaces",
        ),
        "There is no newline at the end.": ("no newline at the end",),
        "mask: bool array of shape (n, n), True = blocked.": ("the signs", "a text"),
        "The picture, a str.": ("a text",),
    },
    "sparsity": {
        "The share of the cells of a mask that are blocked.": ("the share",),
        "mask: bool array of shape (n, n), True = blocked.": ("the share",),
        "A float from 0 to 1: 0.0 where nothing is blocked, 1.0 where everything is.": (
            "a float",
            "nothing or everything blocked",
        ),
        "One of NumPy's of 32 bits or more, or in an array without axes, is as good.": ("a float",),
    },
    "strided-pairs": {
        "Number of (query, key) pairs that a strided mask leaves open.": (
            "strides that divide the length",
        ),
        "Query i sees the keys j <= i for which i - j is a multiple of stride.": (
            "strides that divide the length",
            "other strides",
        ),
        "seq_len: number of positions n, at least 1.": ("long strides",),
        "stride: steps from one open key to the next, at least 1.": (
            "strides that divide the length",
        ),
        "It may be larger than seq_len.": ("long strides",),
        "The number of pairs, an int.": ("an int",),
    },
    "layers-needed": {
        "The number of layers after which every query knows its whole past.": ("several layers",),
        "After one layer a query knows the keys that it sees.": ("one layer",),
        "After each further layer it knows all that the keys know that it sees.": (
            "several layers",
        ),
        "mask: bool array of shape (n, n), True = blocked.": ("several layers",),
        "Every query sees itself, and none sees a later key.": ("several layers", "one layer"),
        "The smallest number of layers, an int, at least 1.": ("an int", "one layer"),
        "It is 0 if no number of layers is enough.": ("never",),
    },
}
