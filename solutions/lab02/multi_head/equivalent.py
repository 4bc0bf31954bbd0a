"""Mutants of the reference that change nothing that is asked, and why no mark may depend on it.

By module of the reference; there, definition: statement as it is → as it was changed.
"""

DRAW = (
    "self.W_Q, self.W_K, self.W_V, self.W_O = "
    "(rng.normal(scale={}, size=(d_model, d_model)) for _ in range(4))"
)
DRAWN = "how large the random weights are is left to the student; marks use weights of our own"

EQUIVALENT = {
    "sliding_window": {
        "SlidingWindowAttention: x = np.asarray(x) → pass": "what is asked is an array already",
        "SlidingWindowAttention: if self.num_global_tokens == 0: → if self.num_global_tokens == -1:"
        "": "a mask without a global token does what None does",
        **{
            f"SlidingWindowAttention: {DRAW.format('d_model ** (-0.5)')} → {DRAW.format(scale)}": (
                DRAWN
            )
            for scale in ("d_model ** 0.5", "d_model ** (-1.5)", "d_model ** (--0.5)")
        },
    }
}
