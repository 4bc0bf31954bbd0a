"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

DRAW = (
    "self.W_Q, self.W_K, self.W_V, self.W_O = "
    "(rng.normal({}size=(d_model, d_model)) for _ in range(4))"
)
DRAWN = "how large the random weights are is left to the student; marks use weights of our own"
ONCE = "the weights are drawn once in any case"
NO_DTYPE = "in which floating dtype a layer computes is left to the student"
OF_ONE = "a batch of one has its first entry at its end"
HANDED_ON = "what one method of a layer hands to another is the student's own business"
BASE = "attention-layer: a subclass that adds a batch axis where there is none"
BY_QUERY = "end-to-end: one query after the other"
SCALE = "shape, scale = ((d_model, d_model), d_model ** {})"


def other_dtypes(*returned: str) -> dict[str, str]:
    """By their names in class: what is returned there may be of either floating dtype."""
    return {
        f"{found}return {value} → return np.{dtype}({value})": NO_DTYPE
        for found, value in (each.split("return ") for each in returned)
        for dtype in ("float32", "float64")
    }


RETURNED = (
    "SlidingWindowAttention: return self._combine_heads(output) @ self.W_O",
    "SlidingWindowAttention: return weights",
    "SlidingWindowAttention: return self.forward(x, global_mask)",
)

EQUIVALENT = {
    "sliding_window": {
        "SlidingWindowAttention: x = np.asarray(x) → pass": "what is asked is an array already",
        "SlidingWindowAttention: x = np.asarray(x) → x = x": "what is asked is an array already",
        "SlidingWindowAttention: rng = np.random.default_rng() → "
        "rng = vars(self).setdefault('rng', np.random.default_rng())": ONCE,
        **{
            f"SlidingWindowAttention: {DRAW.format('scale=d_model ** (-0.5), ')} → "
            f"{DRAW.format(scale)}": DRAWN
            for scale in (
                "",
                "scale=d_model ** 0.5, ",
                "scale=d_model ** (-1.5), ",
                "scale=d_model ** (--0.5), ",
            )
        },
        **other_dtypes(*RETURNED),
    },
    "attention-layer-answer": {
        "SlidingWindowAttention: rng = np.random.default_rng() → "
        "rng = vars(self).setdefault('rng', np.random.default_rng())": ONCE,
        **{
            f"SlidingWindowAttention: self.{name} = rng.normal(scale=scale, size=shape) → "
            f"self.{name} = rng.normal(size=shape)": DRAWN
            for name in ("W_Q", "W_K", "W_V", "W_O")
        },
        **{
            f"SlidingWindowAttention: {SCALE.format('(-0.5)')} → {SCALE.format(power)}": DRAWN
            for power in ("0.5", "(-1.5)", "(--0.5)")
        },
        **other_dtypes(*RETURNED),
    },
    BASE: {
        "WithBatchAxis: return weights[0] if x.ndim == 2 else weights → "
        "return weights[-1] if x.ndim == 2 else weights": OF_ONE,
        "WithBatchAxis: joined = output.transpose(0, 2, 1, 3).reshape(len(output), -1, "
        "self.d_model) → joined = output.transpose(0, 2, 1, 3).reshape(len(output), -2, "
        "self.d_model)": "NumPy takes any number below 0 for the axis that is left",
        "WithBatchAxis: return sliding_window_attention(*heads, self.window_size, global_mask) → "
        "return list(sliding_window_attention(*heads, self.window_size, global_mask))": HANDED_ON,
        "WithBatchAxis: return (self.W_Q, self.W_K, self.W_V) → "
        "return list((self.W_Q, self.W_K, self.W_V))": HANDED_ON,
        **other_dtypes(
            "WithBatchAxis: return (self.W_Q, self.W_K, self.W_V)",
            "WithBatchAxis: return (joined @ self.W_O).reshape(x.shape)",
            "WithBatchAxis: return weights[0] if x.ndim == 2 else weights",
        ),
    },
    BY_QUERY: {
        "attention_by_query: weights = np.zeros((*Q.shape[:-1], Q.shape[-2]), dtype=Q.dtype) → "
        "weights = np.zeros((*Q.shape[:-1], Q.shape[-2]))": NO_DTYPE,
        "attention_by_query: def attention_by_query(Q, K, V, window_size, global_mask=None, *, "
        "causal_globals=False): → def attention_by_query(Q, K, V, window_size, global_mask=None, "
        "*, causal_globals=True):": "this attention does not look at it, and no layer asks for it",
    },
}
