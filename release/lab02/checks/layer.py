"""What a layer must be and do, with a stand-in for the attention that it calls."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from checks.numbers import require_close
from labkit.calls import method_of, watched
from labkit.stand_ins import in_place_of
from labkit.steps import fail, require, require_array, require_int, require_refusal

X = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
# x @ SHIFT moves each feature one place to the right, and the last one to the front
SHIFT = np.array([[0.0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
PROJECTED = {
    "Q": np.array([[[4.0, 1], [8, 5], [12, 9]], [[2, 3], [6, 7], [10, 11]]]),
    "K": np.array([[[2.0, 4], [10, 12], [18, 20]], [[6, 8], [14, 16], [22, 24]]]),
    "V": np.array([[[3.0, 6], [15, 18], [27, 30]], [[9, 12], [21, 24], [33, 36]]]),
}

REPLACES = "A global_mask that is given replaces the first num_global_tokens, for one call."
DEFAULT = "Without a global_mask it is what _create_global_mask returns for as many positions."


def check_attributes(layer_class: Callable[..., Any]) -> None:
    sizes = {"d_model": 6, "num_heads": 2, "window_size": 3, "num_global_tokens": 1}
    layer = layer_class(*sizes.values())
    matrices = ("W_Q", "W_K", "W_V", "W_O")
    for name in (*sizes, "d_k", *matrices):
        require(hasattr(layer, name), f"The layer has no attribute {name}.")
    for name, expected in (sizes | {"d_k": 3}).items():
        require_int(getattr(layer, name), expected, f"{name} of SlidingWindowAttention(6, 2, 3, 1)")
    for name in matrices:
        require_array(getattr(layer, name), name, (6, 6))
        require(np.any(getattr(layer, name)), f"{name} is all zeros. Draw it at random.")
    for index, name in enumerate(matrices):
        for other in matrices[:index]:
            same = np.array_equal(getattr(layer, name), getattr(layer, other))
            require(not same, f"{other} and {name} are equal. Draw each one on its own.")
    require_int(layer_class(6, 2, 3).num_global_tokens, 0, "num_global_tokens when it is not given")


def check_refused_sizes(layer_class: Callable[..., Any]) -> None:
    good = {"d_model": 6, "num_heads": 2, "window_size": 3, "num_global_tokens": 1}
    wrong = {"d_model": 0, "num_heads": 0, "window_size": 0, "num_global_tokens": -1}
    for name, value in (*wrong.items(), ("num_heads", -2)):
        require_refusal(layer_class, tuple((good | {name: value}).values()), name, value)
    why = "num_heads is 3 here, which does not divide 10."
    require_refusal(layer_class, (10, 3, 2), "d_model", 10, why)


def check_global_tokens(layer_class: Callable[..., Any]) -> None:
    call = "_create_global_mask(seq_len)"
    mask = method_of(layer_class(4, 2, 2), call)(5)
    require(mask is None, f"_create_global_mask(5) without global tokens: got {mask}, not None.")
    for count, flags in ((2, [1, 1, 0, 0, 0]), (5, [1, 1, 1, 1, 1]), (9, [1, 1, 1, 1, 1])):
        mask = method_of(layer_class(4, 2, 2, count), call)(5)
        what = f"_create_global_mask(5) with num_global_tokens={count}"
        require_array(mask, what, (5,), bool)
        expected = np.array(flags, dtype=bool)
        require(np.array_equal(mask, expected), f"{what}: got {mask}, expected {expected}.")


class Layer:
    """A layer whose attention is a stand-in: two heads, a window of 2, d_model is 4.

    Its matrices are easy to follow, and `handed` is what the last call gave to the stand-in.
    """

    def __init__(self, layer_class: Callable[..., Any], num_global_tokens: int = 1) -> None:
        self.layer_class = layer_class
        self.handed: list[dict[str, Any]] = []
        with self._stand_in():
            self.own = layer_class(4, 2, 2, num_global_tokens)
        self.set(W_Q=SHIFT, W_K=2 * np.eye(4), W_V=3 * np.eye(4), W_O=SHIFT)

    def set(self, **matrices: ndarray) -> None:
        for name, matrix in matrices.items():
            setattr(self.own, name, matrix.copy())

    def call(self, method: str, x: ndarray, global_mask: ndarray | None = None) -> Any:
        """The result of forward or get_attention_weights."""
        self.handed = []
        call = f"{method}(x, global_mask)"
        run = watched(self.own, call) if method == "forward" else method_of(self.own, call)
        with self._stand_in():
            result = run(x.copy(), global_mask)
        require(
            self.handed,
            f"{method} did not call sliding_window_attention, by this name. In this check another "
            "function stands in its place, and looks at what it is given.",
        )
        return result

    def all_handed(self, name: str) -> ndarray:
        """Q, K or V of all heads, (heads, 3, 2), whether they came at once or in turn."""
        arrays = [np.asarray(handed[name]) for handed in self.handed]
        size = sum(array.size for array in arrays)
        if size != PROJECTED[name].size or any(array.shape[-2:] != (3, 2) for array in arrays):
            shapes = ", then ".join(str(array.shape) for array in arrays)
            fail(f"the {name} that is handed on: got shape {shapes}, expected (1, 2, 3, 2).")
        return np.concatenate([array.reshape(-1, 3, 2) for array in arrays])

    def _stand_in(self) -> Any:
        def attend(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
            self.handed.append(
                {"Q": Q, "K": K, "V": V, "window_size": window_size, "global_mask": global_mask}
            )
            return V, marks(Q, K)

        return in_place_of("sliding_window_attention", self.layer_class, attend)


def marks(Q: ndarray, K: ndarray) -> ndarray:
    """In place of weights, (..., 3, 3): numbers that tell which query and key they are of."""
    return Q[..., :1] + 100 * np.swapaxes(K[..., :1], -1, -2)


def check_handed_on(layer_class: Callable[..., Any], method: str) -> None:
    """What a method hands to sliding_window_attention."""
    layer = Layer(layer_class)
    layer.call(method, X[np.newaxis])
    for name, expected in PROJECTED.items():
        what = f"the {name} that {method} hands to sliding_window_attention"
        nudge = (
            f"It is x @ W_{name}, with the W_{name} that the layer has when it is called, and that "
            "result is split into heads."
        )
        require_close(layer.all_handed(name), expected, what, nudge)
    for handed in layer.handed:
        require_int(handed["window_size"], 2, f"the window_size that {method} hands on")
    _check_flags(Layer(layer_class, 0), method, None, [False, False, False], "no global tokens")
    layer, last = Layer(layer_class), np.array([False, False, True])
    first = [True, False, False]
    _check_flags(layer, method, None, first, "num_global_tokens=1")
    _check_flags(layer, method, last, last, "num_global_tokens=1")
    _check_flags(layer, method, None, first, "num_global_tokens=1, after a call with another")


def _check_flags(layer: Layer, method: str, given: ndarray | None, flags: Any, what: str) -> None:
    layer.call(method, X, given)
    for handed in layer.handed:
        got = handed["global_mask"]
        require(
            np.array_equal(np.zeros(3, dtype=bool) if got is None else got, flags),
            f"{method} with global_mask={given} and {what}: hands on the global_mask {got}, "
            f"expected {np.array(flags)}.",
            DEFAULT if given is None and "after" not in what else REPLACES,
        )


def check_shapes(layer_class: Callable[..., Any], method: str) -> None:
    layer = Layer(layer_class)
    for batch in ((), (1,), (2,)):
        x = np.broadcast_to(X, (*batch, 3, 4))
        shape = x.shape if method == "forward" else (*batch, 2, 3, 3)
        result = layer.call(method, x)
        require_array(result, f"{method}(x) with x of shape {x.shape}", shape)
    for shape in ((3, 5), (4,), (1, 1, 3, 4)):
        require_refusal(getattr(layer.own, method), (np.ones(shape),), "x", shape)


def check_result(layer_class: Callable[..., Any]) -> None:
    """The stand-in returns V as its output: the result is V, combined, times W_O."""
    layer = Layer(layer_class)
    both = np.stack([X, X + 100])
    result = layer.call("forward", both)
    expected = np.array([[12.0, 3, 6, 9], [24, 15, 18, 21], [36, 27, 30, 33]])
    nudge = "After attention: combine the heads, then @ W_O on the right, and no more."
    require_close(result[0], expected, "forward(x)[0]", nudge)
    require_close(result[1], expected + 300, "forward(x)[1], the second of the batch", nudge)
    weights = layer.call("get_attention_weights", X[np.newaxis])
    nudge = "Return the weights of sliding_window_attention as they are."
    expected = marks(PROJECTED["Q"], PROJECTED["K"])
    require_close(weights[0], expected, "weights of get_attention_weights(x)[0]", nudge)
