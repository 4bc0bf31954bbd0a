"""The reference for what 04_in_a_model asks for.

Written for safety, not for speed: number by number and position by position.
"""

import math
from typing import Any

from numpy import ndarray

SIZES = {"float32": 4, "float16": 2, "bfloat16": 2}


def bits_per_token(logits: ndarray, tokens: ndarray) -> float:
    """The mean of -log2 of the chance that row i of logits (n, vocabulary) gives to token i + 1.

    The cross-entropy of Shannon (1948), in bits, of a text of n tokens.
    """
    costs = []
    for position in range(1, len(tokens)):
        row = [float(score) for score in logits[position - 1]]
        highest = max(row)
        total = math.fsum(math.exp(score - highest) for score in row)
        costs.append(math.log2(total) - (row[tokens[position]] - highest) / math.log(2))
    return math.fsum(costs) / len(costs)


def cache_bytes(config: dict[str, Any], length: int) -> int:
    """Bytes of the keys and values of a text, over all layers, counted layer by layer."""
    width = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    size = SIZES[config["torch_dtype"]]
    total = 0
    for window in _windows(config):
        kept = length if window is None else min(length, window)
        total += kept * config["num_key_value_heads"] * width * size  # keys
        total += kept * config["num_key_value_heads"] * width * size  # values
    return total


def stack_reach(config: dict[str, Any], length: int) -> int:
    """Input positions that the last output depends on, found by going down layer by layer."""
    oldest = length - 1
    for window in reversed(_windows(config)):
        oldest = 0 if window is None else max(0, oldest - window + 1)
    return length - oldest


def _windows(config: dict[str, Any]) -> list[int | None]:
    """The window of each layer; None where it sees everything."""
    window = config["sliding_window"]
    if "layer_types" not in config:
        return [window] * config["num_hidden_layers"]
    return [window if kind == "sliding_attention" else None for kind in config["layer_types"]]
