"""Slips in answers to the bonus of Lab 02, and what its self-checks say of them."""

from slips import Slip

SHIFTED = "scores - scores.max(axis=-1, keepdims=True)"
IN_FRONT = "        in_front = np.zeros((stop - start, len(positions)), dtype=bool)\n"
TWO_SOFTMAXES = """
        def part(keys, hidden):
            return attend(Q[..., start:stop, :], K[..., keys, :], V[..., keys, :], hidden)

        local = part(np.arange(first, end), block_mask(start, stop, window_size))
        blocks.append((local + part(positions, False)) / 2 if len(positions) else local)
        continue
"""

# as in slips.py
SLIPS: dict[str, Slip] = {
    "keys are floats": (
        "block-keys", (("max(0, start", "max(0.0, start"),), "a slice needs ints", "missing",
    ),
    "0 blocks nothing in a block": (
        "window-blocks", (("-np.inf", "0"),), "A blocked score must be -inf", "looks back",
    ),
    "all keys in each block": (
        "window-blocks",
        (("first, end = keys_of_block(start, stop, window_size)", "first, end = 0, Q.shape[-2]"),
         ("block_mask(start, stop, window_size)", "whole(start, stop, window_size, end)"),
         ("def windowed",
          "def whole(start, stop, w, n):\n"
          "    back = np.arange(start, stop)[:, None] - np.arange(n)\n"
          "    return (back < 0) | (back >= w)\n\n\ndef windowed")),
        "the scores of all keys", "bytes",
    ),
    "two softmaxes": (
        "global-blocks", ((IN_FRONT, TWO_SOFTMAXES),), "share one softmax", "twice",
    ),
    "keys counted twice": (
        "global-blocks", ((" | global_mask[first:end]", ""),), "counted twice", "one softmax",
    ),
    "global rows without a shift": (
        "global-blocks",
        (("attend(Q[..., positions, :], K, V, False)", "bare(Q[..., positions, :], K, V)"),
         ("def windowed", "def bare(q, k, v):\n    e = np.exp(q @ np.swapaxes(k, -1, -2) / q.shape"
          "[-1] ** 0.5)\n    return e / e.sum(-1, keepdims=True) @ v\n\n\ndef windowed")),
        "both tokens global, with large scores", "scaled",
    ),
    "one shift for a batch": (
        "cache-attention", ((SHIFTED, "scores - scores.max()"),), "its own largest score", "scale",
    ),
    "the buffer is scaled": (
        "cache-attention", (("    filled = min", "    keys /= 2\n    filled = min"),),
        "changed keys", "divided by",
    ),
    "shared by all caches": (
        "rolling-cache",
        (("        self.length = 0\n", ""),
         ("    def __init__", "    length = 0\n\n    def __init__"),
         ("self.length += 1", "RollingCache.length += 1"), ("self.length == 0", "True"),
         ("self.keys, self.values = room(K, self.window_size), room(V, self.window_size)",
          "RollingCache.keys, RollingCache.values = (KEPT.setdefault((name, each.shape[-1]), "
          "room(each, self.window_size)) for name, each in (('K', K), ('V', V)))"),
         ("class Rolling", "KEPT = {}\n\n\nclass Rolling")),
        "they share what they keep", "comes after it",
    ),
    "kept in the notebook": (
        "rolling-cache",
        (("        self.length += 1", "        KEPT.append(key)\n        self.length += 1"),
         ("class Rolling", "KEPT = []\n\n\nclass Rolling")),
        "After 40 tokens", "wrong",
    ),
    "a low score for padding": (
        "global-rows",
        (("over_all = local_rows(Q_global, K_global, V_global, to_all)",
          "over_all = low(Q_global, K_global, V_global, is_padding)"),
         ("def global",
          "def low(q, k, v, p):\n    s = q @ np.swapaxes(k, -1, -2) / q.shape[-1] ** 0.5\n"
          "    s = np.where(p, -100.0, s)\n    e = np.exp(s - s.max(-1, keepdims=True))\n"
          "    return e / e.sum(-1, keepdims=True) @ v\n\n\ndef global")),
        "where padding has the largest score", "divided",
    ),
    "flags upside down": (
        "two-sided-mask", (("| is_padding | is_padding[", "| ~is_padding | ~is_padding["),),
        "True in is_padding is padding", "itself",
    ),
    "x is overwritten": (
        "longformer-layer", (("    Q, K, V =", "    x[is_padding] = 0\n        Q, K, V ="),),
        "changed x", "wrong",
    ),
    "weights of the start": (
        "longformer-layer",
        (('getattr(self, f"W_{name}")', 'self.first[name]'),
         ("    rng = np", "    self.first = {}\n        rng = np"),
         ('setattr(self, f"W_{name}", matrix)', 'setattr(self, f"W_{name}", matrix)\n'
          "            self.first[name] = matrix")),
        "Look them up", "too far",
    ),
    "weights of zeros": (
        "longformer-layer", (("rng.normal(scale=d_model**-0.5, size=(d_model, d_model))",
                              "np.zeros((d_model, d_model))"),), "Draw it at random", "too far",
    ),
}  # fmt: skip
