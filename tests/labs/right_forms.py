"""Edits of the instructor's answers that leave them right."""

from slips import ATTEND, Edits

HEAD_BY_HEAD = """heads = [
            sliding_window_attention(
                *(each[..., h, :, :] for each in (Q, K, V)), self.window_size, global_mask
            )
            for h in range(self.num_heads)
        ]
        return tuple(np.stack(parts, axis=-3) for parts in zip(*heads))"""
WITHOUT_WARNINGS = '@np.errstate(all="ignore")\n'
# what is edited in an answer that stays right
RIGHT: dict[str, tuple[str, Edits]] = {
    "a mask from a cache": (
        "local-mask", (("def create_local", "@functools.lru_cache\ndef create_local"),),
    ),
    "a share in an array without axes": (
        "sparsity", (("return float(np.mean(mask))", "return np.array(np.mean(mask))"),),
    ),
    "a text of NumPy's": (
        "mask-picture", (("return ", "return np.str_("), ("in rows)", "in rows))")),
    ),
    "a decorated function": ("global-attention", (("def slid", f"{WITHOUT_WARNINGS}def slid"),)),
    "a decorated method": (
        "attention-layer", (("    def forward", f"    {WITHOUT_WARNINGS}    def forward"),),
    ),
    "a partial method": (
        "attention-layer",
        (("def forward(self, x, global_mask=None)", "def _run(self, flag, x, global_mask=None)"),
         ("    def get_", "    forward = functools.partialmethod(_run, 0)\n\n    def get_")),
    ),
    "the function as an attribute of the layer": (
        "attention-layer",
        (("        self.d_k", "        self.attend = sliding_window_attention\n        self.d_k"),
         (ATTEND, ATTEND.replace("sliding_window_attention", "self.attend"))),
    ),
    "the function as an attribute of the class": (
        "attention-layer",
        (("    def __init__",
          "    attend = staticmethod(sliding_window_attention)\n\n    def __init__"),
         (ATTEND, ATTEND.replace("sliding_window_attention", "self.attend"))),
    ),
    "the function by another name": (
        "attention-layer",
        (("class Sliding", "swa = sliding_window_attention\n\n\nclass Sliding"),
         (ATTEND, ATTEND.replace("sliding_window_attention", "swa"))),
    ),
    "a call for each head": ("attention-layer", ((ATTEND, HEAD_BY_HEAD),)),
    "two ints in an array": (
        "block-keys", (("return max(0, start - window_size + 1), stop",
                        "return np.array([max(0, start - window_size + 1), stop])"),),
    ),
    "slots": (
        "rolling-cache",
        (("    def __init__", "    __slots__ = ('global_keys', 'global_values', 'keys', 'length', "
          "'num_global_tokens', 'values', 'window_size')\n\n    def __init__"),),
    ),
    "parameters by other names": (
        "store-token",
        (("keys, values, key, value, position):", "k, v, key, value, i):"),
         ("    slot = position % keys", "    keys, values = k, v\n    slot = i % keys")),
    ),
}  # fmt: skip
