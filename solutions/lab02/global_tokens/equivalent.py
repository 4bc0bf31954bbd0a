"""Mutants of the reference that change nothing that is asked, and why no mark may depend on it.

By module of the reference; there, definition: statement as it is → as it was changed.
"""

MISFIT = "Q.ndim < 2 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]"
MESSAGE = (
    "f'Q, K, V have shapes {Q.shape}, {K.shape}, {V.shape}; they must be (..., seq_len, d_k) twice "
    "and (..., seq_len, d_v)'"
)
NOT_ASKED = "students are told that Q, K and V fit each other; the reference's own tests ask this"
ARRAYS = "Q, K, V = (np.asarray(Q), np.asarray(K), np.asarray(V))"

EQUIVALENT = {
    "sliding_window": {
        f"sliding_window_attention: {ARRAYS} → pass": "what is asked are arrays already",
        **{
            f"require_matching_shapes: if {MISFIT}: → if {other}:": NOT_ASKED
            for other in (
                "Q.ndim < 2 and K.shape != Q.shape and (V.shape[:-1] != Q.shape[:-1])",
                "Q.ndim < 1 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]",
            )
        },
        f"require_matching_shapes: raise ValueError({MESSAGE}) → pass": NOT_ASKED,
    }
}
