"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it."""

FLOATS = "the shares are of float64 already"
LOOP = "np.array([count / total for count in counts])"

EQUIVALENT = {
    "lab-name-shares-answer": {
        "shares: return counts / counts.sum() → return np.float64(counts / counts.sum())": FLOATS,
    },
    "lab-name-shares: a loop": {
        f"with_a_loop: return {LOOP} → return np.float64({LOOP})": FLOATS,
    },
}
