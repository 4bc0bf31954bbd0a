"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

from grading.judging.written import in_other_forms

NO_ZERO = "no window and no head is of size 0"
LAST = "of two axes, the second is the last"
NO_ORDER = "where in the stack a layer of full attention stands does not matter"
SHIFT = "rows = logits[:-1] - logits[:-1].max(axis={}, keepdims=True)"
NATS = "nats = np.log(np.exp(rows).sum(axis={})) - scores"


def by_truth(definition: str, statement: str, name: str = "window") -> dict[str, str]:
    """None taken for all that is false, in a statement that asks whether the name is None."""
    asked = statement.replace(f"{name} is not None", name).replace(f"{name} is None", f"not {name}")
    return {f"{definition}: {statement} → {asked}": NO_ZERO}


EQUIVALENT = {
    "in_a_model": {
        **by_truth("cache_bytes", "kept = length if window is None else min(length, window)"),
        **by_truth("stack_reach", "oldest = 0 if window is None else max(0, oldest - window + 1)"),
    },
    "bits-per-token-answer": {
        **in_other_forms("bits_per_token", "float(np.mean(nats) / np.log(2))"),
        **{f"bits_per_token: {each.format(-1)} → {each.format(1)}": LAST for each in (SHIFT, NATS)},
    },
    "bits-per-token: token by token, with math": in_other_forms(
        "token_by_token", "total / (len(tokens) - 1)"
    ),
    "cache-bytes-answer": by_truth(
        "cache_bytes", "default = 'full_attention' if window is None else 'sliding_attention'"
    ),
    "cache-bytes: a loop over the layers": {
        **by_truth("layer_by_layer", "if width is None:", name="width"),
        **by_truth(
            "layer_by_layer",
            "unsaid = 'sliding_attention' if window is not None else 'full_attention'",
        ),
    },
    "stack-reach-answer": by_truth(
        "stack_reach", "if window is None or 'full_attention' in config.get('layer_types', []):"
    ),
    "stack-reach: layer by layer, from the last one down": {
        "from_the_top: for kind in kinds[::-1]: → for kind in kinds[::1]:": NO_ORDER,
        **by_truth("from_the_top", "if kind == 'full_attention' or window is None:"),
    },
}
