"""Wrong answers to the exercises of 01_sliding_window."""

import numpy as np

from grading.judging.written import misconception

SHAPES = ("the window", "the start", "a window wider than the sequence")


def require_at_least_one(**sizes):
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} is {size}; it must be at least 1")


def positions(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    key = np.arange(seq_len)
    return key[:, np.newaxis], key


@misconception(
    "window-mask",
    "window one too wide",
    loses=("the window",),
    hint="Count the open keys in one row, the query itself included. How many should there be?",
    says="too far",
)
def one_too_wide(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query) | (key < query - window_size)


@misconception(
    "window-mask",
    "window one too narrow",
    loses=("the window", "the start"),
    hint="With a window of 2, a query sees itself and the key just before it. What does yours see?",
    says="too short",
)
def one_too_narrow(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key > query) | (key <= query - window_size + 1) & (key < query)


@misconception(
    "window-mask",
    "mask inverted: True where attention is open",
    loses=(*SHAPES, "dtype"),
    hint="Read what True means in the docstring, then look at the diagonal of your mask.",
    says="other way round",
)
def inverted(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key <= query) & (key > query - window_size)


@misconception(
    "window-mask",
    "window on the wrong side: it looks ahead",
    loses=(*SHAPES, "dtype"),
    hint="Which index is the query and which the key? Follow one row with your finger.",
    says="axes swapped",
)
def looks_ahead(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return (key < query) | (key >= query + window_size)


@misconception(
    "window-mask",
    "window on both sides of the query",
    loses=(*SHAPES, "dtype"),
    hint="A position must not see what comes after it. What does your first row see?",
    says="looks back only",
)
def two_sided(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return np.abs(query - key) >= window_size


@misconception(
    "window-mask",
    "start of the window not clipped at 0",
    loses=("the start", "a window wider than the sequence"),
    hint="What does a slice do when its start is negative? Try it on a small list.",
    says="too short",
)
def not_clipped(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        mask[i, i - window_size + 1 : i + 1] = False
        mask[i, i] = False
    return mask


@misconception(
    "window-mask",
    "0 and 1 instead of a boolean mask",
    loses=("dtype",),
    hint="The pattern is right. What dtype does the docstring promise?",
    says="expected bool",
)
def zeros_and_ones(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return np.where((key > query) | (key <= query - window_size), 1, 0)


@misconception(
    "window-mask",
    "0 and -inf instead of True and False",
    loses=(*SHAPES, "dtype"),
    hint="That is what is added to the scores later. Here a mask says yes or no.",
    says="expected bool",
)
def additive(seq_len, window_size):
    query, key = positions(seq_len, window_size)
    return np.where((key > query) | (key <= query - window_size), -np.inf, 0.0)


@misconception(
    "window-mask",
    "a list of lists instead of an array",
    loses=("dtype",),
    hint="The pattern is right. What type does the docstring promise?",
    says="expected a NumPy array",
)
def nested_lists(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return [[j > i or j <= i - window_size for j in range(seq_len)] for i in range(seq_len)]


@misconception(
    "window-mask",
    "the example's mask returned for every input",
    loses=(*SHAPES, "dtype", "bad input"),
    hint="The example is one case of many: build the mask from seq_len and window_size.",
    says="shape (4, 4)",
)
def only_the_example(seq_len, window_size):
    return np.array([[0, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0]], dtype=bool)


@misconception(
    "window-mask",
    "sizes not checked",
    loses=("bad input",),
    hint="The docstring names two arguments that must be at least 1. What does a size of 0 do?",
    says="is accepted",
)
def sizes_not_checked(seq_len, window_size):
    key = np.arange(seq_len)
    query = key[:, np.newaxis]
    return (key > query) | (key <= query - window_size)


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def scaled(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5


ALL_OF_ATTENTION = (
    *("blocked keys", "softmax", "scale", "mask and softmax together"),
    *("large scores", "batch and heads", "dtype", "inputs unchanged"),
)


@misconception(
    "masked-attention",
    "scores not scaled",
    loses=("scale",),
    hint="What are the scores divided by, and why? The docstring has the formula.",
    says="not to be scaled",
)
def not_scaled(Q, K, V, mask):
    weights = softmax(np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2)))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "scores scaled twice: divided by d_k",
    loses=("scale",),
    hint="Is it d_k that the scores are divided by? And does it happen in one place only?",
    says="divided by d_k, or twice",
)
def scaled_twice(Q, K, V, mask):
    weights = softmax(np.where(mask, -np.inf, scaled(Q, K) / Q.shape[-1] ** 0.5))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "mask applied after the softmax",
    loses=("blocked keys", "mask and softmax together"),
    hint="Add up one row of your weights. Who took the share that is missing?",
    says="before the softmax",
)
def mask_after_softmax(Q, K, V, mask):
    weights = np.where(mask, 0, softmax(scaled(Q, K)))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "blocked scores set to 0 instead of -inf",
    loses=("blocked keys", "mask and softmax together"),
    hint="What is exp(0)? A blocked key must have no weight at all.",
    says="0 blocks nothing",
)
def zero_scores(Q, K, V, mask):
    weights = softmax(np.where(mask, 0, scaled(Q, K)))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "mask read the other way round",
    loses=ALL_OF_ATTENTION,
    hint="True means blocked. Which scores does your code keep?",
    says="True means blocked",
)
def mask_read_inverted(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = softmax(np.where(mask, scaled(Q, K), -np.inf))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "softmax over the queries instead of the keys",
    loses=tuple(aspect for aspect in ALL_OF_ATTENTION if aspect != "inputs unchanged"),
    hint="Each query shares out a weight of 1 among the keys. Along which axis is that?",
    says="over the keys",
)
def softmax_over_queries(Q, K, V, mask):
    scores = np.where(mask, -np.inf, scaled(Q, K))
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True).max(axis=-2, keepdims=True))
    with np.errstate(all="ignore"):
        weights = shares / shares.sum(axis=-2, keepdims=True)
    return weights @ V, weights


@misconception(
    "masked-attention",
    "softmax without the shift overflows",
    loses=("large scores",),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="inf",
)
def unstable(Q, K, V, mask):
    scores = np.where(mask, -np.inf, scaled(Q, K))
    with np.errstate(all="ignore"):
        weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    return weights @ V, weights


@misconception(
    "masked-attention",
    "one shift for all rows of the softmax",
    loses=("large scores",),
    hint="A row far below the largest score of all becomes zeros. Shift each by its own.",
    says="shift each row",
)
def one_shift(Q, K, V, mask):
    scores = np.where(mask, -np.inf, scaled(Q, K))
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max())
        weights = shares / shares.sum(axis=-1, keepdims=True)
    return weights @ V, weights


@misconception(
    "masked-attention",
    "all axes of K transposed, those of the batch too",
    loses=("batch and heads",),
    hint="K.T turns all axes around. Which two should change places?",
    says="could not be broadcast",
)
def transposes_all_axes(Q, K, V, mask):
    weights = softmax(np.where(mask, -np.inf, Q @ K.T / Q.shape[-1] ** 0.5))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "written for one sequence: no batch axes",
    loses=("batch and heads",),
    hint="Q may have axes in front. Which of its sizes do you need? Count them from the end.",
    says="unpack",
)
def one_sequence_only(Q, K, V, mask):
    n, d_k = Q.shape
    weights = softmax(np.where(mask, -np.inf, Q @ K.T / d_k**0.5))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "float64 returned for float32",
    loses=("dtype",),
    hint="Which number of yours did NumPy make where a Python one would do? It decides the dtype.",
    says="expected float32",
)
def promoted(Q, K, V, mask):
    scores = Q @ np.swapaxes(K, -1, -2) / np.asarray(Q.shape[-1] ** 0.5)[None]
    weights = softmax(np.where(mask, -np.inf, scores))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "Q scaled in place",
    loses=("inputs unchanged",),
    hint="An operator such as /= writes into the array it is given. Whose array is that?",
    says="changed Q",
)
def in_place(Q, K, V, mask):
    Q /= Q.shape[-1] ** 0.5
    weights = softmax(np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2)))
    return weights @ V, weights


@misconception(
    "masked-attention",
    "weights and output returned in the wrong order",
    loses=ALL_OF_ATTENTION,
    hint="Two things are returned. Which one comes first?",
    says="weights: got shape",
)
def results_swapped(Q, K, V, mask):
    weights = softmax(np.where(mask, -np.inf, scaled(Q, K)))
    return weights, weights @ V


@misconception(
    "attended-pairs",
    "short rows at the start forgotten",
    loses=("a window inside the sequence", "a window wider than the sequence"),
    hint="How many keys does query 0 see?",
    says="n * w",
)
def full_rows_only(seq_len, window_size):
    return seq_len * min(window_size, seq_len)


@misconception(
    "attended-pairs",
    "window never limited by the sequence",
    loses=("a window wider than the sequence",),
    hint="No query sees more keys than there are. What if the window is wider than that?",
    says="wider than the text",
)
def formula_for_narrow_windows(seq_len, window_size):
    return seq_len * window_size - window_size * (window_size - 1) // 2


@misconception(
    "attended-pairs",
    "blocked pairs counted instead of open ones",
    loses=("a window inside the sequence", "a window wider than the sequence"),
    hint="Count the pairs in which a query does see the key.",
    says="blocked pairs",
)
def blocked_pairs(seq_len, window_size):
    width = min(window_size, seq_len)
    return seq_len**2 - seq_len * width + width * (width - 1) // 2


@misconception(
    "receptive-field",
    "overlap of the layers forgotten: L * w",
    loses=("several layers", "a window of one"),
    hint="Where the windows of two layers meet, one position is in both.",
    says="L * w",
)
def layers_times_window(num_layers, window_size):
    return num_layers * window_size


@misconception(
    "receptive-field",
    "the output's own position not counted",
    loses=("several layers", "one layer", "a window of one"),
    hint="With a window of 1 an output depends on one position. On which?",
    says="expected 3",
)
def itself_forgotten(num_layers, window_size):
    return num_layers * (window_size - 1)


@misconception(
    "receptive-field",
    "reach multiplied from layer to layer: w ** L",
    loses=("several layers",),
    hint="By how many positions does each further layer look back: always the same number?",
    says="the next layer looks back again",
)
def window_to_the_power(num_layers, window_size):
    return window_size**num_layers
