"""Right answers to the exercises of 03_multi_head, in other forms."""

from dataclasses import dataclass, field
from functools import partialmethod

import numpy as np

from grading.judging.written import other_answer


@other_answer("split-heads", "slices, one for each head")
def split_by_slices(x, num_heads):
    d_k = x.shape[-1] // num_heads
    heads = [x[..., h * d_k : (h + 1) * d_k] for h in range(num_heads)]
    return np.stack(heads, axis=x.ndim - 2)


@other_answer("split-heads", "a case for each number of axes")
def split_by_case(x, num_heads):
    if x.ndim == 2:
        seq_len, d_model = x.shape
        return x.reshape(seq_len, num_heads, d_model // num_heads).transpose(1, 0, 2)
    return np.array([split_by_case(sequence, num_heads) for sequence in x])


@other_answer("split-heads", "an einsum that only moves axes")
def split_by_einsum(x, num_heads):
    cut = x.reshape(x.shape[:-1] + (num_heads, -1))  # noqa: RUF005
    return np.einsum("...nhd->...hnd", cut)


@other_answer("combine-heads", "concatenated in a loop")
def combine_in_a_loop(x):
    joined = x[..., 0, :, :]
    for h in range(1, x.shape[-3]):
        joined = np.concatenate((joined, x[..., h, :, :]), axis=-1)
    return joined


@other_answer("combine-heads", "written into an empty array")
def combine_into_empty(x):
    *batch, num_heads, seq_len, d_k = x.shape
    result = np.empty((*batch, seq_len, num_heads * d_k), dtype=x.dtype)
    for h in range(num_heads):
        result[..., h * d_k : (h + 1) * d_k] = x[..., h, :, :]
    return result


@other_answer("split-heads", "a lambda with other names")
def split_by_lambda(X, h):
    cut = lambda a: a.reshape(*a.shape[:-1], h, a.shape[-1] // h)  # noqa: E731
    return np.swapaxes(cut(X), -2, -3)


@other_answer("split-heads", "without warnings, by indices")
@np.errstate(all="ignore")
def split_by_indices(features, heads):
    columns = np.arange(features.shape[-1]).reshape(heads, -1)
    return np.moveaxis(features[..., columns], -2, -3)


class Joiner:
    """A function that is an object."""

    def __call__(self, heads):
        return np.concatenate(np.moveaxis(heads, -3, 0), axis=-1)


@other_answer("combine-heads", "an object that is called")
def combine_by_object(array):
    return Joiner()(array)


@other_answer("combine-heads", "every axis by its number")
def combine_by_order(x):
    axes = [*range(x.ndim - 3), x.ndim - 2, x.ndim - 3, x.ndim - 1]
    moved = np.transpose(x, axes)
    return np.reshape(moved, moved.shape[:-2] + (-1,))  # noqa: RUF005


@other_answer("combine-heads", "an einsum that only moves axes")
def combine_by_einsum(x):
    moved = np.einsum("...hnd->...nhd", x)
    return moved.reshape(*moved.shape[:-2], -1)


def at_least(least, **values):
    for name, value in values.items():
        if value < least:
            raise ValueError(f"{name}={value} is below {least}")


class Base:
    """What a student keeps apart: sizes, weights and the checks of input."""

    def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
        at_least(1, d_model=d_model, num_heads=num_heads, window_size=window_size)
        at_least(0, num_global_tokens=num_global_tokens)
        if d_model % num_heads > 0:
            raise ValueError(f"d_model={d_model} cannot be cut into {num_heads} heads")
        self.d_model = d_model
        self.num_heads = num_heads
        self.d_k = d_model // num_heads
        self.window_size = window_size
        self.num_global_tokens = num_global_tokens
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            setattr(self, name, np.random.randn(d_model, d_model))

    def __call__(self, x, global_mask=None):
        return self.forward(x, global_mask)

    def _create_global_mask(self, seq_len):
        if not self.num_global_tokens:
            return None
        mask = np.zeros(seq_len, dtype=bool)
        mask[: self.num_global_tokens] = True
        return mask

    def check_x(self, x):
        if x.ndim < 2 or x.ndim > 3 or x.shape[-1] != self.d_model:
            raise ValueError(f"x of shape {x.shape} does not fit")


@other_answer("attention-layer", "a subclass that adds a batch axis where there is none")
class WithBatchAxis(Base):
    def attend(self, x, global_mask):
        self.check_x(x)
        if global_mask is None:
            global_mask = self._create_global_mask(x.shape[-2])
        batch = x[np.newaxis] if x.ndim == 2 else x
        shape = (*batch.shape[:2], self.num_heads, self.d_k)
        heads = [(batch @ W).reshape(shape).transpose(0, 2, 1, 3) for W in self.projections()]
        return sliding_window_attention(*heads, self.window_size, global_mask)  # noqa: F821

    def projections(self):
        return self.W_Q, self.W_K, self.W_V

    def forward(self, x, global_mask=None):
        output, _ = self.attend(x, global_mask)
        joined = output.transpose(0, 2, 1, 3).reshape(len(output), -1, self.d_model)
        return (joined @ self.W_O).reshape(x.shape)

    def get_attention_weights(self, x, global_mask=None):
        weights = self.attend(x, global_mask)[1]
        return weights[0] if x.ndim == 2 else weights


@dataclass
class Sizes:
    """The same checks in a dataclass, with type hints."""

    d_model: int
    num_heads: int
    window_size: int
    num_global_tokens: int = 0
    seed: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        at_least(1, d_model=self.d_model, num_heads=self.num_heads, window_size=self.window_size)
        at_least(0, num_global_tokens=self.num_global_tokens)
        if self.d_model % self.num_heads:
            raise ValueError(f"{self.num_heads} heads do not divide d_model={self.d_model}")
        self.d_k = self.d_model // self.num_heads
        rng = np.random.default_rng(self.seed)
        shape = (4, self.d_model, self.d_model)
        self.W_Q, self.W_K, self.W_V, self.W_O = rng.normal(0, self.d_model**-0.5, shape)


@other_answer("attention-layer", "a dataclass with type hints and einsum")
class AsDataclass(Sizes):
    def __call__(self, x: np.ndarray, global_mask: np.ndarray | None = None) -> np.ndarray:
        return self.forward(x, global_mask)

    def _create_global_mask(self, seq_len: int) -> np.ndarray | None:
        if self.num_global_tokens == 0:
            return None
        return np.array([token < self.num_global_tokens for token in range(seq_len)])

    def _heads(self, x: np.ndarray, W: np.ndarray) -> np.ndarray:
        by_head = W.reshape(self.d_model, self.num_heads, self.d_k)
        return np.einsum("...nm,mhd->...hnd", x, by_head)

    def _attend(self, x: np.ndarray, flags: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        if x.ndim not in {2, 3} or x.shape[-1] != self.d_model:
            raise ValueError(f"x must end in {self.d_model} features, its shape is {x.shape}")
        flags = self._create_global_mask(x.shape[-2]) if flags is None else flags
        Q, K, V = (self._heads(x, W) for W in (self.W_Q, self.W_K, self.W_V))
        return sliding_window_attention(  # type: ignore[name-defined]  # noqa: F821
            Q, K, V, window_size=self.window_size, global_mask=flags
        )

    def forward(self, x: np.ndarray, global_mask: np.ndarray | None = None) -> np.ndarray:
        output = self._attend(x, global_mask)[0]
        by_head = self.W_O.reshape(self.num_heads, self.d_k, self.d_model)
        return np.einsum("...hnd,hdm->...nm", output, by_head)

    def get_attention_weights(
        self, x: np.ndarray, global_mask: np.ndarray | None = None
    ) -> np.ndarray:
        return self._attend(x, global_mask)[1]


class Heads(Base):
    """What the layers below share: x is checked, and projected into heads."""

    def heads(self, x):
        self.check_x(x)
        shape = (*x.shape[:-1], self.num_heads, self.d_k)
        return [(x @ W).reshape(shape).swapaxes(-3, -2) for W in (self.W_Q, self.W_K, self.W_V)]

    def flags(self, x, mask):
        return self._create_global_mask(x.shape[-2]) if mask is None else mask

    def joined(self, output):
        rows = output.swapaxes(-3, -2)
        return rows.reshape(*rows.shape[:-2], self.d_model) @ self.W_O


@other_answer("attention-layer", "attention kept by the layer, called once for each head")
class HeadByHead(Heads):
    def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
        super().__init__(d_model, num_heads, window_size, num_global_tokens)
        self.attention = sliding_window_attention  # type: ignore[name-defined]  # noqa: F821

    def both(self, x, mask):
        each = zip(*(np.moveaxis(a, -3, 0) for a in self.heads(x)), strict=True)
        flags = self.flags(x, mask)
        pairs = [self.attention(*head, self.window_size, flags) for head in each]
        return [np.stack(some, axis=-3) for some in zip(*pairs, strict=True)]

    def forward(self, text, flags=None):
        return self.joined(self.both(text, flags)[0])

    def get_attention_weights(self, text, flags=None):
        return self.both(text, flags)[1]


@other_answer("attention-layer", "sequence by sequence, with np.errstate and keyword arguments")
class SequenceBySequence(Heads):
    def both(self, x, mask):
        if x.ndim == 3:
            self.check_x(x)
            return [np.array(some) for some in zip(*(self.both(one, mask) for one in x))]  # noqa: B905
        Q, K, V = self.heads(x)
        return sliding_window_attention(  # type: ignore[name-defined]  # noqa: F821
            K=K, Q=Q, V=V, global_mask=self.flags(x, mask), window_size=self.window_size
        )

    @np.errstate(all="ignore")
    def forward(self, x, global_mask=None):
        return self.joined(self.both(x, global_mask)[0])

    @np.errstate(invalid="ignore")
    def get_attention_weights(self, x, global_mask=None):
        return self.both(x, global_mask)[1]


@other_answer("attention-layer", "properties, methods made by partialmethod, sizes of NumPy")
class WithProperties(Heads):
    def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
        super().__init__(d_model, num_heads, window_size, num_global_tokens)
        self.num_heads = np.int64(num_heads)
        self.matrices = np.random.default_rng(7).normal(size=(4, d_model, d_model))
        for index, name in enumerate(("W_Q", "W_K", "W_V", "W_O")):
            setattr(self, name, self.matrices[index])

    def run(self, wanted, x, global_mask=None):
        flags = self.flags(x, global_mask) if x.ndim > 1 else None
        pair = sliding_window_attention(  # type: ignore[name-defined]  # noqa: F821
            *self.heads(x), self.window_size, flags
        )
        return pair[1] if wanted == "weights" else self.joined(pair[0])

    forward = partialmethod(run, "result")
    get_attention_weights = partialmethod(run, "weights")


def blocked_keys(seq_len, window_size, flags):
    """True where a key is not seen, row by row."""
    seen = np.zeros((seq_len, seq_len), dtype=bool)
    for query in range(seq_len):
        seen[query, max(0, query - window_size + 1) : query + 1] = True
    if flags is not None:
        seen[flags], seen[:, flags] = True, True
    return ~seen


@other_answer("end-to-end", "one query after the other", part="sliding_window_attention")
def attention_by_query(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked_keys(Q.shape[-2], window_size, global_mask)
    weights = np.zeros((*Q.shape[:-1], Q.shape[-2]), dtype=Q.dtype)
    for query, row in enumerate(~mask):
        scores = np.einsum("...d,...kd->...k", Q[..., query, :], K[..., row, :])
        shares = np.exp((scores - scores.max(axis=-1, keepdims=True)) / Q.shape[-1] ** 0.5)
        weights[..., query, row] = shares / shares.sum(axis=-1, keepdims=True)
    return np.einsum("...qk,...kd->...qd", weights, V), weights


@other_answer("end-to-end", "minus infinity added to scores", part="sliding_window_attention")
@np.errstate(all="ignore")
def attention_by_sum(q, k, v, w, flags=None, *, causal_globals=False):
    mask = blocked_keys(q.shape[-2], w, flags)
    scores = np.matmul(q / float(q.shape[-1]) ** 0.5, np.moveaxis(k, -1, -2))
    scores = scores + np.where(mask, -np.inf, 0.0)
    weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights /= np.sum(weights, axis=-1, keepdims=True)
    return [weights @ v, weights]
