"""Wrong answers to the exercises of 02_linear_time."""

import numpy as np

from grading.judging.written import misconception

INSIDE, AT_START, OF_ONE = "inside the text", "at the start", "a window of one"


@misconception(
    "block-keys",
    "one key too many at the left edge",
    loses=(INSIDE, OF_ONE),
    hint="A window of 1 is the query itself. Which key does your slice begin with then?",
    says="before the window",
)
def one_key_too_many(start, stop, window_size):
    return max(0, start - window_size), stop


@misconception(
    "block-keys",
    "one key too few at the left edge",
    loses=(INSIDE, OF_ONE),
    hint="The query counts in its window. How many keys before it are left?",
    says="is missing",
)
def one_key_too_few(start, stop, window_size):
    return max(0, start - window_size + 2), stop


@misconception(
    "block-keys",
    "a slice that begins before the text",
    loses=(AT_START,),
    hint="To NumPy, position -2 is the last but one. Where can a slice begin at the earliest?",
    says="counts from the end",
)
def begins_before_the_text(start, stop, window_size):
    return start - window_size + 1, stop


@misconception(
    "block-keys",
    "only the keys of the block itself",
    loses=(INSIDE, AT_START),
    hint="The first query of the block looks back, too. What does it see?",
    says="is missing",
)
def own_keys(start, stop, window_size):
    return start, stop


@misconception(
    "block-keys",
    "the end of the slice taken for its last key",
    loses=(INSIDE, AT_START, OF_ONE),
    hint="x[2:5] ends before 5. Does your last query see itself?",
    says="the last query",
)
def end_is_last(start, stop, window_size):
    return max(0, start - window_size + 1), stop - 1


@misconception(
    "block-keys",
    "the window of the last query for all of them",
    loses=(INSIDE, OF_ONE),
    hint="Which query of the block looks back furthest?",
    says="is missing",
)
def window_of_the_last(start, stop, window_size):
    return max(0, stop - window_size), stop


@misconception(
    "block-keys",
    "keys on both sides of the block",
    loses=(INSIDE, AT_START, OF_ONE),
    hint="In this course a window ends at its query. What is behind the last query of the block?",
    says="after the last query",
)
def both_sides(start, stop, window_size):
    return max(0, start - window_size + 1), stop + window_size


EVERY_MASK = (INSIDE, AT_START, "dtype")


@misconception(
    "block-mask",
    "rows and columns counted from 0 instead of positions",
    loses=EVERY_MASK,
    hint="Row 0 is the query at start, column 0 the key at first. Compare positions, not rows.",
    says="cells are wrong",
)
def places_for_positions(start, stop, window_size):
    query = np.arange(stop - start)[:, np.newaxis]
    key = np.arange(stop - max(0, start - window_size + 1))
    return (key > query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "the left edge of the window forgotten",
    loses=(INSIDE,),
    hint="The slice begins with the window of the first query. What of the second one's?",
    says="reaches too far",
)
def no_left_edge(start, stop, window_size):
    query = np.arange(start, stop)[:, np.newaxis]
    return np.arange(max(0, start - window_size + 1), stop) > query


@misconception(
    "block-mask",
    "the future inside the block forgotten",
    loses=EVERY_MASK,
    hint="A block has several queries. Does the first of them see the last?",
    says="comes after",
)
def future_in_the_block(start, stop, window_size):
    query = np.arange(start, stop)[:, np.newaxis]
    return np.arange(max(0, start - window_size + 1), stop) <= query - window_size


@misconception(
    "block-mask",
    "True for what is open",
    loses=EVERY_MASK,
    hint="What does True mean in a mask of this course?",
    says="True means blocked",
)
def open_is_true(start, stop, window_size):
    query = np.arange(start, stop)[:, np.newaxis]
    key = np.arange(max(0, start - window_size + 1), stop)
    return (key <= query) & (key > query - window_size)


@misconception(
    "block-mask",
    "one key too many in a window",
    loses=(INSIDE,),
    hint="Count the open cells of a row inside the text. How many should there be?",
    says="reaches too far",
)
def mask_too_wide(start, stop, window_size):
    query = np.arange(start, stop)[:, np.newaxis]
    key = np.arange(max(0, start - window_size + 1), stop)
    return (key > query) | (key < query - window_size)


@misconception(
    "block-mask",
    "one key too few in a window",
    loses=(INSIDE,),
    hint="Count the open cells of a row inside the text. How many should there be?",
    says="too short",
)
def mask_too_narrow(start, stop, window_size):
    query = np.arange(start, stop)[:, np.newaxis]
    key = np.arange(max(0, start - window_size + 1), stop)
    return (key > query) | ((key <= query - window_size + 1) & (key < query))


@misconception(
    "block-mask",
    "0 and 1 instead of False and True",
    loses=("dtype",),
    hint="What is the dtype of a comparison? Yours has been turned into numbers.",
    says="expected bool",
)
def mask_of_numbers(start, stop, window_size):
    query = np.arange(start, stop)[:, np.newaxis]
    key = np.arange(max(0, start - window_size + 1), stop)
    return np.where((key > query) | (key <= query - window_size), 1, 0)


@misconception(
    "block-mask",
    "a square for the keys of the block alone",
    loses=EVERY_MASK,
    hint="A row of the mask has a cell for each key that keys_of_block names. How many are there?",
    says="expected (3, 5)",
)
def square_mask(start, stop, window_size):
    key = np.arange(start, stop)
    return (key > key[:, np.newaxis]) | (key <= key[:, np.newaxis] - window_size)


SCALE, LARGE, BATCH, DTYPE = "scale", "large scores", "batch and heads", "dtype"
WHOLE, SHORTER, MEMORY = "whole blocks", "a last block that is shorter", "memory"
EDGES = (WHOLE, SHORTER, MEMORY)


def banded(start, stop, first, window_size):
    query, key = np.arange(start, stop)[:, np.newaxis], np.arange(first, stop)
    return (key > query) | (key <= query - window_size)


def shares(scores):
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def scores_of(Q, K, mask):
    scores = np.einsum("...qd,...kd->...qk", Q, K) / Q.shape[-1] ** 0.5
    return np.where(mask, -np.inf, scores)


def attend(Q, K, V, mask):
    return shares(scores_of(Q, K, mask)) @ V


def by_blocks(one_block, length, block_size):
    """The outputs of one_block(start, stop), one below the other."""
    starts = range(0, length, block_size)
    return np.concatenate([one_block(s, min(s + block_size, length)) for s in starts], axis=-2)


@misconception(
    "window-blocks",
    "each block sees itself alone",
    loses=EDGES,
    hint="Look at the first query of the second block. Whom should it see, and whom does it see?",
    says="too short",
)
def blocks_alone(Q, K, V, window_size, block_size):
    def one(start, stop):
        own = slice(start, stop)
        mask = banded(start, stop, start, window_size)
        return attend(Q[..., own, :], K[..., own, :], V[..., own, :], mask)

    return by_blocks(one, Q.shape[-2], block_size)


@misconception(
    "window-blocks",
    "the last, shorter block dropped",
    loses=(SHORTER,),
    hint="Seven tokens in blocks of three: how many blocks are there, and how long is the last?",
    says="shape",
)
def last_dropped(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 1)
        mask = banded(start, stop, first, window_size)
        return attend(Q[..., start:stop, :], K[..., first:stop, :], V[..., first:stop, :], mask)

    whole = Q.shape[-2] // block_size * block_size
    return by_blocks(one, whole, block_size)


@misconception(
    "window-blocks",
    "one key too few at the left edge of a block",
    loses=EDGES,
    hint="How many keys before its first query does a block need, if the query counts as one?",
    says="too short",
)
def edge_off_by_one(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 2)
        mask = banded(start, stop, first, window_size)
        return attend(Q[..., start:stop, :], K[..., first:stop, :], V[..., first:stop, :], mask)

    return by_blocks(one, Q.shape[-2], block_size)


@misconception(
    "window-blocks",
    "no mask: all keys of the slice are seen",
    loses=(*EDGES, SCALE, LARGE, BATCH, DTYPE),
    hint="The slice holds what one query or another sees. Does each of them see all of it?",
    says="comes after",
)
def no_mask(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 1)
        return attend(Q[..., start:stop, :], K[..., first:stop, :], V[..., first:stop, :], False)

    return by_blocks(one, Q.shape[-2], block_size)


@misconception(
    "window-blocks",
    "the future blocked, the left edge of the window not",
    loses=EDGES,
    hint="The slice fits the first query. How far back does the last one see in it?",
    says="reaches too far",
)
def left_edge_open(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 1)
        mask = banded(start, stop, first, len(range(stop)))
        return attend(Q[..., start:stop, :], K[..., first:stop, :], V[..., first:stop, :], mask)

    return by_blocks(one, Q.shape[-2], block_size)


@misconception(
    "window-blocks",
    "a softmax for the block and one for the keys before it",
    loses=EDGES,
    hint="Add up the weights of one query. A softmax gives 1, and two of them?",
    says="sum to 2",
)
def softmax_by_part(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 1)
        scores = scores_of(
            Q[..., start:stop, :], K[..., first:stop, :], banded(start, stop, first, window_size)
        )
        before, own = scores[..., : start - first], scores[..., start - first :]
        output = shares(own) @ V[..., start:stop, :]
        if start > first:
            seen = np.isfinite(before).any(axis=-1, keepdims=True)
            safe = np.where(seen, before, 0)
            output = output + np.where(seen, shares(safe), 0) @ V[..., first:start, :]
        return output

    return by_blocks(one, Q.shape[-2], block_size)


@misconception(
    "window-blocks",
    "all scores computed, and most of them masked",
    loses=(MEMORY,),
    hint="The output is right. How many scores do you hold at once, for how many that count?",
    says="bytes at once",
)
def still_dense(Q, K, V, window_size, block_size):
    length = Q.shape[-2]
    return attend(Q, K, V, banded(0, length, 0, window_size))


@misconception(
    "window-blocks",
    "scores not scaled",
    loses=(SCALE,),
    hint="What are the scores divided by? The docstring has the formula.",
    says="divided by",
)
def blocks_not_scaled(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 1)
        scores = np.einsum("...qd,...kd->...qk", Q[..., start:stop, :], K[..., first:stop, :])
        mask = banded(start, stop, first, window_size)
        return shares(np.where(mask, -np.inf, scores)) @ V[..., first:stop, :]

    return by_blocks(one, Q.shape[-2], block_size)


@misconception(
    "window-blocks",
    "softmax without the shift overflows",
    loses=(LARGE,),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="large",
)
def blocks_unstable(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 1)
        mask = banded(start, stop, first, window_size)
        with np.errstate(all="ignore"):
            weights = np.exp(scores_of(Q[..., start:stop, :], K[..., first:stop, :], mask))
            weights = weights / weights.sum(axis=-1, keepdims=True)
        return weights @ V[..., first:stop, :]

    return by_blocks(one, Q.shape[-2], block_size)


@misconception(
    "window-blocks",
    "written for one sequence: no batch axes",
    loses=(BATCH,),
    hint="Axes may come in front of the tokens. Which index leaves them where they are?",
    says="Q of shape (2, 3",
)
def blocks_without_batch(Q, K, V, window_size, block_size):
    def one(start, stop):
        first = max(0, start - window_size + 1)
        mask = banded(start, stop, first, window_size)
        return attend(Q[start:stop], K[first:stop], V[first:stop], mask)

    return by_blocks(one, len(Q), block_size)


@misconception(
    "window-blocks",
    "float64 returned for float32",
    loses=(DTYPE,),
    hint="np.zeros makes float64. What is the dtype of V, and how do you ask for it?",
    says="expected float32",
)
def blocks_promoted(Q, K, V, window_size, block_size):
    output = np.zeros(V.shape)
    for start in range(0, Q.shape[-2], block_size):
        stop = min(start + block_size, Q.shape[-2])
        first = max(0, start - window_size + 1)
        mask = banded(start, stop, first, window_size)
        output[..., start:stop, :] = attend(
            Q[..., start:stop, :], K[..., first:stop, :], V[..., first:stop, :], mask
        )
    return output


OTHERS, GLOBALS = "other queries", "global queries"
FULL = (SHORTER, BATCH, MEMORY)  # where all rows of a text with global tokens are compared


class Joined:
    """A right answer to global-blocks, from which the wrong ones differ in one thing."""

    def __call__(self, Q, K, V, window_size, block_size, global_mask):
        positions = self.positions(global_mask)

        def one(start, stop):
            first = max(0, start - window_size + 1)
            mask = banded(start, stop, first, window_size)
            return self.join(Q, K, V, (start, stop, first), mask, positions)

        output = by_blocks(one, Q.shape[-2], block_size)
        return self.fill_in(output, Q, K, V, positions)

    def positions(self, global_mask):
        return np.flatnonzero(global_mask)

    def join(self, Q, K, V, block, mask, positions):
        start, stop, first = block
        keys = np.concatenate((positions, np.arange(first, stop)))
        mask = self.hide(mask, first, positions)
        front = self.front(np.arange(start, stop)[:, np.newaxis], positions)
        mask = np.concatenate((front, mask), axis=1)
        return attend(Q[..., start:stop, :], K[..., keys, :], V[..., keys, :], mask)

    def hide(self, mask, first, positions):
        return mask | np.isin(np.arange(first, first + mask.shape[1]), positions)

    def front(self, query, positions):
        return np.zeros((len(query), len(positions)), dtype=bool)

    def fill_in(self, output, Q, K, V, positions):
        output[..., positions, :] = attend(Q[..., positions, :], K, V, False)
        return output


class CountsTwice(Joined):
    def hide(self, mask, first, positions):
        return mask


@misconception(
    "global-blocks",
    "a global key in the window counted twice",
    loses=(OTHERS, *FULL),
    hint="A global key can lie in the block's own slice as well. How often does it count then?",
    says="twice",
)
def counted_twice(Q, K, V, window_size, block_size, global_mask):
    return CountsTwice()(Q, K, V, window_size, block_size, global_mask)


class ByPart(Joined):
    def join(self, Q, K, V, block, mask, positions):
        start, stop, first = block
        queries = Q[..., start:stop, :]
        output = attend(queries, K[..., first:stop, :], V[..., first:stop, :], mask)
        if len(positions):
            output = output + attend(queries, K[..., positions, :], V[..., positions, :], False)
        return output


@misconception(
    "global-blocks",
    "a softmax for the window and one for the global keys",
    loses=(OTHERS, *FULL),
    hint="Add up the weights of one query. Window and global keys share one softmax.",
    says="sum to 2",
)
def two_softmaxes(Q, K, V, window_size, block_size, global_mask):
    return ByPart()(Q, K, V, window_size, block_size, global_mask)


class NotDense(Joined):
    def fill_in(self, output, Q, K, V, positions):
        return output


@misconception(
    "global-blocks",
    "global tokens are seen, but see only their window",
    loses=(GLOBALS, *FULL),
    hint="Everybody sees a global token. Whom does the global token see?",
    says="is global: it sees every key",
)
def columns_alone(Q, K, V, window_size, block_size, global_mask):
    return NotDense()(Q, K, V, window_size, block_size, global_mask)


class NotSeen(Joined):
    def join(self, Q, K, V, block, mask, positions):
        start, stop, first = block
        keys = slice(first, stop)
        return attend(Q[..., start:stop, :], K[..., keys, :], V[..., keys, :], mask)


@misconception(
    "global-blocks",
    "global tokens see all, but are seen in the window alone",
    loses=(OTHERS, *FULL),
    hint="A global token sees everybody. Who sees the global token?",
    says="every query sees it",
)
def rows_alone(Q, K, V, window_size, block_size, global_mask):
    return NotSeen()(Q, K, V, window_size, block_size, global_mask)


class PastAlone(Joined):
    def front(self, query, positions):
        return positions > query


@misconception(
    "global-blocks",
    "global keys are seen only when they are past",
    loses=(OTHERS, *FULL),
    hint="Here a global token is seen by all, those before it included. Does query 0 see yours?",
    says="every query sees it",
)
def global_keys_of_the_past(Q, K, V, window_size, block_size, global_mask):
    return PastAlone()(Q, K, V, window_size, block_size, global_mask)


class FirstTokens(Joined):
    def positions(self, global_mask):
        return np.arange(np.count_nonzero(global_mask))


@misconception(
    "global-blocks",
    "the number of global tokens taken for the first tokens",
    loses=(OTHERS, GLOBALS, *FULL),
    hint="global_mask says which tokens are global, not how many.",
    says="as if position 0 were global",
)
def first_tokens(Q, K, V, window_size, block_size, global_mask):
    return FirstTokens()(Q, K, V, window_size, block_size, global_mask)


class CausalRows(Joined):
    def fill_in(self, output, Q, K, V, positions):
        future = np.arange(Q.shape[-2]) > positions[:, np.newaxis]
        output[..., positions, :] = attend(Q[..., positions, :], K, V, future)
        return output


@misconception(
    "global-blocks",
    "global queries see only the past",
    loses=(GLOBALS, *FULL),
    hint="A global token sees every key. Are those after it among yours?",
    says="is global: it sees every key",
)
def global_queries_causal(Q, K, V, window_size, block_size, global_mask):
    return CausalRows()(Q, K, V, window_size, block_size, global_mask)


class Unshifted(Joined):
    def join(self, Q, K, V, block, mask, positions):
        start, stop, first = block
        keys = np.concatenate((positions, np.arange(first, stop)))
        front = np.zeros((stop - start, len(positions)), dtype=bool)
        mask = np.concatenate((front, self.hide(mask, first, positions)), axis=1)
        with np.errstate(all="ignore"):
            weights = np.exp(scores_of(Q[..., start:stop, :], K[..., keys, :], mask))
            weights = weights / weights.sum(axis=-1, keepdims=True)
        return weights @ V[..., keys, :]


@misconception(
    "global-blocks",
    "softmax without the shift overflows",
    loses=(LARGE,),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="large",
)
def globals_unstable(Q, K, V, window_size, block_size, global_mask):
    return Unshifted()(Q, K, V, window_size, block_size, global_mask)


@misconception(
    "global-blocks",
    "all scores computed, and most of them masked",
    loses=(MEMORY,),
    hint="The output is right. How many scores do you hold at once, for how many that count?",
    says="bytes at once",
)
def globals_still_dense(Q, K, V, window_size, block_size, global_mask):
    length = Q.shape[-2]
    seen = ~banded(0, length, 0, window_size) | global_mask | global_mask[:, np.newaxis]
    return attend(Q, K, V, ~seen)
