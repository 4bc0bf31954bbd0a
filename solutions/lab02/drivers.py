"""How answers of Lab 02 are called, where that is more than a function with its arguments.

The text of this file runs beside the student's code, so it holds no answer and imports nothing of
ours. A driver gets a Call (see grading/judging/probe.py) and returns the values to be shown.
"""

import copy

import numpy as np

LAYER_ATTRIBUTES = (
    *("d_model", "num_heads", "d_k", "window_size", "num_global_tokens"),
    *("W_Q", "W_K", "W_V", "W_O"),
)


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
    """Make a layer and show its attributes; of the weights, only their shapes."""
    layer = call.run(call.answer, call.inputs)
    values = {name: getattr(layer, name) for name in LAYER_ATTRIBUTES}
    return {name: np.shape(v) if name.startswith("W_") else v for name, v in values.items()}


def run_layer(call, layer_class=None):
    """Make a layer with given weights and run one method on x."""
    arguments = dict(call.inputs)
    method, x = arguments.pop("method"), arguments.pop("x")
    global_mask = arguments.pop("global_mask", None)
    weights = {name: arguments.pop(name) for name in list(arguments) if name.startswith("W_")}
    layer = call.run(layer_class or call.answer, arguments)
    for name, value in weights.items():
        setattr(layer, name, value)
    run = getattr(layer, method)
    result = run(x) if global_mask is None else run(x, global_mask)
    return {"result" if method == "forward" else "weights": result}


def run_layer_and_watch(call):
    """The same, and show what the layer hands to sliding_window_attention.

    A layer may take its heads or its sequences one at a time: what it hands on is put together.
    """
    attention, handed = call.part("sliding_window_attention"), []

    def watched(Q, K, V, window_size, global_mask=None, **more):
        none_global = np.zeros(np.shape(Q)[-2], dtype=bool)
        flags = none_global if global_mask is None else global_mask
        handed.append({"Q": Q, "K": K, "V": V, "window_size": window_size, "global_mask": flags})
        return attention(Q, K, V, window_size, global_mask, **more)

    with call.with_parts({"sliding_window_attention": watched}):
        shown = run_layer(call)
    x, num_heads = call.inputs["x"], call.inputs["num_heads"]
    for name in handed[0] if handed else ():
        one = np.array([each[name] for each in handed])
        shown[name] = put_together(one, x, num_heads) if name in ("Q", "K", "V") else one[-1]
    return shown


def put_together(given, x, num_heads):
    """What was handed on in some calls (calls, ..., n, d_k), as ([batch,] num_heads, n, d_k)."""
    if len(given) == num_heads and given.shape[1:-2] == x.shape[:-2]:  # a head at a time
        return np.moveaxis(given, 0, -3)
    return given.reshape(*x.shape[:-2], num_heads, *given.shape[-2:])


def run_layer_as_a_whole(call):
    """Run a layer with what the student wrote, or a known layer where one stands in for it.

    In both rounds, a layer must have been written.
    """
    try:
        shown = run_layer(call)
    except NotImplementedError:
        raise
    except Exception:
        if "SlidingWindowAttention" not in call.parts:
            raise
    known = call.parts.get("SlidingWindowAttention")
    return run_layer(call, known) if known else shown


def every_second_key(call):
    """A mask in steps of two: a query looks back so; a global sees its neighbours and so on, and
    they see it."""

    def create_mask(seq_len, window_size, global_positions=None, *, causal_globals=False):
        mask = np.ones((seq_len, seq_len), dtype=bool)
        for query in range(seq_len):
            mask[query, [k for k in range(query, -1, -2) if query - k < window_size]] = False
        for position in () if global_positions is None else global_positions:
            every_second = slice((int(position) + 1) % 2, None, 2)
            mask[int(position), every_second] = mask[every_second, int(position)] = False
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
    """A layer of two heads without weights: the text, and the text the other way round."""

    class Layer:
        def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
            self.window_size, self.num_global_tokens = window_size, num_global_tokens

        def forward(self, x):
            heads = np.stack([x, x[..., ::-1]], axis=-3)
            flags = np.arange(x.shape[-2]) % 3 < self.num_global_tokens
            few = heads[..., :3]
            output, _ = call.part("sliding_window_attention")(
                few, 2 * few, heads, self.window_size, flags if flags.any() else None
            )
            return output[..., 0, :, :] + 2 * output[..., 1, :, :]

    return Layer


# What stands in for an earlier answer: not that answer, but something with the same interface.
STAND_INS = {
    "create_sliding_window_mask": every_second_key,
    "sliding_window_attention": plain_sums,
    "split_heads": every_so_many_features,
    "combine_heads": one_feature_of_each_head,
    "SlidingWindowAttention": known_layer,
}
