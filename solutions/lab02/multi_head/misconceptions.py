"""Wrong answers to the exercises of 03_multi_head."""

import numpy as np

from grading.judging.written import misconception

EVERY_SPLIT = ("one sequence", "a batch", "several batches, and sizes of 1", "dtype")


@misconception(
    "split-heads",
    "reshape without a transpose",
    loses=EVERY_SPLIT,
    hint="A reshape alone gives head 0 the first positions. It should get all of them.",
    says="EVERY position",
)
def split_by_reshape(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return x.reshape(*batch, num_heads, seq_len, d_model // num_heads)


@misconception(
    "split-heads",
    "cut, but the axes not swapped",
    loses=EVERY_SPLIT,
    hint="Your cut is right. Which axis should be in front of the other: heads, or positions?",
    says="got shape",
)
def split_without_swap(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return x.reshape(*batch, seq_len, num_heads, d_model // num_heads)


@misconception(
    "split-heads",
    "features dealt out to the heads in turn",
    loses=EVERY_SPLIT,
    hint="Head 0 gets the first d_k features of a position, side by side.",
    says="EVERY position",
)
def split_in_turn(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return np.moveaxis(x.reshape(*batch, seq_len, d_model // num_heads, num_heads), -1, -3)


@misconception(
    "split-heads",
    "heads in the opposite order",
    loses=EVERY_SPLIT,
    hint="Head 0 gets the first d_k features, not the last ones.",
    says="EVERY position",
)
def split_backwards(x, num_heads):
    return np.stack(np.split(x, num_heads, axis=-1)[::-1], axis=-3)


@misconception(
    "split-heads",
    "positions and features swapped instead of positions and heads",
    loses=EVERY_SPLIT,
    hint="Positions and heads change places. Which two axes did you swap? Count from the end.",
    says="got shape",
)
def split_and_swapped_features(x, num_heads):
    *batch, seq_len, d_model = x.shape
    cut = x.reshape(*batch, seq_len, num_heads, d_model // num_heads)
    return np.swapaxes(np.swapaxes(cut, -2, -3), -1, -2)


@misconception(
    "split-heads",
    "num_heads taken for d_k",
    loses=EVERY_SPLIT,
    hint="num_heads says how many heads there are. How many features are left for each?",
    says="got shape",
)
def heads_of_so_many(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return x.reshape(*batch, seq_len, d_model // num_heads, num_heads).swapaxes(-2, -3)


COUNT_FROM_THE_END = "x may have axes in front. Count your axes from the end: -1, -2, -3."
ONE_SPLIT = misconception(
    "split-heads",
    "one sequence only: no batch axes",
    loses=("a batch", "several batches, and sizes of 1", "dtype"),
    hint=COUNT_FROM_THE_END,
    says="unpack",
)


@ONE_SPLIT
def split_one_sequence(x, num_heads):
    seq_len, d_model = x.shape
    return x.reshape(seq_len, num_heads, d_model // num_heads).transpose(1, 0, 2)


@ONE_SPLIT
def split_one_by_slices(x, num_heads):
    seq_len, d_model = x.shape
    d_k = d_model // num_heads
    return np.array([x[:, head * d_k : (head + 1) * d_k] for head in range(num_heads)])


ONE_BATCH = misconception(
    "split-heads",
    "exactly one batch axis wanted",
    loses=("one sequence", "several batches, and sizes of 1"),
    hint=f"{COUNT_FROM_THE_END} There may be none, too.",
    says="unpack",
)


@ONE_BATCH
def split_one_batch(x, num_heads):
    batch, seq_len, d_model = x.shape
    return x.reshape(batch, seq_len, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)


@misconception(
    "split-heads",
    "no more than one batch axis",
    loses=("several batches, and sizes of 1",),
    hint=COUNT_FROM_THE_END,
    says="unpack",
)
def split_up_to_one_batch(x, num_heads):
    if x.ndim == 2:
        return split_one_sequence(x, num_heads)
    return split_one_batch(x, num_heads)


NEW_BATCH = misconception(
    "split-heads",
    "a batch axis of 1 put in front of a single sequence",
    loses=("one sequence", "several batches, and sizes of 1"),
    hint="How many axes has the result for an x without a batch? One more than x.",
    says="got shape",
)


@NEW_BATCH
def split_with_new_batch_only(x, num_heads):
    return split_one_batch(x[np.newaxis] if x.ndim == 2 else x, num_heads)


@NEW_BATCH
def split_with_new_batch(x, num_heads):
    if x.ndim == 2:
        x = x[np.newaxis]
    *batch, seq_len, d_model = x.shape
    return x.reshape(*batch, seq_len, num_heads, d_model // num_heads).swapaxes(-2, -3)


@misconception(
    "split-heads",
    "heads put in front of the batch",
    loses=("a batch", "several batches, and sizes of 1", "dtype"),
    hint="Heads and positions change places; the batch stays where it is.",
    says="got shape",
)
def heads_before_batch(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return np.moveaxis(x.reshape(*batch, seq_len, num_heads, d_model // num_heads), -2, 0)


@misconception(
    "split-heads",
    "axes of length 1 dropped",
    loses=("several batches, and sizes of 1",),
    hint="A batch of one is a batch. Where do you squeeze?",
    says="got shape",
)
def split_and_squeezed(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return np.squeeze(x.reshape(*batch, seq_len, num_heads, d_model // num_heads).swapaxes(-2, -3))


@misconception(
    "split-heads",
    "always float64",
    loses=("dtype",),
    hint="np.zeros and np.empty make float64 unless they are told otherwise.",
    says="expected float32",
)
def split_into_float64(x, num_heads):
    *batch, seq_len, d_model = x.shape
    heads = np.zeros((*batch, num_heads, seq_len, d_model // num_heads))
    heads[:] = x.reshape(*batch, seq_len, num_heads, d_model // num_heads).swapaxes(-2, -3)
    return heads


@misconception(
    "combine-heads",
    "reshape without a transpose",
    loses=EVERY_SPLIT,
    hint="The two axes that a reshape joins must be neighbours, heads before features.",
    says="neighbours",
)
def combine_by_reshape(x):
    *batch, num_heads, seq_len, d_k = x.shape
    return x.reshape(*batch, seq_len, num_heads * d_k)


@misconception(
    "combine-heads",
    "features of the heads taken in turn",
    loses=EVERY_SPLIT,
    hint="First all features of head 0, then all of head 1. Which axis must be the last but one?",
    says="from head 0",
)
def combine_in_turn(x):
    *batch, num_heads, seq_len, d_k = x.shape
    return np.moveaxis(x, -3, -1).reshape(*batch, seq_len, num_heads * d_k)


@misconception(
    "combine-heads",
    "heads in the opposite order",
    loses=EVERY_SPLIT,
    hint="Position t begins with its features from head 0, not from the last head.",
    says="from head 0",
)
def combine_backwards(x):
    return np.concatenate([x[..., head, :, :] for head in reversed(range(x.shape[-3]))], axis=-1)


ADDED = misconception(
    "combine-heads",
    "heads added up instead of put side by side",
    loses=EVERY_SPLIT,
    hint="How many features should a position have in the end?",
    says="got shape",
)


@ADDED
def heads_added(x):
    return x.sum(axis=-3)


@ADDED
def heads_averaged(x):
    return x.mean(axis=-3)


@misconception(
    "combine-heads",
    "only one head kept",
    loses=EVERY_SPLIT,
    hint="How many features should a position have in the end? Those of all heads.",
    says="got shape",
)
def first_head_only(x):
    return x[..., 0, :, :]


@misconception(
    "combine-heads",
    "heads put one below the other, not side by side",
    loses=EVERY_SPLIT,
    hint="Each position has one row. Along which axis do its heads follow each other?",
    says="got shape",
)
def heads_below_each_other(x):
    return np.concatenate([x[..., head, :, :] for head in range(x.shape[-3])], axis=-2)


@misconception(
    "combine-heads",
    "axes swapped, but not joined",
    loses=EVERY_SPLIT,
    hint="Heads and features are neighbours now. What is left to do?",
    says="got shape",
)
def swapped_only(x):
    return x.swapaxes(-2, -3)


@misconception(
    "combine-heads",
    "sizes of an example written into the code",
    loses=EVERY_SPLIT,
    hint="Another x has other sizes. Where does the shape of x say what you wrote as a number?",
    says="reshape",
)
def combine_six_features(x):
    *batch, num_heads, seq_len, d_k = x.shape
    return x.swapaxes(-2, -3).reshape(*batch, seq_len, 6)


@misconception(
    "combine-heads",
    "one sequence only: no batch axes",
    loses=("a batch", "several batches, and sizes of 1", "dtype"),
    hint=COUNT_FROM_THE_END,
    says="unpack",
)
def combine_one_sequence(x):
    num_heads, seq_len, d_k = x.shape
    return x.transpose(1, 0, 2).reshape(seq_len, num_heads * d_k)


@misconception(
    "combine-heads",
    "heads looked for along the first axis, which may be the batch",
    loses=("a batch", "several batches, and sizes of 1", "dtype"),
    hint=COUNT_FROM_THE_END,
    says="got shape",
)
def combine_along_the_first_axis(x):
    return np.concatenate(list(x), axis=-1)


@misconception(
    "combine-heads",
    "exactly one batch axis wanted",
    loses=("one sequence", "several batches, and sizes of 1"),
    hint=f"{COUNT_FROM_THE_END} There may be none, too.",
    says="unpack",
)
def combine_one_batch(x):
    batch, num_heads, seq_len, d_k = x.shape
    return x.transpose(0, 2, 1, 3).reshape(batch, seq_len, num_heads * d_k)


@misconception(
    "combine-heads",
    "no more than one batch axis",
    loses=("several batches, and sizes of 1",),
    hint=COUNT_FROM_THE_END,
    says="unpack",
)
def combine_up_to_one_batch(x):
    return combine_one_sequence(x) if x.ndim == 3 else combine_one_batch(x)


@misconception(
    "combine-heads",
    "axes of length 1 dropped",
    loses=("several batches, and sizes of 1",),
    hint="A batch of one is a batch. Where do you squeeze?",
    says="got shape",
)
def combined_and_squeezed(x):
    *batch, num_heads, seq_len, d_k = x.shape
    return np.squeeze(x.swapaxes(-2, -3).reshape(*batch, seq_len, num_heads * d_k))


@misconception(
    "combine-heads",
    "always float64",
    loses=("dtype",),
    hint="np.zeros and np.empty make float64 unless they are told otherwise.",
    says="expected float32",
)
def combine_into_float64(x):
    *batch, num_heads, seq_len, d_k = x.shape
    joined = np.zeros((*batch, seq_len, num_heads * d_k))
    for head in range(num_heads):
        joined[..., head * d_k : (head + 1) * d_k] = x[..., head, :, :]
    return joined


class Layer:
    """A right answer to attention-layer, from which the wrong ones differ in one thing."""

    unchecked: tuple[str, ...] = ()  # names of arguments

    def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
        self.check(d_model, num_heads, window_size, num_global_tokens)
        self.d_model, self.num_heads, self.d_k = d_model, num_heads, d_model // num_heads
        self.window_size, self.num_global_tokens = window_size, num_global_tokens
        self.draw(d_model)

    def draw(self, d_model):
        self.W_Q, self.W_K, self.W_V, self.W_O = np.random.randn(4, d_model, d_model)

    def check(self, d_model, num_heads, window_size, num_global_tokens):
        self.require(1, d_model=d_model, num_heads=num_heads, window_size=window_size)
        self.require(0, num_global_tokens=num_global_tokens)
        if d_model % num_heads:
            raise ValueError(f"d_model is {d_model}; num_heads={num_heads} must divide it")

    def require(self, least, **sizes):
        for name, size in sizes.items():
            if name not in self.unchecked and size < least:
                raise ValueError(f"{name} is {size}; it must be at least {least}")

    def __call__(self, x, global_mask=None):
        return self.forward(x, global_mask)

    def _create_global_mask(self, seq_len):
        return np.arange(seq_len) < self.num_global_tokens if self.num_global_tokens else None

    def check_x(self, x):
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
            raise ValueError(f"x has shape {x.shape}")

    def split(self, x):
        *batch, seq_len, d_model = x.shape
        return x.reshape(*batch, seq_len, self.num_heads, self.d_k).swapaxes(-3, -2)

    def project(self, x):
        self.check_x(x)
        return tuple(self.split(x @ W) for W in (self.W_Q, self.W_K, self.W_V))

    def attend(self, x, global_mask):
        Q, K, V = self.project(x)
        if global_mask is None:
            global_mask = self._create_global_mask(x.shape[-2])
        return self.call(Q, K, V, global_mask)

    def call(self, Q, K, V, global_mask):
        return sliding_window_attention(Q, K, V, self.window_size, global_mask)  # noqa: F821

    def combine(self, heads):
        heads = heads.swapaxes(-3, -2)
        return heads.reshape(*heads.shape[:-2], self.d_model)

    def forward(self, x, global_mask=None):
        return self.project_out(self.combine(self.attend(x, global_mask)[0]))

    def project_out(self, joined):
        return joined @ self.W_O

    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)[1]


PROJECTIONS = ("Q, K, V of each head",)
RESULT = ("heads combined, W_O",)
SINGLE = ("a single sequence",)
HANDED_ON = ("window_size and first tokens handed on",)
FIRST_TOKENS = ("_create_global_mask", *HANDED_ON)
GIVEN = ("a given global_mask",)
WEIGHTS = ("attention weights",)
LEFT_ALONE = ("arrays, called as forward, x and global_mask left as they are",)
ATTRIBUTES = ("attributes and matrices",)


@misconception(
    "attention-layer",
    "W_O forgotten",
    loses=RESULT,
    hint="The layer has four matrices. How many does forward use?",
    says="W_O",
)
class WithoutOutputProjection(Layer):
    def project_out(self, joined):
        return joined


@misconception(
    "attention-layer",
    "K and V mixed up",
    loses=PROJECTIONS,
    hint="Which matrix makes the keys, and which the values? Follow each to where it is used.",
    says="the K that",
)
class KeysAndValuesMixedUp(Layer):
    def project(self, x):
        Q, K, V = super().project(x)
        return Q, V, K


@misconception(
    "attention-layer",
    "Q and K mixed up",
    loses=PROJECTIONS,
    hint="Which matrix makes the queries, and which the keys? Follow each to where it is used.",
    says="the Q that",
)
class QueriesAndKeysMixedUp(Layer):
    def project(self, x):
        Q, K, V = super().project(x)
        return K, Q, V


ONE_FOR_SEVERAL = misconception(
    "attention-layer",
    "one matrix used for several of Q, K and V",
    loses=PROJECTIONS,
    hint="The layer has a matrix for each of Q, K and V. Which does it use?",
    says="hands to sliding_window_attention",
)


@ONE_FOR_SEVERAL
class OneForQueriesAndKeys(Layer):
    def project(self, x):
        Q, _, V = super().project(x)
        return Q, Q, V


@ONE_FOR_SEVERAL
class OneForKeysAndValues(Layer):
    def project(self, x):
        Q, K, _ = super().project(x)
        return Q, K, K


@ONE_FOR_SEVERAL
class OneProjection(Layer):
    def project(self, x):
        Q, _, _ = super().project(x)
        return Q, Q, Q


@misconception(
    "attention-layer",
    "x not projected: Q, K and V are x itself",
    loses=PROJECTIONS,
    hint="What becomes of W_Q, W_K and W_V in your layer?",
    says="the Q that",
)
class NotProjected(Layer):
    def project(self, x):
        self.check_x(x)
        return (self.split(x),) * 3


@misconception(
    "attention-layer",
    "sliding_window_attention not called",
    loses=(*PROJECTIONS, *RESULT, *HANDED_ON, *GIVEN, *WEIGHTS),
    hint="The layer hands Q, K and V to sliding_window_attention. Yours does its work, too.",
    says="did not call",
)
class AttentionWithinTheLayer(Layer):
    def call(self, Q, K, V, global_mask):
        seq_len = Q.shape[-2]
        flags = np.zeros(seq_len, dtype=bool) if global_mask is None else np.asarray(global_mask)
        back = np.arange(seq_len)[:, np.newaxis] - np.arange(seq_len)
        mask = ((back < 0) | (back >= self.window_size)) & ~flags & ~flags[:, np.newaxis]
        scores = Q @ np.swapaxes(K, -1, -2) / self.d_k**0.5
        shares = np.exp(np.where(mask, -np.inf, scores - scores.max(axis=-1, keepdims=True)))
        weights = shares / shares.sum(axis=-1, keepdims=True)
        return weights @ V, weights


NOT_TRANSPOSED = "Q is x @ W_Q. Is the matrix transposed anywhere, or on the other side?"


@misconception(
    "attention-layer",
    "weights applied from the left: W.T",
    loses=PROJECTIONS,
    hint=NOT_TRANSPOSED,
    says="the Q that",
)
class TransposedWeights(Layer):
    def project(self, x):
        self.check_x(x)
        return tuple(self.split(x @ W.T) for W in (self.W_Q, self.W_K, self.W_V))


@misconception(
    "attention-layer",
    "all four weights applied from the left: W.T",
    loses=(*PROJECTIONS, *RESULT),
    hint=NOT_TRANSPOSED,
    says="the Q that",
)
class AllTransposed(TransposedWeights):
    def project_out(self, joined):
        return joined @ self.W_O.T


@misconception(
    "attention-layer",
    "W_O applied from the left: W_O.T",
    loses=RESULT,
    hint="The result is combined @ W_O. Is the matrix transposed, or on the other side?",
    says="W_O",
)
class OutputTransposed(Layer):
    def project_out(self, joined):
        return joined @ self.W_O.T


@misconception(
    "attention-layer",
    "split into heads before the projection",
    loses=(*PROJECTIONS,),
    hint="W_Q mixes all d_model features. When do the heads get theirs: before, or after?",
    says="the Q that",
)
class SplitFirst(Layer):
    def project(self, x):
        self.check_x(x)
        matrices = (self.W_Q, self.W_K, self.W_V)
        return tuple(self.split(x) @ W[: self.d_k, : self.d_k] for W in matrices)


@misconception(
    "attention-layer",
    "heads split by a reshape without a transpose",
    loses=PROJECTIONS,
    hint="You have written split_heads already. Does the layer use it?",
    says="the Q that",
)
class HeadsByReshape(Layer):
    def split(self, x):
        return x.reshape(*x.shape[:-2], self.num_heads, x.shape[-2], self.d_k)


@misconception(
    "attention-layer",
    "heads not split",
    loses=(*PROJECTIONS, *RESULT, *SINGLE, *WEIGHTS),
    hint="Which shape has Q when it is handed on? It should have an axis of heads.",
    says="got shape",
)
class HeadsNotSplit(Layer):
    def split(self, x):
        return x

    def combine(self, heads):
        return heads


@misconception(
    "attention-layer",
    "heads combined by a reshape without a transpose",
    loses=RESULT,
    hint="You have written combine_heads already. Does the layer use it?",
    says="combine the heads",
)
class CombinedByReshape(Layer):
    def combine(self, heads):
        return heads.reshape(*heads.shape[:-3], heads.shape[-2], self.d_model)


@misconception(
    "attention-layer",
    "Q scaled in the layer as well, by d_model",
    loses=PROJECTIONS,
    hint="Who scales the scores: the layer, or the attention that it calls?",
    says="the Q that",
)
class ScaledByModelSize(Layer):
    def project(self, x):
        Q, K, V = super().project(x)
        return Q / self.d_model**0.5, K, V


@misconception(
    "attention-layer",
    "Q scaled in the layer as well, by d_k",
    loses=PROJECTIONS,
    hint="Who scales the scores: the layer, or the attention that it calls?",
    says="the Q that",
)
class ScaledTwice(Layer):
    def project(self, x):
        Q, K, V = super().project(x)
        return Q / self.d_k**0.5, K, V


@misconception(
    "attention-layer",
    "projections drawn anew in every call",
    loses=(*PROJECTIONS, *SINGLE, *WEIGHTS),
    hint="Call the layer twice with the same x. When should its matrices be drawn?",
    says="the Q that",
    unsteady=True,
)
class DrawsAnew(Layer):
    def project(self, x):
        self.W_Q, self.W_K, self.W_V = np.random.randn(3, self.d_model, self.d_model)
        return super().project(x)


@misconception(
    "attention-layer",
    "other matrices used than the attributes",
    loses=PROJECTIONS,
    hint="Who sets layer.W_Q to another matrix expects that forward uses it. Which does yours use?",
    says="the Q that",
    unsteady=True,
)
class KeepsItsFirstMatrices(Layer):
    def draw(self, d_model):
        super().draw(d_model)
        self.own = self.W_Q, self.W_K, self.W_V

    def project(self, x):
        self.check_x(x)
        return tuple(self.split(x @ W) for W in self.own)


@misconception(
    "attention-layer",
    "x added to the result",
    loses=RESULT,
    hint="Blocks of models add x to what a layer gives. The layer itself does not.",
    says="forward(x)",
)
class WithResidual(Layer):
    def forward(self, x, global_mask=None):
        return x + super().forward(x, global_mask)


@misconception(
    "attention-layer",
    "a tuple returned by forward",
    loses=(*RESULT, *SINGLE),
    hint="forward returns the result alone; the weights have a method of their own.",
    says="got a tuple",
)
class ForwardReturnsBoth(Layer):
    def forward(self, x, global_mask=None):
        output, weights = self.attend(x, global_mask)
        return self.project_out(self.combine(output)), weights


BATCHES_ONLY = misconception(
    "attention-layer",
    "an x without a batch axis not accepted",
    loses=SINGLE,
    hint="x may have two axes. What does your code expect in front of them?",
    says="unpack",
)


@BATCHES_ONLY
class BatchesOnly(Layer):
    def forward(self, x, global_mask=None):
        self.check_x(x)
        batch, seq_len, d_model = x.shape
        return super().forward(x, global_mask)


@BATCHES_ONLY
class WeightsOfBatchesOnly(Layer):
    def get_attention_weights(self, x, global_mask=None):
        weights = super().get_attention_weights(x, global_mask)
        batch, num_heads, seq_len, _ = weights.shape
        return weights


@misconception(
    "attention-layer",
    "axes of length 1 dropped from the result",
    loses=SINGLE,
    hint="The result has the shape of x, and a batch of one is a batch. Where do you squeeze?",
    says="got shape",
)
class Squeezed(Layer):
    def forward(self, x, global_mask=None):
        return np.squeeze(super().forward(x, global_mask))


@misconception(
    "attention-layer",
    "weights of one sequence are not those of a batch of it",
    loses=SINGLE,
    hint="A batch of one is a batch, for the weights, too. Where do you squeeze, or index?",
    says="got shape",
)
class WeightsSqueezed(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return np.squeeze(super().get_attention_weights(x, global_mask))


@misconception(
    "attention-layer",
    "an x without a batch axis not accepted",
    loses=SINGLE,
    hint="x may have two axes or three. Which do you refuse?",
    says="x has shape (3, 4)",
)
class RefusesSingleSequences(Layer):
    def check_x(self, x):
        if x.ndim != 3 or x.shape[-1] != self.d_model:
            raise ValueError(f"x has shape {x.shape}")


@misconception(
    "attention-layer",
    "one sequence is not treated as it is in a batch of one",
    loses=SINGLE,
    hint="Which of your lines count axes from the front, as x.shape[1] does? Count from the end.",
    says="hands on",
)
class LengthByFirstAxes(Layer):
    def attend(self, x, global_mask):
        if global_mask is None:
            self.check_x(x)
            global_mask = self._create_global_mask(x.shape[1])
        return super().attend(x, global_mask)


@misconception(
    "attention-layer",
    "one global token too many",
    loses=FIRST_TOKENS,
    hint="With num_global_tokens=1, which positions are global? Count from 0.",
    says="num_global_tokens=2",
)
class OneGlobalTooMany(Layer):
    def _create_global_mask(self, seq_len):
        return np.arange(seq_len) <= self.num_global_tokens if self.num_global_tokens else None


@misconception(
    "attention-layer",
    "the last tokens made global instead of the first",
    loses=FIRST_TOKENS,
    hint="Tokens such as [CLS] stand at the beginning.",
    says="num_global_tokens=2",
)
class LastTokensGlobal(Layer):
    def _create_global_mask(self, seq_len):
        mask = super()._create_global_mask(seq_len)
        return None if mask is None else mask[::-1]


@misconception(
    "attention-layer",
    "True for local tokens in the mask of global ones",
    loses=FIRST_TOKENS,
    hint="In a global_mask, True says that a token is global.",
    says="num_global_tokens=2",
)
class GlobalMaskInverted(Layer):
    def _create_global_mask(self, seq_len):
        mask = super()._create_global_mask(seq_len)
        return None if mask is None else ~mask


POSITIONS = misconception(
    "attention-layer",
    "positions of global tokens instead of flags",
    loses=FIRST_TOKENS,
    hint="The mask has an entry for each position of the sequence, True or False.",
    says="got shape",
)


@POSITIONS
class GlobalPositions(Layer):
    def _create_global_mask(self, seq_len):
        if self.num_global_tokens == 0:
            return None
        return np.arange(min(self.num_global_tokens, seq_len))


@POSITIONS
class AllGlobalPositions(Layer):
    def _create_global_mask(self, seq_len):
        return np.arange(self.num_global_tokens) if self.num_global_tokens else None


@misconception(
    "attention-layer",
    "_create_global_mask never gives None",
    loses=("_create_global_mask",),
    hint="Without global tokens there is no mask. What does the docstring give in its place?",
    says="not None",
)
class MaskWithoutGlobals(Layer):
    def _create_global_mask(self, seq_len):
        return np.arange(seq_len) < self.num_global_tokens


NUMBERS = misconception(
    "attention-layer",
    "a mask of numbers, not of bool",
    loses=("_create_global_mask",),
    hint="np.zeros and np.ones make numbers unless they are told another dtype.",
    says="expected bool",
)


@NUMBERS
class MaskOfFloats(Layer):
    def _create_global_mask(self, seq_len):
        mask = super()._create_global_mask(seq_len)
        return None if mask is None else mask.astype(float)


@NUMBERS
class MaskOfInts(Layer):
    def _create_global_mask(self, seq_len):
        mask = super()._create_global_mask(seq_len)
        return None if mask is None else mask.astype(int)


@misconception(
    "attention-layer",
    "a mask that is too long where all tokens are global",
    loses=("_create_global_mask",),
    hint="num_global_tokens may be larger than seq_len. How long is your mask then?",
    says="got shape",
)
class MaskTooLong(Layer):
    def _create_global_mask(self, seq_len):
        if self.num_global_tokens == 0:
            return None
        local = seq_len - self.num_global_tokens
        return np.array([True] * self.num_global_tokens + [False] * local)


@misconception(
    "attention-layer",
    "first tokens not made global when no mask is given",
    loses=HANDED_ON,
    hint="Without a global_mask, who says which tokens are global? Follow None through forward.",
    says="hands on",
)
class NoDefaultGlobals(Layer):
    def attend(self, x, global_mask):
        return self.call(*self.project(x), global_mask)


@misconception(
    "attention-layer",
    "global tokens never handed on",
    loses=(*HANDED_ON, *GIVEN),
    hint="sliding_window_attention has a fifth argument. What does your layer give for it?",
    says="hands on",
)
class NoGlobals(Layer):
    def call(self, Q, K, V, global_mask):
        return super().call(Q, K, V, None)


@misconception(
    "attention-layer",
    "another window_size handed on",
    loses=HANDED_ON,
    hint="window_size goes to the attention as it was given.",
    says="window_size",
)
class WindowPlusOne(Layer):
    def call(self, Q, K, V, global_mask):
        return sliding_window_attention(Q, K, V, self.window_size + 1, global_mask)  # noqa: F821


@misconception(
    "attention-layer",
    "a given global_mask is ignored",
    loses=GIVEN,
    hint="forward has a second argument. What becomes of it?",
    says="replaces the first",
)
class GivenMaskIgnored(Layer):
    def attend(self, x, global_mask):
        return super().attend(x, None)


@misconception(
    "attention-layer",
    "a given global_mask is added to the first tokens",
    loses=GIVEN,
    hint="A mask that is given replaces the first tokens. Are they still global?",
    says="replaces the first",
)
class GivenMaskAdded(Layer):
    def attend(self, x, global_mask):
        if global_mask is not None:
            global_mask = global_mask | (np.arange(x.shape[-2]) < self.num_global_tokens)
        return super().attend(x, global_mask)


@misconception(
    "attention-layer",
    "a global_mask without a global token taken for none",
    loses=GIVEN,
    hint="A mask that is given replaces the first tokens, even one that makes no token global.",
    says="",
)
class EmptyMaskIgnored(Layer):
    def attend(self, x, global_mask):
        return super().attend(x, global_mask if np.any(global_mask) else None)


@misconception(
    "attention-layer",
    "something of one call is used in the next",
    loses=GIVEN,
    hint="A mask is for one call, and so is x. What does your layer remember in the next?",
    says="hands on",
)
class MaskSticks(Layer):
    def attend(self, x, global_mask):
        if global_mask is not None:
            self.mask = global_mask
        return super().attend(x, getattr(self, "mask", None))


AVERAGED = misconception(
    "attention-layer",
    "weights of all heads made into one",
    loses=WEIGHTS,
    hint="Each head has weights of its own. How many axes should they have?",
    says="get_attention_weights",
)


@AVERAGED
class WeightsAveraged(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)[1].mean(axis=-3)


@AVERAGED
class WeightsOfOneHead(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)[1][..., 0, :, :]


@misconception(
    "attention-layer",
    "the output returned for the weights",
    loses=WEIGHTS,
    hint="sliding_window_attention returns two values. Which of them are the weights?",
    says="get_attention_weights",
)
class OutputForWeights(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)[0]


@misconception(
    "attention-layer",
    "output and weights returned by get_attention_weights",
    loses=(*WEIGHTS, *SINGLE),
    hint="sliding_window_attention returns two values. Which of them are wanted here?",
    says="get_attention_weights",
)
class BothForWeights(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)


@misconception(
    "attention-layer",
    "first tokens not global in get_attention_weights",
    loses=WEIGHTS,
    hint="get_attention_weights takes what forward takes. Who says there which tokens are global?",
    says="get_attention_weights with",
)
class WeightsWithoutDefault(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return self.call(*self.project(x), global_mask)[1]


@misconception(
    "attention-layer",
    "a given global_mask ignored in get_attention_weights",
    loses=WEIGHTS,
    hint="get_attention_weights takes what forward takes. What becomes of its global_mask?",
    says="replaces the first",
)
class WeightsIgnoreMask(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, None)[1]


@misconception(
    "attention-layer",
    "the result written into x",
    loses=LEFT_ALONE,
    hint="x belongs to whoever calls. Which line writes into it?",
    says="changed x",
)
class ResultIntoX(Layer):
    def forward(self, x, global_mask=None):
        x[...] = super().forward(x, global_mask)
        return x


@misconception(
    "attention-layer",
    "d_k is a float",
    loses=ATTRIBUTES,
    hint="/ gives a float even where nothing is left over. Which operator gives an int?",
    says="d_k",
)
class FloatSize(Layer):
    def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
        super().__init__(d_model, num_heads, window_size, num_global_tokens)
        self.d_k = d_model / num_heads

    def split(self, x):
        return x.reshape(*x.shape[:-1], self.num_heads, int(self.d_k)).swapaxes(-3, -2)


SAME_MATRICES = misconception(
    "attention-layer",
    "matrices that are the same as another, or not random",
    loses=ATTRIBUTES,
    hint="W_Q, W_K, W_V and W_O are drawn one by one. Compare two of yours.",
    says="are equal",
)


@SAME_MATRICES
class OneMatrix(Layer):
    def draw(self, d_model):
        self.W_Q = self.W_K = self.W_V = self.W_O = np.random.randn(d_model, d_model)


@SAME_MATRICES
class OneSeed(Layer):
    def draw(self, d_model):
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            rng = np.random.default_rng(0)
            setattr(self, name, rng.normal(size=(d_model, d_model)))


@SAME_MATRICES
class TwoEqualMatrices(Layer):
    def draw(self, d_model):
        super().draw(d_model)
        self.W_V = self.W_K


@misconception(
    "attention-layer",
    "matrices not drawn at random",
    loses=ATTRIBUTES,
    hint="The matrices start at random. What would a layer compute with yours?",
    says="all zeros",
)
class MatricesOfZeros(Layer):
    def draw(self, d_model):
        self.W_Q, self.W_K, self.W_V, self.W_O = np.zeros((4, d_model, d_model))


BAD_INPUT = ("bad input",)
READ_RAISES = "The docstring says which sizes must be refused, and what the message names."


@misconception(
    "attention-layer",
    "arguments not checked",
    loses=BAD_INPUT,
    hint=READ_RAISES,
    says="is accepted",
)
class NothingChecked(Layer):
    def check(self, d_model, num_heads, window_size, num_global_tokens):
        num_heads = max(1, num_heads)

    def check_x(self, x):
        pass


SIZES_ACCEPTED = misconception(
    "attention-layer",
    "sizes not checked",
    loses=BAD_INPUT,
    hint=READ_RAISES,
    says="is accepted",
)


@SIZES_ACCEPTED
class SizesNotChecked(Layer):
    def check(self, d_model, num_heads, window_size, num_global_tokens):
        pass


@SIZES_ACCEPTED
class OnlyDivisibility(Layer):
    unchecked = ("d_model", "num_heads", "window_size", "num_global_tokens")


@misconception(
    "attention-layer",
    "d_model not checked: 0 and less accepted",
    loses=BAD_INPUT,
    hint="0 is a multiple of every num_heads. Is it a d_model?",
    says="d_model = 0",
)
class ModelSizeNotChecked(Layer):
    unchecked = ("d_model",)


@misconception(
    "attention-layer",
    "num_heads not checked",
    loses=BAD_INPUT,
    hint="What does your check of d_model do with num_heads=0, and with a negative one?",
    says="num_heads",
)
class HeadsNotChecked(Layer):
    unchecked = ("num_heads",)


@misconception(
    "attention-layer",
    "negative num_heads accepted",
    loses=BAD_INPUT,
    hint="6 % -2 is 0. What must num_heads be at least?",
    says="num_heads",
)
class NegativeHeads(Layer):
    unchecked = ("num_heads",)

    def check(self, d_model, num_heads, window_size, num_global_tokens):
        if num_heads == 0:
            raise ValueError(f"d_model is {d_model}; num_heads={num_heads} must divide it")
        super().check(d_model, num_heads, window_size, num_global_tokens)


@misconception(
    "attention-layer",
    "num_heads divides before it is checked",
    loses=BAD_INPUT,
    hint="With num_heads=0, which line of yours is reached first? Check the sizes one by one.",
    says="ZeroDivisionError",
)
class DividesFirst(Layer):
    def check(self, d_model, num_heads, window_size, num_global_tokens):
        if num_heads == 0:
            d_model % num_heads
        super().check(d_model, num_heads, window_size, num_global_tokens)


@misconception(
    "attention-layer",
    "window_size not checked",
    loses=BAD_INPUT,
    hint=READ_RAISES,
    says="window_size = 0",
)
class WindowNotChecked(Layer):
    unchecked = ("window_size",)


@misconception(
    "attention-layer",
    "num_global_tokens not checked",
    loses=BAD_INPUT,
    hint=READ_RAISES,
    says="num_global_tokens = -1",
)
class GlobalsNotChecked(Layer):
    unchecked = ("num_global_tokens",)


@misconception(
    "attention-layer",
    "not checked whether num_heads divides d_model",
    loses=BAD_INPUT,
    hint="10 features for 3 heads: how many does each get? Refuse that.",
    says="d_model = 10",
)
class NotDivisible(Layer):
    def check(self, d_model, num_heads, window_size, num_global_tokens):
        multiple = d_model * max(1, num_heads)
        super().check(multiple, num_heads, window_size, num_global_tokens)


X_NOT_CHECKED = misconception(
    "attention-layer",
    "shape of x not checked",
    loses=BAD_INPUT,
    hint="x has two axes or three, the last of d_model features. What does yours do with others?",
    says="x of shape",
)


@X_NOT_CHECKED
class TextNotChecked(Layer):
    def check_x(self, x):
        pass


@X_NOT_CHECKED
class AxesNotChecked(Layer):
    def check_x(self, x):
        if x.shape[-1] != self.d_model:
            raise ValueError(f"x has shape {x.shape}")


OTHER_ERROR = misconception(
    "attention-layer",
    "another error than ValueError",
    loses=BAD_INPUT,
    hint="Which kind of error does the docstring promise?",
    says="expected a ValueError",
)


@OTHER_ERROR
class AssertsSizes(Layer):
    error: type[Exception] = AssertionError

    def check(self, *sizes):
        try:
            super().check(*sizes)
        except ValueError as error:
            raise self.error(str(error)) from error


@OTHER_ERROR
class AssertsLeastValues(Layer):
    def require(self, least, **sizes):
        for name, size in sizes.items():
            assert size >= least, f"{name} is {size}; it must be at least {least}"


@OTHER_ERROR
class TypeErrorForSizes(AssertsSizes):
    error = TypeError


@OTHER_ERROR
class AssertsText(Layer):
    def check_x(self, x):
        assert x.ndim in (2, 3), f"x has shape {x.shape}"
        assert x.shape[-1] == self.d_model, f"x has shape {x.shape}"


@OTHER_ERROR
class AssertsEverything(AssertsText, AssertsSizes):
    pass


MESSAGE = misconception(
    "attention-layer",
    "the message does not name the argument and its value",
    loses=BAD_INPUT,
    hint="Is the message yours, or one of NumPy's? A reader looks for the argument and its value.",
    says="not one that names it",
)


@MESSAGE
class FeaturesNotChecked(Layer):
    def check_x(self, x):
        if x.ndim not in (2, 3):
            raise ValueError(f"x has shape {x.shape}")


@MESSAGE
class SaysNothing(Layer):
    def check(self, *sizes):
        try:
            super().check(*sizes)
        except ValueError as error:
            raise ValueError("bad size") from error


ATTENTION = "sliding_window_attention"  # at the top of the notebook: end-to-end rests on it
WITH_MASK = ("window only", "with global tokens")
EVERYTHING = (*WITH_MASK, "scale", "large scores")


def flags_of(global_mask, seq_len):
    return np.zeros(seq_len, dtype=bool) if global_mask is None else np.asarray(global_mask)


def blocked(seq_len, window_size, global_mask=None, ahead=0):
    """True = blocked. A right mask, if no key ahead is seen."""
    back = np.arange(seq_len)[:, np.newaxis] - np.arange(seq_len)
    flags = flags_of(global_mask, seq_len)
    return ((back < -ahead) | (back >= window_size)) & ~flags & ~flags[:, np.newaxis]


def scores_of(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5


def softmax(scores, axis=-1):
    shares = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


def attended(scores, mask, V, axis=-1):
    weights = softmax(np.where(mask, -np.inf, scores), axis)
    return weights @ V, weights


@misconception(
    "end-to-end",
    "scores not scaled",
    loses=("scale",),
    hint="In the attention at the top: what are the scores divided by?",
    says="",
    part=ATTENTION,
)
def not_scaled(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    return attended(Q @ np.swapaxes(K, -1, -2), mask, V)


@misconception(
    "end-to-end",
    "scores divided by d_k instead of its root",
    loses=("scale",),
    hint="In the attention at the top: what are the scores divided by?",
    says="",
    part=ATTENTION,
)
def scaled_by_size(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    return attended(Q @ np.swapaxes(K, -1, -2) / Q.shape[-1], mask, V)


@misconception(
    "end-to-end",
    "scores divided by the root of the length",
    loses=("scale",),
    hint="In the attention at the top: which size are the scores divided by?",
    says="",
    part=ATTENTION,
)
def scaled_by_length(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    return attended(Q @ np.swapaxes(K, -1, -2) / Q.shape[-2] ** 0.5, mask, V)


SHIFT = misconception(
    "end-to-end",
    "scores not shifted by the largest open one of their row",
    loses=("large scores",),
    hint="What are exp(1000) and exp(-1000) on a computer? Which score makes them harmless?",
    says="",
    part=ATTENTION,
)


@SHIFT
def without_shift(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    shares = np.exp(np.where(mask, -np.inf, scores_of(Q, K)))
    weights = shares / shares.sum(axis=-1, keepdims=True)
    return weights @ V, weights


@SHIFT
def shifted_by_blocked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    scores = scores_of(Q, K)
    shares = np.exp(np.where(mask, -np.inf, scores) - scores.max(axis=-1, keepdims=True))
    weights = shares / shares.sum(axis=-1, keepdims=True)
    return weights @ V, weights


@SHIFT
def shifted_by_largest(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    scores = np.where(mask, -np.inf, scores_of(Q, K))
    shares = np.exp(scores - scores.max())
    weights = shares / shares.sum(axis=-1, keepdims=True)
    return weights @ V, weights


FINITE = misconception(
    "end-to-end",
    "a blocked score that is only small, not -inf",
    loses=("large scores",),
    hint="Scores can be smaller than what you write for a blocked key. What is smaller than all?",
    says="",
    part=ATTENTION,
)


@FINITE
def blocked_by_minus_100(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    weights = softmax(np.where(mask, -100.0, scores_of(Q, K)))
    return weights @ V, weights


@FINITE
def blocked_by_minus_1000(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    weights = softmax(np.where(mask, -1e3, scores_of(Q, K)))
    return weights @ V, weights


@FINITE
def blocked_by_minus_10_000(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    weights = softmax(np.where(mask, -1e4, scores_of(Q, K)))
    return weights @ V, weights


@misconception(
    "end-to-end",
    "0 for a blocked score",
    loses=EVERYTHING,
    hint="exp(0) is 1. Which score gives a key no weight?",
    says="a window of 16",
    part=ATTENTION,
)
def blocked_by_zero(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    weights = softmax(np.where(mask, 0.0, scores_of(Q, K)))
    return weights @ V, weights


AFTER_SOFTMAX = misconception(
    "end-to-end",
    "weights blocked after the softmax",
    loses=EVERYTHING,
    hint="Add up the weights of a query. Who took the share that is missing?",
    says="do not sum to 1",
    part=ATTENTION,
)


@AFTER_SOFTMAX
def blocked_too_late(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    weights = np.where(mask, 0.0, softmax(scores_of(Q, K)))
    return weights @ V, weights


WRONG_TRANSPOSE = misconception(
    "end-to-end",
    "K.T, which turns all axes round",
    loses=EVERYTHING,
    hint="With heads in front, .T moves them, too. Only the last two axes of K change places.",
    says="could not be broadcast",
    part=ATTENTION,
)


@WRONG_TRANSPOSE
def all_axes_turned(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    return attended(Q @ K.T / Q.shape[-1] ** 0.5, mask, V)


@misconception(
    "end-to-end",
    "softmax over the queries instead of the keys",
    loses=EVERYTHING,
    hint="The weights of one query sum to 1. Along which axis do you add?",
    says="do not sum to 1",
    part=ATTENTION,
)
def softmax_over_queries(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    return attended(scores_of(Q, K), mask, V, axis=-2)


@misconception(
    "end-to-end",
    "softmax over the first axis",
    loses=EVERYTHING,
    hint="The weights of one query sum to 1. Along which axis do you add? Count from the end.",
    says="nan",
    part=ATTENTION,
)
def softmax_over_the_first_axis(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    return attended(scores_of(Q, K), mask, V, axis=0)


@misconception(
    "end-to-end",
    "softmax over all scores together",
    loses=EVERYTHING,
    hint="The weights of one query sum to 1. Whose do yours?",
    says="do not sum to 1",
    part=ATTENTION,
)
def softmax_over_all(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask)
    return attended(scores_of(Q, K), mask, V, axis=None)


@misconception(
    "end-to-end",
    "one key ahead is seen",
    loses=EVERYTHING,
    hint="In the attention at the top: is a query the last key of its window?",
    says="a window of 16",
    part=ATTENTION,
)
def one_key_ahead(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask, ahead=1)
    return attended(scores_of(Q, K), mask, V)


@misconception(
    "end-to-end",
    "a window that looks both ways",
    loses=EVERYTHING,
    hint="In the attention at the top: may a query see keys that come after it?",
    says="a window of 16",
    part=ATTENTION,
)
def both_ways(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size, global_mask, ahead=window_size - 1)
    return attended(scores_of(Q, K), mask, V)


@misconception(
    "end-to-end",
    "no key is blocked",
    loses=EVERYTHING,
    hint="In the attention at the top: what becomes of the mask?",
    says="a window of 16",
    part=ATTENTION,
)
def nothing_blocked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attended(scores_of(Q, K), False, V)


@misconception(
    "end-to-end",
    "window one too wide",
    loses=WITH_MASK,
    hint="How many keys does a query see, itself included?",
    says="a window of 16",
    part=ATTENTION,
)
def window_too_wide(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attended(scores_of(Q, K), blocked(Q.shape[-2], window_size + 1, global_mask), V)


@misconception(
    "end-to-end",
    "window one too narrow",
    loses=WITH_MASK,
    hint="How many keys does a query see, itself included?",
    says="a window of 16",
    part=ATTENTION,
)
def window_too_narrow(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size - 1, global_mask)
    return attended(scores_of(Q, K), mask & ~np.eye(Q.shape[-2], dtype=bool), V)


@misconception(
    "end-to-end",
    "no window: every earlier token is seen",
    loses=WITH_MASK,
    hint="Follow window_size from the layer to the mask. Where does it get lost?",
    says="a window of 16",
    part=ATTENTION,
)
def without_window(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attended(scores_of(Q, K), blocked(Q.shape[-2], Q.shape[-2], global_mask), V)


GLOBALS = ("with global tokens",)


@misconception(
    "end-to-end",
    "window only: global tokens never used",
    loses=GLOBALS,
    hint="Follow num_global_tokens from the layer to the mask. Where does it get lost?",
    says="2 global tokens",
    part=ATTENTION,
)
def window_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attended(scores_of(Q, K), blocked(Q.shape[-2], window_size), V)


@misconception(
    "end-to-end",
    "global tokens see all, but are not seen",
    loses=GLOBALS,
    hint="A global token sees everybody. Who sees the global token?",
    says="2 global tokens",
    part=ATTENTION,
)
def global_rows_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    flags = flags_of(global_mask, Q.shape[-2])
    mask = blocked(Q.shape[-2], window_size) & ~flags[:, np.newaxis]
    return attended(scores_of(Q, K), mask, V)


@misconception(
    "end-to-end",
    "global tokens are seen, but see only their window",
    loses=GLOBALS,
    hint="Everybody sees a global token. Whom does the global token see?",
    says="2 global tokens",
    part=ATTENTION,
)
def global_columns_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    flags = flags_of(global_mask, Q.shape[-2])
    return attended(scores_of(Q, K), blocked(Q.shape[-2], window_size) & ~flags, V)


@misconception(
    "end-to-end",
    "global tokens see and are seen only backwards",
    loses=GLOBALS,
    hint="causal_globals is False here. Whom does a global token see then?",
    says="2 global tokens",
    part=ATTENTION,
)
def globals_always_causal(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    seq_len = Q.shape[-2]
    future = np.triu(np.ones((seq_len, seq_len), dtype=bool), 1)
    return attended(scores_of(Q, K), blocked(seq_len, window_size, global_mask) | future, V)


@misconception(
    "end-to-end",
    "flags of global_mask taken for positions",
    loses=GLOBALS,
    hint="global_mask holds True and False; as numbers, 1 and 0. Which are the positions?",
    says="2 global tokens",
    part=ATTENTION,
)
def flags_for_positions(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = blocked(Q.shape[-2], window_size)
    for position in () if global_mask is None else global_mask:
        mask[int(position), :] = mask[:, int(position)] = False
    return attended(scores_of(Q, K), mask, V)


ONE_VALUE = misconception(
    "end-to-end",
    "output and weights not returned in that order",
    loses=EVERYTHING,
    hint="The layer takes two values from its attention: output, then weights.",
    says="got shape",
    part=ATTENTION,
)


@ONE_VALUE
def output_alone(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attended(scores_of(Q, K), blocked(Q.shape[-2], window_size, global_mask), V)[0]
