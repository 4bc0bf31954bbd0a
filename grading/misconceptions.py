"""Wrong answers that students really give, and the aspects each of them must lose.

`grade check` gives every one of them to the judge: one that earns more or less than it should
means that the grader is wrong. Each is written as a student would write it, in a notebook that
has NumPy as np.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.exercises import EXERCISES


@dataclass(frozen=True)
class Misconception:
    """A wrong answer to an exercise, what a teacher would call it, and the aspects it breaks."""

    exercise: str
    name: str
    answer: Callable[..., Any]
    loses: frozenset[str]

    @property
    def source(self) -> str:
        """What a student who thinks so would have in the solution cell."""
        _, definition = inspect.getsource(self.answer).split("\ndef ", maxsplit=1)
        source = f"def {definition}\n\n{EXERCISES[self.exercise].answer} = {self.answer.__name__}\n"
        for helper in (local_mask, softmax, require_at_least_one):
            if helper.__name__ in source:
                source = f"{inspect.getsource(helper)}\n\n{source}"
        return source


MISCONCEPTIONS: list[Misconception] = []


def misconception(exercise: str, name: str, *loses: str) -> Callable[..., Any]:
    def enter(answer: Callable[..., Any]) -> Callable[..., Any]:
        MISCONCEPTIONS.append(Misconception(exercise, name, answer, frozenset(loses)))
        return answer

    return enter


def require_at_least_one(**sizes):
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} is {size}; it must be at least 1")


# 01_sliding_window


@misconception("window-mask", "window one too wide", "the window")
def one_too_wide(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    i, j = np.arange(seq_len)[:, None], np.arange(seq_len)[None, :]
    return (j > i) | (j < i - window_size)


@misconception("window-mask", "window one too narrow", "the window", "the start")
def one_too_narrow(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    i, j = np.arange(seq_len)[:, None], np.arange(seq_len)[None, :]
    return (j > i) | (j <= i - window_size + 1)


@misconception(
    *("window-mask", "mask inverted: True where attention is open"),
    *("the window", "the start", "a window wider than the sequence", "dtype"),
)
def inverted(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    i, j = np.arange(seq_len)[:, None], np.arange(seq_len)[None, :]
    return (j <= i) & (j > i - window_size)


@misconception(
    *("window-mask", "start of the window not clipped at 0"),
    *("the start", "a window wider than the sequence"),
)
def not_clipped(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        mask[i, i - window_size + 1 : i + 1] = False
        mask[i, i] = False
    return mask


@misconception("window-mask", "0 and 1 instead of a boolean mask", "dtype")
def zeros_and_ones(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    i, j = np.arange(seq_len)[:, None], np.arange(seq_len)[None, :]
    return np.where((j > i) | (j <= i - window_size), 1, 0)


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


@misconception("masked-attention", "scores not scaled", "scale")
def not_scaled(Q, K, V, mask):
    weights = softmax(np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2)))
    return weights @ V, weights


@misconception(
    *("masked-attention", "mask applied after the softmax"),
    *("blocked keys", "mask and softmax together"),
)
def mask_after_softmax(Q, K, V, mask):
    weights = softmax(Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5)
    weights = np.where(mask, 0, weights)
    return weights @ V, weights


@misconception(
    *("masked-attention", "blocked scores set to 0 instead of -inf"),
    *("blocked keys", "mask and softmax together"),
)
def zero_scores(Q, K, V, mask):
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5
    weights = softmax(np.where(mask, 0, scores))
    return weights @ V, weights


@misconception("masked-attention", "softmax without the shift overflows", "large scores")
def unstable(Q, K, V, mask):
    scores = np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5)
    with np.errstate(all="ignore"):
        weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    return weights @ V, weights


@misconception("masked-attention", "float64 returned for float32", "dtype")
def promoted(Q, K, V, mask):
    scores = Q @ np.swapaxes(K, -1, -2) / np.asarray(Q.shape[-1] ** 0.5)[None]
    weights = softmax(np.where(mask, -np.inf, scores))
    return weights @ V, weights


@misconception("masked-attention", "Q scaled in place", "inputs unchanged")
def in_place(Q, K, V, mask):
    Q /= Q.shape[-1] ** 0.5
    weights = softmax(np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2)))
    return weights @ V, weights


@misconception(
    *("attended-pairs", "short rows at the start forgotten"),
    *("a window inside the sequence", "a window wider than the sequence"),
)
def full_rows_only(seq_len, window_size):
    return seq_len * min(window_size, seq_len)


@misconception("attended-pairs", "window never limited", "a window wider than the sequence")
def formula_for_narrow_windows(seq_len, window_size):
    return seq_len * window_size - window_size * (window_size - 1) // 2


@misconception(
    "receptive-field", "overlap of the layers forgotten: L * w", "several layers", "a window of one"
)
def layers_times_window(num_layers, window_size):
    return num_layers * window_size


# 02_global_tokens


def local_mask(seq_len, window_size, global_positions):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    for p in () if global_positions is None else global_positions:
        if not 0 <= p < seq_len:
            raise ValueError(f"global_positions holds {p}; allowed are 0 to {seq_len - 1}")
    i, j = np.arange(seq_len)[:, None], np.arange(seq_len)[None, :]
    return (j > i) | (j <= i - window_size)


@misconception(
    *("global-mask", "global tokens are seen by nobody: rows only"),
    *("global columns", "window and globals together"),
)
def rows_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask[p, :] = False
    return mask


@misconception(
    *("global-mask", "global tokens see only their window: columns only"),
    *("global rows", "window and globals together"),
)
def columns_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask[:, p] = False
    return mask


@misconception(
    *("global-mask", "global positions not checked"),
    *("bad input",),
)
def positions_not_checked(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, None)
    for p in () if global_positions is None else global_positions:
        mask[p % seq_len, :] = mask[:, p % seq_len] = False
    return mask


@misconception("which-window", "globals counted as part of the window", "pictures with globals")
def longest_open_row(picture, global_positions):
    rows = [i for i in range(len(picture)) if i not in global_positions]
    return max(i + 1 - int(np.argmin(picture[i])) for i in rows)


@misconception("global-attention", "global_mask ignored", "global tokens", "bad input")
def global_mask_ignored(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = local_mask(Q.shape[-2], window_size, None)
    weights = softmax(np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5))
    return weights @ V, weights


@misconception("block-future", "the given mask is changed", "given mask unchanged")
def changes_its_input(mask):
    mask |= np.triu(np.ones_like(mask), k=1)
    return mask


@misconception(
    "block-future", "the diagonal is blocked as well", "the future", "given mask unchanged"
)
def blocks_the_present(mask):
    return mask | np.triu(np.ones_like(mask))


# 03_multi_head


@misconception("split-heads", "reshape without a transpose", "one sequence", "a batch")
def split_by_reshape(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return x.reshape(*batch, num_heads, seq_len, d_model // num_heads)


@misconception("split-heads", "one sequence only", "a batch")
def split_one_sequence(x, num_heads):
    seq_len, d_model = x.shape
    return x.reshape(seq_len, num_heads, d_model // num_heads).transpose(1, 0, 2)


@misconception("combine-heads", "reshape without a transpose", "one sequence", "a batch")
def combine_by_reshape(x):
    *batch, num_heads, seq_len, d_k = x.shape
    return x.reshape(*batch, seq_len, num_heads * d_k)


def sliding_window_attention(Q, K, V, window_size, global_mask=None):
    raise NotImplementedError  # the stand-in takes its place


class Layer:
    """A right answer to attention-layer, from which the wrong ones differ in one thing."""

    def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
        require_at_least_one(d_model=d_model, num_heads=num_heads, window_size=window_size)
        if num_global_tokens < 0 or d_model % num_heads:
            raise ValueError(f"num_global_tokens is {num_global_tokens}, d_model is {d_model}")
        self.d_model, self.num_heads, self.d_k = d_model, num_heads, d_model // num_heads
        self.window_size, self.num_global_tokens = window_size, num_global_tokens
        self.W_Q, self.W_K, self.W_V, self.W_O = np.random.randn(4, d_model, d_model)

    def __call__(self, x, global_mask=None):
        return self.forward(x, global_mask)

    def _create_global_mask(self, seq_len):
        return np.arange(seq_len) < self.num_global_tokens if self.num_global_tokens else None

    def project(self, x):
        if x.shape[-1] != self.d_model:
            raise ValueError(f"x has shape {x.shape}")
        split = (*x.shape[:-1], self.num_heads, self.d_k)
        return ((x @ W).reshape(split).swapaxes(-3, -2) for W in (self.W_Q, self.W_K, self.W_V))

    def attend(self, x, global_mask):
        Q, K, V = self.project(x)
        if global_mask is None:
            global_mask = self._create_global_mask(x.shape[-2])
        return sliding_window_attention(Q, K, V, self.window_size, global_mask)

    def combine(self, heads):
        heads = heads.swapaxes(-3, -2)
        return heads.reshape(*heads.shape[:-2], self.d_model)

    def forward(self, x, global_mask=None):
        return self.combine(self.attend(x, global_mask)[0]) @ self.W_O

    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)[1]


@misconception("attention-layer", "W_O forgotten", "heads combined, W_O", "a single sequence")
class WithoutOutputProjection(Layer):
    def forward(self, x, global_mask=None):
        return self.combine(self.attend(x, global_mask)[0])


@misconception("attention-layer", "a given global_mask is ignored", "a given global_mask")
class GivenMaskIgnored(Layer):
    def forward(self, x, global_mask=None):
        return super().forward(x, None)


@misconception(
    "attention-layer", "a given global_mask is added to the first tokens", "a given global_mask"
)
class GivenMaskAdded(Layer):
    def forward(self, x, global_mask=None):
        if global_mask is not None:
            global_mask = global_mask | (np.arange(x.shape[-2]) < self.num_global_tokens)
        return super().forward(x, global_mask)


@misconception("end-to-end", "window only: global tokens never used", "with global tokens")
class WindowOnly(Layer):
    def attend(self, x, global_mask):
        return global_mask_ignored(*self.project(x), self.window_size)
