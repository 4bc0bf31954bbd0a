"""Mutants of right answers that change nothing that is asked, and why no mark may depend on it.

By name of the right answer; there, definition: statement as it is → as it was changed.
"""

NO_DTYPE = "in which floating dtype it computes is left to the student"
ODD = "1 is odd, so it is refused all the same"
ONCE = "the weights are drawn once in any case"
DRAWN = "how the random weights are drawn is left to the student; marks use weights of our own"
WHOLE = "weights are set, never changed in place"
WITHOUT_KEY = "rows without a key are 0, whatever 0 is divided by or exp(-inf) shifted by"
AT_LEAST_1 = "a sum of shifted exponentials is at least 1 where there is a key"
OF_ONE_AXIS = "there is one axis alone"
OWN = "the scores are an array of the answer's own"
EINSUM = "einsum, and weights of zero in rows without a key"
FEW = "only the rows and the keys that are needed"
ONE_SET = "longformer-layer: one set of weights for each query, without the earlier functions"
EXPS = "shares = np.exp({})"
SHIFT = "scores - scores.max(axis=-1, keepdims=True)"
IN_PLACE = "np.subtract(scores, scores.max(axis=-1, keepdims=True), out=scores)"
OVERWRITTEN = "np.where(overwritten[:, np.newaxis], over_all, local)"
JOINED = "combine_heads(global_rows(local, *for_globals, is_global, is_padding))"
STACKED = "np.stack(list(map(self.forward, x, is_global, is_padding)))"
TEXTS = "np.array([self.forward(*t) for t in zip(x, is_global, is_padding, strict=True)])"
MATRIX = "matrix = rng.normal({}size=(d_model, d_model))"
DRAW = "vars(self)[f'W_{{name}}'] = np.random.normal({}, size)"
GLOBAL = "vars(self)[f'W_{name}_global'] = vars(self)[f'W_{name}']"
OUTPUT = "np.einsum('...qk,...kd->...qd', shares / np.where({}), V)"
LOWEST = "np.exp(scores - np.where(np.isfinite(largest), largest, {}))"
WINDOW = "if attention_window < {} or attention_window % 2"
RNG = "LongformerSelfAttention: rng = np.random.default_rng() → "


def other_dtypes(definition: str, *returned: str) -> dict[str, str]:
    """What is returned there may be of either floating dtype."""
    return {
        f"{definition}: return {value} → return np.{dtype}({value})": NO_DTYPE
        for value in returned
        for dtype in ("float32", "float64")
    }


EQUIVALENT = {
    "longformer": {
        "local_rows: output = np.zeros((*Q.shape[:-1], V.shape[-1]), dtype=V.dtype) → "
        "output = np.zeros((*Q.shape[:-1], V.shape[-1]))": NO_DTYPE,
        **other_dtypes("local_rows", "output"),
        **other_dtypes("global_rows", "output"),
        **other_dtypes("LongformerSelfAttention", "np.hstack(list(heads))", STACKED),
        f"{RNG}rng = vars(self).setdefault('rng', np.random.default_rng())": ONCE,
    },
    "two-sided-mask-answer": {
        f"two_sided_mask: {WINDOW.format(2)}: → {WINDOW.format(1)}:": ODD,
    },
    "two-sided-mask: bands by np.tri, outer products of flags": {
        f"mask_by_bands: {WINDOW.format(2)} == 1: → {WINDOW.format(1)} == 1:": ODD,
    },
    "local-rows-answer": other_dtypes("local_rows", "np.where(mask, 0, weights) @ V"),
    f"local-rows: {EINSUM}": {
        **{
            f"rows_by_einsum: shares = {LOWEST.format(0)} → shares = {LOWEST.format(other)}": (
                WITHOUT_KEY
            )
            for other in (1, -1)
        },
        f"rows_by_einsum: return {OUTPUT.format('total > 0, total, 1')} → "
        f"return {OUTPUT.format('total > 0, total, 2')}": WITHOUT_KEY,
        f"rows_by_einsum: return {OUTPUT.format('total > 0, total, 1')} → "
        f"return {OUTPUT.format('total > 1, total, 1')}": AT_LEAST_1,
        **other_dtypes("rows_by_einsum", OUTPUT.format("total > 0, total, 1")),
    },
    "global-rows-answer": other_dtypes("global_rows", OVERWRITTEN),
    f"global-rows: {FEW}": {
        **other_dtypes("global_rows_few", "output"),
        f"softmax: {EXPS.format(SHIFT)} → {EXPS.format(IN_PLACE)}": OWN,
    },
    "longformer-layer-answer": {
        f"LongformerSelfAttention: {WINDOW.format(2)}: → {WINDOW.format(1)}:": ODD,
        f"{RNG}rng = vars(self).setdefault('rng', np.random.default_rng())": ONCE,
        **{
            f"LongformerSelfAttention: {MATRIX.format('scale=d_model ** (-0.5), ')} → "
            f"{MATRIX.format(scale)}": DRAWN
            for scale in (
                "",
                "scale=d_model ** 0.5, ",
                "scale=d_model ** (-1.5), ",
                "scale=d_model ** (--0.5), ",
            )
        },
        **other_dtypes(
            "LongformerSelfAttention",
            JOINED,
            "np.stack([self.forward(*text) for text in texts])",
        ),
    },
    ONE_SET: {
        f"ByQuery: {WINDOW.format(2)}: → {WINDOW.format(1)}:": ODD,
        f"ByQuery: {GLOBAL}.copy() → {GLOBAL}": WHOLE,
        **{
            f"ByQuery: {DRAW.format('0, d_model ** (-0.5)')} → {DRAW.format(other)}": DRAWN
            for other in (
                "1, d_model ** (-0.5)",
                "-1, d_model ** (-0.5)",
                "0, d_model ** 0.5",
                "0, d_model ** (-1.5)",
                "0, d_model ** (--0.5)",
            )
        },
        **other_dtypes("ByQuery", "output", TEXTS),
        **{
            f"softmax: {EXPS.format(SHIFT)} → {EXPS.format(f'scores - scores.max({axis})')}": (
                OF_ONE_AXIS
            )
            for axis in (
                "axis=-1",
                "axis=-1, keepdims=False",
                "axis=-0, keepdims=True",
                "keepdims=True",
            )
        },
        **{
            "softmax: return shares / shares.sum(axis=-1, keepdims=True) → "
            f"return shares / shares.sum({axis})": OF_ONE_AXIS
            for axis in (
                "axis=-1",
                "axis=-1, keepdims=False",
                "axis=-0, keepdims=True",
                "keepdims=True",
            )
        },
        f"softmax: {EXPS.format(SHIFT)} → {EXPS.format(IN_PLACE)}": OWN,
    },
}
