"""How answers of the bonus are called, where that is more than a function with its arguments.

The text of this file runs beside the student's code, so it holds no answer and imports nothing of
ours. A driver gets a Call (see grading/kernel/probe.py) and returns the values to be shown.
"""

import contextlib
import copy
import functools
import gc
import tracemalloc
from collections import deque

import numpy as np

SQUARE = "held more than seq_len * seq_len bytes at once"
FAR = "outputs spoilt by a nan that is in V far outside their window"
WATCHED = (SQUARE, FAR)
NOT_NEW = "output shares its numbers with local"
IS_ARRAY = "what comes back is an array"
SURPLUS = "keeps more than 2 * window_size + num_global_tokens keys and values"
AS_ON_ITS_OWN = "each entry of a batch as on its own"
CHANGED = "changes a chunk that it is given, or an output that it gave"
LONGFORMER_WEIGHTS = tuple(
    f"{kind}_{name}"
    for name in ("Q", "K", "V", "Q_global", "K_global", "V_global")
    for kind in "Wb"
)
ALIKE = "matrices that are constant, or the same as another"
LONGFORMER_SHOWN = (*LONGFORMER_WEIGHTS, ALIKE)


def show_result(call):
    """Call, and show what comes back as it is: for aspects whose driver is not the exercise's."""
    return call.make()


def show_output(call):
    """The same, and of several values the first: that weights come too has its own aspect."""
    shown = call.make()
    output = shown["output"]
    return shown | {"output": output[0] if isinstance(output, tuple) and output else output}


def show_whether_array(call):
    """Call, and show besides whether what comes back is an array."""
    shown = call.make()
    return shown | {IS_ARRAY: isinstance(shown["output"], np.ndarray)}


def show_batch_of_blocks(call):
    """Show the output, and whether each sequence of a batch gets what it gets on its own.

    The latter with other keys and values and a global token that sees more than its window, so that
    all queries and all that they see count.
    """
    other = copy.deepcopy(call.inputs)
    for name, function in (("K", np.cos), ("V", np.sin)):
        other[name] = function(np.arange(other[name].size)).reshape(other[name].shape)
    if "global_mask" in other:
        other["global_mask"] = np.arange(len(other["global_mask"])) == 1

    def attend(index):
        text = {name: other[name][index] for name in "QKV"}
        output = call.run(call.answer, copy.deepcopy(other | text))
        return np.asarray(output[0] if isinstance(output, tuple) else output)

    return show_output(call) | {AS_ON_ITS_OWN: as_on_its_own(attend, other["Q"].shape[:-2])}


def show_one_entry(call):
    """Call, and show one entry of what comes back, which has its dtype whatever the shape."""
    shown = call.make()
    values = {name: shown[name] for name in call.returns}
    arrays = {name: v for name, v in values.items() if isinstance(v, np.ndarray)}
    return values | {name: array[(slice(1),) * array.ndim] for name, array in arrays.items()}


def show_entries(call):
    """Call with a cache for each entry of a batch, and show whether each gets what it gets alone.

    The latter with small scores, of which the scale and the softmax make something.
    """
    small = copy.deepcopy(call.inputs | {"keys": call.inputs["keys"] / 512})

    def attend(index):
        entry = {name: small[name][index] for name in ("query", "keys", "values")}
        return np.asarray(call.run(call.answer, copy.deepcopy(small | entry)))

    return call.make() | {AS_ON_ITS_OWN: as_on_its_own(attend, small["query"].shape[:-1])}


def as_on_its_own(attend, batch):
    """Whether each entry of a batch of this shape gets what it gets alone.

    attend: from an index into the batch, or () for all of it, to an array.
    """
    together = attend(())
    return all(np.allclose(together[index], attend(index)) for index in np.ndindex(batch))


def show_end_and_start(call):
    """Show both ends of a block's slice at the start of the text, elsewhere its end alone."""
    shown = call.make()
    at_start = call.inputs["window_size"] > call.inputs["stop"]
    return shown if at_start else shown | {"first": 0}


def show_past(call):
    """Of the mask of a block, each query and the keys before it."""
    mask = np.asarray(call.make()["mask"])
    return {"mask": np.tril(mask, mask.shape[1] - mask.shape[0])}


def show_future(call):
    """Of the mask of a block, the keys of the block itself that come after a query."""
    mask = np.asarray(call.make()["mask"])
    return {"mask": np.triu(mask[:, -mask.shape[0] :], 1)}


def call_watched(call):
    """Call a function of a long text, and show which work it does beside the band of its window.

    Some values at both ends of the text are nan. Who meets them in the middle has taken more keys
    than the window: 0 times nan is nan.
    """
    with traced_memory() as measure:
        output = np.asarray(show_output(call)["output"])
        _, peak = measure()
    length = len(call.inputs["Q"])
    middle = slice(length // 4, -length // 4)
    local = ~call.inputs.get("global_mask", np.zeros(length, dtype=bool))
    spoilt = np.isnan(output).any(axis=-1) & local
    return {SQUARE: int(peak > length**2), FAR: np.count_nonzero(spoilt[middle])}


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


def show_new(call):
    """Call, and show whether what comes back is the array that was given, or a part of it."""
    shown = show_whether_array(call)
    return shown | {NOT_NEW: int(np.shares_memory(shown["output"], call.inputs["local"]))}


def make_longformer(call):
    """Make a Longformer layer, and no more."""
    call.run(call.answer, call.inputs)
    return {"made": True}


def describe_longformer(call):
    """Make a Longformer layer and show its biases; of its weights, their shapes and their kind.

    The global ones may begin as copies of the local ones.
    """
    layer = call.run(call.answer, call.inputs)
    another_longformer(call)
    values = {name: getattr(layer, name) for name in LONGFORMER_WEIGHTS}
    matrices = [np.asarray(value) for name, value in values.items() if name[0] == "W"]
    local = {array.tobytes() for array in matrices[:3]}
    constant = sum(array.size > 2 and len(np.unique(array)) < 3 for array in matrices)
    shown = {name: np.shape(v) if name[0] == "W" else v for name, v in values.items()}
    return shown | {ALIKE: len(matrices[:3]) - len(local) + constant}


def another_longformer(call):
    """Make a second layer, of other sizes: what it has is not the first one's."""
    sizes = {"d_model": 12, "num_heads": 4, "attention_window": 20}
    call.run(call.answer, sizes)


def run_longformer(call):
    """Make a Longformer layer with given weights and biases, and run it on x and its flags."""
    return _run_longformer(call)


def run_longformer_again(call):
    """The same, after another text with the weights that it begins with, and another layer."""

    def before(layer, x, is_global, is_padding):
        layer.forward(1 - x[..., 1:, :], ~is_global[..., 1:], is_padding[..., :-1])
        another_longformer(call)

    return _run_longformer(call, before)


def run_longformer_batch(call):
    """The same, after another batch."""

    def before(layer, x, is_global, is_padding):
        layer.forward(1 - x, is_global[:, ::-1].copy(), is_padding.copy())

    return _run_longformer(call, before)


def _run_longformer(call, before=None):
    arguments = dict(call.inputs)
    text = {name: arguments.pop(name) for name in ("x", "is_global", "is_padding")}
    weights = {name: arguments.pop(name) for name in LONGFORMER_WEIGHTS}
    layer = call.run(call.answer, arguments)
    if before:
        before(layer, *text.values())
    for name, value in weights.items():
        setattr(layer, name, value)
    result = layer.forward(*text.values())
    shown = {"result": result, IS_ARRAY: isinstance(result, np.ndarray)}
    return shown | {f"{name} after the call": value for name, value in text.items()}


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


def run_cache_of_batch(call):
    """Give a cache a batch of texts, and show whether each gets what it gets on its own.

    The latter with small scores, of which the scale and the softmax make something.
    """
    Q, K, V = (call.inputs[name] for name in "QKV")

    def run(*text):
        with class_as_defined(call):
            return feed(made_cache(call), text, call.inputs["chunks"])

    def small(index):
        return np.asarray(run(Q[index], K[index] / 512, V[index])["output"])

    return run(Q, K, V) | {AS_ON_ITS_OWN: as_on_its_own(small, Q.shape[:-2])}


def run_cache_watched(call):
    """Show whether a cache keeps too many keys and values, wherever they lie.

    They are made so wide that what Python needs for objects around them does not count.
    """
    text = [np.repeat(call.inputs[name], 128, axis=-1) for name in "QKV"]
    _, K, V = text
    one = K[..., 0, :].nbytes + V[..., 0, :].nbytes
    accepted = 2 * call.inputs["window_size"] + call.inputs.get("num_global_tokens", 0)
    most = 1.25 * accepted * one
    with class_as_defined(call), traced_memory() as measure:
        before, _ = measure()
        cache = made_cache(call)
        feed(cache, text, call.inputs["chunks"])
        if measure()[0] - before > most:  # by what is kept, or by what only waits to be cleared
            gc.collect()
        after, _ = measure()
    return {SURPLUS: after - before > most}


def made_cache(call):
    sizes = ("window_size", "num_global_tokens")
    return call.run(call.answer, {name: call.inputs[name] for name in sizes if name in call.inputs})


def feed(cache, text, chunks):
    """All outputs of a cache that gets a text in chunks, and whether it changes any of both."""
    outputs, returned, is_changed = [], [], False
    for end, length in zip(np.cumsum(chunks), chunks, strict=True):
        chunk = [a[..., end - length : end, :].copy() for a in text]
        given = [a.copy() for a in chunk]
        returned.append(cache.attend(*given))
        outputs.append(copy.copy(returned[-1]))
        is_changed |= not all(np.array_equal(*pair) for pair in zip(chunk, given, strict=True))
    pairs = zip(outputs, returned, strict=True)
    is_changed |= not all(np.array_equal(*pair, equal_nan=True) for pair in pairs)
    joined = np.concatenate(outputs, axis=-2)
    is_array = all(isinstance(output, np.ndarray) for output in outputs)
    return {"output": joined if is_array else list(joined), CHANGED: is_changed}


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
        seen = [range(q, max(-1, q - window_size), -2) for q in range(start, stop)]
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


def whole_windows_apart(call):
    """A mask that shows keys that lie whole windows apart, and the global ones; no padding."""

    def create_mask(attention_window, is_global, is_padding):
        position = np.arange(len(is_global))
        apart = np.subtract.outer(position, position) % attention_window
        return ((apart > 0) & ~is_global) | is_padding

    return create_mask


def plain_sums(call):
    """No softmax: the sum of the open values, each times its score."""

    def attend(Q, K, V, mask):
        return np.where(mask, 0, 1 + np.einsum("...qd,...kd->...qk", Q, K)) @ V

    return attend


def plain_differences(call):
    """Other numbers in the rows of global tokens, and in those of padding."""

    def overwrite(local, Q_global, K_global, V_global, is_global, is_padding):
        changed = local + Q_global - 2 * K_global + 3 * V_global
        here, padded = (np.asarray(f)[..., np.newaxis] for f in (is_global, is_padding))
        return np.where(here, changed, local) * np.where(padded, -1, 1)

    return overwrite


# What stands in for an earlier answer: not that answer, but something with the same interface.
STAND_INS = {
    "store": from_behind,
    "attend_to_cache": plain_mean,
    "keys_of_block": slice_too_long,
    "block_mask": every_second_key,
    "two_sided_mask": whole_windows_apart,
    "local_rows": plain_sums,
    "global_rows": plain_differences,
}
