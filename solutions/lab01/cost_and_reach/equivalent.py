"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

from grading.judging.written import in_other_forms

ANY_INT = "any single integer is one"
SQUARE = "scores are as many rows as columns"
ENOUGH = "nothing new comes in after as many layers as there are positions"
TRUE_IS_1 = "a bool counts as 0 or 1 in a product of matrices, and so does a float"
COUNTED = "np.count_nonzero((back >= 0) & (back % stride == 0))"
OUTER = "back = np.subtract.outer(np.arange(seq_len), np.arange("


def with_more_layers(definition: str, length: str) -> dict[str, str]:
    tries = f"{definition}: for layers in range(1, {length} + 1): → for layers in range(1, {length}"
    return {f"{tries} + 1 + 1):": ENOUGH, f"{tries} + 2):": ENOUGH}


EQUIVALENT = {
    "cost_and_reach": {
        **in_other_forms("compute_sparsity", "blocked / mask.size"),
        **with_more_layers("layers_needed", "len(mask)"),
    },
    "sparse-scores: a copy that is written into": {
        "with_a_copy: n = attention_scores.shape[-1] → n = attention_scores.shape[-2]": SQUARE,
    },
    "sparsity-answer": in_other_forms("compute_sparsity", "float(np.mean(mask))"),
    "sparsity: counted and divided": in_other_forms(
        "counted_and_divided", "np.count_nonzero(mask) / mask.size"
    ),
    "strided-pairs: counted in a mask": {
        f"pairs_counted: {OUTER}seq_len)) → {OUTER}0, seq_len + 1))": "no query sees a later key",
        f"pairs_counted: return {COUNTED} → return np.squeeze({COUNTED})": ANY_INT,
    },
    "layers-needed-answer": with_more_layers("layers_needed", "len(mask)"),
    "layers-needed: powers of a matrix of numbers": {
        "with_powers: steps = (~mask).astype(int) → steps = ~mask": TRUE_IS_1,
        "with_powers: power = np.eye(n, dtype=int) → power = np.eye(n)": TRUE_IS_1,
        **with_more_layers("with_powers", "n"),
    },
}
