"""Wrong answers to the exercises of 04_in_a_model.

Where several are one mistake, they have its name, its hint and what else they share from one place.
"""

import math
from typing import Any

import numpy as np

from grading.judging.written import misconception

Shared = dict[str, Any]

# bits-per-token

COST, LARGE, UNLIKELY = "the cost", "large scores", "unlikely tokens"
FLOAT, KEPT = "a float", "inputs unchanged"
BITS = (COST, LARGE, UNLIKELY, FLOAT, KEPT)


def costs(logits, tokens):
    """In nats, of one token a row."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    own = shifted[np.arange(len(tokens)), tokens]
    return np.log(np.exp(shifted).sum(axis=-1)) - own


def right_costs(logits, tokens):
    return costs(logits[:-1], tokens[1:]) / np.log(2)


OWN_TOKEN: Shared = {
    "exercise": "bits-per-token",
    "loses": BITS,
    "hint": "Row i comes after token i was read. Which token does it predict?",
    "says": "predicts the token after it",
}


@misconception(name="each row compared with the token it has read", **OWN_TOKEN)
def not_shifted(logits, tokens):
    return float(costs(logits, tokens).mean() / np.log(2))


@misconception(name="each row compared with the token it has read, the first left out", **OWN_TOKEN)
def read_and_first_left_out(logits, tokens):
    return float(costs(logits[1:], tokens[1:]).mean() / np.log(2))


@misconception(
    "bits-per-token",
    "each row compared with the token before it",
    loses=BITS,
    hint="What is to come counts, not what has been: which of the two do you cut at its start?",
    says="predicts the token after it",
)
def shifted_the_other_way(logits, tokens):
    return float(costs(logits[1:], tokens[:-1]).mean() / np.log(2))


@misconception(
    "bits-per-token",
    "the last row counted, with the first token",
    loses=BITS,
    hint="What does the last row predict? Is that token a part of the text?",
    says="the last row predicts",
)
def rolled(logits, tokens):
    return float(costs(logits, np.roll(tokens, -1)).mean() / np.log(2))


@misconception(
    "bits-per-token",
    "nats in place of bits",
    loses=BITS,
    hint="A chance of 1/2 costs one bit. What does it cost with your logarithm?",
    says="the natural logarithm",
)
def nats(logits, tokens):
    return float(costs(logits[:-1], tokens[1:]).mean())


@misconception(
    "bits-per-token",
    "the sum in place of the mean",
    loses=BITS,
    hint="Would a text that is twice as long cost twice as much with yours?",
    says="the sum",
)
def summed(logits, tokens):
    return float(right_costs(logits, tokens).sum())


@misconception(
    "bits-per-token",
    "divided by all tokens, the first included",
    loses=BITS,
    hint="How many tokens of the text are predicted?",
    says="n - 1 tokens",
)
def divided_by_all(logits, tokens):
    return float(right_costs(logits, tokens).sum() / len(tokens))


@misconception(
    "bits-per-token",
    "the sign left out",
    loses=BITS,
    hint="The logarithm of a chance is never above 0. Is a cost?",
    says="minus",
)
def negative(logits, tokens):
    return -float(right_costs(logits, tokens).mean())


@misconception(
    "bits-per-token",
    "the perplexity in place of bits",
    loses=BITS,
    hint="2 to the power of the bits is the perplexity. Stop one step earlier.",
    says="Work out",
)
def perplexity(logits, tokens):
    return float(2 ** right_costs(logits, tokens).mean())


@misconception(
    "bits-per-token",
    "the mean of the chances, and its cost",
    loses=BITS,
    hint="A mean of costs is asked for. What do two tokens of the chances 1 and 0 cost?",
    says="Work out",
)
def cost_of_the_mean(logits, tokens):
    chances = np.exp(-costs(logits[:-1], tokens[1:]))
    return float(-np.log2(chances.mean()))


@misconception(
    "bits-per-token",
    "softmax over the positions",
    loses=BITS,
    hint="The chances of a row sum to 1. Which axis of the scores is the vocabulary?",
    says="Work out",
)
def softmax_over_positions(logits, tokens):
    rows = logits[:-1]
    shifted = rows - rows.max(axis=0)
    chances = shifted - np.log(np.exp(shifted).sum(axis=0))
    return float(-chances[np.arange(len(rows)), tokens[1:]].mean() / np.log(2))


@misconception(
    "bits-per-token",
    "the likeliest token counted in place of the one that comes",
    loses=BITS,
    hint="A model that is sure of the wrong token should pay for it. Does it, with yours?",
    says="Work out",
)
def likeliest(logits, tokens):
    rows = logits[:-1]
    return float(costs(rows, rows.argmax(axis=-1)).mean() / np.log(2))


@misconception(
    "bits-per-token",
    "scores taken for chances",
    loses=BITS,
    hint="Scores may be below 0. What makes chances of them?",
    says="Work out",
)
def scores_as_costs(logits, tokens):
    return float(-logits[np.arange(len(tokens) - 1), tokens[1:]].mean() / np.log(2))


@misconception(name="each row compared with the token it has read, the last left out", **OWN_TOKEN)
def read_and_last_left_out(logits, tokens):
    return float(costs(logits[:-1], tokens[:-1]).mean() / np.log(2))


@misconception(
    "bits-per-token",
    "the median in place of the mean",
    loses=BITS,
    hint="A few tokens that cost a lot count in a mean. Do they in yours?",
    says="Work out",
)
def median(logits, tokens):
    return float(np.median(right_costs(logits, tokens)))


NO_SHIFT: Shared = {
    "exercise": "bits-per-token",
    "name": "softmax without its shift",
    "loses": (LARGE,),
    "hint": "What is exp(1000)? Subtract the largest score of each row first.",
    "says": "large scores",
}


@misconception(**NO_SHIFT)
def without_shift(logits, tokens):
    rows = logits[:-1]
    sums = np.log(np.exp(rows).sum(axis=-1))
    return float((sums - rows[np.arange(len(rows)), tokens[1:]]).mean() / np.log(2))


@misconception(**(NO_SHIFT | {"loses": (LARGE, UNLIKELY)}))
def chances_without_shift(logits, tokens):
    rows = np.exp(logits[:-1])
    chances = rows / rows.sum(axis=-1, keepdims=True)
    return float(-np.log2(chances[np.arange(len(rows)), tokens[1:]]).mean())


@misconception(
    "bits-per-token",
    "one shift for all rows",
    loses=(LARGE,),
    hint="Each row has a largest score of its own. What is left of a row that is far below it?",
    says="large scores",
)
def one_shift(logits, tokens):
    rows = logits[:-1] - logits[:-1].max()
    sums = np.log(np.exp(rows).sum(axis=-1))
    return float((sums - rows[np.arange(len(rows)), tokens[1:]]).mean() / np.log(2))


BY_CHANCES: Shared = {
    "exercise": "bits-per-token",
    "name": "the logarithm of a chance that has become 0",
    "loses": (UNLIKELY,),
    "hint": "exp(-900) is 0 as a float. The logarithm of a quotient is a difference: take it "
    "before you take the exponential.",
    "says": "chance is too small",
}


def chances_of(logits, tokens):
    rows = logits[:-1]
    shares = np.exp(rows - rows.max(axis=-1, keepdims=True))
    return (shares / shares.sum(axis=-1, keepdims=True))[np.arange(len(rows)), tokens[1:]]


@misconception(**BY_CHANCES)
def by_chances(logits, tokens):
    return float(-np.log2(chances_of(logits, tokens)).mean())


@misconception(**BY_CHANCES)
def chances_and_a_little(logits, tokens):
    return float(-np.log2(np.maximum(chances_of(logits, tokens), 1e-300)).mean())


CHANGED: Shared = {
    "exercise": "bits-per-token",
    "name": "the scores are changed",
    "loses": (KEPT,),
    "hint": "An operator such as -= writes into the array it is given. Whose array is that?",
    "says": "changed logits",
}


@misconception(**CHANGED)
def through_a_view(logits, tokens):
    rows = logits[:-1]
    rows -= rows.max(axis=-1, keepdims=True)
    return float(right_costs(logits, tokens).mean())


@misconception(**CHANGED)
def in_place(logits, tokens):
    logits -= logits.max(axis=-1, keepdims=True)
    return float(right_costs(logits, tokens).mean())


@misconception(
    "bits-per-token",
    "a cost for each token in place of their mean",
    loses=BITS,
    hint="One number is asked for: the mean of what you have.",
    says="expected a float",
)
def one_a_token(logits, tokens):
    return right_costs(logits, tokens)


@misconception(
    "bits-per-token",
    "rounded",
    loses=(COST, LARGE),
    hint="Keep all digits; whoever prints the number may round it.",
    says="got 2.33, expected 2.333",
)
def rounded(logits, tokens):
    return round(float(right_costs(logits, tokens).mean()), 2)


# cache-bytes

ALL_FULL, SOME_SLIDING, MISSING = (
    "full attention",
    "layers with a window",
    "fields that are missing",
)
SIZE, INT = "the size of a number", "an int"
BYTES = (ALL_FULL, SOME_SLIDING, MISSING, SIZE, INT)
SIZES = {"float32": 4, "float16": 2, "bfloat16": 2}


def head_dim(config):
    return config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])


def types_of(config):
    unsaid = "full_attention" if config["sliding_window"] is None else "sliding_attention"
    return config.get("layer_types", [unsaid] * config["num_hidden_layers"])


def kept_positions(config, length):
    window = config["sliding_window"]
    return sum(
        min(length, window) if kind == "sliding_attention" else length for kind in types_of(config)
    )


def bytes_of(config, positions, *, heads="num_key_value_heads", of_each=2, width=None, size=None):
    size = SIZES[config["torch_dtype"]] if size is None else size
    width = head_dim(config) if width is None else width
    return of_each * positions * config[heads] * width * size


@misconception(
    "cache-bytes",
    "keys counted, and no values",
    loses=BYTES,
    hint="What does a query need of a position, beside its key?",
    says="a key and a value",
)
def keys_only(config, length):
    return bytes_of(config, kept_positions(config, length), of_each=1)


@misconception(
    "cache-bytes",
    "the heads of queries in place of those of keys and values",
    loses=BYTES,
    hint="Several query heads share one key. Which field counts the heads that are kept?",
    says="num_key_value_heads",
)
def heads_of_queries(config, length):
    return bytes_of(config, kept_positions(config, length), heads="num_attention_heads")


@misconception(
    "cache-bytes",
    "the cache of one layer",
    loses=BYTES,
    hint="Each layer has a cache of its own. How many layers are there?",
    says="one layer",
)
def one_layer(config, length):
    kept = length
    if types_of(config)[0] == "sliding_attention":
        kept = min(length, config["sliding_window"])
    return bytes_of(config, kept)


@misconception(
    "cache-bytes",
    "windows left out",
    loses=(SOME_SLIDING, MISSING),
    hint="What does a layer with a window still need of a position that is far away?",
    says="last sliding_window",
)
def without_windows(config, length):
    return bytes_of(config, config["num_hidden_layers"] * length)


@misconception(
    "cache-bytes",
    "a window in every layer",
    loses=(ALL_FULL, SOME_SLIDING, MISSING),
    hint="Look at layer_types: which layers have the window?",
    says="layer_types",
)
def windows_everywhere(config, length):
    kept = min(length, config["sliding_window"] or length)
    return bytes_of(config, config["num_hidden_layers"] * kept)


@misconception(
    "cache-bytes",
    "a window full of positions in a shorter text",
    loses=(SOME_SLIDING,),
    hint="Can a layer keep more positions than the text has?",
    says="shorter than the window",
)
def window_of_a_short_text(config, length):
    window = config["sliding_window"]
    kept = sum(window if kind == "sliding_attention" else length for kind in types_of(config))
    return bytes_of(config, kept)


def of_another_window(config, length, more):
    window = config["sliding_window"]
    return {**config, "sliding_window": None if window is None else window + more}, length


@misconception(
    "cache-bytes",
    "a window one too narrow: the query not counted",
    loses=(SOME_SLIDING, MISSING),
    hint="Does sliding_window count the position that has just been written?",
    says="last sliding_window",
)
def window_too_narrow(config, length):
    config, length = of_another_window(config, length, -1)
    return bytes_of(config, kept_positions(config, length))


@misconception(
    "cache-bytes",
    "a window one too wide",
    loses=(SOME_SLIDING, MISSING),
    hint="How many positions has a window of 1?",
    says="last sliding_window",
)
def window_too_wide(config, length):
    config, length = of_another_window(config, length, 1)
    return bytes_of(config, kept_positions(config, length))


@misconception(
    "cache-bytes",
    "full attention in layers of which nothing is said",
    loses=(MISSING,),
    hint="Without layer_types, what does a sliding_window that is a number say of all layers?",
    says="no layer_types",
)
def full_where_unsaid(config, length):
    if "layer_types" not in config:
        return bytes_of(config, config["num_hidden_layers"] * length)
    return bytes_of(config, kept_positions(config, length))


@misconception(
    "cache-bytes",
    "head_dim never looked at",
    loses=(MISSING,),
    hint="The quotient stands in for head_dim where it is missing, and only there.",
    says="head_dim",
)
def quotient_always(config, length):
    width = config["hidden_size"] // config["num_attention_heads"]
    return bytes_of(config, kept_positions(config, length), width=width)


@misconception(
    "cache-bytes",
    "all features in place of those of a head",
    loses=BYTES,
    hint="A key has the features of one head. Which field says how many?",
    says="Work out",
)
def all_features(config, length):
    width = config["hidden_size"]
    return bytes_of(config, kept_positions(config, length), width=width)


@misconception(
    "cache-bytes",
    "hidden_size divided by the heads of keys",
    loses=(MISSING,),
    hint="hidden_size is cut into the heads of queries. How many are there?",
    says="num_attention_heads",
)
def quotient_of_key_heads(config, length):
    width = config.get("head_dim", config["hidden_size"] // config["num_key_value_heads"])
    return bytes_of(config, kept_positions(config, length), width=width)


@misconception(
    "cache-bytes",
    "two bytes a number, whatever the dtype",
    loses=(SIZE,),
    hint="How many bits has a float32, and how many bits has a byte?",
    says="float32",
)
def always_two(config, length):
    return bytes_of(config, kept_positions(config, length), size=2)


@misconception(
    "cache-bytes",
    "four bytes for bfloat16",
    loses=BYTES,
    hint="bfloat16 has the exponents of float32. How many bits does its name say?",
    says="takes 2",
)
def wide_bfloat(config, length):
    size = 2 if config["torch_dtype"] == "float16" else 4
    return bytes_of(config, kept_positions(config, length), size=size)


@misconception(
    "cache-bytes",
    "bits in place of bytes",
    loses=BYTES,
    hint="A byte has 8 bits.",
    says="bits",
)
def in_bits(config, length):
    return 8 * bytes_of(config, kept_positions(config, length))


@misconception(
    "cache-bytes",
    "numbers counted, not their bytes",
    loses=BYTES,
    hint="How many bytes does each of your numbers take?",
    says="numbers, not bytes",
)
def numbers(config, length):
    return bytes_of(config, kept_positions(config, length), size=1)


@misconception(
    "cache-bytes",
    "a float returned instead of an int",
    loses=(INT,),
    hint="The number is right. What does / make of two ints, and what does // make?",
    says="expected an int",
)
def float_bytes(config, length):
    return float(bytes_of(config, kept_positions(config, length)))


@misconception(
    "cache-bytes",
    "a size of a head that is no whole number",
    loses=(MISSING, INT),
    hint="What does / make of two ints, and what does // make?",
    says="expected an int",
)
def fraction_of_a_head(config, length):
    width = config.get("head_dim", config["hidden_size"] / config["num_attention_heads"])
    return bytes_of(config, kept_positions(config, length), width=width)


@misconception(
    "cache-bytes",
    "the quotient rounded up",
    loses=(MISSING,),
    hint="What does // do with what is left over?",
    says="hidden_size // num_attention_heads",
)
def quotient_rounded(config, length):
    width = config.get("head_dim", round(config["hidden_size"] / config["num_attention_heads"]))
    return bytes_of(config, kept_positions(config, length), width=width)


@misconception(
    "cache-bytes",
    "key-value heads forgotten",
    loses=BYTES,
    hint="How many keys does a layer keep for one position?",
    says="in each of its key-value heads",
)
def one_head(config, length):
    return bytes_of(config | {"num_key_value_heads": 1}, kept_positions(config, length))


@misconception(
    "cache-bytes",
    "the longer of window and text",
    loses=(SOME_SLIDING, MISSING),
    hint="A window of 3 in a text of 100: how many positions are kept?",
    says="last sliding_window",
)
def longer_of_the_two(config, length):
    window = config["sliding_window"]
    kept = sum(
        max(length, window) if kind == "sliding_attention" else length for kind in types_of(config)
    )
    return bytes_of(config, kept)


@misconception(
    "cache-bytes",
    "the two kinds of layers have changed places",
    loses=BYTES,
    hint="Which kind of layer keeps every position?",
    says="look at layer_types",
)
def kinds_swapped(config, length):
    window = config["sliding_window"] or 0
    kept = sum(
        length if kind == "sliding_attention" else min(length, window) for kind in types_of(config)
    )
    return bytes_of(config, kept)


# stack-reach

ALONE, MIXED = "windows alone", "with full attention"
REACH = (ALONE, MIXED, INT)


def windows_of(config):
    return [config["sliding_window"] for kind in types_of(config) if kind == "sliding_attention"]


def has_full(config):
    return "full_attention" in types_of(config)


@misconception(
    "stack-reach",
    "neighbouring windows counted as if they shared no position",
    loses=(ALONE,),
    hint="Two windows of 3, one behind the other, reach 5 positions. Which one do they share?",
    says="L * w",
)
def layers_times_window(config, length):
    return length if has_full(config) else min(length, sum(windows_of(config)))


@misconception(
    "stack-reach",
    "the query counted beside its windows",
    loses=(ALONE,),
    hint="A window of 1 sees the query and nothing else. How many positions are that?",
    says="Draw it",
)
def query_beside_windows(config, length):
    return length if has_full(config) else min(length, 1 + sum(windows_of(config)))


@misconception(
    "stack-reach",
    "one layer counted too few",
    loses=(ALONE,),
    hint="With one layer, how far does its window see?",
    says="Draw it",
)
def a_layer_too_few(config, length):
    windows = windows_of(config)[1:]
    return length if has_full(config) else min(length, sum(w - 1 for w in windows) + 1)


@misconception(
    "stack-reach",
    "the position itself not counted",
    loses=(ALONE,),
    hint="What does a single window of 1 reach?",
    says="itself",
)
def itself_not_counted(config, length):
    if has_full(config):
        return length
    return min(length, sum(window - 1 for window in windows_of(config)))


@misconception(
    "stack-reach",
    "more positions than the text has",
    loses=(ALONE,),
    hint="What is the most that a text of 9 positions can be reached of?",
    says="only",
)
def beyond_the_text(config, length):
    return length if has_full(config) else sum(w - 1 for w in windows_of(config)) + 1


@misconception(
    "stack-reach",
    "layers of full attention left out",
    loses=(MIXED,),
    hint="What does one layer of full attention see, wherever it stands in the stack?",
    says="full attention",
)
def windows_only(config, length):
    return min(length, sum(window - 1 for window in windows_of(config)) + 1)


@misconception(
    "stack-reach",
    "a window in every layer",
    loses=(MIXED,),
    hint="Look at layer_types: which layers have the window?",
    says="full attention",
)
def every_layer_a_window(config, length):
    window = config["sliding_window"] or length
    return min(length, config["num_hidden_layers"] * (window - 1) + 1)


@misconception(
    "stack-reach",
    "only the last layer looked at",
    loses=REACH,
    hint="The last layer reads what the layers below it have gathered.",
    says="several layers",
)
def last_layer_only(config, length):
    last = types_of(config)[-1]
    return length if last == "full_attention" else min(length, config["sliding_window"])


@misconception(
    "stack-reach",
    "only the first layer looked at",
    loses=REACH,
    hint="Each further layer looks further back than the one below it.",
    says="several layers",
)
def first_layer_only(config, length):
    first = types_of(config)[0]
    return length if first == "full_attention" else min(length, config["sliding_window"])


@misconception(
    "stack-reach",
    "the whole text, whatever the windows",
    loses=(ALONE,),
    hint="Where all layers have a window, how far does the lowest one see?",
    says="Draw it",
)
def whole_text(config, length):
    return length


@misconception(
    "stack-reach",
    "a float returned instead of an int",
    loses=(INT,),
    hint="The number is right. What made a float of it?",
    says="expected an int",
)
def float_reach(config, length):
    reach = length if has_full(config) else sum(w - 1 for w in windows_of(config)) + 1
    return float(min(length, reach))


@misconception(
    "stack-reach",
    "infinity in place of the length",
    loses=(MIXED, INT),
    hint="Full attention sees all there is. How many positions are there?",
    says="expected an int",
)
def infinity(config, length):
    if has_full(config):
        return math.inf
    return min(length, sum(w - 1 for w in windows_of(config)) + 1)
