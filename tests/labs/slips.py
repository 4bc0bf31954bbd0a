"""Slips in answers to Lab 02, and what its self-checks say of them."""

Edits = tuple[tuple[str, str], ...]
Slip = tuple[str, Edits, str, str]
SHARES = "weights = weights / weights.sum(axis=-1, keepdims=True)\n"
ATTEND = "return sliding_window_attention(Q, K, V, self.window_size, global_mask)"

# an exercise, what is edited in its answer, what must be said, what must not
SLIPS: dict[str, Slip] = {
    "no division": (
        "masked-attention", ((SHARES, "\n"),), "divide each row by its own sum", "before the",
    ),
    "no keepdims": (
        "masked-attention",
        ((SHARES, "weights = weights / weights.sum(axis=-1)\n"),), "keepdims", "before the",
    ),
    "the mask after the softmax": (
        "masked-attention",
        (("np.where(mask, -np.inf, scores)", "scores"),
         ("return", "weights[..., mask] = 0\n    return")),
        "before the softmax", "keepdims",
    ),
    "the mask is added": (
        "masked-attention",
        (("np.where(mask, -np.inf, scores)", "scores + mask * -1e9"),),
        "an array of bools or ints times a float", "-inf",
    ),
    "always float32": (
        "masked-attention",
        (("return weights @ V, weights", "return np.float32(weights @ V), np.float32(weights)"),),
        "makes it smaller", "sqrt",
    ),
    "half precision": (
        "masked-attention",
        ((SHARES, SHARES + "    weights = weights.astype(np.float16).astype(Q.dtype)\n"),),
        "got 0.4285, expected 0.4286.\nAll numbers are nearly right", "scaled",
    ),
    "the root is rounded": (
        "masked-attention", (("Q.shape[-1] ** 0.5", "int(Q.shape[-1] ** 0.5)"),),
        "divided by 2. Here d_k is 5", "softmax",
    ),
    "axes of the mask": (
        "masked-attention", (("where(mask,", "where(mask.T,"),), "axes swapped", "softmax",
    ),
    "only a low score": (
        "masked-attention", (("-np.inf", "-100.0"),), "must be -inf: a number such as", "overflow",
    ),
    "a batch of one": (
        "masked-attention",
        (("return weights @ V", "return np.squeeze(weights @ V)"),), "expected (2, 1, 4, 2)", "row",
    ),
    "rows and columns": (
        "window-mask", (("return (key", "return ((key"), (" + 1)", " + 1)).T")),
        "axes swapped", "looks back",
    ),
    "kept between calls": (
        "window-mask",
        (("    key = np", "    window_size = SEEN.setdefault(seq_len, window_size)\n    key = np"),
         ("def create", "SEEN = {}\ndef create")),
        "Is something kept between calls?", "looks back",
    ),
    "None is no list": (
        "global-mask",
        (("[] if global_positions is None else global_positions", "list(global_positions)"),),
        "create_sliding_window_mask was called with seq_len 6", "wrong",
    ),
    "any wider window": (
        "which-window", (("return window_size", "return 2"),), "Draw your mask", "the smallest",
    ),
    "a window too wide": (
        "global-attention", (("seq_len, window_size,", "seq_len, window_size + 1,"),),
        "The window reaches too far", "-inf",
    ),
    "0 blocks nothing": (
        "global-attention", (("-np.inf", "0"),), "A blocked score must be -inf", "looks back",
    ),
    "scaled in place": (
        "global-attention", (("    scores = Q", "    Q /= 2\n    scores = Q"),),
        "changed Q, which it was given", "scaled",
    ),
    "one sequence only": (
        "global-attention", (("np.swapaxes(K, -1, -2)", "K.T"),),
        "was called with Q of shape (2, 3, 4, 3), K of shape", "wrong",
    ),
    "one head is no head": (
        "split-heads",
        (("return cut.swapaxes(-2, -3)", "return np.squeeze(cut.swapaxes(-2, -3))"),),
        "got shape", "EVERY",
    ),
    "sizes of the example": (
        "combine-heads", (("num_heads * d_k", "6"),), "combine_heads was called with x of", "wrong",
    ),
    "a mask that sticks": (
        "attention-layer",
        ((ATTEND, f"self._create_global_mask = lambda n: global_mask\n        {ATTEND}"),),
        "after a call with another", "W_Q",
    ),
    "NumPy refuses x": (
        "attention-layer", (("x.ndim not in (2, 3) or x.shape[-1] != self.d_model", "False"),),
        "not one that names it", "as it should",
    ),
}  # fmt: skip
