"""Wrong answers to the exercises of 01_rolling_cache."""

from typing import ClassVar

import numpy as np

from grading.judging.written import misconception

SLOTS = ("written over", "not yet written over")
INTS = ("an array of int",)
ALL_SLOTS = (*SLOTS, *INTS)


@misconception(
    "slot-positions",
    "slots in the order of the text",
    loses=("written over",),
    hint="A token stays in its slot until it is written over; nothing moves. Where is the newest?",
    says="nothing is moved",
)
def in_order(length, window_size):
    slots = np.full(window_size, -1)
    kept = np.arange(max(0, length - window_size), length)
    slots[: len(kept)] = kept
    return slots


@misconception(
    "slot-positions",
    "the newest token always in the last slot",
    loses=ALL_SLOTS,
    hint="That buffer moves all its tokens at every step. In a ring, only one slot changes.",
    says="nothing is moved",
)
def pushed_through(length, window_size):
    return np.maximum(np.arange(length - window_size, length), -1)


@misconception(
    "slot-positions",
    "0 for an empty slot",
    loses=("not yet written over",),
    hint="0 is a position. How does the docstring mark a slot in which nothing lies yet?",
    says="-1 says that a slot is empty",
)
def zero_for_empty(length, window_size):
    slots = np.zeros(window_size, dtype=int)
    for position in range(length):
        slots[position % window_size] = position
    return slots


@misconception(
    "slot-positions",
    "one token too many",
    loses=ALL_SLOTS,
    hint="After `length` tokens, which is the last position? The first one is 0.",
    says="has not been written yet",
)
def one_too_many(length, window_size):
    slots = np.full(window_size, -1)
    for position in range(length + 1):
        slots[position % window_size] = position
    return slots


@misconception(
    "slot-positions",
    "one token too few",
    loses=ALL_SLOTS,
    hint="After `length` tokens, which is the last position? It must lie in some slot.",
    says="the last position is",
)
def one_too_few(length, window_size):
    slots = np.full(window_size, -1)
    for position in range(length - 1):
        slots[position % window_size] = position
    return slots


@misconception(
    "slot-positions",
    "the present lap in every slot",
    loses=ALL_SLOTS,
    hint="Which slots have been reached in this lap? The others still hold the lap before.",
    says="has not been written yet",
)
def present_lap(length, window_size):
    return np.arange(window_size) + window_size * (length // window_size)


@misconception(
    "slot-positions",
    "the first tokens kept for good",
    loses=("written over",),
    hint="What happens to token 0 when the window has gone past it?",
    says="has left the window",
)
def first_tokens(length, window_size):
    slots = np.arange(window_size)
    return np.where(slots < length, slots, -1 - (length >= window_size))


@misconception(
    "slot-positions",
    "a slot counted from 1",
    loses=ALL_SLOTS,
    hint="Position 0 lies in slot 0. Where does yours lie?",
    says="nothing is moved",
)
def slots_from_one(length, window_size):
    slots = np.full(window_size, -1)
    for position in range(length):
        slots[(position + 1) % window_size] = position
    return slots


@misconception(
    "slot-positions",
    "a negative number other than -1 for an empty slot",
    loses=("not yet written over",),
    hint="What does your formula give for a slot that no token has reached? It should be -1.",
    says="-1 says that a slot is empty",
)
def laps_before_the_text(length, window_size):
    slots = np.arange(window_size)
    return slots + (length - 1 - slots) // window_size * window_size


@misconception(
    "slot-positions",
    "a window of 4 written into the code",
    loses=ALL_SLOTS,
    hint="The figure has 4 slots. How many has a buffer of another size?",
    says="expected",
)
def four_slots(length, window_size):
    slots = np.full(window_size, -1)
    for position in range(length):
        slots[position % min(window_size, 4)] = position
    return slots


EMPTY_BUFFER = misconception(
    "slot-positions",
    "wrong for a text without a token",
    loses=("not yet written over",),
    hint="After 0 tokens, what lies in the slots?",
    says="been written yet",
)


@EMPTY_BUFFER
def one_token_in_an_empty_buffer(length, window_size):
    slots = np.full(window_size, -1)
    for position in range(max(1, length)):
        slots[position % window_size] = position
    return slots


_buffers: dict[int, np.ndarray] = {}


STALE = misconception(
    "slot-positions",
    "slots of an earlier call kept",
    loses=("not yet written over",),
    hint="Ask for 9 tokens, then for 2. What does your function remember, and where?",
    says="expected",
)


@STALE
def remembered_buffer(length, window_size):
    slots = _buffers.setdefault(window_size, np.full(window_size, -1))
    for position in range(length):
        slots[position % window_size] = position
    return slots


NOT_INTS = misconception(
    "slot-positions",
    "not an array of int",
    loses=INTS,
    hint="Positions are counts. Which type and dtype does your result have?",
    says="slot_positions(7, 4): got",
)


@NOT_INTS
def slots_as_floats(length, window_size):
    slots = -np.ones(window_size)
    for position in range(length):
        slots[position % window_size] = position
    return slots


@NOT_INTS
def slots_as_list(length, window_size):
    slots = [-1] * window_size
    for position in range(length):
        slots[position % window_size] = position
    return slots


EVERY_STORE = ("the first lap", "later laps", "batch and heads")


@misconception(
    "store-token",
    "the position taken for the slot",
    loses=("later laps",),
    hint="There are window_size slots, and far more positions. How do you get round and round?",
    says="out of bounds",
)
def slot_is_position(keys, values, key, value, position):
    keys[..., position, :] = key
    values[..., position, :] = value


@misconception(
    "store-token",
    "once the buffer is full, always the last slot",
    loses=("later laps",),
    hint="Which token do you lose here: the oldest, or the one before the newest?",
    says="slot 3",
)
def last_slot_for_ever(keys, values, key, value, position):
    slot = min(position, keys.shape[-2] - 1)
    keys[..., slot, :] = key
    values[..., slot, :] = value


@misconception(
    "store-token",
    "the whole buffer moved by one",
    loses=EVERY_STORE,
    hint="Moving everything costs window_size copies a token. Write over the one that is too old.",
    says="must not change",
)
def moved(keys, values, key, value, position):
    keys[..., :-1, :] = keys[..., 1:, :].copy()
    values[..., :-1, :] = values[..., 1:, :].copy()
    keys[..., -1, :] = key
    values[..., -1, :] = value


@misconception(
    "store-token",
    "the slot after the right one",
    loses=EVERY_STORE,
    hint="Position 0 belongs in slot 0. Where does yours go?",
    says="must not change",
)
def one_slot_on(keys, values, key, value, position):
    slot = (position + 1) % keys.shape[-2]
    keys[..., slot, :] = key
    values[..., slot, :] = value


@misconception(
    "store-token",
    "a new array instead of the one that was given",
    loses=EVERY_STORE,
    hint="Who called you still has the old arrays. Write into those.",
    says="in place",
)
def into_a_copy(keys, values, key, value, position):
    slot = position % keys.shape[-2]
    keys, values = keys.copy(), values.copy()
    keys[..., slot, :] = key
    values[..., slot, :] = value


@misconception(
    "store-token",
    "values forgotten",
    loses=EVERY_STORE,
    hint="A token brings two vectors. Where does the second one go?",
    says="values",
)
def keys_only(keys, values, key, value, position):
    keys[..., position % keys.shape[-2], :] = key


@misconception(
    "store-token",
    "keys forgotten",
    loses=EVERY_STORE,
    hint="A token brings two vectors. Where does the first one go?",
    says="keys",
)
def values_only(keys, values, key, value, position):
    values[..., position % values.shape[-2], :] = value


@misconception(
    "store-token",
    "the slot before the right one",
    loses=EVERY_STORE,
    hint="Position 0 belongs in slot 0. Where does yours go?",
    says="must not change",
)
def one_slot_back(keys, values, key, value, position):
    slot = (position - 1) % keys.shape[-2]
    keys[..., slot, :] = key
    values[..., slot, :] = value


@misconception(
    "store-token",
    "the same vector written into every slot",
    loses=EVERY_STORE,
    hint="A token has one slot. Which slots does your assignment change?",
    says="must not change",
)
def into_every_slot(keys, values, key, value, position):
    keys[...] = key[..., np.newaxis, :]
    values[...] = value[..., np.newaxis, :]


@misconception(
    "store-token",
    "added to what lies in the slot",
    loses=EVERY_STORE,
    hint="What lay in the slot before is too old. What should be left of it?",
    says="does not hold the new vector",
)
def added_to_slot(keys, values, key, value, position):
    slot = position % keys.shape[-2]
    keys[..., slot, :] += key
    values[..., slot, :] += value


@misconception(
    "store-token",
    "features counted instead of slots",
    loses=EVERY_STORE,
    hint="The last axis holds the features. Which one holds the slots?",
    says="slot",
)
def features_for_slots(keys, values, key, value, position):
    slot = position % keys.shape[-1]
    keys[..., slot, :] = key
    values[..., slot, :] = value


@misconception(
    "store-token",
    "written into a copy where there are batches",
    loses=("batch and heads",),
    hint="Some reshapes make a copy. With a batch in front, do you still write into the array?",
    says="in place",
)
def into_a_reshaped_copy(keys, values, key, value, position):
    slot = position % keys.shape[-2]
    for buffer, vector in ((keys, key), (values, value)):
        buffer.swapaxes(0, -2).reshape(buffer.shape[-2], -1)[slot] = np.ravel(vector)


@misconception(
    "store-token",
    "exactly one batch axis wanted",
    loses=EVERY_STORE,
    hint="In front of the slots there may be any number of axes. Which index leaves them all?",
    says="index",
)
def one_batch_axis(keys, values, key, value, position):
    slot = position % keys.shape[-2]
    keys[:, slot, :] = key
    values[:, slot, :] = value


@misconception(
    "store-token",
    "slots counted along the first axis",
    loses=("batch and heads",),
    hint="With a batch in front, the slots are not the first axis. Count from the end.",
    says="broadcast",
)
def first_axis(keys, values, key, value, position):
    slot = position % len(keys)
    keys[slot] = key
    values[slot] = value


@misconception(
    "store-token",
    "the number of slots taken from the first axis",
    loses=("batch and heads",),
    hint="With a batch in front, the slots are not the first axis. Count from the end.",
    says="slot",
)
def counts_the_first_axis(keys, values, key, value, position):
    slot = position % len(keys)
    keys[..., slot, :] = key
    values[..., slot, :] = value


def shares(scores):
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def scores_of(query, keys):
    return np.einsum("...d,...sd->...s", query, keys) / query.shape[-1] ** 0.5


def output_of(weights, values):
    return np.einsum("...s,...sd->...d", weights, values)


EMPTY_TAKES_PART = misconception(
    "cache-attention",
    "empty slots take part",
    loses=("a cache not yet full",),
    hint="What lies in a slot that no token was written to? It must not count.",
    says="empty slots",
)


@EMPTY_TAKES_PART
def empty_slots_too(query, keys, values, length):
    return output_of(shares(scores_of(query, keys)), values)


SILENCED = misconception(
    "cache-attention",
    "empty slots silenced after the softmax",
    loses=("a cache not yet full",),
    hint="Add up the weights of the filled slots. Who took the share that is missing?",
    says="sum to 1",
)


@SILENCED
def values_set_to_zero(query, keys, values, length):
    filled = np.arange(keys.shape[-2]) < length
    return output_of(shares(scores_of(query, keys)), values * filled[:, np.newaxis])


@SILENCED
def silenced_too_late(query, keys, values, length):
    weights = shares(scores_of(query, keys))
    filled = np.arange(keys.shape[-2]) < length
    return output_of(np.where(filled, weights, 0).astype(weights.dtype), values)


@misconception(
    "cache-attention",
    "the last slots taken for the filled ones",
    loses=("a cache not yet full",),
    hint="Where does position 0 lie? A buffer fills from slot 0 on.",
    says="empty slots",
)
def filled_at_the_end(query, keys, values, length):
    start = max(0, keys.shape[-2] - length)
    return output_of(shares(scores_of(query, keys[..., start:, :])), values[..., start:, :])


FUTURE = misconception(
    "cache-attention",
    "slots behind the newest left out",
    loses=("a full cache",),
    hint="The buffer holds the past alone. What lies behind the newest token? It is the oldest.",
    says="is full",
)


@FUTURE
def future_slots(query, keys, values, length):
    newest = (length - 1) % keys.shape[-2]
    scores = np.where(np.arange(keys.shape[-2]) > newest, -np.inf, scores_of(query, keys))
    return output_of(shares(scores.astype(keys.dtype)), values)


@misconception(
    "cache-attention",
    "scores not scaled",
    loses=("scale",),
    hint="What are the scores divided by? The docstring has the formula.",
    says="divided by",
)
def cache_not_scaled(query, keys, values, length):
    filled = min(length, keys.shape[-2])
    scores = np.einsum("...d,...sd->...s", query, keys[..., :filled, :])
    return output_of(shares(scores), values[..., :filled, :])


@misconception(
    "cache-attention",
    "softmax without the shift overflows",
    loses=("large scores",),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="large",
)
def cache_unstable(query, keys, values, length):
    filled = min(length, keys.shape[-2])
    with np.errstate(all="ignore"):
        weights = np.exp(scores_of(query, keys[..., :filled, :]))
        weights = weights / weights.sum(axis=-1, keepdims=True)
    return output_of(weights, values[..., :filled, :])


def filled_of(keys, length):
    return keys[..., : min(length, keys.shape[-2]), :]


def attended(query, keys, values, length, root=None):
    """A right output; or divided by another number than the root of d_k."""
    keys, values = filled_of(keys, length), filled_of(values, length)
    scores = np.einsum("...d,...sd->...s", query, keys) / (root or query.shape[-1] ** 0.5)
    return output_of(shares(scores), values)


BY_SIZE = misconception(
    "cache-attention",
    "scores divided by d_k instead of its root",
    loses=("scale",),
    hint="Which function of d_k are the scores divided by?",
    says="square root",
)


@BY_SIZE
def cache_scaled_by_size(query, keys, values, length):
    return attended(query, keys, values, length, query.shape[-1])


@misconception(
    "cache-attention",
    "scores multiplied by the root of d_k",
    loses=("scale",),
    hint="Are the scores to become larger or smaller?",
    says="square root",
)
def cache_multiplied(query, keys, values, length):
    return attended(query, keys, values, length, query.shape[-1] ** -0.5)


@misconception(
    "cache-attention",
    "the root of d_k rounded to a whole number",
    loses=("scale",),
    hint="The root of 5 is no whole number. What does your function divide by then?",
    says="square root",
)
def cache_whole_root(query, keys, values, length):
    return attended(query, keys, values, length, int(query.shape[-1] ** 0.5))


@misconception(
    "cache-attention",
    "scores divided by the root of another size",
    loses=("scale",),
    hint="d_k is the length of a query. Which axis of which array did you take?",
    says="square root",
)
def cache_scaled_by_window(query, keys, values, length):
    return attended(query, keys, values, length, keys.shape[-2] ** 0.5)


@misconception(
    "cache-attention",
    "scores divided by the root of d_v",
    loses=("scale",),
    hint="d_k is the length of a query, d_v that of a value. Which one scales the scores?",
    says="square root",
)
def cache_scaled_by_value_size(query, keys, values, length):
    return attended(query, keys, values, length, values.shape[-1] ** 0.5)


@misconception(
    "cache-attention",
    "scores divided by the root of the number of tokens",
    loses=("scale",),
    hint="d_k is the length of a query. What did you take?",
    says="square root",
)
def cache_scaled_by_filled(query, keys, values, length):
    return attended(query, keys, values, length, min(length, keys.shape[-2]) ** 0.5)


@misconception(
    "cache-attention",
    "the newest token left out",
    loses=("a cache not yet full",),
    hint="`length` tokens are stored, the newest among them. In which slots do they lie?",
    says="length=2",
)
def newest_left_out(query, keys, values, length):
    return attended(query, keys, values, min(length - 1, keys.shape[-2]))


@misconception(
    "cache-attention",
    "one empty slot too many taken for filled",
    loses=("a cache not yet full",),
    hint="After 2 tokens, which is the last slot that is filled? The first is 0.",
    says="empty slots",
)
def one_slot_too_many(query, keys, values, length):
    return attended(query, keys, values, length + 1)


@FUTURE
def this_lap(query, keys, values, length):
    return attended(query, keys, values, length % keys.shape[-2] or keys.shape[-2])


@FUTURE
def this_lap_or_nothing(query, keys, values, length):
    return attended(query, keys, values, length % keys.shape[-2])


@misconception(
    "cache-attention",
    "length not limited to the number of slots along the right axis",
    loses=("batch and heads",),
    hint="len(keys) counts the first axis, which may be a batch. Which axis holds the slots?",
    says="batch",
)
def length_of_the_first_axis(query, keys, values, length):
    return attended(query, keys, values, min(length, len(keys)))


FINITE = misconception(
    "cache-attention",
    "a score for empty slots that is only small, not -inf",
    loses=("large scores",),
    hint="Scores of filled slots can be smaller than that. Which score is smaller than all?",
    says="empty slots",
)


@FINITE
def empty_by_minus_20(query, keys, values, length):
    filled = np.arange(keys.shape[-2]) < length
    scores = np.where(filled, scores_of(query, keys), -20).astype(keys.dtype)
    return output_of(shares(scores), values)


@FINITE
def empty_by_minus_100(query, keys, values, length):
    filled = np.arange(keys.shape[-2]) < length
    scores = np.where(filled, scores_of(query, keys), -100).astype(keys.dtype)
    return output_of(shares(scores), values)


@FINITE
def empty_by_minus_1000(query, keys, values, length):
    filled = np.arange(keys.shape[-2]) < length
    scores = np.where(filled, scores_of(query, keys), -1e3).astype(keys.dtype)
    return output_of(shares(scores), values)


@FINITE
def empty_by_minus_10_000(query, keys, values, length):
    filled = np.arange(keys.shape[-2]) < length
    scores = np.where(filled, scores_of(query, keys), -1e4).astype(keys.dtype)
    return output_of(shares(scores), values)


@misconception(
    "cache-attention",
    "a score of 0 for empty slots",
    loses=("a cache not yet full", "large scores"),
    hint="exp(0) is 1. Which score gives a slot no weight?",
    says="empty slots",
)
def empty_by_zero(query, keys, values, length):
    filled = np.arange(keys.shape[-2]) < length
    scores = np.where(filled, scores_of(query, keys), 0).astype(keys.dtype)
    return output_of(shares(scores), values)


@misconception(
    "cache-attention",
    "the largest score of empty slots, too, subtracted before exp",
    loses=("a cache not yet full",),
    hint="Which slots may decide what is subtracted? Any number may lie in an empty one.",
    says="output",
)
def shifted_by_empty(query, keys, values, length):
    scores = scores_of(query, keys)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))[..., :length]
    weights = scores / scores.sum(axis=-1, keepdims=True)
    return output_of(weights, filled_of(values, length))


@misconception(
    "cache-attention",
    "the largest score of the whole batch subtracted before exp",
    loses=("large scores",),
    hint="A query far below the others has only zeros left. Whose largest score should it be?",
    says="batch",
)
def shifted_by_all(query, keys, values, length):
    scores = scores_of(query, filled_of(keys, length))
    weights = np.exp(scores - scores.max())
    return output_of(weights / weights.sum(axis=-1, keepdims=True), filled_of(values, length))


EVERY_FULL = ("a full cache", "a cache not yet full", "scale", "large scores", "batch and heads")


@misconception(
    "cache-attention",
    "weights not divided by their sum",
    loses=(*EVERY_FULL, "dtype", "inputs left as they are"),
    hint="The weights of a softmax sum to 1. Do yours?",
    says="output",
)
def not_divided(query, keys, values, length):
    scores = scores_of(query, filled_of(keys, length))
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return output_of(2 * shifted, filled_of(values, length))


@misconception(
    "cache-attention",
    "no softmax: scores used as weights",
    loses=(*EVERY_FULL, "dtype", "inputs left as they are"),
    hint="Between the scores and the weights comes a softmax.",
    says="output",
)
def without_softmax(query, keys, values, length):
    return output_of(scores_of(query, filled_of(keys, length)), filled_of(values, length))


@misconception(
    "cache-attention",
    "keys summed up instead of values",
    loses=(*EVERY_FULL, "dtype", "inputs left as they are"),
    hint="Keys make the scores. What is summed up with the weights?",
    says="output",
)
def keys_for_values(query, keys, values, length):
    return attended(query, keys, keys, length)


CHANGED = misconception(
    "cache-attention",
    "an input is changed",
    loses=("inputs left as they are",),
    hint="An operator such as *= writes into the array it is given. Whose array is that?",
    says="attend_to_cache changed",
)


@CHANGED
def query_scaled_in_place(query, keys, values, length):
    query *= query.shape[-1] ** -0.5
    return attended(query, keys, values, length, 1)


@CHANGED
def query_divided_in_place(query, keys, values, length):
    query /= query.shape[-1] ** 0.5
    return attended(query, keys, values, length, 1)


@CHANGED
def keys_scaled_in_place(query, keys, values, length):
    keys /= query.shape[-1] ** 0.5
    return attended(query, keys, values, length, 1)


@CHANGED
def empty_slots_overwritten(query, keys, values, length):
    keys[..., length:, :] = values[..., length:, :] = 0
    return attended(query, keys, values, length)


@CHANGED
def empty_values_overwritten(query, keys, values, length):
    values[..., length:, :] = 0
    return attended(query, keys, values, length)


NO_BATCH = misconception(
    "cache-attention",
    "written for one sequence: no batch axes",
    loses=("large scores", "batch and heads"),
    hint="Axes may come in front of the slots. Which product leaves them where they are?",
    says="matmul",
)


@NO_BATCH
def cache_without_batch(query, keys, values, length):
    scores = filled_of(keys, length) @ query / query.shape[-1] ** 0.5
    return shares(scores) @ filled_of(values, length)


@NO_BATCH
def cache_with_einsum_output(query, keys, values, length):
    scores = filled_of(keys, length) @ query / query.shape[-1] ** 0.5
    return output_of(shares(scores), filled_of(values, length))


@misconception(
    "cache-attention",
    "float64 returned for float32",
    loses=("dtype",),
    hint="Which number of yours did NumPy make where a Python one would do? It decides the dtype.",
    says="expected float32",
)
def cache_promoted(query, keys, values, length):
    filled = min(length, keys.shape[-2])
    scores = np.einsum("...d,...sd->...s", query, keys[..., :filled, :]).astype(float)
    return output_of(shares(scores / query.shape[-1] ** 0.5), values[..., :filled, :])


@misconception(
    "cache-attention",
    "always float32",
    loses=("dtype",),
    hint="The output has the dtype of the inputs. Which line forces another?",
    says="float",
)
def cache_always_float32(query, keys, values, length):
    return attended(query, keys, values, length).astype(np.float32)


@misconception(
    "cache-attention",
    "an axis of length 1 left over",
    loses=(*EVERY_FULL, "dtype", "inputs left as they are"),
    hint="The output has one axis less than the values: that of the slots. Which is left over?",
    says="got shape",
)
def axis_left_over(query, keys, values, length):
    return attended(query, keys, values, length)[..., np.newaxis, :]


class Cache:
    """A right answer to rolling-cache, from which the wrong ones differ in one thing."""

    def __init__(self, window_size, num_global_tokens=0):
        self.check(window_size, num_global_tokens)
        self.window_size, self.num_global_tokens = window_size, num_global_tokens
        self.start()

    def check(self, window_size, num_global_tokens):
        if window_size < 1:
            raise ValueError(f"window_size is {window_size}; it must be at least 1")
        if num_global_tokens < 0 or num_global_tokens > window_size:
            raise ValueError(f"num_global_tokens is {num_global_tokens}; at most {window_size}")

    def start(self):
        self.first, self.recent, self.length = [], [], 0  # pairs of a key and a value

    def attend(self, Q, K, V):
        steps = range(Q.shape[-2])
        outputs = [self.step(Q[..., t, :], K[..., t, :], V[..., t, :]) for t in steps]
        return np.stack(outputs, axis=-2)

    def step(self, query, key, value):
        self.remember(key, value)
        return self.read(query, self.visible())

    def remember(self, key, value):
        if self.length < self.num_global_tokens:
            self.first = [*self.first, (key, value)]
        self.recent = [*self.recent, (key, value)][-self.window_size :]
        self.length += 1

    def visible(self):
        left = max(0, self.length - len(self.recent))
        return [*self.first[:left], *self.recent]

    def read(self, query, pairs):
        keys, values = (np.stack(vectors, axis=-2) for vectors in zip(*pairs, strict=True))
        return output_of(shares(scores_of(query, keys)), values)


KEPT, ONCE = "a global token kept", "global tokens once, beside the window"
CHUNKS, SCORES = "chunks of any length", "scale, and large scores"
WINDOW = ("one token at a time", CHUNKS, ONCE)
SHORT = (SCORES, "batch and heads")  # texts that end before the window is full
FORM = ("memory", "dtype")


@misconception(
    "rolling-cache",
    "a chunk stored whole before it is read",
    loses=(CHUNKS,),
    hint="In a chunk, the first token must not see the last. Does yours? What has it lost instead?",
    says="chunk",
)
class StoresFirst(Cache):
    def attend(self, Q, K, V):
        steps = range(Q.shape[-2])
        for t in steps:
            self.remember(K[..., t, :], V[..., t, :])
        return np.stack([self.read(Q[..., t, :], self.visible()) for t in steps], axis=-2)


@misconception(
    "rolling-cache",
    "only one token of a chunk taken",
    loses=(CHUNKS,),
    hint="A chunk of five tokens has five outputs. How many do you return?",
    says="got shape",
)
class FirstOfChunk(Cache):
    def attend(self, Q, K, V):
        return super().attend(Q[..., :1, :], K[..., :1, :], V[..., :1, :])


@misconception(
    "rolling-cache",
    "only the last output of a chunk returned",
    loses=(CHUNKS,),
    hint="A chunk of five tokens has five outputs. How many do you return?",
    says="got shape",
)
class LastOfChunk(Cache):
    def attend(self, Q, K, V):
        return super().attend(Q, K, V)[..., -1:, :]


@misconception(
    "rolling-cache",
    "every call begins a new text",
    loses=(*WINDOW, *SHORT, *FORM, KEPT),
    hint="What does the second call know of the first? What is kept must outlast a call.",
    says="does not see key",
)
class Forgetful(Cache):
    def attend(self, Q, K, V):
        self.start()
        return super().attend(Q, K, V)


SHARED = misconception(
    "rolling-cache",
    "all caches share one memory",
    loses=("one token at a time",),
    hint="Make two caches and give a text to one of them. What does the other know of it?",
    says="share what they keep",
)


@SHARED
class SharedLists(Cache):
    of_all: ClassVar[list[tuple[np.ndarray, np.ndarray]]] = []
    first_of_all: ClassVar[list[tuple[np.ndarray, np.ndarray]]] = []

    def start(self):
        self.first, self.recent, self.length = self.first_of_all, self.of_all, 0

    def remember(self, key, value):
        if self.length < self.num_global_tokens:
            self.first.append((key, value))
        self.recent.append((key, value))
        del self.recent[: -self.window_size]
        self.length += 1


@misconception(
    "rolling-cache",
    "global tokens counted twice while they are in the window",
    loses=(ONCE,),
    hint="At the start, a global token lies in the window as well. How often does it count?",
    says="twice",
)
class CountsTwice(Cache):
    def visible(self):
        return [*self.first, *self.recent]


AVERAGED = misconception(
    "rolling-cache",
    "a softmax of their own for the global tokens",
    loses=(KEPT, ONCE),
    hint="All keys that a token sees share one softmax. How many do you take?",
    says="the weight",
)


@AVERAGED
class AveragesTwo(Cache):
    def step(self, query, key, value):
        self.remember(key, value)
        recent = self.read(query, self.recent)
        left = self.first[: max(0, self.length - len(self.recent))]
        return (recent + self.read(query, left)) / 2 if left else recent


@misconception(
    "rolling-cache",
    "global tokens lost when they leave the window",
    loses=(KEPT, ONCE),
    hint="The ring writes over every token, a global one, too. Where could it be kept besides?",
    says="global",
)
class NoGlobals(Cache):
    def visible(self):
        return self.recent


@misconception(
    "rolling-cache",
    "global tokens take places of the window",
    loses=(ONCE,),
    hint="The window keeps its size: global tokens come on top, not in place of recent ones.",
    says="places of their own",
)
class InsideTheWindow(Cache):
    def visible(self):
        left = max(0, self.length - len(self.recent))
        globals_left = self.first[:left]
        return [*globals_left, *self.recent[len(globals_left) :]]


@misconception(
    "rolling-cache",
    "one global token too few",
    loses=(KEPT, ONCE),
    hint="With num_global_tokens=1, which position is global? Count from 0.",
    says="global",
)
class OneGlobalTooFew(Cache):
    def remember(self, key, value):
        super().remember(key, value)
        self.first = self.first[: self.num_global_tokens - 1]


@misconception(
    "rolling-cache",
    "one global token too many",
    loses=(ONCE,),
    hint="With num_global_tokens=1, which position is global? Count from 0.",
    says="sees key",
)
class OneGlobalTooMany(Cache):
    def remember(self, key, value):
        if self.num_global_tokens and self.length == self.num_global_tokens:
            self.first = [*self.first, (key, value)]
        super().remember(key, value)


@misconception(
    "rolling-cache",
    "one global token too many",
    loses=(*WINDOW, "memory"),
    hint="With num_global_tokens=0, which position is global? None should be.",
    says="sees key",
)
class OneGlobalTooManyAlways(Cache):
    def remember(self, key, value):
        if self.length == self.num_global_tokens:
            self.first = [*self.first, (key, value)]
        super().remember(key, value)


@misconception(
    "rolling-cache",
    "the first tokens of every chunk taken for global",
    loses=(ONCE, "memory"),
    hint="The global tokens are the first of the whole text. From where do you count?",
    says="sees key",
)
class GlobalsOfEveryChunk(Cache):
    def attend(self, Q, K, V):
        outputs = []
        for t in range(Q.shape[-2]):
            key, value, place = K[..., t, :], V[..., t, :], self.length
            if t < self.num_global_tokens:
                self.first = [*self.first, (place, key, value)]
            self.recent = [*self.recent, (key, value)][-self.window_size :]
            self.length += 1
            left = [pair for at, *pair in self.first if at <= place - self.window_size]
            outputs.append(self.read(Q[..., t, :], [*left, *self.recent]))
        return np.stack(outputs, axis=-2)


@misconception(
    "rolling-cache",
    "window one too wide",
    loses=WINDOW,
    hint="How many keys does a token see, itself included? That many slots are enough.",
    says="too far back",
)
class OneTooWide(Cache):
    def remember(self, key, value):
        if self.length < self.num_global_tokens:
            self.first = [*self.first, (key, value)]
        self.recent = [*self.recent, (key, value)][-self.window_size - 1 :]
        self.length += 1


@misconception(
    "rolling-cache",
    "window one too narrow",
    loses=WINDOW,
    hint="How many keys does a token see, itself included? None of them may be lost.",
    says="does not see key",
)
class OneTooNarrow(Cache):
    def remember(self, key, value):
        if self.length < self.num_global_tokens:
            self.first = [*self.first, (key, value)]
        self.recent = [*self.recent, (key, value)][-max(1, self.window_size - 1) :]
        self.length += 1


@misconception(
    "rolling-cache",
    "window one too wide",
    loses=WINDOW,
    hint="How many keys does a token see, itself included? That many slots are enough.",
    says="too far back",
)
class OneTooWideAndTwice(Cache):
    def visible(self):
        return [*self.first[: max(0, self.length - self.window_size)], *self.recent]

    def remember(self, key, value):
        if self.length < self.num_global_tokens:
            self.first = [*self.first, (key, value)]
        self.recent = [*self.recent, (key, value)][-self.window_size - 1 :]
        self.length += 1


@misconception(
    "rolling-cache",
    "window one too narrow",
    loses=(*WINDOW, KEPT, "memory"),  # with a window of 1, everything is kept
    hint="How many keys does a token see, itself included? None of them may be lost.",
    says="does not see key",
)
class OneTooNarrowWithGap(Cache):
    def visible(self):
        return [*self.first[: max(0, self.length - self.window_size)], *self.recent]

    def remember(self, key, value):
        if self.length < self.num_global_tokens:
            self.first = [*self.first, (key, value)]
        self.recent = [*self.recent, (key, value)][-self.window_size + 1 :]
        self.length += 1


@misconception(
    "rolling-cache",
    "a token does not see itself",
    loses=(*WINDOW, *SHORT),
    hint="Store first, then read: a token sees itself. Whom does yours see?",
    says="itself",
)
class NotItself(Cache):
    def step(self, query, key, value):
        before = self.visible() or [(key, value)]
        self.remember(key, value)
        return self.read(query, before)


@misconception(
    "rolling-cache",
    "nothing is ever forgotten",
    loses=(*WINDOW, "memory"),
    hint="Which tokens may the newest one still see? The others must go.",
    says="too far back",
)
class KeepsAndReadsAll(Cache):
    def remember(self, key, value):
        self.recent = [*self.recent, (key, value)]
        self.length += 1


KEEPS = misconception(
    "rolling-cache",
    "the whole text kept, though only the window is read",
    loses=("memory",),
    hint="The outputs are right. How large is your cache after a million tokens?",
    says="keeps",
)


@KEEPS
class KeepsAll(Cache):
    def remember(self, key, value):
        self.everything = [*getattr(self, "everything", []), (key, value)]
        super().remember(key, value)


@misconception(
    "rolling-cache",
    "empty slots take part at the start",
    loses=(*WINDOW, *SHORT),
    hint="Before the window is full, some slots hold no token. They must not get a weight.",
    says="empty slots",
)
class EmptySlotsToo(Cache):
    def read(self, query, pairs):
        nothing = tuple(np.zeros_like(vector) for vector in pairs[0])
        return super().read(query, [*pairs, *[nothing] * (self.window_size - len(pairs))])


@misconception(
    "rolling-cache",
    "scores not scaled",
    loses=(SCORES,),
    hint="What are the scores divided by, here as in every attention?",
    says="full pass",
)
class CacheNotScaled(Cache):
    def read(self, query, pairs):
        return super().read(query * query.shape[-1] ** 0.5, pairs)


@misconception(
    "rolling-cache",
    "scores divided by d_k instead of its root",
    loses=(SCORES,),
    hint="What are the scores divided by, here as in every attention?",
    says="full pass",
)
class CacheScaledBySize(Cache):
    def read(self, query, pairs):
        return super().read(query / query.shape[-1] ** 0.5, pairs)


@misconception(
    "rolling-cache",
    "scores divided by the root of another size",
    loses=(SCORES,),
    hint="d_k is the length of a query. Which axis of which array did you take?",
    says="full pass",
)
class CacheScaledByValueSize(Cache):
    def read(self, query, pairs):
        root = (query.shape[-1] / pairs[0][1].shape[-1]) ** 0.5
        return super().read(query * root, pairs)


@misconception(
    "rolling-cache",
    "the largest score of the whole batch subtracted before exp",
    loses=("batch and heads",),
    hint="A query far below the others has only zeros left. Whose largest score should it be?",
    says="",
)
class ShiftedByAll(Cache):
    def read(self, query, pairs):
        keys, values = (np.stack(vectors, axis=-2) for vectors in zip(*pairs, strict=True))
        scores = scores_of(query, keys)
        weights = np.exp(scores - scores.max())
        return output_of(weights / weights.sum(axis=-1, keepdims=True), values)


@misconception(
    "rolling-cache",
    "outputs stacked along the first axis",
    loses=("batch and heads",),
    hint="The tokens have an axis of their own, the last but one. Where does yours put them?",
    says="got shape",
)
class StackedInFront(Cache):
    def attend(self, Q, K, V):
        return np.moveaxis(super().attend(Q, K, V), -2, 0)


@misconception(
    "rolling-cache",
    "softmax without the shift overflows",
    loses=(SCORES,),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="",
)
class CacheUnstable(Cache):
    def read(self, query, pairs):
        keys, values = (np.stack(vectors, axis=-2) for vectors in zip(*pairs, strict=True))
        weights = np.exp(scores_of(query, keys))
        return output_of(weights / weights.sum(axis=-1, keepdims=True), values)


CHANGES = misconception(
    "rolling-cache",
    "a chunk is changed",
    loses=(SCORES,),
    hint="An operator such as /= writes into the array it is given. Whose array is that?",
    says="",
)


@CHANGES
class ScalesInPlace(Cache):
    def attend(self, Q, K, V):
        Q /= Q.shape[-1] ** 0.5
        return super().attend(Q * Q.shape[-1] ** 0.5, K, V)


@misconception(
    "rolling-cache",
    "written for one sequence: no batch axes",
    loses=("batch and heads",),
    hint="In front of the tokens there may be axes. Which axis do you go along?",
    says="same shape",
)
class FirstAxisOnly(Cache):
    def attend(self, Q, K, V):
        return np.array([self.step(*token) for token in zip(Q, K, V, strict=True)])


@misconception(
    "rolling-cache",
    "a buffer of float64 for any text",
    loses=("dtype",),
    hint="np.zeros makes float64 unless it is told otherwise. Which dtype does the text have?",
    says="expected float32",
)
class Float64(Cache):
    def remember(self, key, value):
        super().remember(key.astype(float), value.astype(float))


@misconception(
    "rolling-cache",
    "always float32",
    loses=("dtype",),
    hint="The outputs have the dtype of the text. Which line forces another?",
    says="float",
)
class Float32(Cache):
    def attend(self, Q, K, V):
        return super().attend(Q, K, V).astype(np.float32)


BAD_INPUT = ("bad input",)
READ_RAISES = "The docstring says which sizes are refused, and what the message names."


@misconception(
    "rolling-cache",
    "sizes not checked",
    loses=BAD_INPUT,
    hint=READ_RAISES,
    says="is accepted",
)
class SizesNotChecked(Cache):
    def check(self, window_size, num_global_tokens):
        pass

    def remember(self, key, value):
        self.window_size = max(self.window_size, 1)
        super().remember(key, value)


@misconception(
    "rolling-cache",
    "window_size not checked",
    loses=BAD_INPUT,
    hint=READ_RAISES,
    says="window_size",
)
class WindowNotChecked(SizesNotChecked):
    def check(self, window_size, num_global_tokens):
        if num_global_tokens and not 0 <= num_global_tokens <= window_size:
            raise ValueError(f"num_global_tokens is {num_global_tokens}; at most {window_size}")


@misconception(
    "rolling-cache",
    "num_global_tokens not checked",
    loses=BAD_INPUT,
    hint=READ_RAISES,
    says="num_global_tokens",
)
class GlobalsNotChecked(Cache):
    def check(self, window_size, num_global_tokens):
        super().check(window_size, 0)


@misconception(
    "rolling-cache",
    "more global tokens than the window has places",
    loses=BAD_INPUT,
    hint="This cache takes at most window_size global tokens. Refuse more.",
    says="num_global_tokens",
)
class TooManyGlobals(Cache):
    def check(self, window_size, num_global_tokens):
        super().check(window_size, min(num_global_tokens, 0))
        if num_global_tokens < 0:
            raise ValueError(f"num_global_tokens is {num_global_tokens}; it must be at least 0")


@misconception(
    "rolling-cache",
    "negative num_global_tokens accepted",
    loses=BAD_INPUT,
    hint="num_global_tokens is at least 0, and at most window_size. Which do you check?",
    says="num_global_tokens",
)
class NegativeGlobals(Cache):
    def check(self, window_size, num_global_tokens):
        super().check(window_size, max(num_global_tokens, 0))


@misconception(
    "rolling-cache",
    "as many global tokens as the window has places refused",
    loses=BAD_INPUT,
    hint="At most window_size global tokens are taken. Is window_size itself too many?",
    says="num_global_tokens is 9",
)
class FewerGlobalsThanWindow(Cache):
    def check(self, window_size, num_global_tokens):
        super().check(window_size, num_global_tokens)
        if num_global_tokens == window_size:
            raise ValueError(f"num_global_tokens is {num_global_tokens}; below {window_size}")


OTHER_ERROR = misconception(
    "rolling-cache",
    "another error than ValueError",
    loses=BAD_INPUT,
    hint="Which kind of error does the docstring promise?",
    says="expected a ValueError",
)


class RaisesOther(Cache):
    window_error: type[Exception] = AssertionError
    globals_error: type[Exception] = AssertionError

    def check(self, window_size, num_global_tokens):
        if window_size < 1:
            raise self.window_error(f"window_size is {window_size}; it must be at least 1")
        if not 0 <= num_global_tokens <= window_size:
            raise self.globals_error(f"num_global_tokens is {num_global_tokens}")


@OTHER_ERROR
class Asserts(RaisesOther):
    pass


@OTHER_ERROR
class RaisesTypeError(RaisesOther):
    window_error = globals_error = TypeError


@OTHER_ERROR
class GlobalsTypeError(RaisesOther):
    window_error, globals_error = ValueError, TypeError


@OTHER_ERROR
class GlobalsAssertionError(RaisesOther):
    window_error = ValueError


@OTHER_ERROR
class WindowAssertionError(RaisesOther):
    globals_error = ValueError


@misconception(
    "rolling-cache",
    "the message does not name the argument and its value",
    loses=BAD_INPUT,
    hint="Who reads the message wants to know which argument it is, and what it was.",
    says="not one that names it",
)
class SaysNothing(Cache):
    def check(self, window_size, num_global_tokens):
        try:
            super().check(window_size, num_global_tokens)
        except ValueError as error:
            raise ValueError("bad size") from error
