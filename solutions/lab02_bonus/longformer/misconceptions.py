"""Wrong answers to the exercises of 03_longformer."""

import math

import numpy as np

from grading.judging.written import misconception

WINDOW, GLOBALS, PADDING, BOTH = (
    "the window",
    "global tokens",
    "padding",
    "padding and global tokens",
)
DTYPE, FLAGS, REFUSED = "dtype", "flags left as they are", "bad input"


def check_window(attention_window):
    if attention_window < 2 or attention_window % 2:
        raise ValueError(f"attention_window is {attention_window}; it must be even, at least 2")


def key_minus_query(n):
    return np.arange(n) - np.arange(n)[:, np.newaxis]


def finished(outside, is_global, is_padding):
    """The mask, from what the window alone would block."""
    mask = outside & ~is_global & ~is_global[:, np.newaxis]
    return mask | is_padding | is_padding[:, np.newaxis]


def right_mask(attention_window, is_global, is_padding):
    """The right one."""
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return finished(outside, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "one-sided window: no token looks ahead",
    loses=(WINDOW,),
    hint="A Longformer reads a text that is there already. Who may look ahead, and how far?",
    says="both sides",
)
def one_sided(attention_window, is_global, is_padding):
    check_window(attention_window)
    ahead = key_minus_query(len(is_global))
    return finished((ahead > 0) | (ahead < -(attention_window // 2)), is_global, is_padding)


@misconception(
    "two-sided-mask",
    "one-sided window of the whole size",
    loses=(WINDOW,),
    hint="A Longformer reads a text that is there already. Who may look ahead, and how far?",
    says="both sides",
)
def one_sided_whole(attention_window, is_global, is_padding):
    check_window(attention_window)
    ahead = key_minus_query(len(is_global))
    return finished((ahead > 0) | (ahead < -attention_window), is_global, is_padding)


@misconception(
    "two-sided-mask",
    "the window of Lab 02",
    loses=(WINDOW,),
    hint="Here a token sees attention_window neighbours, half of them on each side, and itself.",
    says="both sides",
)
def window_of_the_decoder(attention_window, is_global, is_padding):
    check_window(attention_window)
    ahead = key_minus_query(len(is_global))
    return finished((ahead > 0) | (ahead <= -attention_window), is_global, is_padding)


@misconception(
    "two-sided-mask",
    "the whole attention_window on each side",
    loses=(WINDOW,),
    hint="attention_window counts both sides together. How much is left for each?",
    says="too far",
)
def whole_on_each_side(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window
    return finished(outside, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "the whole attention_window on each side, but for one",
    loses=(WINDOW,),
    hint="attention_window counts both sides together. How much is left for each?",
    says="too far",
)
def almost_whole_on_each_side(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) >= attention_window
    outside |= abs(key_minus_query(len(is_global))) > max(attention_window - 1, 0)
    return finished(outside, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "the query counted as one of its neighbours",
    loses=(WINDOW,),
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
    "one neighbour too few ahead",
    loses=(WINDOW,),
    hint="Count the keys on each side of a token in the middle. Are they equally many?",
    says="near enough",
)
def one_too_few_ahead(attention_window, is_global, is_padding):
    check_window(attention_window)
    ahead, reach = key_minus_query(len(is_global)), attention_window // 2
    return finished((ahead >= reach) | (ahead < -reach), is_global, is_padding)


@misconception(
    "two-sided-mask",
    "one neighbour too many on each side",
    loses=(WINDOW,),
    hint="Count the keys on each side of a token in the middle. Half of attention_window?",
    says="too far",
)
def one_too_many(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2 + 1
    return finished(outside, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "global tokens see all, but are not seen",
    loses=(GLOBALS,),
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
    loses=(GLOBALS,),
    hint="Everybody sees a global token. Whom does the global token see?",
    says="it sees every key",
)
def global_keys_only(attention_window, is_global, is_padding):
    check_window(attention_window)
    mask = (abs(key_minus_query(len(is_global))) > attention_window // 2) & ~is_global
    return mask | is_padding | is_padding[:, np.newaxis]


@misconception(
    "two-sided-mask",
    "global tokens ignored",
    loses=(GLOBALS,),
    hint="One argument is never used. Whom does a global token see, and who sees it?",
    says="global",
)
def globals_ignored(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return finished(outside, np.zeros_like(is_global), is_padding)


@misconception(
    "two-sided-mask",
    "only pairs of two global tokens open",
    loses=(GLOBALS,),
    hint="A pair is open if one of its tokens is global. One, or both?",
    says="global",
)
def both_global(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    mask = outside & ~(is_global & is_global[:, np.newaxis])
    return mask | is_padding | is_padding[:, np.newaxis]


@misconception(
    "two-sided-mask",
    "padding ignored",
    loses=(PADDING, BOTH),
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
    loses=(PADDING, BOTH),
    hint="You blocked the columns of padding. What should stand in its rows?",
    says="sees nobody",
)
def padded_queries_see(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return finished(outside, is_global, np.zeros_like(is_padding)) | is_padding


@misconception(
    "two-sided-mask",
    "padding sees nobody, but is seen",
    loses=(PADDING, BOTH),
    hint="You blocked the rows of padding. What should stand in its columns?",
    says="is padding",
)
def padded_keys_seen(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    mask = finished(outside, is_global, np.zeros_like(is_padding))
    return mask | is_padding[:, np.newaxis]


@misconception(
    "two-sided-mask",
    "padding sees itself",
    loses=(PADDING, BOTH),
    hint="Padding sees nobody. Is its own position an exception?",
    says="sees nobody",
)
def padding_sees_itself(attention_window, is_global, is_padding):
    return right_mask(attention_window, is_global, is_padding) & ~np.eye(
        len(is_padding), dtype=bool
    )


@misconception(
    "two-sided-mask",
    "only pairs of two padded tokens blocked",
    loses=(PADDING, BOTH),
    hint="Padding is seen by nobody. Is it enough that padding does not see padding?",
    says="padding",
)
def both_padded(attention_window, is_global, is_padding):
    check_window(attention_window)
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    mask = finished(outside, is_global, np.zeros_like(is_padding))
    return mask | (is_padding & is_padding[:, np.newaxis])


@misconception(
    "two-sided-mask",
    "global tokens opened after padding was blocked",
    loses=(BOTH,),
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
    loses=(WINDOW, GLOBALS, PADDING, BOTH, DTYPE, FLAGS),
    hint="Is a True in your mask a pair that may attend, or one that may not?",
    says="True means blocked",
)
def other_way_round(attention_window, is_global, is_padding):
    return ~right_mask(attention_window, is_global, is_padding)


NUMBERS = misconception(
    "two-sided-mask",
    "numbers instead of False and True",
    loses=(DTYPE,),
    hint="What is the dtype of a comparison? Yours has been turned into numbers.",
    says="expected bool",
)


@NUMBERS
def mask_of_ints(attention_window, is_global, is_padding):
    return right_mask(attention_window, is_global, is_padding).astype(int)


@NUMBERS
def mask_of_floats(attention_window, is_global, is_padding):
    return right_mask(attention_window, is_global, is_padding).astype(float)


@NUMBERS
def mask_of_small_ints(attention_window, is_global, is_padding):
    return right_mask(attention_window, is_global, is_padding).astype(np.int8)


@misconception(
    "two-sided-mask",
    "a list in place of an array",
    loses=(DTYPE,),
    hint="The docstring asks for an array. What makes one of nested lists?",
    says="array",
)
def mask_as_list(attention_window, is_global, is_padding):
    return right_mask(attention_window, is_global, is_padding).tolist()


FLAGS_CHANGED = misconception(
    "two-sided-mask",
    "the flags changed",
    loses=(FLAGS,),
    hint="a &= b writes into a, and a is the array that you were given. Who else may need it?",
    says="",
)


@FLAGS_CHANGED
def globals_changed(attention_window, is_global, is_padding):
    is_global &= ~is_padding
    return right_mask(attention_window, is_global, is_padding)


NOT_CHECKED = misconception(
    "two-sided-mask",
    "attention_window not checked",
    loses=(REFUSED,),
    hint="Half of an odd window is no whole number. What does the docstring say about that?",
    says="is accepted",
)


def unchecked(attention_window, is_global, is_padding):
    outside = abs(key_minus_query(len(is_global))) > attention_window // 2
    return finished(outside, is_global, is_padding)


@NOT_CHECKED
def window_not_checked(attention_window, is_global, is_padding):
    return unchecked(attention_window, is_global, is_padding)


HALF_CHECKED = misconception(
    "two-sided-mask",
    "attention_window checked for one thing only",
    loses=(REFUSED,),
    hint="Two things are asked of attention_window. Try 3, 1, 0 and -2: what becomes of each?",
    says="is accepted",
)


@HALF_CHECKED
def only_odd_refused(attention_window, is_global, is_padding):
    if attention_window % 2:
        raise ValueError(f"attention_window is {attention_window}; it must be even")
    return unchecked(attention_window, is_global, is_padding)


@HALF_CHECKED
def only_small_refused(attention_window, is_global, is_padding):
    if attention_window < 2:
        raise ValueError(f"attention_window is {attention_window}; it must be at least 2")
    return unchecked(attention_window, is_global, is_padding)


@HALF_CHECKED
def only_below_one_refused(attention_window, is_global, is_padding):
    if attention_window < 1:
        raise ValueError(f"attention_window is {attention_window}; it must be positive")
    return unchecked(attention_window, is_global, is_padding)


@HALF_CHECKED
def zero_accepted(attention_window, is_global, is_padding):
    if attention_window < 0 or attention_window % 2:
        raise ValueError(f"attention_window is {attention_window}; it must be even")
    return unchecked(attention_window, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "attention_window refused where it is odd and too small",
    loses=(REFUSED,),
    hint="Two things are asked of attention_window. Is it refused if one of them is missing?",
    says="is accepted",
)
def both_must_fail(attention_window, is_global, is_padding):
    if attention_window < 2 and attention_window % 2:
        raise ValueError(f"attention_window is {attention_window}")
    return unchecked(attention_window, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "the smallest attention_window refused",
    loses=(REFUSED,),
    hint="At least 2, says the docstring. Is 2 refused?",
    says="",
)
def two_refused(attention_window, is_global, is_padding):
    if attention_window <= 2:
        raise ValueError(f"attention_window is {attention_window}; it must be even, at least 2")
    return right_mask(attention_window, is_global, is_padding)


OTHER_ERROR = misconception(
    "two-sided-mask",
    "refused, but not with a ValueError",
    loses=(REFUSED,),
    hint="The docstring names the exception. What do you raise?",
    says="ValueError",
)


@OTHER_ERROR
def asserted(attention_window, is_global, is_padding):
    assert attention_window > 1, attention_window
    assert attention_window % 2 == 0, attention_window
    return unchecked(attention_window, is_global, is_padding)


@OTHER_ERROR
def type_error(attention_window, is_global, is_padding):
    if attention_window < 2 or attention_window % 2:
        raise TypeError(f"attention_window is {attention_window}")
    return unchecked(attention_window, is_global, is_padding)


@misconception(
    "two-sided-mask",
    "a message that does not say what is wrong",
    loses=(REFUSED,),
    hint="The message should name the argument and its value. Does yours?",
    says="not one that names it",
)
def nameless(attention_window, is_global, is_padding):
    if attention_window < 2 or attention_window % 2:
        raise ValueError("must be even, at least 2")
    return unchecked(attention_window, is_global, is_padding)


ROWS, NO_KEY, LARGE = "scores, scale and mask", "queries without a key", "large scores"
HEADS = "heads, and inputs left as they are"
ALL_OF_LOCAL = (ROWS, NO_KEY, LARGE, HEADS)


def scores_of(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5


def shares(scores):
    with np.errstate(all="ignore"):
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True)


def shares_unshifted(scores):
    with np.errstate(all="ignore"):
        weights = np.exp(scores)
        return weights / weights.sum(axis=-1, keepdims=True)


def attend(scores, V, mask):
    """Attention inside the mask, with zeros for a query without a key."""
    weights = shares(np.where(mask, -1e300, scores))
    return np.where(mask, 0, weights) @ V


WITHOUT_KEY = misconception(
    "local-rows",
    "a query without a key gets nan",
    loses=(NO_KEY,),
    hint="In a row that is all minus infinity, what is the largest score, and what is left of it?",
    says="nan",
)


@WITHOUT_KEY
def nan_without_key(Q, K, V, mask):
    return shares(np.where(mask, -np.inf, scores_of(Q, K))) @ V


@misconception(
    "local-rows",
    "a query without a key gets the mean of all values",
    loses=(NO_KEY,),
    hint="A very low score for each key is the same score for each key. What is its softmax?",
    says="may see nobody",
)
def mean_without_key(Q, K, V, mask):
    return shares(np.where(mask, -1e9, scores_of(Q, K))) @ V


@misconception(
    "local-rows",
    "a query without a key keeps its own value",
    loses=(NO_KEY,),
    hint="A query without a key has nothing to share out. What is the sum of no values?",
    says="may see nobody",
)
def own_value(Q, K, V, mask):
    closed = mask.all(axis=-1, keepdims=True)
    return np.where(closed, V, attend(scores_of(Q, K), V, mask))


@misconception(
    "local-rows",
    "mask applied after the softmax",
    loses=(ROWS, LARGE, HEADS),
    hint="Add up the weights of a row. Who took the share that is missing?",
    says="sum to 1",
)
def masked_too_late(Q, K, V, mask):
    return np.where(mask, 0, shares(scores_of(Q, K))) @ V


MASKED_AND_SHARED = misconception(
    "local-rows",
    "the shift of the softmax is not the largest open score of each query",
    loses=(LARGE,),
    hint="What you subtract may be far above all open scores of a query. What is exp of them then?",
    says="large scores",
)


@MASKED_AND_SHARED
def shared_anew(Q, K, V, mask):
    weights = np.where(mask, 0, shares(scores_of(Q, K)))
    total = weights.sum(axis=-1, keepdims=True)
    return weights / np.where(total > 0, total, 1) @ V


@MASKED_AND_SHARED
def shared_anew_but_closed(Q, K, V, mask):
    weights = np.where(mask, 0, shares(scores_of(Q, K)))
    total = np.where(mask.all(axis=-1, keepdims=True), 1, weights.sum(axis=-1, keepdims=True))
    with np.errstate(all="ignore"):
        return weights / total @ V


@MASKED_AND_SHARED
def one_shift_for_all(Q, K, V, mask):
    scores = np.where(mask, -np.inf, scores_of(Q, K))
    weights = np.exp(scores - max(scores.max(), -1e300))
    total = weights.sum(axis=-1, keepdims=True)
    return weights / np.where(total > 0, total, 1) @ V


@misconception(
    "local-rows",
    "blocked scores set to 0",
    loses=ALL_OF_LOCAL,
    hint="What is exp(0)? A blocked key must get no weight at all.",
    says="blocked",
)
def zero_for_blocked(Q, K, V, mask):
    return shares(np.where(mask, 0, scores_of(Q, K))) @ V


FINITE = misconception(
    "local-rows",
    "blocked scores low, but not low enough",
    loses=(LARGE,),
    hint="All open scores of a query may be lower than the number you chose. Which one is never?",
    says="",
)


@FINITE
def low_scores(Q, K, V, mask):
    return np.where(mask, 0, shares(np.where(mask, -1e4, scores_of(Q, K)))) @ V


@misconception(
    "local-rows",
    "blocked scores low, but not low enough, and no zeros without a key",
    loses=(NO_KEY, LARGE),
    hint="All open scores of a query may be lower than the number you chose. Which one is never?",
    says="may see nobody",
)
def low_scores_alone(Q, K, V, mask):
    return shares(np.where(mask, -1e4, scores_of(Q, K))) @ V


@misconception(
    "local-rows",
    "minus infinity times False",
    loses=ALL_OF_LOCAL,
    hint="0 times infinity is nan. Where the mask is False, the score should stay what it is.",
    says="nan",
)
def infinity_times_mask(Q, K, V, mask):
    with np.errstate(all="ignore"):
        return shares(scores_of(Q, K) + mask * -np.inf) @ V


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
    "mask ignored",
    loses=ALL_OF_LOCAL,
    hint="One argument is never used. Which pairs does it block?",
    says="blocked",
)
def mask_ignored(Q, K, V, mask):
    return shares(scores_of(Q, K)) @ V


@misconception(
    "local-rows",
    "scores not scaled",
    loses=(ROWS,),
    hint="What are the scores divided by? The docstring has the formula.",
    says="divided by",
)
def local_not_scaled(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, -1, -2), V, mask)


OTHER_SCALE = misconception(
    "local-rows",
    "scores scaled by something else than the root of d_k",
    loses=(ROWS,),
    hint="Which axis of Q holds the features, and is it their number that you divide by?",
    says="",
)


@OTHER_SCALE
def scaled_by_width(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, -1, -2) / Q.shape[-1], V, mask)


@OTHER_SCALE
def scaled_by_whole_root(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, -1, -2) / math.isqrt(Q.shape[-1]), V, mask)


@OTHER_SCALE
def scaled_by_values(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, -1, -2) / V.shape[-1] ** 0.5, V, mask)


@misconception(
    "local-rows",
    "scores scaled by the number of tokens",
    loses=(ROWS, HEADS),
    hint="Which axis of Q holds the features? The last but one holds the tokens.",
    says="",
)
def scaled_by_length(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, -1, -2) / Q.shape[-2] ** 0.5, V, mask)


UNSTABLE = misconception(
    "local-rows",
    "softmax without the shift overflows",
    loses=(LARGE,),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="large",
)


@UNSTABLE
def local_unstable(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = np.where(mask, 0, np.exp(scores_of(Q, K)))
        total = weights.sum(axis=-1, keepdims=True)
        return weights / np.where(mask.all(axis=-1, keepdims=True), 1, total) @ V


@UNSTABLE
def unstable_and_nan_hidden(Q, K, V, mask):
    weights = shares_unshifted(np.where(mask, -np.inf, scores_of(Q, K)))
    return np.nan_to_num(weights) @ V


@UNSTABLE
def unstable_and_safe_total(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = np.exp(np.where(mask, -np.inf, scores_of(Q, K)))
        total = weights.sum(axis=-1, keepdims=True)
        return weights / np.where(total == 0, 1, total) @ V


@UNSTABLE
def unstable_and_closed_zeroed(Q, K, V, mask):
    output = shares_unshifted(np.where(mask, -np.inf, scores_of(Q, K))) @ V
    return np.where(mask.all(axis=-1, keepdims=True), 0, output)


@misconception(
    "local-rows",
    "softmax without the shift, and nan without a key",
    loses=(NO_KEY, LARGE),
    hint="Two rows go wrong: one whose scores are all closed, and one whose scores are large.",
    says="nan",
)
def unstable_with_nan(Q, K, V, mask):
    return shares_unshifted(np.where(mask, -np.inf, scores_of(Q, K))) @ V


WRONG_AXIS = misconception(
    "local-rows",
    "softmax over the wrong axis",
    loses=ALL_OF_LOCAL,
    hint="Who shares out 1: a query among its keys, or a key among the queries?",
    says="",
)


def shares_over(scores, axis):
    with np.errstate(all="ignore"):
        weights = np.exp(scores - np.maximum(scores.max(axis=-1, keepdims=True), -1e300))
        total = weights.sum(axis=axis, keepdims=True)
        return weights / np.where(total > 0, total, 1)


@WRONG_AXIS
def over_queries(Q, K, V, mask):
    return shares_over(np.where(mask, -np.inf, scores_of(Q, K)), -2) @ V


@WRONG_AXIS
def over_first_axis(Q, K, V, mask):
    return shares_over(np.where(mask, -np.inf, scores_of(Q, K)), 0) @ V


@WRONG_AXIS
def over_everything(Q, K, V, mask):
    return shares_over(np.where(mask, -np.inf, scores_of(Q, K)), None) @ V


def shares_over_both(scores, axis):
    with np.errstate(all="ignore"):
        largest = scores.max(axis=axis, keepdims=True)
        weights = np.exp(scores - np.where(np.isneginf(largest), 0, largest))
        total = weights.sum(axis=axis, keepdims=True)
        return weights / np.where(total == 0, 1, total)


@WRONG_AXIS
def both_over_queries(Q, K, V, mask):
    return shares_over_both(np.where(mask, -np.inf, scores_of(Q, K)), -2) @ V


@WRONG_AXIS
def both_over_first_axis(Q, K, V, mask):
    return shares_over_both(np.where(mask, -np.inf, scores_of(Q, K)), 0) @ V


@WRONG_AXIS
def over_queries_with_nan(Q, K, V, mask):
    with np.errstate(all="ignore"):
        weights = np.exp(scores_of(Q, K) - scores_of(Q, K).max(axis=-2, keepdims=True))
        weights = np.where(mask, 0, weights)
        return weights / weights.sum(axis=-2, keepdims=True) @ V


@misconception(
    "local-rows",
    "weights that do not sum to 1",
    loses=ALL_OF_LOCAL,
    hint="A softmax has two steps: exp, and then? Add up the weights of one query.",
    says="sum to 1",
)
def not_divided(Q, K, V, mask):
    scores = np.where(mask, -1e300, scores_of(Q, K))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.where(mask, 0, weights) @ V


ONE_HEAD = misconception(
    "local-rows",
    "written for one head",
    loses=(HEADS,),
    hint="Axes may come in front of the tokens. Which two of K should change places?",
    says="",
)


@ONE_HEAD
def local_without_heads(Q, K, V, mask):
    return attend(Q @ K.T / Q.shape[-1] ** 0.5, V, mask)


@ONE_HEAD
def two_axes(Q, K, V, mask):
    n, d_k = Q.shape
    return attend(Q @ K.T / d_k**0.5, V, mask)


@ONE_HEAD
def by_row(Q, K, V, mask):
    output = np.zeros(V.shape)
    for i in range(len(Q)):
        keys = ~mask[i]
        if keys.any():
            scores = K[keys] @ Q[i] / Q.shape[-1] ** 0.5
            weights = np.exp(scores - scores.max())
            output[i] = weights / weights.sum() @ V[keys]
    return output


FIXED_AXES = misconception(
    "local-rows",
    "written for a fixed number of axes",
    loses=ALL_OF_LOCAL,
    hint="Q may have two, three or four axes. Which two of K change places, counted from the end?",
    says="",
)


@FIXED_AXES
def for_three_axes(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, 1, 2) / Q.shape[-1] ** 0.5, V, mask)


@FIXED_AXES
def for_three_axes_by_transpose(Q, K, V, mask):
    return attend(Q @ K.transpose(0, 2, 1) / Q.shape[-1] ** 0.5, V, mask)


@FIXED_AXES
def for_four_axes(Q, K, V, mask):
    return attend(Q @ np.swapaxes(K, 2, 3) / Q.shape[-1] ** 0.5, V, mask)


@FIXED_AXES
def for_four_axes_by_transpose(Q, K, V, mask):
    return attend(Q @ K.transpose(0, 1, 3, 2) / Q.shape[-1] ** 0.5, V, mask)


@misconception(
    "local-rows",
    "weights returned beside the output",
    loses=(HEADS,),
    hint="The docstring asks for one array here. What else do you return?",
    says="",
)
def with_weights(Q, K, V, mask):
    return attend(scores_of(Q, K), V, mask), None


CHANGED = misconception(
    "local-rows",
    "the inputs changed",
    loses=(HEADS,),
    hint="a /= b writes into a, and a is the array that you were given. Who else may need it?",
    says="",
)


@CHANGED
def queries_in_place(Q, K, V, mask):
    Q /= Q.shape[-1] ** 0.5
    return attend(Q @ np.swapaxes(K, -1, -2), V, mask)


@CHANGED
def keys_in_place(Q, K, V, mask):
    K /= Q.shape[-1] ** 0.5
    return attend(Q @ np.swapaxes(K, -1, -2), V, mask)


@CHANGED
def both_in_place(Q, K, V, mask):
    Q /= Q.shape[-1] ** 0.25
    K /= K.shape[-1] ** 0.25
    return attend(Q @ np.swapaxes(K, -1, -2), V, mask)


def local_rows(Q, K, V, mask):
    """The right one, as the notebook's solution has it."""
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5
    scores = np.where(mask, np.finfo(scores.dtype).min, scores)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return np.where(mask, 0, weights) @ V


def over_all(Q, K, V, is_padding):
    return local_rows(Q, K, V, np.tile(is_padding, (len(is_padding), 1)))


def overwritten(local, rows, here):
    return np.where(here[:, np.newaxis], rows, local)


def right_rows(local, Q_global, K_global, V_global, is_global, is_padding):
    """The right one."""
    rows = over_all(Q_global, K_global, V_global, is_padding)
    return overwritten(local, rows, is_global & ~is_padding)


ROWS_OF_GLOBALS, OTHER_ROWS, NOT_SEEN, NOT_GLOBAL, SCALE, LARGE_TOO, HEADS_TOO, NEW = (
    "global rows",
    "other rows",
    "padding is not seen",
    "padding is not global",
    "scores and scale",
    "large scores",
    "heads",
    "a new array, and inputs left as they are",
)


AMONG_GLOBALS = misconception(
    "global-rows",
    "global tokens see only each other",
    loses=(ROWS_OF_GLOBALS, NOT_SEEN),
    hint="Which keys does a global token see? The queries are few here, the keys are not.",
    says="all tokens",
)


@AMONG_GLOBALS
def among_flagged(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = over_all(Q_global, K_global, V_global, ~is_global)
    return overwritten(local, rows, is_global & ~is_padding)


@AMONG_GLOBALS
def among_globals(local, Q_global, K_global, V_global, is_global, is_padding):
    here = is_global & ~is_padding
    rows = over_all(Q_global, K_global, V_global, ~here)
    return overwritten(local, rows, here)


@misconception(
    "global-rows",
    "global tokens see only the others",
    loses=(ROWS_OF_GLOBALS, NOT_SEEN, SCALE, LARGE_TOO, HEADS_TOO),
    hint="A global token sees every token. Is it one?",
    says="all tokens",
)
def not_themselves(local, Q_global, K_global, V_global, is_global, is_padding):
    mask = np.eye(len(is_padding), dtype=bool) | is_padding
    rows = local_rows(Q_global, K_global, V_global, mask)
    return overwritten(local, rows, is_global & ~is_padding)


@misconception(
    "global-rows",
    "global tokens see only the tokens that are not global",
    loses=(ROWS_OF_GLOBALS, NOT_SEEN, SCALE, LARGE_TOO, HEADS_TOO),
    hint="A global token sees all tokens: the other global ones, too?",
    says="all tokens",
)
def not_each_other(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = over_all(Q_global, K_global, V_global, is_padding | is_global)
    return overwritten(local, rows, is_global & ~is_padding)


@misconception(
    "global-rows",
    "global rows added to what was there",
    loses=(ROWS_OF_GLOBALS, NOT_SEEN),
    hint="What was in the row of a global token before does not count. Is it gone in yours?",
    says="in place of",
)
def added(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = local + over_all(Q_global, K_global, V_global, is_padding)
    return overwritten(local, rows, is_global & ~is_padding)


NOTHING_WRITTEN = misconception(
    "global-rows",
    "the rows of global tokens stay what they were",
    loses=(ROWS_OF_GLOBALS, NOT_SEEN, SCALE, LARGE_TOO, HEADS_TOO),
    hint="Index arrays make a copy: x[a][b] = y writes into that copy, and x stays what it is.",
    says="in place of",
)


@NOTHING_WRITTEN
def nothing_written(local, Q_global, K_global, V_global, is_global, is_padding):
    return local.copy()


@misconception(
    "global-rows",
    "every row overwritten",
    loses=(OTHER_ROWS, NOT_GLOBAL),
    hint="Whose rows go through the global projections? The others have their output already.",
    says="is not global",
)
def all_rows(local, Q_global, K_global, V_global, is_global, is_padding):
    return over_all(Q_global, K_global, V_global, is_padding)


@misconception(
    "global-rows",
    "the rows of the others set to 0",
    loses=(OTHER_ROWS, NOT_GLOBAL),
    hint="What should stand in a row that is not global? It is among your inputs.",
    says="is not global",
)
def others_zero(local, Q_global, K_global, V_global, is_global, is_padding):
    return right_rows(0 * local, Q_global, K_global, V_global, is_global, is_padding)


@misconception(
    "global-rows",
    "the rows of padding set to 0",
    loses=(NOT_GLOBAL,),
    hint="Whose rows are written over? Those of padding are not among them.",
    says="padding",
)
def padding_zero(local, Q_global, K_global, V_global, is_global, is_padding):
    output = right_rows(local, Q_global, K_global, V_global, is_global, is_padding)
    return np.where(is_padding[:, np.newaxis], 0, output)


@misconception(
    "global-rows",
    "queries and keys exchanged",
    loses=(SCALE, LARGE_TOO, HEADS_TOO),
    hint="Who asks, and who is asked? In which order does your attention take them?",
    says="",
)
def queries_for_keys(local, Q_global, K_global, V_global, is_global, is_padding):
    return right_rows(local, K_global, Q_global, V_global, is_global, is_padding)


@misconception(
    "global-rows",
    "only the first global token overwritten",
    loses=(ROWS_OF_GLOBALS, NOT_SEEN, SCALE, LARGE_TOO, HEADS_TOO),
    hint="There may be several global tokens. How many rows do you write over?",
    says="is global",
)
def only_the_first(local, Q_global, K_global, V_global, is_global, is_padding):
    first = np.arange(len(is_global)) == np.argmax(is_global)
    return right_rows(local, Q_global, K_global, V_global, first & is_global, is_padding)


PADDING_SEEN = misconception(
    "global-rows",
    "padding seen by global tokens",
    loses=(NOT_SEEN, LARGE_TOO),
    hint="A global token sees all tokens. Is padding a token?",
    says="padding",
)


@PADDING_SEEN
def padding_seen(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = over_all(Q_global, K_global, V_global, np.zeros_like(is_padding))
    return overwritten(local, rows, is_global & ~is_padding)


@misconception(
    "global-rows",
    "padding closed after the softmax",
    loses=(NOT_SEEN, LARGE_TOO),
    hint="Add up the weights of a global token. Who took the share that is missing?",
    says="padding",
)
def padding_closed_late(local, Q_global, K_global, V_global, is_global, is_padding):
    weights = np.where(is_padding, 0, shares(scores_of(Q_global, K_global)))
    return overwritten(local, weights @ V_global, is_global & ~is_padding)


@misconception(
    "global-rows",
    "padding has a score of 0",
    loses=(NOT_SEEN, LARGE_TOO),
    hint="What is exp(0)? Padding must get no weight at all.",
    says="padding",
)
def padding_scores_zero(local, Q_global, K_global, V_global, is_global, is_padding):
    weights = shares(np.where(is_padding, 0, scores_of(Q_global, K_global)))
    return overwritten(local, weights @ V_global, is_global & ~is_padding)


@misconception(
    "global-rows",
    "padding that is flagged as global overwritten",
    loses=(NOT_GLOBAL,),
    hint="Where a position is padding and flagged as global, which of the two wins?",
    says="padding",
)
def padding_is_global(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = over_all(Q_global, K_global, V_global, is_padding)
    return overwritten(local, rows, is_global)


GIVEN_CHANGED = misconception(
    "global-rows",
    "the given outputs changed",
    loses=(NEW,),
    hint="Whoever gave you these outputs may still need them. Write into an array of your own.",
    says="changed",
)


@GIVEN_CHANGED
def in_place(local, Q_global, K_global, V_global, is_global, is_padding):
    here = is_global & ~is_padding
    local[..., here, :] = over_all(Q_global, K_global, V_global, is_padding)[..., here, :]
    return local


@misconception(
    "global-rows",
    "the given outputs returned where no token is global",
    loses=(NEW,),
    hint="The docstring asks for a new array. What do you return when nothing is to be written?",
    says="",
)
def itself_returned(local, Q_global, K_global, V_global, is_global, is_padding):
    if not is_global.any():
        return local
    return right_rows(local, Q_global, K_global, V_global, is_global, is_padding)


INPUTS_CHANGED = misconception(
    "global-rows",
    "the inputs changed",
    loses=(NEW,),
    hint="a /= b writes into a, and a is the array that you were given. Who else may need it?",
    says="",
)


@INPUTS_CHANGED
def flags_in_place(local, Q_global, K_global, V_global, is_global, is_padding):
    is_global &= ~is_padding
    return right_rows(local, Q_global, K_global, V_global, is_global, is_padding)


@INPUTS_CHANGED
def global_queries_in_place(local, Q_global, K_global, V_global, is_global, is_padding):
    Q_global /= Q_global.shape[-1] ** 0.5
    scores = Q_global @ np.swapaxes(K_global, -1, -2)
    rows = attend(scores, V_global, np.tile(is_padding, (len(is_padding), 1)))
    return overwritten(local, rows, is_global & ~is_padding)


@misconception(
    "global-rows",
    "scores not scaled",
    loses=(SCALE,),
    hint="The global rows are scaled as the local ones are. By what?",
    says="divided by",
)
def global_not_scaled(local, Q_global, K_global, V_global, is_global, is_padding):
    scores = Q_global @ np.swapaxes(K_global, -1, -2)
    rows = attend(scores, V_global, np.tile(is_padding, (len(is_padding), 1)))
    return overwritten(local, rows, is_global & ~is_padding)


OTHER_GLOBAL_SCALE = misconception(
    "global-rows",
    "scores scaled by something else than the root of d_k",
    loses=(SCALE,),
    hint="Which axis of Q_global holds the features, and is it their number that you divide by?",
    says="",
)


def scaled(local, Q, K, V, is_global, is_padding, divisor):
    scores = Q @ np.swapaxes(K, -1, -2) / divisor
    rows = attend(scores, V, np.tile(is_padding, (len(is_padding), 1)))
    return overwritten(local, rows, is_global & ~is_padding)


@OTHER_GLOBAL_SCALE
def global_by_width(local, Q_global, K_global, V_global, is_global, is_padding):
    divisor = Q_global.shape[-1]
    return scaled(local, Q_global, K_global, V_global, is_global, is_padding, divisor)


@OTHER_GLOBAL_SCALE
def global_by_whole_root(local, Q_global, K_global, V_global, is_global, is_padding):
    divisor = math.isqrt(Q_global.shape[-1])
    return scaled(local, Q_global, K_global, V_global, is_global, is_padding, divisor)


@OTHER_GLOBAL_SCALE
def global_by_values(local, Q_global, K_global, V_global, is_global, is_padding):
    divisor = V_global.shape[-1] ** 0.5
    return scaled(local, Q_global, K_global, V_global, is_global, is_padding, divisor)


@OTHER_GLOBAL_SCALE
def scaled_twice(local, Q_global, K_global, V_global, is_global, is_padding):
    Q_global = Q_global / Q_global.shape[-1] ** 0.5
    return right_rows(local, Q_global, K_global, V_global, is_global, is_padding)


GLOBAL_UNSTABLE = misconception(
    "global-rows",
    "softmax without the shift overflows",
    loses=(LARGE_TOO,),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="large",
)


@GLOBAL_UNSTABLE
def global_unstable(local, Q_global, K_global, V_global, is_global, is_padding):
    scores = np.where(is_padding, -np.inf, scores_of(Q_global, K_global))
    return overwritten(local, shares_unshifted(scores) @ V_global, is_global & ~is_padding)


GLOBAL_SHIFT = misconception(
    "global-rows",
    "the shift of the softmax is not the largest open score of each query",
    loses=(LARGE_TOO,),
    hint="What you subtract may be far above all open scores of a query. What is exp of them then?",
    says="",
)


@GLOBAL_SHIFT
def global_one_shift(local, Q_global, K_global, V_global, is_global, is_padding):
    scores = np.where(is_padding, -np.inf, scores_of(Q_global, K_global))
    rows = shares_unshifted(scores - scores.max()) @ V_global
    return overwritten(local, rows, is_global & ~is_padding)


@GLOBAL_SHIFT
def global_shift_of_padding(local, Q_global, K_global, V_global, is_global, is_padding):
    scores = scores_of(Q_global, K_global)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True)) * ~is_padding
    with np.errstate(all="ignore"):
        rows = weights / weights.sum(axis=-1, keepdims=True) @ V_global
    return overwritten(local, rows, is_global & ~is_padding)


FINITE_PADDING = misconception(
    "global-rows",
    "the scores of padding low, but not minus infinity",
    loses=(NOT_SEEN, LARGE_TOO),
    hint="All scores of a token may be lower than the number you chose. Which one is never?",
    says="",
)


@FINITE_PADDING
def padding_at_minus_100(local, Q_global, K_global, V_global, is_global, is_padding):
    weights = shares(np.where(is_padding, -100, scores_of(Q_global, K_global)))
    return overwritten(local, weights @ V_global, is_global & ~is_padding)


@misconception(
    "global-rows",
    "the scores of padding low, but not minus infinity",
    loses=(LARGE_TOO,),
    hint="All scores of a token may be lower than the number you chose. Which one is never?",
    says="",
)
def padding_at_minus_10000(local, Q_global, K_global, V_global, is_global, is_padding):
    weights = shares(np.where(is_padding, -1e4, scores_of(Q_global, K_global)))
    return overwritten(local, weights @ V_global, is_global & ~is_padding)


GLOBAL_ONE_HEAD = misconception(
    "global-rows",
    "written for one head",
    loses=(HEADS_TOO,),
    hint="In front of the tokens there may be heads. Which axis do your flags belong to?",
    says="",
)


@GLOBAL_ONE_HEAD
def flags_on_first_axis(local, Q_global, K_global, V_global, is_global, is_padding):
    here, output = is_global & ~is_padding, local.copy()
    output[here] = over_all(Q_global, K_global, V_global, is_padding)[here]
    return output


@GLOBAL_ONE_HEAD
def positions_on_first_axis(local, Q_global, K_global, V_global, is_global, is_padding):
    output = local.copy()
    rows = over_all(Q_global, K_global, V_global, is_padding)
    for position in np.flatnonzero(is_global & ~is_padding):
        output[position] = rows[position]
    return output


@GLOBAL_ONE_HEAD
def weights_on_first_axis(local, Q_global, K_global, V_global, is_global, is_padding):
    weights = shares(np.where(is_padding, -np.inf, scores_of(Q_global, K_global)))
    output = local.copy()
    for position in np.flatnonzero(is_global & ~is_padding):
        output[position] = weights[position] @ V_global
    return output


@GLOBAL_ONE_HEAD
def queries_on_first_axis(local, Q_global, K_global, V_global, is_global, is_padding):
    output, d_k = local.copy(), Q_global.shape[-1]
    for position in np.flatnonzero(is_global & ~is_padding):
        scores = np.where(is_padding, -np.inf, K_global @ Q_global[position] / d_k**0.5)
        output[position] = shares(scores) @ V_global
    return output


@GLOBAL_ONE_HEAD
def keys_turned_round(local, Q_global, K_global, V_global, is_global, is_padding):
    scores = Q_global @ K_global.T / Q_global.shape[-1] ** 0.5
    weights = shares(np.where(is_padding, -np.inf, scores))
    return overwritten(local, weights @ V_global, is_global & ~is_padding)


@misconception(
    "global-rows",
    "weights returned beside the output",
    loses=(NEW,),
    hint="The docstring asks for one array here. What else do you return?",
    says="",
)
def global_with_weights(local, Q_global, K_global, V_global, is_global, is_padding):
    return right_rows(local, Q_global, K_global, V_global, is_global, is_padding), None


def two_sided_mask(attention_window, is_global, is_padding):
    return right_mask(attention_window, is_global, is_padding)


def global_rows(local, Q_global, K_global, V_global, is_global, is_padding):
    return right_rows(local, Q_global, K_global, V_global, is_global, is_padding)


KINDS: tuple[str, ...] = ("Q", "K", "V", "Q_global", "K_global", "V_global")


class Layer:
    """A right answer to longformer-layer, from which the wrong ones differ in one thing."""

    def __init__(self, d_model, num_heads, attention_window):
        self.check(d_model, num_heads, attention_window)
        self.num_heads, self.attention_window = num_heads, attention_window
        for name in KINDS:
            setattr(self, f"W_{name}", self.matrix(d_model))
            setattr(self, f"b_{name}", self.bias(d_model))

    def check(self, d_model, num_heads, attention_window):
        check_window(attention_window)
        if num_heads < 1 or d_model % num_heads:
            raise ValueError(f"num_heads is {num_heads}; it must divide d_model, {d_model}")

    def matrix(self, d_model):
        return np.random.randn(d_model, d_model)

    def bias(self, d_model):
        return np.zeros(d_model)

    def project(self, x, name):
        return x @ getattr(self, f"W_{name}") + getattr(self, f"b_{name}")

    def heads(self, x, name):
        projected = self.project(x, name)
        return projected.reshape(len(x), self.num_heads, -1).swapaxes(0, 1)

    def window(self):
        return self.attention_window

    def forward(self, x, is_global, is_padding):
        if x.ndim == 2:
            return self.one(x, is_global, is_padding)
        return np.stack([self.one(*text) for text in self.texts(x, is_global, is_padding)])

    def texts(self, x, is_global, is_padding):
        return zip(x, is_global, is_padding, strict=True)

    def one(self, x, is_global, is_padding):
        heads = {name: self.heads(x, name) for name in KINDS}
        mask = two_sided_mask(self.window(), is_global, is_padding)
        output = self.attend(heads, mask, is_global, is_padding)
        return self.combined(output).reshape(x.shape)

    def combined(self, output):
        return output.swapaxes(0, 1)

    def attend(self, heads, mask, is_global, is_padding):
        local = local_rows(heads["Q"], heads["K"], heads["V"], mask)
        Q, K, V = (heads[name] for name in KINDS[3:])
        return global_rows(local, Q, K, V, is_global, is_padding)


MADE, SEEN, SCORES = "weights and biases", "who sees whom", "biases, scale and large scores"
BATCH, LEFT_ALONE = "a batch", "x and flags left as they are"
PROJECTIONS = (SCORES, GLOBALS)
ALL_HEADS = (SEEN, SCORES, BATCH)


@misconception(
    "longformer-layer",
    "global rows through the local projections",
    loses=PROJECTIONS,
    hint="The layer has six matrices. How many does forward use, and for whom?",
    says="V_global",
)
class LocalForAll(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        return local_rows(heads["Q"], heads["K"], heads["V"], mask)


BY_TOKEN = misconception(
    "longformer-layer",
    "local queries read global keys through the global projections",
    loses=(GLOBALS,),
    hint="The projections go by the query. Who asks when a local token looks at a global one?",
    says="goes by the query",
)


@BY_TOKEN
class ProjectionsByKey(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        for name in ("K", "V"):
            here = is_global[:, np.newaxis]
            heads[name] = np.where(here, heads[f"{name}_global"], heads[name])
        return super().attend(heads, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "each token through projections of its own kind, whoever asks",
    loses=(GLOBALS,),
    hint="A local and a global token meet. Whose projections make their key, those of the asker?",
    says="goes by the query",
)
class ProjectionsByToken(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        here = is_global[:, np.newaxis]
        Q, K, V = (np.where(here, heads[f"{n}_global"], heads[n]) for n in ("Q", "K", "V"))
        return local_rows(Q, K, V, mask)


@misconception(
    "longformer-layer",
    "only the queries have global projections",
    loses=PROJECTIONS,
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
    loses=PROJECTIONS,
    hint="One of the six matrices is never used. Which?",
    says="V_global",
)
class LocalValues(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        return super().attend(heads | {"V_global": heads["V"]}, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "global queries read local keys",
    loses=PROJECTIONS,
    hint="One of the six matrices is never used. Which?",
    says="_global",
)
class LocalKeys(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        return super().attend(heads | {"K_global": heads["K"]}, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "the local and the global projections exchanged",
    loses=(SCORES, GLOBALS),
    hint="Which tokens go through W_Q, and which through W_Q_global?",
    says="",
)
class SetsExchanged(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        exchanged = {name: heads[f"{name}_global"] for name in KINDS[:3]}
        exchanged |= {f"{name}_global": heads[name] for name in KINDS[:3]}
        return super().attend(exchanged, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "every row written over by a global one",
    loses=(SEEN, SCORES, GLOBALS, BATCH),
    hint="Whose rows go through the global projections? The others have their output already.",
    says="",
)
class AllRowsGlobal(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        local = local_rows(heads["Q"], heads["K"], heads["V"], mask)
        Q, K, V = (heads[name] for name in KINDS[3:])
        return global_rows(local, Q, K, V, np.ones_like(is_global), is_padding)


@misconception(
    "longformer-layer",
    "biases forgotten",
    loses=(SCORES,),
    hint="The layer has six matrices and six more things. Where are they added?",
    says="b_Q",
)
class WithoutBiases(Layer):
    def project(self, x, name):
        return x @ getattr(self, f"W_{name}")


@misconception(
    "longformer-layer",
    "global biases forgotten",
    loses=(SCORES,),
    hint="The layer has six biases. How many does forward use?",
    says="b_Q_global",
)
class WithoutGlobalBiases(Layer):
    def project(self, x, name):
        bias = 0 if name.endswith("global") else getattr(self, f"b_{name}")
        return x @ getattr(self, f"W_{name}") + bias


@misconception(
    "longformer-layer",
    "local biases in the global projections",
    loses=(SCORES,),
    hint="The layer has six biases. Which ones does a global query get?",
    says="b_Q_global",
)
class LocalBiases(Layer):
    def project(self, x, name):
        return x @ getattr(self, f"W_{name}") + getattr(self, f"b_{name[0]}")


@misconception(
    "longformer-layer",
    "scaled before the bias",
    loses=(SCORES,),
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
    "x @ W.T in place of x @ W",
    loses=(SEEN, SCORES, BATCH),
    hint="The formula has no transpose: projected = x @ W + b.",
    says="",
)
class TransposedWeights(Layer):
    def project(self, x, name):
        return x @ getattr(self, f"W_{name}").T + getattr(self, f"b_{name}")


@misconception(
    "longformer-layer",
    "scaled twice",
    loses=(SCORES,),
    hint="local_rows divides the scores already. Who does it once more?",
    says="",
)
class ScaledTwice(Layer):
    def heads(self, x, name):
        heads = super().heads(x, name)
        return heads / heads.shape[-1] ** 0.5 if name[0] == "Q" else heads


@misconception(
    "longformer-layer",
    "scaled by d_model in place of d_k",
    loses=(SEEN, SCORES, BATCH),
    hint="How many features has a query of one head? Scores are divided by the root of that.",
    says="",
)
class ScaledByModel(Layer):
    def heads(self, x, name):
        heads = super().heads(x, name)
        return heads / self.num_heads**0.5 if name[0] == "Q" else heads


@misconception(
    "longformer-layer",
    "queries and keys exchanged",
    loses=(SEEN, SCORES, BATCH),
    hint="Who asks, and who is asked? In which order does your attention take them?",
    says="",
)
class QueriesForKeys(Layer):
    def heads(self, x, name):
        exchanged = {"Q": "K", "K": "Q", "V": "V"}[name[0]] + name[1:]
        return super().heads(x, exchanged)


@misconception(
    "longformer-layer",
    "global queries and keys exchanged",
    loses=(SEEN, SCORES, BATCH),
    hint="Who asks, and who is asked? In which order does global_rows take them?",
    says="",
)
class GlobalQueriesForKeys(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        heads["Q_global"], heads["K_global"] = heads["K_global"], heads["Q_global"]
        return super().attend(heads, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "the whole attention_window on each side",
    loses=(SEEN, BATCH),
    hint="attention_window counts both sides together. How much is left for each?",
    says="too far",
)
class WholeOnEachSide(Layer):
    def window(self):
        return 2 * self.attention_window


@misconception(
    "longformer-layer",
    "padding ignored",
    loses=(PADDING, BATCH),
    hint="One argument of forward is never used. Padding is no text: nobody should read it.",
    says="is padding",
)
class PaddingIgnored(Layer):
    def one(self, x, is_global, is_padding):
        return super().one(x, is_global, np.zeros_like(is_padding))


PARTLY_PADDED = misconception(
    "longformer-layer",
    "padding heeded in one of the two steps only",
    loses=(PADDING, BATCH),
    hint="Local and global rows are made one after the other. Which of them is told of padding?",
    says="padding",
)


@PARTLY_PADDED
class GlobalRowsSeePadding(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        return super().attend(heads, mask, is_global, np.zeros_like(is_padding))


@PARTLY_PADDED
class LocalRowsSeePadding(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        mask = two_sided_mask(self.window(), is_global, np.zeros_like(is_padding))
        return super().attend(heads, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "global tokens see all, but are not seen",
    loses=(SEEN, BATCH),
    hint="A global token sees everybody. Who sees the global token?",
    says="every query sees it",
)
class GlobalsNotInTheMask(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        mask = two_sided_mask(self.window(), np.zeros_like(is_global), is_padding)
        return super().attend(heads, mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "the mask of the first text kept for all",
    loses=(SEEN, BATCH),
    hint="Each text has flags of its own. When is your mask made, and when is it made anew?",
    says="",
)
class MaskKept(Layer):
    def attend(self, heads, mask, is_global, is_padding):
        if not hasattr(self, "mask"):
            self.mask = mask
        return super().attend(heads, self.mask, is_global, is_padding)


@misconception(
    "longformer-layer",
    "global tokens ignored",
    loses=(SEEN, SCORES, GLOBALS, BATCH),
    hint="One argument of forward is never used. What does a global token see, and who sees it?",
    says="global",
)
class GlobalsIgnored(Layer):
    def one(self, x, is_global, is_padding):
        return super().one(x, np.zeros_like(is_global), is_padding)


@misconception(
    "longformer-layer",
    "padding exchanged with text",
    loses=(SEEN, SCORES, GLOBALS, PADDING, BATCH),
    hint="Is a True in is_padding a token, or the lack of one?",
    says="",
)
class PaddingOtherWayRound(Layer):
    def one(self, x, is_global, is_padding):
        return super().one(x, is_global, ~is_padding)


@misconception(
    "longformer-layer",
    "rows of padding keep what is in x",
    loses=(PADDING, BATCH),
    hint="What does the docstring say of the rows of padding in the output?",
    says="is padding",
)
class PaddingKeepsX(Layer):
    def one(self, x, is_global, is_padding):
        output = super().one(x, is_global, is_padding)
        return np.where(is_padding[:, np.newaxis], x, output)


@misconception(
    "longformer-layer",
    "the input added to the output",
    loses=(SEEN, SCORES, GLOBALS, PADDING, BATCH),
    hint="The shortcut round an attention layer is no part of it. What does the docstring return?",
    says="",
)
class Shortcut(Layer):
    def one(self, x, is_global, is_padding):
        return x + super().one(x, is_global, is_padding)


@misconception(
    "longformer-layer",
    "one head in place of many",
    loses=ALL_HEADS,
    hint="What does num_heads change in your output? Each head has weights of its own.",
    says="head",
)
class OneHead(Layer):
    def heads(self, x, name):
        return self.project(x, name)[np.newaxis]


@misconception(
    "longformer-layer",
    "heads split by a reshape without a transpose",
    loses=ALL_HEADS,
    hint="A reshape alone gives head 0 the first positions. It should get all of them.",
    says="head",
)
class HeadsByReshape(Layer):
    def heads(self, x, name):
        return self.project(x, name).reshape(self.num_heads, len(x), -1)


@misconception(
    "longformer-layer",
    "heads combined by a reshape without a transpose",
    loses=ALL_HEADS,
    hint="A reshape alone puts positions side by side. Which axis should come before the features?",
    says="",
)
class CombinedByReshape(Layer):
    def combined(self, output):
        return output


NO_BATCH = misconception(
    "longformer-layer",
    "written for one text: no batch",
    loses=(BATCH,),
    hint="x may have three axes, and each text has flags of its own. What runs one by one?",
    says="",
)


class OneText(Layer):
    def forward(self, x, is_global, is_padding):
        return self.one(x, is_global, is_padding)


@NO_BATCH
class OneTextAlone(OneText):
    pass


def split_heads(x, num_heads):
    """(n, d_model) to (num_heads, n, d_k)."""
    return x.reshape(len(x), num_heads, -1).swapaxes(0, 1)


def combine_heads(heads):
    """(num_heads, n, d_k) to (n, d_model)."""
    return heads.swapaxes(0, 1).reshape(heads.shape[1], -1)


@NO_BATCH
class OneTextByParts(OneText):
    def heads(self, x, name):
        return split_heads(self.project(x, name), self.num_heads)

    def combined(self, output):
        return combine_heads(output)


@misconception(
    "longformer-layer",
    "written for a batch: no single text",
    loses=(SEEN, SCORES, GLOBALS, PADDING, LEFT_ALONE),
    hint="x may have two axes. What does a loop over the texts run over then?",
    says="",
)
class OnlyBatches(Layer):
    def forward(self, x, is_global, is_padding):
        return np.stack([self.one(*text) for text in self.texts(x, is_global, is_padding)])


FIRST_FLAGS = misconception(
    "longformer-layer",
    "flags of the first text used for all",
    loses=(BATCH,),
    hint="The texts of a batch differ in length. Whose flags does the second one get?",
    says="batch",
)


@FIRST_FLAGS
class FlagsOfFirst(Layer):
    def texts(self, x, is_global, is_padding):
        return ((text, is_global[0], is_padding[0]) for text in x)


@FIRST_FLAGS
class GlobalsOfFirst(Layer):
    def texts(self, x, is_global, is_padding):
        return ((x[i], is_global[0], is_padding[i]) for i in range(len(x)))


@FIRST_FLAGS
class PaddingOfFirst(Layer):
    def texts(self, x, is_global, is_padding):
        return ((x[i], is_global[i], is_padding[0]) for i in range(len(x)))


@misconception(
    "longformer-layer",
    "a batch of one loses its first axis",
    loses=(GLOBALS, PADDING, BATCH),
    hint="The output has the shape of x, also where an axis is 1. Which step drops such an axis?",
    says="",
)
class Squeezed(Layer):
    def forward(self, x, is_global, is_padding):
        return np.squeeze(super().forward(x, is_global, is_padding))


@misconception(
    "longformer-layer",
    "a batch of one loses its first axis",
    loses=(BATCH,),
    hint="The output has the shape of x, also where an axis is 1. Which step drops such an axis?",
    says="",
)
class SqueezedBatch(Layer):
    def forward(self, x, is_global, is_padding):
        output = super().forward(x, is_global, is_padding)
        return output if x.ndim == 2 else np.squeeze(output)


@misconception(
    "longformer-layer",
    "texts of a batch put below each other",
    loses=(BATCH,),
    hint="The output has the shape of x: three axes for a batch. What makes a new axis?",
    says="",
)
class TextsJoined(Layer):
    def forward(self, x, is_global, is_padding):
        if x.ndim == 2:
            return self.one(x, is_global, is_padding)
        return np.concatenate([self.one(*text) for text in self.texts(x, is_global, is_padding)])


@misconception(
    "longformer-layer",
    "matrices of one head only",
    loses=(MADE,),
    hint="Each matrix makes the queries of all heads. How many columns does it need?",
    says="shape",
)
class MatricesOfOneHead(Layer):
    def matrix(self, d_model):
        return np.random.randn(d_model, d_model // self.num_heads)


NOT_RANDOM = misconception(
    "longformer-layer",
    "weights that are not random",
    loses=(MADE,),
    hint="A layer of equal weights cannot learn different things. What does the docstring ask for?",
    says="",
)


@NOT_RANDOM
class ZeroMatrices(Layer):
    def matrix(self, d_model):
        return np.zeros((d_model, d_model))


@NOT_RANDOM
class MatricesOfOnes(Layer):
    def matrix(self, d_model):
        return np.ones((d_model, d_model))


@misconception(
    "longformer-layer",
    "the same numbers in all matrices",
    loses=(MADE,),
    hint="W_Q, W_K and W_V are three matrices. A generator with the same seed repeats itself.",
    says="",
)
class SameMatrices(Layer):
    def matrix(self, d_model):
        return np.random.default_rng(0).normal(size=(d_model, d_model))


@misconception(
    "longformer-layer",
    "biases that are not zeros",
    loses=(MADE,),
    hint="What do the biases of a new layer hold, by the docstring?",
    says="",
    unsteady=True,
)
class RandomBiases(Layer):
    def bias(self, d_model):
        return np.random.randn(d_model)


@misconception(
    "longformer-layer",
    "biases that are not zeros",
    loses=(MADE,),
    hint="What do the biases of a new layer hold, by the docstring?",
    says="",
)
class BiasesOfOnes(Layer):
    def bias(self, d_model):
        return np.ones(d_model)


@misconception(
    "longformer-layer",
    "weights kept from the time when the layer was made",
    loses=(SEEN, SCORES, GLOBALS, PADDING, BATCH),
    hint="forward looks the weights up whenever it is called. Whose does yours use after training?",
    says="",
    unsteady=True,
)
class OwnCopies(Layer):
    def __init__(self, d_model, num_heads, attention_window):
        super().__init__(d_model, num_heads, attention_window)
        self.kept = dict(vars(self))

    def project(self, x, name):
        return x @ self.kept[f"W_{name}"] + self.kept[f"b_{name}"]


@misconception(
    "longformer-layer",
    "x changed",
    loses=(LEFT_ALONE,),
    hint="x[...] = 0 writes into the array that you were given. Who else may need it?",
    says="",
)
class PaddingWrittenIntoX(Layer):
    def one(self, x, is_global, is_padding):
        x[is_padding] = 0
        return super().one(x, is_global, is_padding)


@misconception(
    "longformer-layer",
    "the flags changed",
    loses=(LEFT_ALONE,),
    hint="a &= b writes into a, and a is the array that you were given. Who else may need it?",
    says="",
)
class FlagsChanged(Layer):
    def one(self, x, is_global, is_padding):
        is_global &= ~is_padding
        return super().one(x, is_global, is_padding)


class Unchecked(Layer):
    def check(self, d_model, num_heads, attention_window):
        pass


SIZES = misconception(
    "longformer-layer",
    "sizes not checked",
    loses=(REFUSED,),
    hint="The docstring says which sizes are refused, and what the message names.",
    says="",
)


@SIZES
class SizesNotChecked(Unchecked):
    pass


@SIZES
class SizesNotCheckedButDivided(Unchecked):
    def check(self, d_model, num_heads, attention_window):
        self.d_k = d_model // num_heads


WINDOW_OF_LAYER = misconception(
    "longformer-layer",
    "attention_window not checked, or not for all",
    loses=(REFUSED,),
    hint="A layer is refused when it is made. Try an attention_window of 3, 1, 0 and -2.",
    says="is accepted",
)


class HeadsChecked(Layer):
    def check(self, d_model, num_heads, attention_window):
        if num_heads < 1 or d_model % num_heads:
            raise ValueError(f"num_heads is {num_heads}; it must divide d_model, {d_model}")
        if self.refused(attention_window):
            raise ValueError(f"attention_window is {attention_window}")


@WINDOW_OF_LAYER
class WindowLeftToTheMask(HeadsChecked):
    def refused(self, attention_window):
        return False


@WINDOW_OF_LAYER
class OnlyOddRefused(HeadsChecked):
    def refused(self, attention_window):
        return attention_window % 2


@WINDOW_OF_LAYER
class OnlySmallRefused(HeadsChecked):
    def refused(self, attention_window):
        return attention_window < 2


@WINDOW_OF_LAYER
class OnlyBelowOneRefused(HeadsChecked):
    def refused(self, attention_window):
        return attention_window < 1


@WINDOW_OF_LAYER
class ZeroAccepted(HeadsChecked):
    def refused(self, attention_window):
        return attention_window < 0 or attention_window % 2


HEADS_OF_LAYER = misconception(
    "longformer-layer",
    "num_heads not checked, or not for all",
    loses=(REFUSED,),
    hint="Two things are asked of num_heads. Try 0, -2, and a number that does not divide d_model.",
    says="",
)


class WindowChecked(Layer):
    def check(self, d_model, num_heads, attention_window):
        check_window(attention_window)
        if self.refused(d_model, num_heads):
            raise ValueError(f"num_heads is {num_heads}")


@HEADS_OF_LAYER
class HeadsNotChecked(WindowChecked):
    def refused(self, d_model, num_heads):
        return False


@HEADS_OF_LAYER
class DividedByZero(WindowChecked):
    def refused(self, d_model, num_heads):
        return d_model % num_heads


@HEADS_OF_LAYER
class OnlyZeroRefused(WindowChecked):
    def refused(self, d_model, num_heads):
        return num_heads == 0 or d_model % num_heads


@HEADS_OF_LAYER
class OnlyBelowOneHeadRefused(WindowChecked):
    def refused(self, d_model, num_heads):
        return num_heads < 1


OTHER_ERRORS = misconception(
    "longformer-layer",
    "refused, but not with a ValueError",
    loses=(REFUSED,),
    hint="The docstring names the exception. What do you raise?",
    says="ValueError",
)


@OTHER_ERRORS
class Asserted(Layer):
    def check(self, d_model, num_heads, attention_window):
        assert num_heads > 0, num_heads
        assert d_model % num_heads == 0, num_heads
        assert attention_window > 1, attention_window
        assert attention_window % 2 == 0, attention_window


@misconception(
    "longformer-layer",
    "a message that does not say what is wrong",
    loses=(REFUSED,),
    hint="The message should name the argument and its value. Does yours?",
    says="",
)
class Nameless(Layer):
    def check(self, d_model, num_heads, attention_window):
        try:
            super().check(d_model, num_heads, attention_window)
        except ValueError:
            raise ValueError("these sizes do not fit") from None
