"""Wrong answers to the exercises of 01_rolling_cache."""

import numpy as np

from grading.judging.written import misconception

SLOTS = ("written over", "not yet full", "exactly full")


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
    loses=("written over", "not yet full"),
    hint="That buffer moves all its tokens at every step. In a ring, only one slot changes.",
    says="nothing is moved",
)
def pushed_through(length, window_size):
    return np.maximum(np.arange(length - window_size, length), -1)


@misconception(
    "slot-positions",
    "0 for an empty slot",
    loses=("not yet full",),
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
    loses=SLOTS,
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
    loses=SLOTS,
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
    loses=SLOTS,
    hint="Which slots have been reached in this lap? The others still hold the lap before.",
    says="has not been written yet",
)
def present_lap(length, window_size):
    return np.arange(window_size) + window_size * (length // window_size)


@misconception(
    "slot-positions",
    "the first tokens kept for good",
    loses=("written over", "exactly full"),
    hint="What happens to token 0 when the window has gone past it?",
    says="has left the window",
)
def first_tokens(length, window_size):
    slots = np.arange(window_size)
    return np.where(slots < length, slots, -1 - (length >= window_size))


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
    "slots counted along the first axis",
    loses=("batch and heads",),
    hint="With a batch in front, the slots are not the first axis. Count from the end.",
    says="broadcast",
)
def first_axis(keys, values, key, value, position):
    slot = position % len(keys)
    keys[slot] = key
    values[slot] = value


def shares(scores):
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def scores_of(query, keys):
    return np.einsum("...d,...sd->...s", query, keys) / query.shape[-1] ** 0.5


def output_of(weights, values):
    return np.einsum("...s,...sd->...d", weights, values)


@misconception(
    "cache-attention",
    "empty slots take part",
    loses=("a cache not yet full",),
    hint="What lies in a slot that no token was written to? It must not count.",
    says="empty slots",
)
def empty_slots_too(query, keys, values, length):
    return output_of(shares(scores_of(query, keys)), values)


@misconception(
    "cache-attention",
    "empty slots silenced after the softmax",
    loses=("a cache not yet full",),
    hint="Add up the weights of the filled slots. Who took the share that is missing?",
    says="sum to 1",
)
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


@misconception(
    "cache-attention",
    "slots behind the newest taken for the future",
    loses=("a full cache",),
    hint="The buffer holds the past alone. What lies behind the newest token? It is the oldest.",
    says="is full",
)
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


@misconception(
    "cache-attention",
    "written for one sequence: no batch axes",
    loses=("batch and heads",),
    hint="Axes may come in front of the slots. Which product leaves them where they are?",
    says="matmul",
)
def cache_without_batch(query, keys, values, length):
    filled = min(length, keys.shape[-2])
    scores = keys[..., :filled, :] @ query / query.shape[-1] ** 0.5
    return shares(scores) @ values[..., :filled, :]


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


WINDOW = ("one token at a time", "chunks of any length", "global tokens", "memory")
ALL_BUT_INPUT = (*WINDOW, "batch and heads", "dtype")


@misconception(
    "rolling-cache",
    "a chunk stored whole before it is read",
    loses=("chunks of any length",),
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
    "every call begins a new text",
    loses=ALL_BUT_INPUT,
    hint="What does the second call know of the first? What is kept must outlast a call.",
    says="does not see key",
)
class Forgetful(Cache):
    def attend(self, Q, K, V):
        self.start()
        return super().attend(Q, K, V)


@misconception(
    "rolling-cache",
    "global tokens counted twice while they are in the window",
    loses=("global tokens",),
    hint="At the start, a global token lies in the window as well. How often does it count?",
    says="twice",
)
class CountsTwice(Cache):
    def visible(self):
        return [*self.first, *self.recent]


@misconception(
    "rolling-cache",
    "global tokens lost when they leave the window",
    loses=("global tokens",),
    hint="The ring writes over every token, a global one, too. Where could it be kept besides?",
    says="global",
)
class NoGlobals(Cache):
    def visible(self):
        return self.recent


@misconception(
    "rolling-cache",
    "global tokens take places of the window",
    loses=("global tokens",),
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
    "a token does not see itself",
    loses=ALL_BUT_INPUT,
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
    loses=WINDOW,
    hint="Which tokens may the newest one still see? The others must go.",
    says="too far back",
)
class KeepsAndReadsAll(Cache):
    def remember(self, key, value):
        self.recent = [*self.recent, (key, value)]
        self.length += 1


@misconception(
    "rolling-cache",
    "the whole text kept, though only the window is read",
    loses=("memory",),
    hint="The outputs are right. How large is your cache after a million tokens?",
    says="keeps",
)
class KeepsAll(Cache):
    def remember(self, key, value):
        self.everything = [*getattr(self, "everything", []), (key, value)]
        super().remember(key, value)


@misconception(
    "rolling-cache",
    "empty slots take part at the start",
    loses=ALL_BUT_INPUT,
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
    loses=("one token at a time",),
    hint="What are the scores divided by, here as in every attention?",
    says="full pass",
)
class CacheNotScaled(Cache):
    def read(self, query, pairs):
        return super().read(query * query.shape[-1] ** 0.5, pairs)


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
    "sizes not checked",
    loses=("bad input",),
    hint="The docstring says which sizes are refused, and what the message names.",
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
    "more global tokens than the window has places",
    loses=("bad input",),
    hint="This cache takes at most window_size global tokens. Refuse more.",
    says="num_global_tokens",
)
class TooManyGlobals(Cache):
    def check(self, window_size, num_global_tokens):
        if window_size < 1:
            raise ValueError(f"window_size is {window_size}; it must be at least 1")
        if num_global_tokens < 0:
            raise ValueError(f"num_global_tokens is {num_global_tokens}; it must be at least 0")
