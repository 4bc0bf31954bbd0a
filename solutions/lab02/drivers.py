"""How answers of Lab 02 are called, where that is more than a function with its arguments.

The text of this file runs beside the student's code, so it holds no answer and imports nothing of
ours. A driver gets a Call (see grading/judging/probe.py) and returns the values to be shown.
"""

import numpy as np

LAYER_ATTRIBUTES = (
    *("d_model", "num_heads", "d_k", "window_size", "num_global_tokens"),
    *("W_Q", "W_K", "W_V", "W_O"),
)


def call_attention_beside(call):
    """Call the sliding_window_attention that was written beside a function."""
    attention = call.names_beside(call.answer)["sliding_window_attention"]
    return call.make(attention, ("output", "weights"))


def describe_layer(call):
    """Make a layer and show its attributes; of the weights, only their shapes."""
    layer = call.answer(**call.inputs)
    values = {name: getattr(layer, name) for name in LAYER_ATTRIBUTES}
    return {name: np.shape(v) if name.startswith("W_") else v for name, v in values.items()}


def run_layer(call):
    """Make a layer with given weights and run one method on x."""
    arguments = dict(call.inputs)
    method, x = arguments.pop("method"), arguments.pop("x")
    global_mask = arguments.pop("global_mask", None)
    weights = {name: arguments.pop(name) for name in list(arguments) if name.startswith("W_")}
    layer = call.answer(**arguments)
    for name, value in weights.items():
        setattr(layer, name, value)
    run = getattr(layer, method)
    result = run(x) if global_mask is None else run(x, global_mask)
    return {"result" if method == "forward" else "weights": result}


def run_layer_with_stand_in(call):
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

    name, namespace = "sliding_window_attention", call.names_beside(call.answer.forward)
    own = {name: namespace[name]} if name in namespace else {}
    namespace[name] = stand_in
    try:
        result = run_layer(call)
    finally:
        namespace.pop(name, None)
        namespace.update(own)
    return given | result
