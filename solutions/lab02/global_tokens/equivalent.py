"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

MISFIT = "Q.ndim < 2 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]"
MESSAGE = (
    "f'Q, K, V have shapes {Q.shape}, {K.shape}, {V.shape}; they must be (..., seq_len, d_k) twice "
    "and (..., seq_len, d_v)'"
)
NOT_ASKED = "students are told that Q, K and V fit each other; the reference's own tests ask this"
ARRAYS = "Q, K, V = (np.asarray(Q), np.asarray(K), np.asarray(V))"
ARE_ARRAYS = "what is asked are arrays already"
PAIR = "two values may come in a list as well"
BEYOND = "some window of at most the length draws every picture that is given"
POSITIONS = "[] if global_positions is None else global_positions"
HANDED_OUT = "these lines are handed out, and exercise 4 asks what they need with a mask of its own"
CLOSED = "create_sliding_window_mask: mask = block_future(mask)"
FUTURE = "return mask | ~np.tri(len(mask), dtype=bool) if causal_globals else mask"
TRIES = "for window_size in range(1, seq_len + 1): → for window_size in range(1, seq_len"

EQUIVALENT = {
    "sliding_window": {
        f"create_sliding_window_mask: positions = np.asarray({POSITIONS}, dtype=int) → "
        f"positions = {POSITIONS}": "NumPy takes a list of positions as it takes an array of them",
        "block_future: for query in range(len(mask)): → for query in range(0, len(mask) - 1):": (
            "the last query has no future"
        ),
        f"sliding_window_attention: {ARRAYS} → pass": ARE_ARRAYS,
        **{
            f"sliding_window_attention: {ARRAYS} → {ARRAYS.replace(f'np.asarray({name})', name)}": (
                ARE_ARRAYS
            )
            for name in "QKV"
        },
        "sliding_window_attention: return attend(Q, K, V, mask) → "
        "return list(attend(Q, K, V, mask))": PAIR,
        **{
            f"require_matching_shapes: if {MISFIT}: → if {other}:": NOT_ASKED
            for other in (
                "Q.ndim < 2 and K.shape != Q.shape and (V.shape[:-1] != Q.shape[:-1])",
                "Q.ndim < 1 or K.shape != Q.shape or V.shape[:-1] != Q.shape[:-1]",
            )
        },
        f"require_matching_shapes: raise ValueError({MESSAGE}) → pass": NOT_ASKED,
    },
    "building_blocks": {
        "window_of_picture: for query in range(len(picture)): → "
        "for query in range(0 + 1, len(picture)):": "the first query sees itself in every window",
    },
    "global-mask-answer": {
        f"{CLOSED} → pass": HANDED_OUT,
        f"{CLOSED} → mask = vars(create_sliding_window_mask).setdefault('mask', "
        "block_future(mask))": HANDED_OUT,
    },
    "global-mask: one question for each pair": {
        f"future_blocked: {FUTURE} → return {other} if causal_globals else mask": HANDED_OUT
        for other in (
            "mask",
            "mask | np.tri(len(mask), dtype=bool)",
            "mask & ~np.tri(len(mask), dtype=bool)",
            "~np.tri(len(mask), dtype=bool)",
            "mask | ~np.tri(len(mask))",
        )
    },
    "which-window-answer": {
        f"window_of_picture: {TRIES} + 2):": BEYOND,
        f"window_of_picture: {TRIES} + 1 + 1):": BEYOND,
        "window_of_picture: raise ValueError('picture is not the mask of any window') → pass": (
            BEYOND
        ),
    },
    "global-attention: other names, with NumPy's warnings off, named results": {
        "attend_without_warnings: return Attended(output=weights @ v, weights=weights) → "
        "return list(Attended(output=weights @ v, weights=weights))": PAIR,
        "attend_without_warnings: if flags is not None and np.asarray(flags).shape != (n,): → "
        "if flags is not None and flags.shape != (n,):": ARE_ARRAYS,
    },
}
