"""The part of the grader that runs beside the student's code: it calls, and shows what came back.

Ask puts the text of this file into the notebook's kernel; the judge imports it and calls the
reference in exactly the same way. So it needs only NumPy and IPython, and holds no answer.
"""

import base64
import collections
import json
import sys
import tracemalloc

import numpy as np

MIME = "application/vnd.sliding-window-lab.answers+json"
MAX_MESSAGE = 300  # characters of an error
MAX_BYTES = 1 << 20  # of one array
WATCHED = ("output", "held more than seq_len * seq_len bytes at once")
SURPLUS = "keys kept beyond 2 * window_size + num_global_tokens"
LAYER_ATTRIBUTES = (
    *("d_model", "num_heads", "d_k", "window_size", "num_global_tokens"),
    *("W_Q", "W_K", "W_V", "W_O"),
)
LONGFORMER_WEIGHTS = tuple(
    f"{kind}_{name}"
    for name in ("Q", "K", "V", "Q_global", "K_global", "V_global")
    for kind in "Wb"
)


def pack(value):
    """A JSON value for a plain Python value or an array: its dtype, shape and bytes, no pickle."""
    if not isinstance(value, np.ndarray):
        return value
    data = base64.b64encode(value.tobytes()).decode("ascii")
    return {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}


def unpack(value):
    """The value that `pack` was given. Only for what the grader itself packed."""
    if not isinstance(value, dict):
        return value
    data = base64.b64decode(value["data"])
    return np.frombuffer(data, value["dtype"]).reshape(value["shape"]).copy()


def show_value(value):
    """What a student's code returned: an array of numbers, or in words what it is instead."""
    try:
        array = np.asarray(value)
    except Exception as error:
        return {"unfit": f"cannot be made into an array ({type(error).__name__})"}
    if array.dtype.kind not in "biuf":
        return {"unfit": f"is not an array of numbers (its dtype is {array.dtype})"}
    if array.nbytes > MAX_BYTES:
        return {"unfit": f"is too large (its shape is {array.shape})"}
    return pack(array)


def call_function(function, inputs, returns):
    """Call a function, and name the values it returns. The arrays it was given are shown too."""
    result = function(**inputs)
    values = (result,) if len(returns) == 1 else result
    if len(returns) > 1 and (not isinstance(values, (tuple, list)) or len(values) != len(returns)):
        raise TypeError(f"{len(returns)} values are to be returned: {', '.join(returns)}")
    after = {f"{name} after the call": v for name, v in inputs.items() if isinstance(v, np.ndarray)}
    return dict(zip(returns, values, strict=True)) | after


def call_watched(function, inputs, returns):
    """Call a function of Q, and show whether it holds room for a square of all queries and keys."""
    tracemalloc.start()
    try:
        shown = call_function(function, inputs, returns)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return shown | {WATCHED[-1]: int(peak > inputs["Q"].shape[-2] ** 2)}


def call_attention_beside(function, inputs, _):
    """Call the sliding_window_attention that was written beside a function."""
    attention = names_beside(function)["sliding_window_attention"]
    return call_function(attention, inputs, ("output", "weights"))


def names_beside(function):
    """The names that a function can use: its module's, or else the notebook's."""
    return getattr(function, "__globals__", vars(sys.modules["__main__"]))


def describe_layer(layer_class, inputs, _):
    """Make a layer and show its attributes; of the weights, only their shapes."""
    layer = layer_class(**inputs)
    values = {name: getattr(layer, name) for name in LAYER_ATTRIBUTES}
    return {name: np.shape(v) if name.startswith("W_") else v for name, v in values.items()}


def run_layer(layer_class, inputs, _):
    """Make a layer with given weights and run one method on x."""
    arguments = dict(inputs)
    method, x = arguments.pop("method"), arguments.pop("x")
    global_mask = arguments.pop("global_mask", None)
    weights = {name: arguments.pop(name) for name in list(arguments) if name.startswith("W_")}
    layer = layer_class(**arguments)
    for name, value in weights.items():
        setattr(layer, name, value)
    run = getattr(layer, method)
    result = run(x) if global_mask is None else run(x, global_mask)
    return {"result" if method == "forward" else "weights": result}


def run_layer_with_stand_in(layer_class, inputs, _):
    """The same with a stand-in for sliding_window_attention, which shows what it was given.

    So the layer is judged by its own work, whatever the student's attention does.
    """
    given = {}

    def stand_in(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
        given.update(Q=Q, K=K, V=V, window_size=window_size)
        none_global = np.zeros(np.shape(Q)[-2], dtype=bool)
        given["global_mask"] = none_global if global_mask is None else global_mask
        scores = np.asarray(Q) @ np.swapaxes(K, -1, -2)
        return 2 * Q - K + 3 * V, scores  # any sums in which Q, K and V can be told apart

    namespace = names_beside(layer_class.forward)
    own = namespace.get("sliding_window_attention")
    namespace["sliding_window_attention"] = stand_in
    try:
        result = run_layer(layer_class, inputs, _)
    finally:
        namespace["sliding_window_attention"] = own
    return given | result


def describe_longformer(layer_class, inputs, _):
    """Make a Longformer layer and show the shapes of its weights and biases."""
    layer = layer_class(**inputs)
    return {name: np.shape(getattr(layer, name)) for name in LONGFORMER_WEIGHTS}


def run_longformer(layer_class, inputs, _):
    """Make a Longformer layer with given weights and biases, and run it on x and its flags."""
    arguments = dict(inputs)
    text = [arguments.pop(name) for name in ("x", "is_global", "is_padding")]
    weights = {name: arguments.pop(name) for name in LONGFORMER_WEIGHTS}
    layer = layer_class(**arguments)
    vars(layer).update(weights)
    return {"result": layer.forward(*text)}


def run_cache(cache_class, inputs, _):
    """Give a cache a text in chunks. Show all its outputs, and whether it keeps too much."""
    sizes = dict(inputs)
    chunks, text = sizes.pop("chunks"), [sizes.pop(name) for name in "QKV"]
    cache = cache_class(**sizes)
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


DRIVERS = {
    "call_function": call_function,
    "call_watched": call_watched,
    "call_attention_beside": call_attention_beside,
    "describe_layer": describe_layer,
    "run_layer": run_layer,
    "run_layer_with_stand_in": run_layer_with_stand_in,
    "run_cache": run_cache,
    "describe_longformer": describe_longformer,
    "run_longformer": run_longformer,
}


def answer(question, student):
    """Answers to all cases of a question, in order, as JSON values.

    question: [{"driver": name in DRIVERS, "returns": [value names], "inputs": packed}, ...].
    An answer is {"values": {name: shown value}, "types": {name: type name}}
    or {"error": {"kinds": [names of the exception's classes], "message": ...}}.
    """
    answers = []
    for case in question:
        try:
            inputs = {name: unpack(value) for name, value in case["inputs"].items()}
            values = DRIVERS[case["driver"]](student, inputs, case["returns"])
            answers.append(
                {
                    "values": {name: show_value(value) for name, value in values.items()},
                    "types": {name: type(value).__name__ for name, value in values.items()},
                }
            )
        except (Exception, SystemExit) as error:
            kinds = [kind.__name__ for kind in type(error).__mro__]
            answers.append({"error": {"kinds": kinds, "message": describe(error)}})
    return answers


def describe(error):
    try:
        return str(error)[:MAX_MESSAGE]
    except Exception:
        return "(its message cannot be shown)"


def show(exercise, question, find_student):
    """Answer in the kernel: display the answers, or why there is nothing to ask."""
    from IPython.display import display

    try:
        content = {"exercise": exercise, "answers": answer(json.loads(question), find_student())}
    except NameError as error:
        content = {"exercise": exercise, "undefined": describe(error)}
    display({MIME: content, "text/plain": ""}, raw=True)
