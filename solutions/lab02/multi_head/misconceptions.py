"""Wrong answers to the exercises of 03_multi_head."""

import numpy as np

from grading.judging.written import misconception

BOTH = ("one sequence", "a batch")


@misconception(
    "split-heads",
    "reshape without a transpose",
    loses=BOTH,
    hint="A reshape alone gives head 0 the first positions. It should get all of them.",
    says="EVERY position",
)
def split_by_reshape(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return x.reshape(*batch, num_heads, seq_len, d_model // num_heads)


@misconception(
    "split-heads",
    "features dealt out to the heads in turn",
    loses=BOTH,
    hint="Head 0 gets the first d_k features of a position, side by side.",
    says="EVERY position",
)
def split_in_turn(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return np.moveaxis(x.reshape(*batch, seq_len, d_model // num_heads, num_heads), -1, -3)


@misconception(
    "split-heads",
    "one sequence only: no batch axes",
    loses=("a batch",),
    hint="x may have axes in front. Count your axes from the end: -1, -2, -3.",
    says="unpack",
)
def split_one_sequence(x, num_heads):
    seq_len, d_model = x.shape
    return x.reshape(seq_len, num_heads, d_model // num_heads).transpose(1, 0, 2)


@misconception(
    "split-heads",
    "heads put in front of the batch",
    loses=("a batch",),
    hint="Heads and positions change places; the batch stays where it is.",
    says="got shape",
)
def heads_before_batch(x, num_heads):
    *batch, seq_len, d_model = x.shape
    return np.moveaxis(x.reshape(*batch, seq_len, num_heads, d_model // num_heads), -2, 0)


@misconception(
    "combine-heads",
    "reshape without a transpose",
    loses=BOTH,
    hint="The two axes that a reshape joins must be neighbours, heads before features.",
    says="neighbours",
)
def combine_by_reshape(x):
    *batch, num_heads, seq_len, d_k = x.shape
    return x.reshape(*batch, seq_len, num_heads * d_k)


@misconception(
    "combine-heads",
    "features of the heads taken in turn",
    loses=BOTH,
    hint="First all features of head 0, then all of head 1. Which axis must be the last but one?",
    says="from head 0",
)
def combine_in_turn(x):
    *batch, num_heads, seq_len, d_k = x.shape
    return np.moveaxis(x, -3, -1).reshape(*batch, seq_len, num_heads * d_k)


@misconception(
    "combine-heads",
    "heads in the opposite order",
    loses=BOTH,
    hint="Position t begins with its features from head 0, not from the last head.",
    says="from head 0",
)
def combine_backwards(x):
    return np.concatenate([x[..., head, :, :] for head in reversed(range(x.shape[-3]))], axis=-1)


@misconception(
    "combine-heads",
    "heads added up instead of put side by side",
    loses=BOTH,
    hint="How many features should a position have in the end?",
    says="got shape",
)
def heads_added(x):
    return x.sum(axis=-3)


class Layer:
    """A right answer to attention-layer, from which the wrong ones differ in one thing."""

    def __init__(self, d_model, num_heads, window_size, num_global_tokens=0):
        self.check(d_model, num_heads, window_size, num_global_tokens)
        self.d_model, self.num_heads, self.d_k = d_model, num_heads, d_model // num_heads
        self.window_size, self.num_global_tokens = window_size, num_global_tokens
        self.W_Q, self.W_K, self.W_V, self.W_O = np.random.randn(4, d_model, d_model)

    def check(self, d_model, num_heads, window_size, num_global_tokens):
        sizes = {"d_model": d_model, "num_heads": num_heads, "window_size": window_size}
        for name, size in sizes.items():
            if size < 1:
                raise ValueError(f"{name} is {size}; it must be at least 1")
        if num_global_tokens < 0 or d_model % num_heads:
            raise ValueError(f"num_global_tokens is {num_global_tokens}, d_model is {d_model}")

    def __call__(self, x, global_mask=None):
        return self.forward(x, global_mask)

    def _create_global_mask(self, seq_len):
        return np.arange(seq_len) < self.num_global_tokens if self.num_global_tokens else None

    def check_x(self, x):
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
            raise ValueError(f"x has shape {x.shape}")

    def split(self, x):
        return x.reshape(*x.shape[:-1], self.num_heads, self.d_k).swapaxes(-3, -2)

    def project(self, x):
        self.check_x(x)
        return tuple(self.split(x @ W) for W in (self.W_Q, self.W_K, self.W_V))

    def attend(self, x, global_mask):
        Q, K, V = self.project(x)
        if global_mask is None:
            global_mask = self._create_global_mask(x.shape[-2])
        return sliding_window_attention(Q, K, V, self.window_size, global_mask)  # noqa: F821

    def combine(self, heads):
        heads = heads.swapaxes(-3, -2)
        return heads.reshape(*heads.shape[:-2], self.d_model)

    def forward(self, x, global_mask=None):
        return self.combine(self.attend(x, global_mask)[0]) @ self.W_O

    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)[1]


RESULT = ("heads combined, W_O", "a single sequence")
PROJECTIONS = ("Q, K, V of each head", *RESULT, "attention weights")


@misconception(
    "attention-layer",
    "W_O forgotten",
    loses=RESULT,
    hint="The layer has four matrices. How many does forward use?",
    says="W_O",
)
class WithoutOutputProjection(Layer):
    def forward(self, x, global_mask=None):
        return self.combine(self.attend(x, global_mask)[0])


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
    "weights applied from the left: W.T",
    loses=PROJECTIONS,
    hint="Q is x @ W_Q. Is the matrix transposed anywhere, or on the other side?",
    says="the Q that",
)
class TransposedWeights(Layer):
    def project(self, x):
        self.check_x(x)
        return tuple(self.split(x @ W.T) for W in (self.W_Q, self.W_K, self.W_V))


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
    "projections drawn anew in every call",
    loses=PROJECTIONS,
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
    "an x without a batch axis not accepted",
    loses=("a single sequence",),
    hint="x may have two axes. What does your code expect in front of them?",
    says="unpack",
)
class BatchesOnly(Layer):
    def forward(self, x, global_mask=None):
        self.check_x(x)
        batch, seq_len, d_model = x.shape
        return super().forward(x, global_mask)


@misconception(
    "attention-layer",
    "one global token too many",
    loses=("first tokens global",),
    hint="With num_global_tokens=1, which positions are global? Count from 0.",
    says="num_global_tokens=2",
)
class OneGlobalTooMany(Layer):
    def _create_global_mask(self, seq_len):
        return np.arange(seq_len) <= self.num_global_tokens if self.num_global_tokens else None


@misconception(
    "attention-layer",
    "the last tokens made global instead of the first",
    loses=("first tokens global",),
    hint="Tokens such as [CLS] stand at the beginning.",
    says="num_global_tokens=2",
)
class LastTokensGlobal(Layer):
    def _create_global_mask(self, seq_len):
        mask = super()._create_global_mask(seq_len)
        return None if mask is None else mask[::-1]


@misconception(
    "attention-layer",
    "a given global_mask is ignored",
    loses=("a given global_mask",),
    hint="forward has a second argument. What becomes of it?",
    says="replaces the first",
)
class GivenMaskIgnored(Layer):
    def attend(self, x, global_mask):
        return super().attend(x, None)


@misconception(
    "attention-layer",
    "a given global_mask is added to the first tokens",
    loses=("a given global_mask",),
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
    "weights averaged over the heads",
    loses=("attention weights",),
    hint="Each head has weights of its own. How many axes should they have?",
    says="get_attention_weights",
)
class WeightsAveraged(Layer):
    def get_attention_weights(self, x, global_mask=None):
        return self.attend(x, global_mask)[1].mean(axis=-3)


@misconception(
    "attention-layer",
    "arguments not checked",
    loses=("bad input",),
    hint="The docstring says which sizes must be refused, and what the message names.",
    says="is accepted",
)
class NothingChecked(Layer):
    def check(self, d_model, num_heads, window_size, num_global_tokens):
        num_heads = max(1, num_heads)

    def check_x(self, x):
        pass


@misconception(
    "end-to-end",
    "window only: global tokens never used",
    loses=("with global tokens",),
    hint="Follow num_global_tokens from the layer to the mask. Where does it get lost?",
    says="2 global tokens",
)
class WindowOnly(Layer):
    def _create_global_mask(self, seq_len):
        return None


@misconception(
    "end-to-end",
    "no window: every earlier token is seen",
    loses=("window only", "with global tokens"),
    hint="Follow window_size from the layer to the mask. Where does it get lost?",
    says="a window of 16",
)
class WithoutWindow(Layer):
    def attend(self, x, global_mask):
        self.window_size = x.shape[-2]
        return super().attend(x, global_mask)
