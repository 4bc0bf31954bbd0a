"""How answers of the bonus are called, where that is more than a function with its arguments.

The text of this file runs beside the student's code, so it holds no answer and imports nothing of
ours. A driver gets a Call (see grading/judging/probe.py) and returns the values to be shown.
"""

import collections
import tracemalloc

import numpy as np

WATCHED = ("output", "held more than seq_len * seq_len bytes at once")
SURPLUS = "keys kept beyond 2 * window_size + num_global_tokens"
LONGFORMER_WEIGHTS = tuple(
    f"{kind}_{name}"
    for name in ("Q", "K", "V", "Q_global", "K_global", "V_global")
    for kind in "Wb"
)


def call_watched(call):
    """Call a function of Q, and show whether it holds room for a square of all queries and keys."""
    tracemalloc.start()
    try:
        shown = call.make()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return shown | {WATCHED[-1]: int(peak > call.inputs["Q"].shape[-2] ** 2)}


def describe_longformer(call):
    """Make a Longformer layer and show the shapes of its weights and biases."""
    layer = call.answer(**call.inputs)
    return {name: np.shape(getattr(layer, name)) for name in LONGFORMER_WEIGHTS}


def run_longformer(call):
    """Make a Longformer layer with given weights and biases, and run it on x and its flags."""
    arguments = dict(call.inputs)
    text = [arguments.pop(name) for name in ("x", "is_global", "is_padding")]
    weights = {name: arguments.pop(name) for name in LONGFORMER_WEIGHTS}
    layer = call.answer(**arguments)
    vars(layer).update(weights)
    return {"result": layer.forward(*text)}


def run_cache(call):
    """Give a cache a text in chunks. Show all its outputs, and whether it keeps too much."""
    sizes = dict(call.inputs)
    chunks, text = sizes.pop("chunks"), [sizes.pop(name) for name in "QKV"]
    cache = call.answer(**sizes)
    outputs = []
    for end, length in zip(np.cumsum(chunks), chunks, strict=True):
        outputs.append(cache.attend(*(a[..., end - length : end, :].copy() for a in text)))
    key_and_value = sum(a[..., 0, :].size for a in text[1:])
    kept = count_numbers(vars(cache)) / key_and_value
    accepted = 2 * sizes["window_size"] + sizes.get("num_global_tokens", 0)
    surplus = max(0, round(kept - accepted))
    return {"output": np.concatenate(outputs, axis=-2), SURPLUS: surplus}


def count_numbers(value):
    """How many numbers the arrays in a value hold, lists and dictionaries of them included."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple, collections.deque)):
        return sum(map(count_numbers, value))
    return np.size(value) if isinstance(value, (np.ndarray, float)) else 0
