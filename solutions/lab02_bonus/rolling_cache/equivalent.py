"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

INTS = "the positions are whole numbers already"
SLICED = "a slice ends with the array, however far it is to go"
BEYOND = "with more tokens than slots all slots are filled, those of the global tokens among them"
OF_ONE = "of an axis of length 1, the first entry is the last"
COUNTED = "only which of two positions is larger counts, not what they are"
OWN = "the scores are an array of the answer's own"
FORMULA = "np.maximum(length - 1 - (length - 1 - slot) % window_size, -1)"
OUTPUT = "np.einsum('...s,...sd->...d', softmax(scores), values)"
SHIFTED = "weights = np.exp({})"

FILLED = {"attend_to_cache: filled = min(length, keys.shape[-2]) → filled = length": SLICED}
COUNTS = {
    "RollingCache: return attend_to_cache(query, keys, values, left + self.length) → "
    "return attend_to_cache(query, keys, values, self.length)": BEYOND,
}

EQUIVALENT = {
    "rolling_cache": {
        "slot_positions: return slots → return np.asarray(slots).astype(int)": INTS,
        "RollingCache: left = min(max(self.length - self.window_size, 0), self.num_global_tokens) "
        "→ left = max(self.length - self.window_size, 0)": SLICED,
        **FILLED,
        **COUNTS,
    },
    "slot-positions-answer": {
        "slot_positions: return slots → return np.asarray(slots).astype(int)": INTS,
    },
    "slot-positions: a formula for all slots at once": {
        f"by_formula: return {FORMULA} → return np.asarray({FORMULA}).astype(int)": INTS,
    },
    "cache-attention-answer": {
        **FILLED,
        "attend_to_cache: return (weights[..., np.newaxis, :] @ values[..., :filled, :])[..., 0, :]"
        " → return (weights[..., np.newaxis, :] @ values[..., :filled, :])[..., -1, :]": OF_ONE,
        "attend_to_cache: scores = (keys[..., :filled, :] @ query[..., np.newaxis])[..., 0] → "
        "scores = (keys[..., :filled, :] @ query[..., np.newaxis])[..., -1]": OF_ONE,
    },
    "rolling-cache-answer": {
        "RollingCache: left = min(max(0, self.length - self.window_size), self.num_global_tokens) "
        "→ left = max(0, self.length - self.window_size)": SLICED,
        **COUNTS,
    },
    "rolling-cache: deques of vectors": {
        f"OfDeques: return {OUTPUT} → return list({OUTPUT})": "it is stacked with the others",
        "OfDeques: self.seen = 0 → self.seen = 1": COUNTED,
        "OfDeques: self.seen = 0 → self.seen = -1": COUNTED,
        "OfDeques: self.seen += 1 → self.seen += 2": COUNTED,
        f"softmax: {SHIFTED.format('scores - scores.max(axis=-1, keepdims=True)')} → "
        + SHIFTED.format(
            "np.subtract(scores, scores.max(axis=-1, keepdims=True), out=scores)"
        ): OWN,
    },
}
