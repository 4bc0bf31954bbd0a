"""Mutants of solutions/sliding_window.py that change nothing that is asked."""

DRAW = (
    "self.W_Q, self.W_K, self.W_V, self.W_O = "
    "(rng.normal(scale={}, size=(d_model, d_model)) for _ in range(4))"
)
NOT_ASKED = "students are told that Q, K and V fit each other; the reference's own tests ask this"
DRAWN = "how large the random weights are is left to the student; marks use weights of our own"

EQUIVALENT = {
    "sliding_window_attention: Q, K, V = (np.asarray(Q), np.asarray(K), np.asarray(V)) → pass": (
        "what is asked are arrays already"
    ),
    "require_matching_shapes: if Q.ndim < 2 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]:"
    " → if Q.ndim < 2 and K.shape != Q.shape and (V.shape[:-1] != Q.shape[:-1]):": NOT_ASKED,
    "require_matching_shapes: if Q.ndim < 2 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]:"
    " → if Q.ndim < 1 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]:": NOT_ASKED,
    "require_matching_shapes: raise ValueError(f'Q, K, V have shapes {Q.shape}, {K.shape}, "
    "{V.shape}; they must be (..., seq_len, d_k) twice and (..., seq_len, d_v)') → pass": NOT_ASKED,
    "SlidingWindowAttention: x = np.asarray(x) → pass": "what is asked is an array already",
    "SlidingWindowAttention: if self.num_global_tokens == 0: → if self.num_global_tokens == -1:": (
        "a mask without a global token does what None does"
    ),
    **{
        f"SlidingWindowAttention: {DRAW.format('d_model ** (-0.5)')} → {DRAW.format(scale)}": DRAWN
        for scale in ("d_model ** 0.5", "d_model ** (-1.5)", "d_model ** (--0.5)")
    },
}
