"""Wrong answers to the exercises of 03_longformer."""

import numpy as np

from grading.judging.written import misconception


def check_window(attention_window):
    if attention_window < 2 or attention_window % 2:
        raise ValueError(f"attention_window is {attention_window}; it must be even, at least 2")


def key_minus_query(n):
    return np.arange(n) - np.arange(n)[:, np.newaxis]


def finished(outside, is_global, is_padding):
    """The mask, from what the window alone would block."""
    mask = outside & ~is_global & ~is_global[:, np.newaxis]
    return mask | is_padding | is_padding[:, np.newaxis]


@misconception(
    "two-sided-mask",
    "one-sided window: no token looks ahead",
    loses=("the window",),
    hint="A Longformer reads a text that is there already. Who may look ahead, and how far?",
    says="both sides",
)
def one_sided(attention_window, is_global, is_padding):
    check_window(attention_window)
    ahead = key_minus_query(len(is_global))
    return finished((ahead > 0) | (ahead < -(attention_window // 2)), is_global, is_padding)


@misconception(
    "two-sided-mask",
    "the whole attention_window on each side",
    loses=("the window",),
    hint="attention_window counts both sides together. How much is left for each?",
    says="too far",
)
def whole_on_each_side(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window
    return finished(outside, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "the query counted as one of its neighbours",
    loses=("the window",),
    hint="Count the keys that a token in the middle sees: the window, and the token itself.",
    says="near enough",
)
def one_too_short(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) >= attention_window // 2
    outside &= key_minus_query(len(is_global)) != 0
    return finished(outside, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "global tokens see all, but are not seen",
    loses=("global tokens",),
    hint="A global token sees everybody. Who sees the global token?",
    says="every query sees it",
)
def global_queries_only(attention_window, is_global, is_padding):
    check_window(attention_window)
    mask = abs(key_minus_query(len(is_global))) > attention_window // 2
    mask &= ~is_global[:, np.newaxis]
    return mask | is_padding | is_padding[:, np.newaxis]


@misconception(
    "two-sided-mask",
    "global tokens are seen, but see only their window",
    loses=("global tokens",),
    hint="Everybody sees a global token. Whom does the global token see?",
    says="it sees every key",
)
def global_keys_only(attention_window, is_global, is_padding):
    check_window(attention_window)
    mask = (abs(key_minus_query(len(is_global))) > attention_window // 2) & ~is_global
    return mask | is_padding | is_padding[:, np.newaxis]


@misconception(
    "two-sided-mask",
    "padding ignored",
    loses=("padding",),
    hint="One argument is never used. Padding is no text: nobody should read it.",
    says="is padding",
)
def padding_ignored(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return finished(outside, is_global, np.zeros_like(is_padding))


@misconception(
    "two-sided-mask",
    "padding is not seen, but sees",
    loses=("padding",),
    hint="You blocked the columns of padding. What should stand in its rows?",
    says="sees nobody",
)
def padded_queries_see(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return finished(outside, is_global, np.zeros_like(is_padding)) | is_padding


@misconception(
    "two-sided-mask",
    "global tokens opened after padding was blocked",
    loses=("padding",),
    hint="A token is global and so is its row open, even where a key is padding. Which goes last?",
    says="is padding",
)
def globals_over_padding(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    mask = outside | is_padding | is_padding[:, np.newaxis]
    return mask & ~is_global & ~is_global[:, np.newaxis]


@misconception(
    "two-sided-mask",
    "True means open",
    loses=("the window", "global tokens", "padding", "dtype"),
    hint="Is a True in your mask a pair that may attend, or one that may not?",
    says="True means blocked",
)
def other_way_round(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return ~finished(outside, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "attention_window not checked",
    loses=("bad input",),
    hint="Half of an odd window is no whole number. What does the docstring say about that?",
    says="is accepted",
)
def window_not_checked(attention_window, is_global, is_padding):
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return finished(outside, is_global, is_padding)


def scores_of(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5


def shares(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def attend(scores, V, mask):
    """Attention inside the mask, with zeros for a query without a key."""
    weights = shares(np.where(mask, -1e300, scores))
    return np.where(mask, 0, weights) @ V


ALL_OF_LOCAL = ("under the mask", "queries without a key", "large scores", "heads")


@misconception(
    "local-rows",
    "a query without a key gets nan",
    loses=("queries without a key",),
    hint="In a row that is all minus infinity, what is the largest score, and what is left of it?",
    says="nan",
)
def nan_without_key(Q, K, V, mask):
    with np.errstate(all="ignore"):
        return shares(np.where(mask, -np.inf, scores_of(Q, K))) @ V


@misconception(
    "local-rows",
    "a query without a key gets the mean of all values",
    loses=("queries without a key",),
    hint="A very low score for each key is the same score for each key. What is its softmax?",
    says="may see nobody",
)
def mean_without_key(Q, K, V, mask):
    return shares(np.where(mask, -1e9, scores_of(Q, K))) @ V


@misconception(
    "local-rows",
    "mask applied after the softmax",
    loses=ALL_OF_LOCAL,
    hint="Add up the weights of a row. Who took the share that is missing?",
    says="sum to 1",
)
def masked_too_late(Q, K, V, mask):
    return np.where(mask, 0, shares(scores_of(Q, K))) @ V


@misconception(
    "local-rows",
    "blocked scores set to 0",
    loses=ALL_OF_LOCAL,
    hint="What is exp(0)? A blocked key must get no weight at all.",
    says="blocked",
)
def zero_for_blocked(Q, K, V, mask):
    return shares(np.where(mask, 0, scores_of(Q, K))) @ V


@misconception(
    "local-rows",
    "the mask taken the other way round",
    loses=ALL_OF_LOCAL,
    hint="Is a True in the mask a pair that may attend, or one that may not?",
    says="blocked",
)
def mask_other_way_round(Q, K, V, mask):
    return attend(scores_of(Q, K), V, ~mask)


@misconception(
    "local-rows",
    "scores not scaled",
    loses=("under the mask",),
    hint="What are the scores divided by? The docstring has the formula.",
    says="divided by",
)
def local_not_scaled(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, -1, -2), V, mask)


@misconception(
    "local-rows",
    "softmax without the shift overflows",
    loses=("large scores",),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="large",
)
def local_unstable(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = np.where(mask, 0, np.exp(scores_of(Q, K)))
        total = weights.sum(axis=-1, keepdims=True)
        return weights / np.where(mask.all(axis=-1, keepdims=True), 1, total) @ V


@misconception(
    "local-rows",
    "written for one head: K.T",
    loses=("heads",),
    hint="K.T turns all axes round. Which two should change places?",
    says="matmul",
)
def local_without_heads(Q, K, V, mask):
    return attend(Q @ K.T / Q.shape[-1] ** 0.5, V, mask)


def over_all(Q, K, V, is_padding):
    return attend(scores_of(Q, K), V, np.tile(is_padding, (len(is_padding), 1)))


def overwritten(local, rows, here):
    return np.where(here[:, np.newaxis], rows, local)


ANY_ROW = ("padding", "heads", "given outputs unchanged")


@misconception(
    "global-rows",
    "global tokens see only each other",
    loses=("global rows", *ANY_ROW),
    hint="Which keys does a global token see? The queries are few here, the keys are not.",
    says="all tokens",
)
def among_globals(local, Q_global, K_global, V_global, is_global, is_padding):
    here = is_global & ~is_padding
    rows = over_all(Q_global, K_global, V_global, ~here)
    return overwritten(local, rows, here)


@misconception(
    "global-rows",
    "global rows added to what was there",
    loses=("global rows", *ANY_ROW),
    hint="What was in the row of a global token before does not count. Is it gone in yours?",
    says="in place of",
)
def added(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = local + over_all(Q_global, K_global, V_global, is_padding)
    return overwritten(local, rows, is_global & ~is_padding)


@misconception(
    "global-rows",
    "every row overwritten",
    loses=("other rows", *ANY_ROW),
    hint="Whose rows go through the global projections? The others have their output already.",
    says="is not global",
)
def all_rows(local, Q_global, K_global, V_global, is_global, is_padding):
    return over_all(Q_global, K_global, V_global, is_padding)


@misconception(
    "global-rows",
    "padding seen by global tokens",
    loses=("padding",),
    hint="A global token sees all tokens. Is padding a token?",
    says="padding",
)
def padding_seen(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = over_all(Q_global, K_global, V_global, np.zeros_like(is_padding))
    return overwritten(local, rows, is_global & ~is_padding)


@misconception(
    "global-rows",
    "padding that is flagged as global overwritten",
    loses=("padding",),
    hint="Where a position is padding and flagged as global, which of the two wins?",
    says="padding",
)
def padding_is_global(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = over_all(Q_global, K_global, V_global, is_padding)
    return overwritten(local, rows, is_global)


@misconception(
    "global-rows",
    "the given outputs changed",
    loses=("given outputs unchanged",),
    hint="Whoever gave you these outputs may still need them. Write into an array of your own.",
    says="changed",
)
def in_place(local, Q_global, K_global, V_global, is_global, is_padding):
    here = is_global & ~is_padding
    local[..., here, :] = over_all(Q_global, K_global, V_global, is_padding)[..., here, :]
    return local


@misconception(
    "global-rows",
    "scores not scaled",
    loses=("global rows",),
    hint="The global rows are scaled as the local ones are. By what?",
    says="divided by",
)
def global_not_scaled(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = over_all(Q_global * Q_global.shape[-1] ** 0.5, K_global, V_global, is_padding)
    return overwritten(local, rows, is_global & ~is_padding)


@misconception(
    "global-rows",
    "written for one head: the flags index the first axis",
    loses=("heads",),
    hint="In front of the tokens there may be heads. Which axis do your flags belong to?",
    says="index",
)
def flags_on_first_axis(local, Q_global, K_global, V_global, is_global, is_padding):
    here, output = is_global & ~is_padding, local.copy()
    output[here] = over_all(Q_global, K_global, V_global, is_padding)[here]
    return output


KINDS: tuple[str, ...] = ("Q", "K", "V", "Q_global", "K_global", "V_global")


class Layer:
    """A right answer to longformer-layer, from which the wrong ones differ in one thing."""

    def __init__(self, d_model, num_heads, attention_window):
        self.check(d_model, num_heads, attention_window)
        self.num_heads, self.attention_window = num_heads, attention_window
        for name in KINDS:
            setattr(self, f"W_{name}", np.random.randn(*self.shape(d_model)))
            setattr(self, f"b_{name}", np.zeros(d_model))

    def check(self, d_model, num_heads, attention_window):
        check_window(attention_window)
        if num_heads < 1 or d_model % num_heads:
            raise ValueError(f"num_heads is {num_heads}; it must divide d_model, {d_model}")

    def shape(self, d_model):
        return d_model, d_model

    def project(self, x, name):
        return x @ getattr(self, f"W_{name}") + getattr(self, f"b_{name}")

    def heads(self, x, name):
        projected = self.project(x, name)
        return projected.reshape(len(x), self.num_heads, -1).swapaxes(0, 1)

    def reach(self):
        return self.attention_window // 2

    def forward(self, x, is_global, is_padding):
        if x.ndim == 2:
            return self.one(x, is_global, is_padding)
        return np.stack([self.one(*text) for text in self.texts(x, is_global, is_padding)])

    def texts(self, x, is_global, is_padding):
        return zip(x, is_global, is_padding, strict=True)

    def one(self, x, is_global, is_padding):
        heads = {name: self.heads(x, name) for name in KINDS}
        mask = finished(abs(key_minus_query(len(x))) > self.reach(), is_global, is_padding)
        output = self.attend(heads, mask, is_global, is_padding)
        return output.swapaxes(0, 1).reshape(x.shape)

    def attend(self, heads, mask, is_global, is_padding):
        local = attend(scores_of(heads["Q"], heads["K"]), heads["V"], mask)
        Q, K, V = (heads[name] for name in KINDS[3:])
        return overwritten(local, over_all(Q, K, V, is_padding), is_global & ~is_padding)


EVERY_TEXT = ("local tokens", "biases", "global tokens", "padding", "a batch")
WITH_GLOBALS = ("global tokens", "a batch")


@misconception(
    "longformer-layer",
    "global rows through the local projections",
    loses=WITH_GLOBALS,
    hint="The layer has six matrices. How many does forward use, and for whom?",
    says="V_global",
)
class LocalForAll(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        return attend(scores_of(heads["Q"], heads["K"]), heads["V"], mask)


@misconception(
    "longformer-layer",
    "local queries read global keys through the global projections",
    loses=WITH_GLOBALS,
    hint="The projections go by the query. Who asks when a local token looks at a global one?",
    says="goes by the query",
)
class ProjectionsByKey(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        for name in ("K", "V"):
            here = is_global[:, np.newaxis]
            heads[name] = np.where(here, heads[f"{name}_global"], heads[name])
        return super().attend(heads, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "only the queries have global projections",
    loses=WITH_GLOBALS,
    hint="A global query has keys and values of its own. Which ones does yours read?",
    says="V_global",
)
class GlobalQueriesOnly(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        heads["K_global"], heads["V_global"] = heads["K"], heads["V"]
        return super().attend(heads, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "global queries read local values",
    loses=WITH_GLOBALS,
    hint="One of the six matrices is never used. Which?",
    says="V_global",
)
class LocalValues(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        return super().attend(heads | {"V_global": heads["V"]}, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "biases forgotten",
    loses=("biases", "global tokens"),
    hint="The layer has six matrices and six more things. Where are they added?",
    says="b_Q",
)
class WithoutBiases(Layer):
    def project(self, x, name):
        return x @ getattr(self, f"W_{name}")


@misconception(
    "longformer-layer",
    "scaled before the bias",
    loses=("biases", "global tokens"),
    hint="The bias is a part of the query. Is it scaled with the rest of it?",
    says="b_Q",
)
class ScaledBeforeBias(Layer):
    def project(self, x, name):
        bias = getattr(self, f"b_{name}")
        late = (len(bias) // self.num_heads) ** 0.5 if name[0] == "Q" else 1
        return x @ getattr(self, f"W_{name}") + bias * late  # what attend divides by


@misconception(
    "longformer-layer",
    "the whole attention_window on each side",
    loses=EVERY_TEXT,
    hint="attention_window counts both sides together. How much is left for each?",
    says="too far",
)
class WholeOnEachSide(Layer):
    def reach(self):
        return self.attention_window


@misconception(
    "longformer-layer",
    "padding ignored",
    loses=("padding", "a batch"),
    hint="One argument of forward is never used. Padding is no text: nobody should read it.",
    says="is padding",
)
class PaddingIgnored(Layer):
    def one(self, x, is_global, is_padding):
        return super().one(x, is_global, np.zeros_like(is_padding))


@misconception(
    "longformer-layer",
    "one head in place of many",
    loses=EVERY_TEXT,
    hint="What does num_heads change in your output? Each head has weights of its own.",
    says="head",
)
class OneHead(Layer):
    def heads(self, x, name):
        return self.project(x, name)[np.newaxis]


@misconception(
    "longformer-layer",
    "heads split by a reshape without a transpose",
    loses=EVERY_TEXT,
    hint="A reshape alone gives head 0 the first positions. It should get all of them.",
    says="head",
)
class HeadsByReshape(Layer):
    def heads(self, x, name):
        return self.project(x, name).reshape(self.num_heads, len(x), -1)


@misconception(
    "longformer-layer",
    "flags of the first text used for all",
    loses=("a batch",),
    hint="The texts of a batch differ in length. Whose flags does the second one get?",
    says="batch",
)
class FlagsOfFirst(Layer):
    def texts(self, x, is_global, is_padding):
        return ((text, is_global[0], is_padding[0]) for text in x)


@misconception(
    "longformer-layer",
    "matrices of one head only",
    loses=("shapes of weights and biases",),
    hint="Each matrix makes the queries of all heads. How many columns does it need?",
    says="shape",
)
class MatricesOfOneHead(Layer):
    def shape(self, d_model):
        return d_model, d_model // self.num_heads


@misconception(
    "longformer-layer",
    "sizes not checked",
    loses=("bad input",),
    hint="The docstring says which sizes are refused, and what the message names.",
    says="is accepted",
)
class SizesNotChecked(Layer):
    def check(self, d_model, num_heads, attention_window):
        pass
