"""Right answers to the exercises of 04_in_a_model, in other forms."""

import math
from itertools import pairwise

import numpy as np

from grading.judging.written import other_answer


@other_answer("bits-per-token", "token by token, with math")
def token_by_token(logits, tokens):
    total = 0.0
    for row, (_, token) in zip(logits.tolist(), pairwise(tokens.tolist()), strict=False):
        top = max(row)
        total += math.log2(sum(math.exp(s - top) for s in row)) + (top - row[token]) / math.log(2)
    return total / (len(tokens) - 1)


@other_answer("bits-per-token", "logaddexp2 over the scores in bits")
def with_logaddexp(scores, text):
    in_bits = scores[:-1] / np.log(2)
    spent = (
        np.logaddexp2.reduce(in_bits, axis=1)
        - np.take_along_axis(in_bits, text[1:, np.newaxis], axis=1).ravel()
    )
    return np.mean(spent)


@other_answer("bits-per-token", "a sum of log-softmax where a one-hot is 1")
def with_one_hot(logits, tokens):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_chances = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    one_hot = np.eye(logits.shape[-1])[tokens[1:]]
    return -(one_hot * log_chances[:-1]).sum() / (len(tokens) - 1) / np.log(2)


@other_answer("cache-bytes", "a loop over the layers")
def layer_by_layer(config, length):
    window, count = config["sliding_window"], config["num_hidden_layers"]
    unsaid = "sliding_attention" if window is not None else "full_attention"
    width = config.get("head_dim")
    if width is None:
        width = config["hidden_size"] // config["num_attention_heads"]
    size = {"float32": 4, "float16": 2, "bfloat16": 2}[config["torch_dtype"]]
    total = 0
    for kind in config.get("layer_types", [unsaid] * count):
        kept = min(window, length) if kind == "sliding_attention" else length
        total += 2 * kept * config["num_key_value_heads"] * width * size
    return total


@other_answer("cache-bytes", "counts of the two kinds, and NumPy")
def kinds_counted(fields, n):
    w = fields["sliding_window"]
    if "layer_types" in fields:
        sliding = fields["layer_types"].count("sliding_attention")
    else:
        sliding = fields["num_hidden_layers"] if w else 0
    full = fields["num_hidden_layers"] - sliding
    kept = np.array([full, sliding]) @ np.array([n, min(n, w or n)])
    if "head_dim" not in fields:
        fields = {**fields, "head_dim": fields["hidden_size"] // fields["num_attention_heads"]}
    size = 4 if fields["torch_dtype"] == "float32" else 2
    return kept * 2 * fields["num_key_value_heads"] * fields["head_dim"] * size


@other_answer("stack-reach", "layer by layer, from the last one down")
def from_the_top(config, length):
    oldest, window = length - 1, config["sliding_window"]
    kinds = config.get("layer_types", ["sliding_attention"] * config["num_hidden_layers"])
    for kind in kinds[::-1]:
        if kind == "full_attention" or window is None:
            return length
        oldest = max(0, oldest - (window - 1))
    return length - oldest


@other_answer("stack-reach", "a recursion over the layers")
def with_recursion(config, length):
    kinds = config.get("layer_types", ["window"] * config["num_hidden_layers"])
    window = config["sliding_window"] or length

    def reach(layer, positions):
        if layer < 0 or positions >= length:
            return min(positions, length)
        more = length if kinds[layer] == "full_attention" else window - 1
        return reach(layer - 1, positions + more)

    return reach(len(kinds) - 1, 1)
