"""How answers of the bonus are called, where that is more than a function with its arguments.

The text of this file runs beside the student's code, so it holds no answer and imports nothing of
ours. A driver gets a Call (see grading/judging/probe.py) and returns the values to be shown.
"""

import contextlib
import copy
import functools
import gc
import tracemalloc
from collections import deque

import numpy as np

WATCHED = ("output", "held more than seq_len * seq_len bytes at once")
SURPLUS = "keeps more than 2 * window_size + num_global_tokens keys and values"
CHANGED = "changes a chunk that it is given"
LONGFORMER_WEIGHTS = tuple(
    f"{kind}_{name}"
    for name in ("Q", "K", "V", "Q_global", "K_global", "V_global")
    for kind in "Wb"
)


def call_watched(call):
    """Call a function of Q, and show whether it holds room for a square of all queries and keys."""
    with traced_memory() as measure:
        shown = call.make()
        _, peak = measure()
    return shown | {WATCHED[-1]: int(peak > call.inputs["Q"].shape[-2] ** 2)}


@contextlib.contextmanager
def traced_memory():
    """A function that tells what Python holds more of than now, and at most held: in bytes.

    It finds mistakes, not tricks: who takes memory behind Python's back is not seen.
    """

    def measure():
        if not tracemalloc.is_tracing():
            raise RuntimeError("memory could not be measured: tracemalloc has been stopped")
        return tracemalloc.get_traced_memory()

    tracemalloc.start()
    try:
        yield measure
    finally:
        tracemalloc.stop()


def describe_longformer(call):
    """Make a Longformer layer and show the shapes of its weights and biases."""
    layer = call.run(call.answer, call.inputs)
    return {name: np.shape(getattr(layer, name)) for name in LONGFORMER_WEIGHTS}


def run_longformer(call):
    """Make a Longformer layer with given weights and biases, and run it on x and its flags."""
    arguments = dict(call.inputs)
    text = [arguments.pop(name) for name in ("x", "is_global", "is_padding")]
    weights = {name: arguments.pop(name) for name in LONGFORMER_WEIGHTS}
    layer = call.run(call.answer, arguments)
    for name, value in weights.items():
        setattr(layer, name, value)
    return {"result": layer.forward(*text)}


def run_cache(call):
    """Give a cache a text in chunks. Show all its outputs."""
    with class_as_defined(call):
        return feed(made_cache(call), [call.inputs[name] for name in "QKV"], call.inputs["chunks"])


def run_cache_beside_another(call):
    """The same, and in the middle another cache gets the text, too: each has its own."""
    text, chunks = [call.inputs[name] for name in "QKV"], call.inputs["chunks"]
    middle = len(chunks) // 2
    place = sum(chunks[:middle])
    with class_as_defined(call):
        cache = made_cache(call)
        first = feed(cache, text, chunks[:middle])
        feed(made_cache(call), text, chunks)
        second = feed(cache, [a[..., place:, :] for a in text], chunks[middle:])
    return {"output": np.concatenate([first["output"], second["output"]], axis=-2)}


def run_cache_watched(call):
    """Show whether a cache keeps too many keys and values, wherever they lie.

    They are made so wide that what Python needs for objects around them does not count.
    """
    text = [np.repeat(call.inputs[name], 128, axis=-1) for name in "QKV"]
    with class_as_defined(call), traced_memory() as measure:
        before, _ = measure()
        cache = made_cache(call)
        feed(cache, text, call.inputs["chunks"])
        gc.collect()
        after, _ = measure()
    _, K, V = text
    one = K[..., 0, :].nbytes + V[..., 0, :].nbytes
    accepted = 2 * call.inputs["window_size"] + call.inputs.get("num_global_tokens", 0)
    return {SURPLUS: after - before > 1.25 * accepted * one}


def made_cache(call):
    sizes = ("window_size", "num_global_tokens")
    return call.run(call.answer, {name: call.inputs[name] for name in sizes if name in call.inputs})


def feed(cache, text, chunks):
    """All outputs of a cache that gets a text in chunks, and whether it changes a chunk."""
    outputs, is_changed = [], False
    for end, length in zip(np.cumsum(chunks), chunks, strict=True):
        chunk = [a[..., end - length : end, :].copy() for a in text]
        given = [a.copy() for a in chunk]
        outputs.append(np.array(cache.attend(*given)))
        is_changed |= not all(np.array_equal(*pair) for pair in zip(chunk, given, strict=True))
    return {"output": np.concatenate(outputs, axis=-2), CHANGED: is_changed}


@contextlib.contextmanager
def class_as_defined(call):
    """What a cache leaves in its class, or in a list of the notebook, the next case does not find.

    So a mistake of that kind costs no more than the aspect that looks for it.
    """
    kinds = (list, dict, set, deque, np.ndarray)
    mro = getattr(call.answer, "__mro__", ())
    owners = [owner for owner in mro if owner.__module__ == call.answer.__module__]
    used = {
        name for owner in owners for method in vars(owner).values() for name in names_in(method)
    }
    with contextlib.ExitStack() as stack:

        def renew(value, put):
            if isinstance(value, kinds):
                put(copy.deepcopy(value))
            stack.callback(put, value)

        for name in used & set(call.names):
            renew(call.names[name], functools.partial(call.names.__setitem__, name))
        for owner in owners:
            for name, value in list(vars(owner).items()):
                if getattr(value, "__defaults__", None):
                    renew(list(value.__defaults__), functools.partial(set_defaults, value))
                elif not name.startswith("__") and not callable(value):
                    renew(value, functools.partial(setattr, owner, name))
        yield


def set_defaults(method, values):
    method.__defaults__ = tuple(values)


def names_in(method):
    """The names that a method looks up outside itself."""
    return getattr(getattr(method, "__code__", None), "co_names", ())


def slice_too_long(call):
    """More keys than a block needs."""
    return lambda start, stop, window_size: (max(0, start - 2 * window_size), stop)


def every_second_key(call):
    """The mask of a block, for a window that looks back in steps of two."""

    def create_mask(start, stop, window_size):
        first, end = call.part("keys_of_block")(start, stop, window_size)
        keys = range(first, end)
        seen = [{k for k in range(q, -1, -2) if q - k < window_size} for q in range(start, stop)]
        return np.array([[key not in each for key in keys] for each in seen])

    return create_mask


def from_behind(call):
    """A ring buffer whose last slot is the first to be filled."""

    def write(keys, values, key, value, position):
        slot = -1 - position % keys.shape[-2]
        keys[..., slot, :] = key
        values[..., slot, :] = value

    return write


def plain_mean(call):
    """No softmax: the mean of the values, each times its score and one more."""

    def attend(query, keys, values, length):
        filled = min(length, keys.shape[-2])
        scores = 1 + (keys[..., -filled:, :] * query[..., np.newaxis, :]).sum(axis=-1)
        return (scores[..., np.newaxis] * values[..., -filled:, :]).sum(axis=-2) / filled

    return attend


def only_globals(call):
    """A mask that shows each token itself and the global ones."""

    def create_mask(attention_window, is_global, is_padding):
        return ~(np.eye(len(is_global), dtype=bool) | is_global)

    return create_mask


def plain_sums(call):
    """No softmax: the sum of the open values, each times its score."""

    def attend(Q, K, V, mask):
        return np.where(mask, 0, 1 + np.einsum("...qd,...kd->...qk", Q, K)) @ V

    return attend


def plain_differences(call):
    """Other numbers in the rows of global tokens, padding or not."""

    def overwrite(local, Q_global, K_global, V_global, is_global, is_padding):
        changed = local + Q_global - 2 * K_global + 3 * V_global
        return np.where(np.asarray(is_global)[:, np.newaxis], changed, local)

    return overwrite


# What stands in for an earlier answer: not that answer, but something with the same interface.
STAND_INS = {
    "store": from_behind,
    "attend_to_cache": plain_mean,
    "keys_of_block": slice_too_long,
    "block_mask": every_second_key,
    "two_sided_mask": only_globals,
    "local_rows": plain_sums,
    "global_rows": plain_differences,
}
