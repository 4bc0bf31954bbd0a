"""Right answers to the exercises of 01_rolling_cache, in other forms."""

from collections import deque

import numpy as np

from grading.judging.written import other_answer


@other_answer("slot-positions", "a formula for all slots at once")
def by_formula(length, window_size):
    slot = np.arange(window_size)
    return np.maximum(length - 1 - (length - 1 - slot) % window_size, -1)


@other_answer("slot-positions", "the last tokens rolled into place")
def rolled(length, window_size):
    last = np.arange(length - window_size, length)
    last[last < 0] = -1
    return np.roll(last, length % window_size)


@other_answer("slot-positions", "a comprehension over slots")
def by_comprehension(length, window_size):
    written = [range(slot, length, window_size) for slot in range(window_size)]
    return np.array([laps[-1] if laps else -1 for laps in written])


@other_answer("slot-positions", "the largest position of each slot, in small numbers")
@np.errstate(all="ignore")
def by_largest(n, w):
    positions = np.arange(-w, n)
    slots = [positions[positions % w == slot].max(initial=-1) for slot in range(w)]
    return np.array(slots, dtype=np.int32)


@other_answer("slot-positions", "steps of the window's size")
def by_steps(tokens, size):
    slots = np.full(size, -1, dtype=np.int64)
    for slot in range(min(tokens, size)):
        for position in range(slot, tokens, size):
            slots[slot] = position
    return slots


@other_answer("store-token", "a flag for each slot")
def store_by_flags(K, V, k, v, place):
    here = np.arange(K.shape[-2]) == place % K.shape[-2]
    K[..., here, :] = k[..., np.newaxis, :]
    V[..., here, :] = v[..., np.newaxis, :]


class Storing:
    """A function that is an object."""

    def write(self, buffer, vector, position):
        np.copyto(buffer[..., position % buffer.shape[-2], :], vector)

    def __call__(self, buffers, vectors, position):
        for buffer, vector in zip(buffers, vectors, strict=True):
            self.write(buffer, vector, position)


@other_answer("store-token", "an object that is called")
def store_by_object(keys, values, key, value, position):
    Storing()((keys, values), (key, value), position)


@other_answer("store-token", "remainder by divmod, written with Ellipsis")
def store_by_divmod(keys, values, key, value, position):
    _, slot = divmod(position, keys.shape[-2])
    for buffer, vector in ((keys, key), (values, value)):
        buffer[..., slot, :] = vector
    return keys, values


@other_answer("store-token", "by swapped axes")
def store_by_axes(keys, values, key, value, position):
    np.moveaxis(keys, -2, 0)[position % keys.shape[-2]] = key
    np.moveaxis(values, -2, 0)[position % values.shape[-2]] = value


@other_answer("store-token", "np.where copied back")
def store_by_mask(keys, values, key, value, position):
    window_size = keys.shape[-2]
    here = (np.arange(window_size) == position % window_size)[:, np.newaxis]
    keys[:] = np.where(here, key[..., np.newaxis, :], keys)
    values[:] = np.where(here, value[..., np.newaxis, :], values)


@other_answer("cache-attention", "einsum over the filled slots")
def attend_by_einsum(query, keys, values, length):
    keys, values = keys[..., :length, :], values[..., :length, :]
    scores = np.einsum("...d,...sd->...s", query, keys) / query.shape[-1] ** 0.5
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.einsum("...s,...sd->...d", weights / weights.sum(axis=-1, keepdims=True), values)


@other_answer("cache-attention", "minus infinity in the empty slots")
def attend_by_mask(query, keys, values, length):
    scores = (keys * query[..., np.newaxis, :]).sum(axis=-1) * float(query.shape[-1]) ** -0.5
    scores[..., length:] = -np.inf
    scores -= scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights /= weights.sum(axis=-1, keepdims=True)
    return (weights[..., np.newaxis] * values).sum(axis=-2)


@other_answer("cache-attention", "slot by slot, with a running softmax")
def attend_by_loop(query, keys, values, length):
    largest = np.full(query.shape[:-1], -np.inf, dtype=query.dtype)
    total = np.zeros_like(largest)
    output = np.zeros((*query.shape[:-1], values.shape[-1]), dtype=values.dtype)
    for slot in range(min(length, keys.shape[-2])):
        score = (query * keys[..., slot, :]).sum(axis=-1) / query.shape[-1] ** 0.5
        larger = np.maximum(largest, score)
        old, new = np.exp(largest - larger), np.exp(score - larger)
        output = output * old[..., np.newaxis] + new[..., np.newaxis] * values[..., slot, :]
        total, largest = total * old + new, larger
    return output / total[..., np.newaxis]


@other_answer("cache-attention", "one entry of the batch after the other")
def attend_one_by_one(q, K, V, n):
    if q.ndim > 1:
        return np.array([attend_one_by_one(*entry, n) for entry in zip(q, K, V, strict=True)])
    scores = K[:n] @ q / float(len(q)) ** 0.5
    weights = np.exp(scores - max(scores))
    return (weights / sum(weights)) @ V[:n]


@other_answer("cache-attention", "the logarithm of the sum, and functions handed on")
def attend_by_log(query, keys, values, length, *, exp=np.exp, log=np.log):
    slots = slice(0, length)
    scaled = query * query.dtype.type(query.shape[-1] ** -0.5)
    scores = np.matmul(keys[..., slots, :], scaled[..., None])[..., 0]
    largest = scores.max(-1, keepdims=True)
    total = log(exp(scores - largest).sum(-1, keepdims=True)) + largest
    return np.matmul(exp(scores - total)[..., None, :], values[..., slots, :])[..., 0, :]


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


@other_answer("rolling-cache", "deques of vectors")
class OfDeques:
    def __init__(self, window_size, num_global_tokens=0):
        if window_size < 1:
            raise ValueError(f"window_size={window_size} leaves no place")
        if not num_global_tokens in range(window_size + 1):  # noqa: E713
            raise ValueError(f"num_global_tokens={num_global_tokens} is not in 0..{window_size}")
        self.recent = deque(maxlen=window_size)
        self.globals = deque(maxlen=num_global_tokens)
        self.seen = 0

    def attend(self, Q, K, V):
        return np.stack(
            [self.step(*(a[..., t, :] for a in (Q, K, V))) for t in range(Q.shape[-2])], axis=-2
        )

    def step(self, query, key, value):
        if len(self.globals) < self.globals.maxlen:
            self.globals.append((self.seen, key, value))
        self.recent.append((self.seen, key, value))
        self.seen += 1
        oldest = self.recent[0][0]
        visible = [entry for entry in self.globals if entry[0] < oldest] + list(self.recent)
        keys = np.stack([key for _, key, _ in visible], axis=-2)
        values = np.stack([value for _, _, value in visible], axis=-2)
        scores = np.einsum("...d,...sd->...s", query, keys) / query.shape[-1] ** 0.5
        return np.einsum("...s,...sd->...d", softmax(scores), values)


@other_answer("rolling-cache", "a whole chunk at once, with a mask over positions")
class WholeChunks:
    def __init__(self, window_size, num_global_tokens=0):
        if window_size <= 0:
            raise ValueError(f"window_size: {window_size}")
        if num_global_tokens < 0 or num_global_tokens > window_size:
            raise ValueError(f"num_global_tokens: {num_global_tokens}")
        self.window_size = window_size
        self.num_global_tokens = num_global_tokens
        self.positions = np.zeros(0, dtype=int)
        self.length = 0

    def attend(self, Q, K, V):
        new = self.length + np.arange(Q.shape[-2])
        positions = np.concatenate((self.positions, new))
        if self.length:
            K = np.concatenate((self.K, K), axis=-2)
            V = np.concatenate((self.V, V), axis=-2)
        back = new[:, np.newaxis] - positions
        seen = (back >= 0) & ((back < self.window_size) | (positions < self.num_global_tokens))
        scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5
        output = softmax(np.where(seen, scores, -np.inf)) @ V
        self.length += len(new)
        recent = positions >= self.length - self.window_size
        kept = recent | (positions < self.num_global_tokens)
        self.positions, self.K, self.V = positions[kept], K[..., kept, :], V[..., kept, :]
        return output


@other_answer("rolling-cache", "one buffer: global slots in front, the ring behind")
class OneBuffer:
    def __init__(self, window_size: int, num_global_tokens: int = 0) -> None:
        if window_size < 1:
            raise ValueError(f"window_size must be positive, got {window_size}")
        if not 0 <= num_global_tokens <= window_size:
            raise ValueError(f"num_global_tokens must fit the window, got {num_global_tokens}")
        self.w, self.g = window_size, num_global_tokens
        self.at = np.full(self.g + self.w, -1)
        self.buffers: tuple[np.ndarray, ...] = ()
        self.length = 0

    def attend(self, Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> np.ndarray:
        output = np.empty((*Q.shape[:-1], V.shape[-1]), dtype=V.dtype)
        if not self.buffers:
            slots = self.g + self.w
            self.buffers = tuple(
                np.zeros((*a.shape[:-2], slots, a.shape[-1]), dtype=a.dtype) for a in (K, V)
            )
        for t in range(Q.shape[-2]):
            places = [self.g + self.length % self.w]
            if self.length < self.g:
                places.append(self.length)
            for buffer, chunk in zip(self.buffers, (K, V), strict=True):
                for place in places:
                    buffer[..., place, :] = chunk[..., t, :]
            self.at[places] = self.length
            self.length += 1
            is_sink = np.arange(self.g + self.w) < self.g
            outside = self.at < self.length - self.w
            seen = (self.at >= 0) & (is_sink == outside)
            keys, values = (buffer[..., seen, :] for buffer in self.buffers)
            scores = (keys @ Q[..., t, :, np.newaxis])[..., 0] / Q.shape[-1] ** 0.5
            output[..., t, :] = (softmax(scores)[..., np.newaxis, :] @ values)[..., 0, :]
        return output


class Sizes:
    """Refuses sizes out of their range, for the caches below."""

    def __init__(self, window_size, num_global_tokens=0):
        ranges = {"window_size": (window_size, 1, np.inf)}
        ranges["num_global_tokens"] = (num_global_tokens, 0, window_size)
        for name, (value, least, most) in ranges.items():
            if value < least or value > most:
                raise ValueError(f"{name} is {value}; allowed are {least} to {most}")
        self.w, self.g = window_size, num_global_tokens


@other_answer("rolling-cache", "views of chunks in a dictionary by position")
class ByPosition(Sizes):
    def __init__(self, window_size, num_global_tokens=0):
        super().__init__(window_size, num_global_tokens)
        self.tokens = {}
        self.next = 0

    def attend(self, q, k, v):
        outputs = [self.token(*(a[..., t, :] for a in (q, k, v))) for t in range(q.shape[-2])]
        return np.stack(outputs, axis=-2)

    def token(self, query, key, value):
        self.tokens[self.next] = (key, value)
        gone = self.next - self.w
        if gone >= self.g:
            del self.tokens[gone]
        self.next += 1
        keys, values = (np.stack(a, axis=-2) for a in zip(*self.tokens.values(), strict=True))
        scores = np.einsum("...d,...sd->...s", query, keys) / query.shape[-1] ** 0.5
        return np.einsum("...s,...sd->...d", softmax(scores), values)


@other_answer("rolling-cache", "slots without a dict, up to a window more than needed")
class TwoWindows(Sizes):
    __slots__ = ("g", "keys", "length", "values", "w")

    def attend(self, Q, K, V):
        seen = getattr(self, "length", 0)
        outputs = []
        for t in range(Q.shape[-2]):
            new = [np.array(a[..., t : t + 1, :]) for a in (K, V)]
            both = [new, [self.keys, self.values]] if seen else [new]
            self.keys, self.values = (
                np.concatenate(parts[::-1], axis=-2) for parts in zip(*both, strict=True)
            )
            seen = self.length = seen + 1
            kept = self.keys.shape[-2]
            back = np.arange(kept)[::-1]
            positions = np.where(np.arange(kept) < self.g, np.arange(kept), seen - 1 - back)
            visible = (positions < self.g) | (positions >= seen - self.w)
            scores = (self.keys @ Q[..., t, :, np.newaxis])[..., 0] / Q.shape[-1] ** 0.5
            weights = softmax(np.where(visible, scores, -np.inf))
            outputs.append(np.einsum("...s,...sd->...d", weights, self.values))
            if kept == 2 * self.w + self.g:
                keep = [*range(self.g), *range(kept - self.w, kept)]
                self.keys, self.values = self.keys[..., keep, :], self.values[..., keep, :]
        return np.stack(outputs, axis=-2)


@other_answer("rolling-cache", "the functions of exercises 2 and 3, and np.errstate")
class OfEarlierExercises(Sizes):
    @np.errstate(all="ignore")
    def attend(self, Q, K, V):
        if not hasattr(self, "ring"):
            self.length = 0
            self.ring = [np.zeros_like(np.repeat(a[..., :1, :], self.w, axis=-2)) for a in (K, V)]
            self.first = [np.zeros_like(np.repeat(a[..., :1, :], self.g, axis=-2)) for a in (K, V)]
        rows = [np.moveaxis(a, -2, 0) for a in (Q, K, V)]
        return np.stack([self.row(*row) for row in zip(*rows, strict=True)], axis=-2)

    def row(self, query, key, value):
        store(*self.ring, key, value, self.length)  # type: ignore[name-defined]  # noqa: F821
        if self.length < self.g:
            for kept, vector in zip(self.first, (key, value), strict=True):
                kept[..., self.length, :] = vector
        self.length += 1
        left = max(0, min(self.g, self.length - self.w))
        keys, values = (
            np.concatenate((first[..., :left, :], ring), axis=-2)
            for first, ring in zip(self.first, self.ring, strict=True)
        )
        return attend_to_cache(  # type: ignore[name-defined]  # noqa: F821
            query, keys, values, left + self.length
        )
