"""What the texts of 03_multi_head promise, and the aspects that ask for it."""

PROMISES = {
    "split-heads": {
        "Cut the features of each position into heads.": ("one sequence",),
        "x: array of shape (..., seq_len, d_model).": (
            "a batch",
            "several batches, and sizes of 1",
            "dtype",
        ),
        "num_heads: number of heads, a divisor of d_model.": ("several batches, and sizes of 1",),
        "Array of shape (..., num_heads, seq_len, d_k), with d_k = d_model // num_heads.": (
            "one sequence",
            "a batch",
            "several batches, and sizes of 1",
        ),
        "Head h has the features h * d_k to (h + 1) * d_k - 1 of every position.": (
            "one sequence",
            "a batch",
        ),
    },
    "combine-heads": {
        "Join the features of all heads, position by position; undoes split_heads.": (
            "one sequence",
        ),
        "x: array of shape (..., num_heads, seq_len, d_k).": (
            "a batch",
            "several batches, and sizes of 1",
            "dtype",
        ),
        "Array of shape (..., seq_len, d_model), with d_model = num_heads * d_k.": (
            "one sequence",
            "a batch",
            "several batches, and sizes of 1",
        ),
    },
    "attention-layer": {
        "Multi-head attention inside a sliding window, with global tokens.": (
            "heads combined, W_O",
        ),
        "d_model: features of a token, at least 1.": ("bad input",),
        "num_heads: number of heads, at least 1, a divisor of d_model.": ("bad input",),
        "window_size: how many positions a query sees, itself included; at least 1.": (
            "bad input",
        ),
        "num_global_tokens: the first so many positions are global; at least 0.": ("bad input",),
        "d_model, num_heads, window_size, num_global_tokens: as given.": (
            "attributes and matrices",
        ),
        "d_k: features of a head, the int d_model // num_heads.": ("attributes and matrices",),
        "W_Q, W_K, W_V, W_O: random matrices of shape (d_model, d_model), applied on the "
        "right, as in x @ W_Q.": (
            "attributes and matrices",
            "Q, K, V of each head",
            "heads combined, W_O",
        ),
        "ValueError: an argument is below its minimum, or num_heads does not divide d_model.": (
            "bad input",
        ),
        'The message names the argument and its value, as in "d_model is 10; num_heads=3 '
        'must divide it".': ("bad input",),
        "Bool array (seq_len,), True at the first num_global_tokens positions.": (
            "_create_global_mask",
        ),
        "None if num_global_tokens is 0.": ("_create_global_mask",),
        "If it is above seq_len, all are True.": ("_create_global_mask",),
        "The result of the layer, an array of the shape of x.": (
            "heads combined, W_O",
            "arrays, called as forward, x and global_mask left as they are",
        ),
        "The inputs are left as they are.": (
            "arrays, called as forward, x and global_mask left as they are",
        ),
        "x: float array (batch, seq_len, d_model) or (seq_len, d_model).": (
            "heads combined, W_O",
            "a single sequence",
        ),
        "global_mask: bool array (seq_len,) that replaces the first num_global_tokens, or None.": (
            "a given global_mask",
            "window_size and first tokens handed on",
        ),
        "ValueError: x has another shape.": ("bad input",),
        "The message names x and its shape.": ("bad input",),
        "The weights of every head, for the same arguments as forward.": ("attention weights",),
        "Array of shape (batch, num_heads, seq_len, seq_len), or (num_heads, seq_len, "
        "seq_len) for an x without a batch axis.": (
            "attention weights",
            "a single sequence",
            "arrays, called as forward, x and global_mask left as they are",
        ),
    },
}
