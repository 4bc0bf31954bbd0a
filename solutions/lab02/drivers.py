"""How answers of Lab 02 are called, where that is more than a function with its arguments.

The text of this file runs beside the student's code, so it holds no answer and imports nothing of
ours. A driver gets a Call (see grading/kernel/probe.py) and returns the values to be shown.
"""

import contextlib
import copy

import numpy as np

SIZES = ("d_model", "num_heads", "window_size", "num_global_tokens")
WEIGHTS = ("W_Q", "W_K", "W_V", "W_O")
LAYER_ATTRIBUTES = (*SIZES, "d_k", *WEIGHTS)
IS_INT = "d_k is an int"
NOT_DRAWN = "matrices that are the same as another, or not random"
IS_KEPT = "something of one call is used in the next"
FORM = (
    "forward gives an array",
    "get_attention_weights gives an array",
    "called, it does as forward",
)
AS_FORWARD = "what is handed on is what forward hands on"
AS_BATCH = {
    name: f"{name} gives for one sequence what it gives for a batch of it"
    for name in ("forward", "get_attention_weights")
}


def show_blocked(call):
    """Show which cells of a mask are blocked, by True or by False: which, is asked apart."""
    shown = call.make()
    blocked = np.asarray(shown["mask"]) != 0
    if blocked.ndim == 2 and blocked.diagonal().all():
        future = np.triu_indices_from(blocked, 1)
        if not blocked[future].all():  # nobody sees itself, and some see what comes after it
            blocked = ~blocked
    return shown | {"mask": blocked}


def show_what_comes_back(call):
    """Show the inputs after the call alone, whatever is returned."""
    call.run(call.answer, call.inputs)
    return {f"{name} after the call": value for name, value in call.inputs.items()}


def show_weights(call):
    """Show the weights of an attention, whichever of its two results is one of them.

    The values are the unit matrix, so the output is the weights. What is returned, and in which
    order, is asked apart; and so is what True means in a mask.
    """
    if "mask" in call.inputs and opens_where_true(call):
        call.inputs["mask"] = ~call.inputs["mask"]
    return {"weights": weights_of(call.run(call.answer, call.inputs))}


def show_weights_without_mask(call):
    """Show the weights of an attention for which the mask blocks nothing."""

    def block_nothing(seq_len, window_size, global_positions=None, *, causal_globals=False):
        return np.zeros((seq_len, seq_len), dtype=bool)

    with call.with_parts({"create_sliding_window_mask": block_nothing}):
        return show_weights(call)


def show_batch(call):
    """Show what comes back, and whether each sequence gets what it gets on its own.

    The latter with small scores, of which the scale and the softmax make something.
    """
    small = copy.deepcopy(call.inputs | {"K": call.inputs["K"] / 512})

    def attend(index=()):
        texts = {name: small[name][index] for name in ("Q", "K", "V")}
        return call.run(call.answer, copy.deepcopy(small | texts))

    shown = call.make()
    together = [np.asarray(result) for result in attend()]
    alike = [
        np.allclose(result[index], alone, equal_nan=True)
        for index in np.ndindex(small["Q"].shape[:-2])
        for result, alone in zip(together, attend(index), strict=True)
    ]
    return shown | {"each sequence as on its own": all(alike)}


def weights_of(result):
    return result[:2][-1] if isinstance(result, (tuple, list)) else result


def opens_where_true(call):
    """Whether an attention gives the weight to the keys that are said to be blocked."""
    zeros, eye = np.zeros((2, 2)), np.eye(2)
    try:
        result = call.run(call.answer, {"Q": zeros, "K": zeros, "V": eye, "mask": eye == 0})
        return np.allclose(weights_of(result), 1 - eye)
    except Exception:
        return False


def show_weights_beside(call):
    """Show the weights of the sliding_window_attention that was written beside block_future."""
    call.run(call.answer, {"mask": np.zeros((2, 2), dtype=bool)})  # a stub says that it is one
    return {"weights": weights_of(call.run(call.part("sliding_window_attention"), call.inputs))}


def show_both_forms(call):
    """Show whether positions in another form and order give the same mask, and the positions."""
    positions = call.inputs["global_positions"]
    listed = [] if positions is None else [int(position) for position in positions][::-1]
    mask = call.run(call.answer, call.inputs)
    other = call.run(call.answer, call.inputs | {"global_positions": listed})
    return {
        "the same mask for a list": np.array_equal(mask, other),
        "global_positions after the call": [] if positions is None else positions,
    }


def show_form(call):
    """Show of what kind the new mask is, and the one that was given."""
    shown = call.make()
    return shown | {
        "an array": isinstance(shown["mask"], np.ndarray),
        "of bools": np.asarray(shown["mask"]).dtype == bool,
        "a new one": not np.shares_memory(shown["mask"], call.inputs["mask"]),
    }


def read_picture(call):
    """Show a picture, which is drawn anew where another mask stands in for the student's."""
    draw = call.parts.get("create_sliding_window_mask")
    if draw:
        seq_len, global_positions = len(call.inputs["picture"]), call.inputs["global_positions"]
        call.inputs["picture"] = draw(seq_len, call.inputs["drawn_with"], global_positions)
    del call.inputs["drawn_with"]
    return call.make()


def describe_layer(call):
    """Make a layer, and show its attributes and what its matrices are like."""
    layer = call.run(call.answer, call.inputs)
    call.run(call.answer, {"d_model": 21, "num_heads": 7, "window_size": 9})  # is another one
    values = {name: getattr(layer, name) for name in LAYER_ATTRIBUTES}
    matrices = [np.asarray(values.pop(name), dtype=float) for name in WEIGHTS]
    shapes = {name: one.shape for name, one in zip(WEIGHTS, matrices, strict=True)}
    drawn = {one.tobytes() for one in matrices if len(np.unique(one)) > 2}
    is_int = isinstance(layer.d_k, (int, np.integer))
    return values | shapes | {IS_INT: is_int, NOT_DRAWN: len(WEIGHTS) - len(drawn)}


def describe_global_mask(call):
    """Make a layer, and show the mask of its first tokens."""
    sizes = dict(call.inputs)
    seq_len = sizes.pop("seq_len")
    mask = call.run(call.answer, sizes)._create_global_mask(seq_len)
    flags = np.zeros(seq_len, dtype=bool) if mask is None else mask
    is_bool = isinstance(flags, np.ndarray) and flags.dtype == bool
    return {"global_mask": flags, "is None": mask is None, "is a bool array": is_bool}


def made_layer(call, layer_class=None):
    """A layer that has the given weights, and the inputs that are for its methods."""
    sizes = dict(call.inputs)
    weights = {name: sizes.pop(name) for name in WEIGHTS}
    text = {name: sizes.pop(name) for name in ("x", "global_mask") if name in sizes}
    method = sizes.pop("method")
    layer = call.run(layer_class or call.answer, sizes)
    for name, value in weights.items():
        setattr(layer, name, value)
    return layer, method, text


class KnownAttention:
    """In place of sliding_window_attention: keeps what it is given, and returns known numbers.

    A layer may take its heads or its sequences one at a time: what it hands on is put together.
    """

    def __init__(self, x, num_heads):
        *batch, seq_len, d_model = x.shape
        self.heads = np.arange(np.prod(batch, dtype=int) * num_heads).reshape(*batch, num_heads)
        self.size = (seq_len, d_model // num_heads)
        self.begin()

    def begin(self):
        self.shown, self.calls = {}, 0

    def __call__(self, Q, K, V, window_size, global_mask=None, *, causal_globals=False):
        """Output and weights are the cosines of 0, 1, 2, ..., so that no two are the same."""
        *axes, seq_len, d_k = np.shape(Q)
        flags = np.array(np.zeros(seq_len, dtype=bool) if global_mask is None else global_mask)
        self.shown |= {"window_size": window_size, "global_mask": flags}
        self.shown["causal_globals"] = bool(causal_globals)
        heads = self._heads_of_call(tuple(axes))
        self.calls += 1
        if heads.size != np.prod(axes) or (seq_len, d_k) != self.size:  # in no order we know
            self.shown |= {"Q": Q, "K": K, "V": V}
            return V, np.zeros((*axes, seq_len, seq_len))
        for name, given in (("Q", Q), ("K", K), ("V", V)):
            whole = self.shown.setdefault(name, np.zeros((*self.heads.shape, *self.size)))
            whole.reshape(-1, *self.size)[heads.ravel()] = np.reshape(given, (-1, *self.size))
        return tuple(
            np.cos(np.arange(self.heads.size * seq_len * width))
            .reshape(-1, seq_len, width)[heads.ravel()]
            .reshape(*axes, seq_len, width)
            for width in (d_k, seq_len)
        )

    def _heads_of_call(self, axes):
        """Which of all heads of all sequences one call is about."""
        *batch, num_heads = self.heads.shape
        if axes == tuple(batch):
            return self.heads[..., self.calls % num_heads]
        number = np.prod(axes, dtype=int)
        first = self.calls * number % self.heads.size
        return self.heads.ravel()[first : first + number]


@contextlib.contextmanager
def watched_layer(call):
    """A layer on a known attention, as a function that runs a method and shows what it hands on.

    Beside it, the method that is asked for, and what it is given.
    """
    known = KnownAttention(np.atleast_2d(call.inputs["x"]), max(1, call.inputs["num_heads"]))
    with call.with_parts({"sliding_window_attention": known}):
        layer, method, text = made_layer(call)

        def run(method, *given):
            known.begin()
            return {"result": getattr(layer, method)(*given)} | known.shown

        yield run, method, text


def run_layer_and_watch(call):
    """Run one method of a layer with given weights, and show what it hands on."""
    with watched_layer(call) as (run, method, text):
        shown = run(method, *text.values())
    return shown | {f"{name} after the call": value for name, value in text.items()}


def give_a_mask_in_between(call):
    """Run a layer on another text without a mask, with one, and without: each call is its own.

    What the last gives is what a fresh layer gives; unless no two of these agree, which is charged
    elsewhere.
    """
    with watched_layer(call) as (run, method, text):
        run(method, 1 - text["x"][..., :2, :])
        given = run(method, *text.values())
        after = run(method, text["x"])
    fresh = []
    for _ in range(2):
        with watched_layer(call) as (run, method, text):
            fresh.append(run(method, text["x"]))
    return given | {IS_KEPT: not _alike(after, fresh[0]) and _alike(*fresh)}


def _alike(one, other):
    """Whether two runs of a layer show the same."""
    return all(_same_numbers(one.get(name), value) for name, value in other.items())


def _same_numbers(one, other):
    """But for the order of arithmetic, in which NumPy is free."""
    if one is other:
        return True
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same_numbers, one, other))
    try:
        return np.shape(one) == np.shape(other) and np.allclose(one, other, equal_nan=True)
    except (TypeError, ValueError):  # no arrays of numbers
        return False


def compare_with_forward(call):
    """Show the weights, and whether both methods hand on the same; what, is charged elsewhere."""
    with watched_layer(call) as (run, _, text):
        forward = {}
        with contextlib.suppress(AttributeError, LookupError, NameError, TypeError, ValueError):
            run("forward", text["x"])  # of which the next call keeps nothing
        shown = run("get_attention_weights", *text.values())
        with contextlib.suppress(AttributeError, LookupError, NameError, TypeError, ValueError):
            forward = run("forward", *text.values())
    weights = shown.pop("result")
    same = [_same_numbers(value, forward.get(name, value)) for name, value in shown.items()]
    return {"weights": weights, AS_FORWARD: all(same)}


def compare_with_batch(call):
    """Show whether a sequence without a batch axis is treated as it is in a batch of one."""
    with watched_layer(call) as (run, _, text):
        x, same = text["x"], {}
        for method, name in AS_BATCH.items():
            alone, batch = run(method, x.copy()), run(method, x[np.newaxis].copy())
            batch["result"] = np.asarray(batch["result"])[0]
            same[name] = all(_same_numbers(alone[each], batch[each]) for each in alone)
    return same


def show_form_of_layer(call):
    """Show whether both methods give arrays, whether a call is forward, and the inputs after."""
    with watched_layer(call) as (run, _, text):
        methods = ("forward", "get_attention_weights", "__call__")
        forward, weights, called = (run(method, *text.values()) for method in methods)
    handed_on = _same_numbers(forward.get("global_mask"), called.get("global_mask"))
    forward, weights, called = (shown["result"] for shown in (forward, weights, called))
    kinds = (np.ndarray, tuple)  # that there is more than one array is charged elsewhere
    is_array = [isinstance(result, kinds) for result in (forward, weights)]
    same = handed_on and type(called) is type(forward) and _same_numbers(called, forward)
    return dict(zip(FORM, (*is_array, same), strict=True)) | {
        f"{name} after the call": value for name, value in text.items()
    }


def try_layer(call):
    """Make a layer, and if there is a text for it, run one of its methods."""
    if "x" in call.inputs:
        return run_layer_and_watch(call)
    call.run(call.answer, call.inputs)
    return {"result": 1}


def run_layer(call, layer_class=None):
    """Run a layer with given weights, and with the attention beside it."""
    layer, method, text = made_layer(call, layer_class)
    return {"result": getattr(layer, method)(*text.values())}


def run_layer_as_a_whole(call):
    """Run a layer with what the student wrote, or a known layer where one stands in for it.

    In both rounds, a layer must have been written: not a stub, and nothing that is no layer.
    """
    known = call.parts.get("SlidingWindowAttention")
    try:
        shown = run_layer(call)
    except NotImplementedError:
        raise
    except Exception:
        if not known or not hasattr(call.answer, "forward"):
            raise
    return run_layer(call, known) if known else shown


def all_but_the_one_before(call):
    """A mask in which no query but the global ones sees the key before it."""

    def create_mask(seq_len, window_size, global_positions=None, *, causal_globals=False):
        if window_size < 1:
            raise ValueError(f"window_size is {window_size}; it must be at least 1")
        mask = np.ones((seq_len, seq_len), dtype=bool)
        for query in range(seq_len):
            mask[query, max(0, query - window_size + 1) : query + 1] = False
            mask[query, max(0, query - 1) : query] = True
        for position in () if global_positions is None else global_positions:
            mask[int(position)] = mask[:, int(position)] = False
        close = call.names.get("block_future") if causal_globals else None
        return close(mask) if close else mask

    return create_mask


def plain_sums(call):
    """No softmax, but sums in which Q, K, V and the mask can be told apart."""

    def attend(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
        create_mask = call.names.get("create_sliding_window_mask")
        if create_mask is None or not causal_globals:
            return 2 * Q - K + 3 * V, np.asarray(Q) @ np.swapaxes(K, -1, -2)
        positions = None if global_mask is None else np.flatnonzero(global_mask)
        mask = create_mask(np.shape(Q)[-2], window_size, positions, causal_globals=True)
        return np.where(mask, 0, 1) @ V, np.where(mask, 0.0, 1)

    return attend


def every_so_many_features(call):
    """Heads that take features from everywhere: head h has h, h + num_heads, and so on."""
    return lambda x, num_heads: np.stack([x[..., h::num_heads] for h in range(num_heads)], -3)


def one_feature_of_each_head(call):
    """What undoes that."""

    def combine(x):
        *batch, num_heads, seq_len, d_k = x.shape
        joined = np.empty((*batch, seq_len, num_heads * d_k))
        for head in range(num_heads):
            joined[..., head::num_heads] = x[..., head, :, :]
        return joined

    return combine


def known_layer(call):
    """A layer of two heads with one matrix: the text, and the text the other way round."""

    class Layer:
        def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
            self.window_size, self.num_global_tokens = window_size, num_global_tokens

        def forward(self, x):
            heads = np.stack([x, x[..., ::-1]], axis=-3)
            flags = np.arange(x.shape[-2]) >= x.shape[-2] - self.num_global_tokens
            few = heads[..., :3]
            output, _ = call.part("sliding_window_attention")(
                few @ self.W_Q[:3, :3], few, heads, self.window_size, flags if flags.any() else None
            )
            return output[..., 0, :, :] + 2 * output[..., 1, :, :]

    return Layer


# What stands in for an earlier answer: not that answer, but something with the same interface.
STAND_INS = {
    "create_sliding_window_mask": all_but_the_one_before,
    "sliding_window_attention": plain_sums,
    "split_heads": every_so_many_features,
    "combine_heads": one_feature_of_each_head,
    "SlidingWindowAttention": known_layer,
}
