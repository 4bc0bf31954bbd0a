"""Wrong answers to the exercises of 02_linear_time."""

import math
from typing import Any

import numpy as np

from grading.judging.written import misconception

FIRST, START, INTS = (
    "the first key, inside the text",
    "the end, and the start of the text",
    "ints",
)

TOO_MANY = misconception(
    "block-keys",
    "one key too many at the left edge",
    loses=(FIRST,),
    hint="A window of 1 is the query itself. Which key does your slice begin with then?",
    says="before the window",
)


@TOO_MANY
def one_key_too_many(start, stop, window_size):
    return max(0, start - window_size), stop


@misconception(
    "block-keys",
    "one key too few at the left edge",
    loses=(FIRST,),
    hint="The query counts in its window. How many keys before it are left?",
    says="is missing",
)
def one_key_too_few(start, stop, window_size):
    return max(0, start - window_size + 2), stop


BEFORE_THE_TEXT = misconception(
    "block-keys",
    "a slice that begins before the text",
    loses=(START,),
    hint="To NumPy, position -2 is the last but one. Where can a slice begin at the earliest?",
    says="counts from the end",
)


@BEFORE_THE_TEXT
def begins_before_the_text(start, stop, window_size):
    return start - window_size + 1, stop


@misconception(
    "block-keys",
    "a slice that begins before the text, and a key too early",
    loses=(FIRST, START, INTS),
    hint="Try a window of 1, then the first block of a text. Where does your slice begin?",
    says="before the window",
)
def begins_too_early(start, stop, window_size):
    return start - window_size, stop


WRONG_CLAMP = misconception(
    "block-keys",
    "the beginning of the text not taken for what it is",
    loses=(START,),
    hint="What is the first position of a text, and what comes of a window that begins before it?",
    says="is missing",
)


@WRONG_CLAMP
def positive_by_force(start, stop, window_size):
    return abs(start - window_size + 1), stop


@WRONG_CLAMP
def from_the_second_token(start, stop, window_size):
    return max(1, start - window_size + 1), stop


@misconception(
    "block-keys",
    "min in place of max",
    loses=(FIRST, START, INTS),
    hint="Of 0 and the position where the window begins, which one is the first key: the smaller?",
    says="before the window",
)
def smaller_of_both(start, stop, window_size):
    return min(0, start - window_size + 1), stop


@misconception(
    "block-keys",
    "all keys from the beginning of the text",
    loses=(FIRST,),
    hint="Your slice grows with the text. Which of its keys does no query of the block see?",
    says="before the window",
)
def from_the_beginning(start, stop, window_size):
    return 0, stop


OWN_KEYS = misconception(
    "block-keys",
    "only the keys of the block itself",
    loses=(FIRST, START, INTS),
    hint="The first query of the block looks back, too. What does it see?",
    says="is missing",
)


@OWN_KEYS
def own_keys(start, stop, window_size):
    return start, stop


END_IS_LAST = misconception(
    "block-keys",
    "the end of the slice taken for its last key",
    loses=(START,),
    hint="x[2:5] ends before 5. Does your last query see itself?",
    says="the last query",
)


@END_IS_LAST
def end_is_last(start, stop, window_size):
    return max(0, start - window_size + 1), stop - 1


@misconception(
    "block-keys",
    "the first key of the future taken along",
    loses=(START,),
    hint="stop is one more than the last query already. What does x[2:5] hold?",
    says="after the last query",
)
def end_too_late(start, stop, window_size):
    return max(0, start - window_size + 1), stop + 1


@misconception(
    "block-keys",
    "the window of the last query for all of them",
    loses=(FIRST,),
    hint="Which query of the block looks back furthest?",
    says="is missing",
)
def window_of_the_last(start, stop, window_size):
    return max(0, stop - window_size), stop


@misconception(
    "block-keys",
    "the window of the last query for all of them",
    loses=(FIRST,),
    hint="Which query of the block looks back furthest?",
    says="is missing",
)
def window_behind_the_last(start, stop, window_size):
    return max(0, stop - window_size + 1), stop


@misconception(
    "block-keys",
    "the window of the first query for all of them",
    loses=(START,),
    hint="Which query of the block looks furthest ahead, if only to itself?",
    says="the last query",
)
def window_of_the_first(start, stop, window_size):
    return max(0, start - window_size + 1), start + 1


BOTH_SIDES = misconception(
    "block-keys",
    "keys on both sides of the block",
    loses=(START,),
    hint="In this course a window ends at its query. What is behind the last query of the block?",
    says="after the last query",
)


@BOTH_SIDES
def both_sides(start, stop, window_size):
    return max(0, start - window_size + 1), stop + window_size


@BOTH_SIDES
def both_sides_without_itself(start, stop, window_size):
    return max(0, start - window_size + 1), stop + window_size - 1


@misconception(
    "block-keys",
    "half of the window looks back",
    loses=(FIRST,),
    hint="In this course the whole window lies behind the query. How far does one of 6 reach?",
    says="is missing",
)
def half_a_window(start, stop, window_size):
    return max(0, start - window_size // 2), stop


@misconception(
    "block-keys",
    "half of the window looks back",
    loses=(FIRST,),
    hint="In this course the whole window lies behind the query. How far does one of 6 reach?",
    says="before the window",
)
def half_a_window_and_one(start, stop, window_size):
    return max(0, start - window_size // 2 - 1), stop


@misconception(
    "block-keys",
    "half of the window looks back",
    loses=(FIRST,),
    hint="In this course the whole window lies behind the query. How far does one of 6 reach?",
    says="before the window",
)
def half_a_window_rounded(start, stop, window_size):
    return int(max(0, start - window_size / 2)), stop


@misconception(
    "block-keys",
    "half of the window on each side",
    loses=(FIRST, START, INTS),
    hint="In this course a window ends at its query. What is behind the last query of the block?",
    says="after the last query",
)
def half_on_each_side(start, stop, window_size):
    return max(0, start - window_size // 2), stop + window_size // 2


FROM_THE_EXAMPLE = misconception(
    "block-keys",
    "the window of the example for all",
    loses=(FIRST,),
    hint="The example has a window of 4. Which of your numbers should change with the window?",
    says="before the window",
)


@FROM_THE_EXAMPLE
def window_of_the_example(start, stop, window_size):
    return max(0, start - 3), stop


@misconception(
    "block-keys",
    "end and first exchanged",
    loses=(FIRST, START, INTS),
    hint="K[first:end]: which of your two numbers comes first?",
    says="expected 4, 9",
)
def exchanged(start, stop, window_size):
    return stop, max(0, start - window_size + 1)


@misconception(
    "block-keys",
    "how many keys in place of where they end",
    loses=(START,),
    hint="A slice is given by two positions. Is your second number one?",
    says="the last query",
)
def length_for_end(start, stop, window_size):
    first = max(0, start - window_size + 1)
    return first, stop - first


NOT_A_PAIR = misconception(
    "block-keys",
    "something else than two numbers",
    loses=(FIRST, START, INTS),
    hint="The docstring asks for two ints, first and end. K[first:end] is made from them later.",
    says="two numbers",
)


@NOT_A_PAIR
def a_slice(start, stop, window_size):
    return slice(max(0, start - window_size + 1), stop)


FLOATS = misconception(
    "block-keys",
    "floats in place of ints",
    loses=(INTS,),
    hint="K[1.0:3.0] is an error. Which step made a float of a position?",
    says="",
)


@FLOATS
def two_floats(start, stop, window_size):
    return float(max(0, start - window_size + 1)), float(stop)


@FLOATS
def first_as_float(start, stop, window_size):
    return float(max(0, start - window_size + 1)), stop


@FLOATS
def float_at_the_start(start, stop, window_size):
    return max(0.0, start - window_size + 1), stop


@FLOATS
def float_inside(start, stop, window_size):
    return max(0, start - (window_size - 1.0)), stop


@FLOATS
def array_of_floats(start, stop, window_size):
    return np.array([max(0, start - window_size + 1), stop], dtype=float)


@FLOATS
def first_as_numpy_float(start, stop, window_size):
    return np.maximum(0.0, start - window_size + 1), stop


@FLOATS
def both_as_some_float(start, stop, window_size):
    return np.maximum(0.0, start - window_size + 1.0), float(stop)


LEFT, FUTURE, AT_START, DTYPE = (
    "the left edge of the window",
    "the future in the block",
    "at the start of the text",
    "dtype",
)
EVERY_MASK = (LEFT, FUTURE, AT_START, DTYPE)


def positions(start, stop, window_size):
    """Queries as a column, and keys."""
    return np.arange(start, stop)[:, np.newaxis], np.arange(max(0, start - window_size + 1), stop)


@misconception(
    "block-mask",
    "rows and columns counted from 0 instead of positions",
    loses=(LEFT, AT_START),
    hint="Row 0 is the query at start, column 0 the key at first. Compare positions, not rows.",
    says="cells are wrong",
)
def places_for_positions(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    query, key = query - start, key - key[0]
    return (key > query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "rows counted from 0 instead of positions",
    loses=(LEFT, AT_START),
    hint="Row 0 is the query at start. Which position do you compare with that of the key?",
    says="cells are wrong",
)
def rows_for_queries(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return (key > query - start) | (key <= query - start - window_size)


@misconception(
    "block-mask",
    "columns counted from 0 instead of positions",
    loses=(LEFT, FUTURE),
    hint="Column 0 is the key at first, which need not be 0. Compare positions, not columns.",
    says="too short",
)
def columns_for_keys(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    key = key - key[0]
    return (key > query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "the left edge of the window forgotten",
    loses=(LEFT,),
    hint="The slice begins with the window of the first query. What of the second one's?",
    says="reaches too far",
)
def no_left_edge(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return key > query


NO_FUTURE = misconception(
    "block-mask",
    "the future inside the block forgotten",
    loses=(FUTURE, AT_START),
    hint="A block has several queries. Does the first of them see the last?",
    says="comes after",
)


@NO_FUTURE
def future_in_the_block(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return key <= query - window_size


@misconception(
    "block-mask",
    "a window that looks to both sides",
    loses=(FUTURE, AT_START),
    hint="The distance to a key has a sign. Does a query see what comes after it?",
    says="comes after",
)
def mask_to_both_sides(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return abs(query - key) >= window_size


@misconception(
    "block-mask",
    "nothing blocked",
    loses=EVERY_MASK,
    hint="A key is blocked if it comes too late or is too old. Does a cell of yours say so?",
    says="comes after",
)
def nothing_blocked(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return np.zeros((len(query), len(key)), dtype=bool)


@misconception(
    "block-mask",
    "everything blocked",
    loses=(LEFT, AT_START),
    hint="Every query sees at least itself. Which cells of yours say so?",
    says="too short",
)
def everything_blocked(start, stop, window_size):
    return ~nothing_blocked(start, stop, window_size)


@misconception(
    "block-mask",
    "True for what is open",
    loses=EVERY_MASK,
    hint="What does True mean in a mask of this course?",
    says="True means blocked",
)
def open_is_true(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return (key <= query) & (key > query - window_size)


@misconception(
    "block-mask",
    "True for what is open",
    loses=EVERY_MASK,
    hint="What does True mean in a mask of this course?",
    says="expected bool",
)
def open_is_one(start, stop, window_size):
    return open_is_true(start, stop, window_size).astype(int)


@misconception(
    "block-mask",
    "one key too many in a window",
    loses=(LEFT,),
    hint="Count the open cells of a row inside the text. How many should there be?",
    says="reaches too far",
)
def mask_too_wide(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return (key > query) | (key < query - window_size)


TOO_NARROW = misconception(
    "block-mask",
    "one key too few in a window",
    loses=(LEFT,),
    hint="Count the open cells of a row inside the text. How many should there be?",
    says="too short",
)


@TOO_NARROW
def mask_too_narrow(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return (key > query) | ((key <= query - window_size + 1) & (key < query))


@misconception(
    "block-mask",
    "the query itself blocked",
    loses=(LEFT, AT_START),
    hint="Does a token see itself? Look at the first row of the example.",
    says="always sees itself",
)
def itself_blocked(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return (key >= query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "one key too few in a window, even in a window of one",
    loses=(LEFT,),
    hint="Count the open cells of a row inside the text, for a window of 3 and for one of 1.",
    says="too short",
)
def mask_too_narrow_for_one(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return (key > query) | (key <= query - window_size + 1)


NUMBERS = misconception(
    "block-mask",
    "0 and 1 instead of False and True",
    loses=(DTYPE,),
    hint="What is the dtype of a comparison? Yours has been turned into numbers.",
    says="expected bool",
)


@NUMBERS
def mask_of_numbers(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return np.where((key > query) | (key <= query - window_size), 1, 0)


@NUMBERS
def mask_of_floats(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return np.where((key > query) | (key <= query - window_size), 1.0, 0.0)


@NUMBERS
def mask_of_small_numbers(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return ((key > query) | (key <= query - window_size)).astype(np.int8)


@misconception(
    "block-mask",
    "a list in place of an array",
    loses=(DTYPE,),
    hint="The docstring asks for an array. What makes one of nested lists?",
    says="array",
)
def mask_as_list(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return ((key > query) | (key <= query - window_size)).tolist()


@misconception(
    "block-mask",
    "minus infinity where it should say True",
    loses=EVERY_MASK,
    hint="A mask says which pairs are blocked. What their scores become is a later step.",
    says="expected bool",
)
def mask_of_scores(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return np.where((key > query) | (key <= query - window_size), -np.inf, 0)


@misconception(
    "block-mask",
    "a square for the keys of the block alone",
    loses=(LEFT, AT_START),
    hint="A row of the mask has a cell for each key that keys_of_block names. How many are there?",
    says="expected (3, 5)",
)
def square_mask(start, stop, window_size):
    key = np.arange(start, stop)
    return (key > key[:, np.newaxis]) | (key <= key[:, np.newaxis] - window_size)


@misconception(
    "block-mask",
    "a column for every key from the beginning of the text",
    loses=(LEFT,),
    hint="Column 0 is the first key that the block needs. Is that always key 0?",
    says="expected (3, 5)",
)
def all_columns(start, stop, window_size):
    query, key = np.arange(start, stop)[:, np.newaxis], np.arange(stop)
    return (key > query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "columns for keys before the text",
    loses=(AT_START,),
    hint="In the first block of a text, how many keys are there? How many columns have you got?",
    says="expected (3, 3)",
)
def columns_before_the_text(start, stop, window_size):
    query, key = np.arange(start, stop)[:, np.newaxis], np.arange(start - window_size + 1, stop)
    return (key > query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "one column too many: the slice begins too early",
    loses=(LEFT,),
    hint="Compare the number of your columns with what keys_of_block gives for a block inside.",
    says="expected (3, 5)",
)
def column_too_many(start, stop, window_size):
    query, key = np.arange(start, stop)[:, np.newaxis], np.arange(max(0, start - window_size), stop)
    return (key > query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "one column too many: a key behind the block",
    loses=(LEFT, AT_START),
    hint="The columns are the keys first to end - 1. Compare their number with yours.",
    says="expected (3, 5)",
)
def column_behind(start, stop, window_size):
    query, key = positions(start, stop + 1, window_size)
    query = query[:-1]
    return (key > query) | (key <= query - window_size)


@misconception(
    "block-mask",
    "keys in rows, queries in columns",
    loses=EVERY_MASK,
    hint="The mask is indexed [query, key]. How many rows has it for a block of two queries?",
    says="expected (3, 5)",
)
def mask_transposed(start, stop, window_size):
    query, key = positions(start, stop, window_size)
    return ((key > query) | (key <= query - window_size)).T


WHOLE, SHORTER, LINEAR = "whole blocks", "a last block that is shorter", "linear time"
SCALE, LARGE, BATCH = "scores and scale", "large scores", "batch and heads"
ARRAY, GIVEN = "one array, of the inputs' dtype", "inputs left as they are"
NUMBERS_TOO = (SCALE, LARGE, BATCH)
EVERYTHING = (WHOLE, SHORTER, *NUMBERS_TOO, ARRAY, GIVEN, LINEAR)


class Blocks:
    """A right answer to window-blocks, from which the wrong ones differ in one thing.

    To call one of these classes is to call the function.
    """

    def __new__(cls, *given):
        return super().__new__(cls).attention(*given)

    def attention(self, Q, K, V, window_size, block_size):
        blocks = self.blocks(Q, block_size)
        return self.join([self.block(Q, K, V, window_size, *block) for block in blocks])

    def blocks(self, Q, block_size):
        length = Q.shape[-2]
        return [(s, min(s + block_size, length)) for s in range(0, length, block_size)]

    def join(self, outputs):
        return np.concatenate(outputs, axis=-2)

    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.mask(start, stop, first, end, window_size)
        queries, keys, values = Q[..., start:stop, :], K[..., first:end, :], V[..., first:end, :]
        return self.attend(queries, keys, values, mask)

    def ends(self, start, stop, window_size, Q):
        return max(0, start - window_size + 1), stop

    def mask(self, start, stop, first, end, window_size):
        query, key = np.arange(start, stop)[:, np.newaxis], np.arange(first, end)
        return (key > query) | (key <= query - window_size)

    def attend(self, queries, keys, values, mask):
        return self.weights(self.scores(queries, keys, values), mask) @ values

    def scores(self, queries, keys, values):
        return queries @ np.swapaxes(keys, -1, -2) / self.divisor(queries, keys, values)

    def divisor(self, queries, keys, values):
        return queries.shape[-1] ** 0.5

    def weights(self, scores, mask):
        return self.softmax(np.where(mask, -np.inf, scores))

    def softmax(self, scores):
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return shares / shares.sum(axis=-1, keepdims=True)


@misconception(
    "window-blocks",
    "each block sees itself alone",
    loses=(WHOLE, SHORTER, BATCH),
    hint="Look at the first query of the second block. Whom should it see, and whom does it see?",
    says="too short",
)
class Alone(Blocks):
    def ends(self, start, stop, window_size, Q):
        return start, stop


LAST_DROPPED = misconception(
    "window-blocks",
    "the last, shorter block dropped",
    loses=(SHORTER,),
    hint="Seven tokens in blocks of three: how many blocks are there, and how long is the last?",
    says="",
)


@LAST_DROPPED
class LastDropped(Blocks):
    def blocks(self, Q, block_size):
        count = Q.shape[-2] // block_size
        return [(i * block_size, (i + 1) * block_size) for i in range(count)]


@LAST_DROPPED
class LastLeftZero(LastDropped):
    def attention(self, Q, K, V, window_size, block_size):
        output = np.zeros_like(V)
        for start, stop in self.blocks(Q, block_size):
            output[..., start:stop, :] = self.block(Q, K, V, window_size, start, stop)
        return output


BEYOND = misconception(
    "window-blocks",
    "the last block ends behind the text",
    loses=(SHORTER,),
    hint="Seven tokens in blocks of three: where does your third block stop?",
    says="",
)


class Beyond(Blocks):
    def blocks(self, Q, block_size):
        return [(s, s + block_size) for s in range(0, Q.shape[-2], block_size)]


@BEYOND
class BeyondByWhere(Beyond):
    pass


@BEYOND
class BeyondByIndex(Beyond):
    def weights(self, scores, mask):
        scores[..., mask] = -np.inf
        return self.softmax(scores)


@misconception(
    "window-blocks",
    "the last block ends behind the text",
    loses=(SHORTER, ARRAY),
    hint="Seven tokens in blocks of three: where does your third block stop?",
    says="",
)
class BeyondBySum(Beyond):
    def weights(self, scores, mask):
        return self.softmax(scores + np.where(mask, -np.inf, 0))


@misconception(
    "window-blocks",
    "one key too few at the left edge of a block",
    loses=(WHOLE, SHORTER),
    hint="How many keys before its first query does a block need, if the query counts as one?",
    says="too short",
)
class OneKeyTooFew(Blocks):
    def ends(self, start, stop, window_size, Q):
        return min(start, max(0, start - window_size + 2)), stop


@misconception(
    "window-blocks",
    "one key too few in each window",
    loses=(WHOLE, SHORTER),
    hint="Count the keys that a query sees far inside the text. How many should there be?",
    says="too short",
)
class TooNarrow(Blocks):
    def mask(self, start, stop, first, end, window_size):
        query, key = np.arange(start, stop)[:, np.newaxis], np.arange(first, end)
        return (key > query) | ((key <= query - window_size + 1) & (key < query))


TOO_WIDE = misconception(
    "window-blocks",
    "one key too many in each window",
    loses=(WHOLE, SHORTER),
    hint="Count the keys that a query sees far inside the text. How many should there be?",
    says="too far",
)


@TOO_WIDE
class TooWide(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        return super().attention(Q, K, V, window_size + 1, block_size)


@TOO_WIDE
class MaskTooWide(Blocks):
    def mask(self, start, stop, first, end, window_size):
        return super().mask(start, stop, first, end, window_size + 1)


@misconception(
    "window-blocks",
    "no mask: all keys of the slice are seen",
    loses=(WHOLE, SHORTER, *NUMBERS_TOO, ARRAY, GIVEN, LINEAR),
    hint="The slice holds what one query or another sees. Does each of them see all of it?",
    says="comes after",
)
class NoMask(Blocks):
    def mask(self, start, stop, first, end, window_size):
        return False


@misconception(
    "window-blocks",
    "the future blocked, the left edge of the window not",
    loses=(WHOLE, SHORTER),
    hint="The slice fits the first query. How far back does the last one see in it?",
    says="reaches too far",
)
class LeftEdgeOpen(Blocks):
    def mask(self, start, stop, first, end, window_size):
        return super().mask(start, stop, first, end, end)


@misconception(
    "window-blocks",
    "the left edge of the window blocked, the future not",
    loses=EVERYTHING,
    hint="A block has several queries. Does the first of them see the last?",
    says="comes after",
)
class FutureOpen(Blocks):
    def mask(self, start, stop, first, end, window_size):
        query, key = np.arange(start, stop)[:, np.newaxis], np.arange(first, end)
        return key <= query - window_size


BY_PART = misconception(
    "window-blocks",
    "a softmax for the block and one for the keys before it",
    loses=(WHOLE, SHORTER, BATCH),
    hint="Add up the weights of one query. A softmax gives 1, and two of them?",
    says="sum to 2",
)


@BY_PART
class ByPart(Blocks):
    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.mask(start, stop, first, end, window_size)
        scores = self.scores(Q[..., start:stop, :], K[..., first:end, :], V)
        scores, before = np.where(mask, -np.inf, scores), start - first
        output = self.softmax(scores[..., before:]) @ V[..., start:stop, :]
        if before:
            earlier = scores[..., :before]
            seen = np.isfinite(earlier).any(axis=-1, keepdims=True)
            shares = np.where(seen, self.softmax(np.where(seen, earlier, 0)), 0)
            output = output + shares @ V[..., first:start, :]
        return output


@misconception(
    "window-blocks",
    "all scores computed, and most of them masked",
    loses=(LINEAR,),
    hint="The output is right. How many scores do you hold at once, for how many that count?",
    says="bytes at once",
)
class Dense(Blocks):
    def blocks(self, Q, block_size):
        return [(0, Q.shape[-2])]


@misconception(
    "window-blocks",
    "scores by blocks, but a mask for all pairs",
    loses=(LINEAR,),
    hint="Your scores are those of a block. Which other array has a cell for every pair of tokens?",
    says="bytes at once",
)
class DenseMask(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        self.whole = super().mask(0, Q.shape[-2], 0, Q.shape[-2], window_size)
        return super().attention(Q, K, V, window_size, block_size)

    def mask(self, start, stop, first, end, window_size):
        return self.whole[start:stop, first:end]


ALL_KEYS = misconception(
    "window-blocks",
    "each block against keys that it does not need",
    loses=(LINEAR,),
    hint="The output is right. By how many keys is each block multiplied, and how many count?",
    says="",
)


@ALL_KEYS
class AllKeys(Blocks):
    def ends(self, start, stop, window_size, Q):
        return 0, Q.shape[-2]


@misconception(
    "window-blocks",
    "scores not scaled",
    loses=(SCALE,),
    hint="What are the scores divided by? The docstring has the formula.",
    says="divided by",
)
class NotScaled(Blocks):
    def divisor(self, queries, keys, values):
        return 1


OTHER_SCALE = misconception(
    "window-blocks",
    "scores scaled by something else than the root of d_k",
    loses=(SCALE,),
    hint="Which axis of Q holds the features, and is it their number that you divide by?",
    says="",
)


@OTHER_SCALE
class ScaledByWidth(Blocks):
    def divisor(self, queries, keys, values):
        return queries.shape[-1]


@OTHER_SCALE
class ScaledByWholeRoot(Blocks):
    def divisor(self, queries, keys, values):
        return math.isqrt(queries.shape[-1])


@OTHER_SCALE
class ScaledByValues(Blocks):
    def divisor(self, queries, keys, values):
        return values.shape[-1] ** 0.5


@OTHER_SCALE
class ScaledUp(Blocks):
    def divisor(self, queries, keys, values):
        return queries.shape[-1] ** -0.5


LENGTH_SCALE = misconception(
    "window-blocks",
    "scores scaled by a number of tokens",
    loses=(SCALE, BATCH),
    hint="Which axis of Q holds the features? The last but one holds the tokens.",
    says="",
)


@LENGTH_SCALE
class ScaledByKeys(Blocks):
    def divisor(self, queries, keys, values):
        return keys.shape[-2] ** 0.5


@LENGTH_SCALE
class ScaledByQueries(Blocks):
    def divisor(self, queries, keys, values):
        return queries.shape[-2] ** 0.5


@LENGTH_SCALE
class ScaledByLength(Blocks):
    def attention(self, Q, *others):
        self.length = Q.shape[-2]
        return super().attention(Q, *others)

    def divisor(self, queries, keys, values):
        return self.length**0.5


@misconception(
    "window-blocks",
    "scores rounded: // in place of /",
    loses=(SCALE, BATCH),
    hint="What is 7 // 2, and what is 7 / 2?",
    says="",
)
class Rounded(Blocks):
    def scores(self, queries, keys, values):
        return queries @ np.swapaxes(keys, -1, -2) // queries.shape[-1] ** 0.5


UNSTABLE = misconception(
    "window-blocks",
    "softmax without the shift overflows",
    loses=(LARGE,),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="large",
)


class WithoutShift:
    """Mixed in, a softmax that is right for small scores."""

    def softmax(self, scores):
        with np.errstate(all="ignore"):
            shares = np.exp(scores)
            return shares / shares.sum(axis=-1, keepdims=True)


@UNSTABLE
class Unstable(WithoutShift, Blocks):
    pass


ANOTHER_SHIFT: dict[str, Any] = {
    "name": "the shift of the softmax is not the largest open score of each query",
    "hint": "What you subtract may be far above all open scores of a query. "
    "What is exp of them then?",
    "says": "",
}
SHIFT = misconception("window-blocks", **ANOTHER_SHIFT, loses=(LARGE,))


@SHIFT
class MaskedLate(Blocks):
    def weights(self, scores, mask):
        shares = np.where(mask, 0, np.exp(scores - scores.max(axis=-1, keepdims=True)))
        with np.errstate(all="ignore"):
            return shares / shares.sum(axis=-1, keepdims=True)


class OneShift:
    """Mixed in, one shift for all queries."""

    def softmax(self, scores):
        with np.errstate(all="ignore"):
            shares = np.exp(scores - scores.max())
            return shares / shares.sum(axis=-1, keepdims=True)


@misconception("window-blocks", **ANOTHER_SHIFT, loses=(LARGE, BATCH))
class OneShiftForAll(OneShift, Blocks):
    pass


FINITE = misconception(
    "window-blocks",
    "blocked scores low, but not minus infinity",
    loses=(LARGE,),
    hint="All open scores of a query may be lower than the number you chose. Which one is never?",
    says="",
)


@FINITE
class LowScores(Blocks):
    def weights(self, scores, mask):
        return self.softmax(np.where(mask, -1e4, scores))


@FINITE
class LoweredScores(Blocks):
    def weights(self, scores, mask):
        return self.softmax(np.where(mask, scores - 1e4, scores))


@misconception(
    "window-blocks",
    "blocked scores low, but not minus infinity",
    loses=(LARGE, ARRAY),
    hint="All open scores of a query may be lower than the number you chose. Which one is never?",
    says="",
)
class LoweredByMask(Blocks):
    def weights(self, scores, mask):
        return self.softmax(scores + mask * -1e4)


@misconception(
    "window-blocks",
    "blocked scores set to 0",
    loses=EVERYTHING,
    hint="What is exp(0)? A blocked key must get no weight at all.",
    says="",
)
class ZeroForBlocked(Blocks):
    def weights(self, scores, mask):
        return self.softmax(np.where(mask, 0, scores))


@misconception(
    "window-blocks",
    "mask applied after the softmax",
    loses=EVERYTHING,
    hint="Add up the weights of a row. Who took the share that is missing?",
    says="sum to",
)
class MaskedTooLate(Blocks):
    def weights(self, scores, mask):
        return np.where(mask, 0, self.softmax(scores))


@misconception(
    "window-blocks",
    "minus infinity times False",
    loses=EVERYTHING,
    hint="0 times infinity is nan. Where the mask is False, the score should stay what it is.",
    says="nan",
)
class InfinityTimesMask(Blocks):
    def weights(self, scores, mask):
        with np.errstate(all="ignore"):
            return self.softmax(scores + mask * -np.inf)


@misconception(
    "window-blocks",
    "the mask taken the other way round",
    loses=EVERYTHING,
    hint="Is a True in the mask a pair that may attend, or one that may not?",
    says="",
)
class OtherWayRound(Blocks):
    def weights(self, scores, mask):
        with np.errstate(all="ignore"):
            return self.softmax(np.where(mask, scores, -np.inf))


class Column:
    """Mixed in, a softmax over the queries."""

    axis: int | None = -2

    def softmax(self, scores):
        with np.errstate(all="ignore"):
            shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
            return shares / shares.sum(axis=self.axis, keepdims=True)


WRONG_AXIS = misconception(
    "window-blocks",
    "softmax over the wrong axis",
    loses=EVERYTHING,
    hint="Who shares out 1: a query among its keys, or a key among the queries?",
    says="",
)


@WRONG_AXIS
class OverQueries(Column, Blocks):
    pass


@WRONG_AXIS
class OverFirstAxis(Column, Blocks):
    axis = 0


@WRONG_AXIS
class OverEverything(Column, Blocks):
    axis = None


class ColumnOfBoth(Column):
    """Mixed in, its shift over the queries as well."""

    def softmax(self, scores):
        with np.errstate(all="ignore"):
            shares = np.exp(scores - scores.max(axis=self.axis, keepdims=True))
            return shares / shares.sum(axis=self.axis, keepdims=True)


@WRONG_AXIS
class BothOverQueries(ColumnOfBoth, Blocks):
    pass


@WRONG_AXIS
class BothOverFirstAxis(ColumnOfBoth, Blocks):
    axis = 0


@WRONG_AXIS
class BothOverEverything(ColumnOfBoth, Blocks):
    axis = None


@misconception(
    "window-blocks",
    "weights that do not sum to 1",
    loses=EVERYTHING,
    hint="A softmax has two steps: exp, and then? Add up the weights of one query.",
    says="sum to",
)
class NotDivided(Blocks):
    def softmax(self, scores):
        return np.exp(scores - scores.max(axis=-1, keepdims=True))


NO_BATCH = misconception(
    "window-blocks",
    "written for one sequence: no batch axes",
    loses=(BATCH,),
    hint="Axes may come in front of the tokens. Which index leaves them where they are?",
    says="",
)


class FirstAxis(Blocks):
    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.mask(start, stop, first, end, window_size)
        return self.attend(Q[start:stop], K[first:end], V[first:end], mask)


@NO_BATCH
class FirstAxisByLength(FirstAxis):
    def blocks(self, Q, block_size):
        return [(s, min(s + block_size, len(Q))) for s in range(0, len(Q), block_size)]


@NO_BATCH
class FirstAxisOfTokens(FirstAxis):
    pass


@NO_BATCH
class FirstAxisOfTwo(Blocks):
    def blocks(self, Q, block_size):
        n, d_k = Q.shape
        return super().blocks(Q, block_size)


@NO_BATCH
class LengthOfFirstAxis(Blocks):
    def blocks(self, Q, block_size):
        return [(s, min(s + block_size, len(Q))) for s in range(0, len(Q), block_size)]


class Transposed:
    """Mixed in, keys with all axes turned round."""

    def scores(self, queries, keys, values):
        return queries @ keys.T / queries.shape[-1] ** 0.5


@NO_BATCH
class KeysTurnedRound(Transposed, Blocks):
    pass


@NO_BATCH
class FirstAxisTurnedRound(Transposed, FirstAxisByLength):
    pass


@misconception(
    "window-blocks",
    "written for one sequence: no batch axes",
    loses=(BATCH, ARRAY),
    hint="Axes may come in front of the tokens. Which index leaves them where they are?",
    says="",
)
class IntoTwoAxes(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        output = np.zeros((Q.shape[-2], V.shape[-1]))
        for start, stop in self.blocks(Q, block_size):
            output[start:stop] = self.block(Q, K, V, window_size, start, stop)
        return output


FIXED_AXES = misconception(
    "window-blocks",
    "written for a fixed number of axes",
    loses=EVERYTHING,
    hint="Q may have two, three or four axes. Which two of K change places, counted from the end?",
    says="",
)


@FIXED_AXES
class ForThreeAxes(Blocks):
    def scores(self, queries, keys, values):
        return queries @ keys.transpose(0, 2, 1) / queries.shape[-1] ** 0.5


@FIXED_AXES
class ForFourAxes(Blocks):
    def scores(self, queries, keys, values):
        return queries @ keys.transpose(0, 1, 3, 2) / queries.shape[-1] ** 0.5


@FIXED_AXES
class ForThreeAxesBySwap(Blocks):
    def scores(self, queries, keys, values):
        return queries @ np.swapaxes(keys, 1, 2) / queries.shape[-1] ** 0.5


@FIXED_AXES
class ForFourAxesBySwap(Blocks):
    def scores(self, queries, keys, values):
        return queries @ np.swapaxes(keys, 2, 3) / queries.shape[-1] ** 0.5


@FIXED_AXES
class UnpackedIntoThree(Blocks):
    def blocks(self, Q, block_size):
        batch, n, d_k = Q.shape
        return super().blocks(Q, block_size)


@FIXED_AXES
class UnpackedIntoFour(Blocks):
    def blocks(self, Q, block_size):
        batch, heads, n, d_k = Q.shape
        return super().blocks(Q, block_size)


JOINED = misconception(
    "window-blocks",
    "blocks joined along another axis than that of the tokens",
    loses=(BATCH,),
    hint="The blocks are parts of the text. Which axis, counted from the end, holds its tokens?",
    says="",
)


@JOINED
class JoinedAlongFirst(Blocks):
    def join(self, outputs):
        return np.concatenate(outputs)


SIDE_BY_SIDE = misconception(
    "window-blocks",
    "blocks joined side by side",
    loses=(WHOLE, SHORTER, BATCH, LINEAR),
    hint="The blocks are parts of the text. Which axis, counted from the end, holds its tokens?",
    says="",
)


@SIDE_BY_SIDE
class JoinedAlongSecond(Blocks):
    def join(self, outputs):
        return np.concatenate(outputs, axis=1)


@SIDE_BY_SIDE
class JoinedAlongLast(Blocks):
    def join(self, outputs):
        return np.concatenate(outputs, axis=-1)


STACKED = misconception(
    "window-blocks",
    "the outputs of the blocks stacked, not joined",
    loses=EVERYTHING,
    hint="The output has a row for each token, in one array. What shape has yours?",
    says="",
)


@STACKED
class Stacked(Blocks):
    def join(self, outputs):
        return np.array(outputs)


@STACKED
class Listed(Blocks):
    def join(self, outputs):
        return outputs


@misconception(
    "window-blocks",
    "only the last block returned",
    loses=(WHOLE, SHORTER, BATCH, LINEAR),
    hint="What becomes of the output of the first block when the second one is made?",
    says="shape",
)
class LastBlockAlone(Blocks):
    def join(self, outputs):
        return outputs[-1]


@misconception(
    "window-blocks",
    "axes of length 1 dropped",
    loses=(SHORTER, LARGE, BATCH, LINEAR),
    hint="The output has all axes of V, also one that is 1. Which step drops it?",
    says="",
)
class Squeezed(Blocks):
    def join(self, outputs):
        return np.squeeze(super().join(outputs))


@misconception(
    "window-blocks",
    "weights returned beside the output",
    loses=(ARRAY,),
    hint="The docstring asks for one array here. What else do you return?",
    says="",
)
class WithWeights(Blocks):
    def attention(self, *given):
        return super().attention(*given), None


PROMOTED = misconception(
    "window-blocks",
    "float64 returned for float32",
    loses=(ARRAY,),
    hint="np.zeros makes float64, and so does a root taken with NumPy. What is the dtype of V?",
    says="expected float32",
)


@PROMOTED
class Promoted(Blocks):
    def attention(self, *given):
        return super().attention(*given).astype(float)


@misconception(
    "window-blocks",
    "float32 returned for float64",
    loses=(ARRAY,),
    hint="The output has the dtype of the inputs. Where do you fix it to float32?",
    says="expected float64",
)
class Demoted(Blocks):
    def attention(self, *given):
        return super().attention(*given).astype(np.float32)


@misconception(
    "window-blocks",
    "an output as wide as Q",
    loses=(SCALE,),
    hint="How many features has a row of the output: those of Q or those of V?",
    says="",
)
class ShapedLikeQ(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        output = np.zeros_like(Q)
        for start, stop in self.blocks(Q, block_size):
            output[..., start:stop, :] = self.block(Q, K, V, window_size, start, stop)
        return output


IN_PLACE = misconception(
    "window-blocks",
    "the inputs changed",
    loses=(GIVEN,),
    hint="a /= b writes into a, and a is the array that you were given. Who else may need it?",
    says="",
)


@IN_PLACE
class QueriesInPlace(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        Q /= Q.shape[-1] ** 0.5
        return super().attention(Q, K, V, window_size, block_size)

    def divisor(self, queries, keys, values):
        return 1


@IN_PLACE
class KeysInPlace(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        K /= Q.shape[-1] ** 0.5
        return super().attention(Q, K, V, window_size, block_size)

    def divisor(self, queries, keys, values):
        return 1


@IN_PLACE
class BothInPlace(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        Q /= Q.shape[-1] ** 0.25
        K /= K.shape[-1] ** 0.25
        return super().attention(Q, K, V, window_size, block_size)

    def divisor(self, queries, keys, values):
        return 1


@IN_PLACE
class OutputIntoValues(Blocks):
    def attention(self, Q, K, V, window_size, block_size):
        V[...] = super().attention(Q, K, V, window_size, block_size)
        return V


@IN_PLACE
class KeysOfSliceInPlace(Blocks):
    def attend(self, queries, keys, values, mask):
        keys /= queries.shape[-1] ** 0.5
        return super().attend(queries, keys, values, mask)

    def divisor(self, queries, keys, values):
        return 1


NONE, QUERIES = "no global tokens", "global queries"
OUTSIDE, WITHIN = "global keys outside the slice", "global keys in the slice"
EVERY_ROW = (NONE, OUTSIDE, WITHIN, QUERIES, SHORTER, SCALE, LARGE, BATCH)
EVERY_ASPECT = (*EVERY_ROW, ARRAY, GIVEN, LINEAR)


class Joined(Blocks):
    """A right answer to global-blocks, from which the wrong ones differ in one thing."""

    def attention(self, Q, K, V, window_size, block_size, global_mask):
        self.positions = self.find(global_mask)
        output = super().attention(Q, K, V, window_size, block_size)
        return self.fill_in(output, Q, K, V)

    def find(self, global_mask):
        return np.flatnonzero(global_mask)

    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.hide(self.mask(start, stop, first, end, window_size), first, end)
        front = self.front(np.arange(start, stop)[:, np.newaxis])
        keys = np.concatenate([self.positions, np.arange(first, end)])
        mask = np.concatenate([front, mask], axis=1)
        return self.attend(Q[..., start:stop, :], K[..., keys, :], V[..., keys, :], mask)

    def hide(self, mask, first, end):
        return mask | np.isin(np.arange(first, end), self.positions)

    def front(self, query):
        return np.zeros((len(query), len(self.positions)), dtype=bool)

    def fill_in(self, output, Q, K, V):
        output[..., self.positions, :] = self.rows(Q[..., self.positions, :], K, V)
        return output

    def rows(self, queries, keys, values):
        return self.attend(queries, keys, values, False)


TWICE = misconception(
    "global-blocks",
    "a global key in the window counted twice",
    loses=(WITHIN,),
    hint="A global key can lie in the block's own slice as well. How often does it count then?",
    says="twice",
)


@TWICE
class CountedTwice(Joined):
    def hide(self, mask, first, end):
        return mask


@TWICE
class OpenedInTheSlice(Joined):
    def hide(self, mask, first, end):
        return mask & ~np.isin(np.arange(first, end), self.positions)


@misconception(
    "global-blocks",
    "global keys only opened in the slice",
    loses=(OUTSIDE, WITHIN),
    hint="A global token that is not in the slice of a block: where does the block find its key?",
    says="every query sees it",
)
class OnlyOpened(Joined):
    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.mask(start, stop, first, end, window_size)
        mask = mask & ~np.isin(np.arange(first, end), self.positions)
        keys = slice(first, end)
        return self.attend(Q[..., start:stop, :], K[..., keys, :], V[..., keys, :], mask)


TWO_SOFTMAXES = misconception(
    "global-blocks",
    "a softmax for the window and one for the global keys",
    loses=(OUTSIDE, WITHIN),
    hint="Add up the weights of one query. Window and global keys share one softmax.",
    says="sum to 2",
)


class Apart(Joined):
    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.closed(self.mask(start, stop, first, end, window_size), first, end)
        queries, keys, g = Q[..., start:stop, :], slice(first, end), self.positions
        output = self.attend(queries, K[..., keys, :], V[..., keys, :], mask)
        if len(g):
            output = output + self.attend(queries, K[..., g, :], V[..., g, :], False)
        return output

    def closed(self, mask, first, end):
        return mask


@TWO_SOFTMAXES
class AddedUp(Apart):
    pass


@misconception(
    "global-blocks",
    "global tokens are seen, but see only their window",
    loses=(QUERIES,),
    hint="Everybody sees a global token. Whom does the global token see?",
    says="is global: it sees every key",
)
class SeenAlone(Joined):
    def fill_in(self, output, Q, K, V):
        return output


@misconception(
    "global-blocks",
    "global tokens see all, but are seen in the window alone",
    loses=(OUTSIDE, WITHIN),
    hint="A global token sees everybody. Who sees the global token?",
    says="every query sees it",
)
class NotSeen(Joined):
    def block(self, *given):
        return Blocks.block(self, *given)


@misconception(
    "global-blocks",
    "global tokens ignored",
    loses=(OUTSIDE, WITHIN, QUERIES),
    hint="One argument is never used. What does a global token see, and who sees it?",
    says="global",
)
class Ignored(NotSeen):
    def fill_in(self, output, Q, K, V):
        return output


@misconception(
    "global-blocks",
    "global keys closed in the slice, and missing in front",
    loses=(OUTSIDE, WITHIN),
    hint="In one of its two places a global key is closed. Is it open in the other?",
    says="every query sees it",
)
class ClosedTwice(Joined):
    def front(self, query):
        return np.ones((len(query), len(self.positions)), dtype=bool)


@misconception(
    "global-blocks",
    "global keys are seen only when they are past",
    loses=(OUTSIDE, WITHIN),
    hint="Here a global token is seen by all, those before it included. Does query 0 see yours?",
    says="every query sees it",
)
class PastAlone(Joined):
    def front(self, query):
        return self.positions > query


@misconception(
    "global-blocks",
    "the number of global tokens taken for the first tokens",
    loses=(OUTSIDE, WITHIN, QUERIES),
    hint="global_mask says which tokens are global, not how many.",
    says="as if position 0 were global",
)
class FirstTokens(Joined):
    def find(self, global_mask):
        return np.arange(np.count_nonzero(global_mask))


@misconception(
    "global-blocks",
    "only one global token",
    loses=(OUTSIDE, WITHIN, QUERIES),
    hint="There may be several global tokens. How many does yours find?",
    says="global",
)
class OnlyOne(Joined):
    def find(self, global_mask):
        return np.flatnonzero(global_mask)[:1]


@misconception(
    "global-blocks",
    "only one global token, even where there is none",
    loses=(NONE, OUTSIDE, WITHIN, QUERIES),
    hint="argmax names one position, and 0 where there is none. Which function names them all?",
    says="",
)
class ArgMax(Joined):
    def find(self, global_mask):
        return np.array([np.argmax(global_mask)])


@misconception(
    "global-blocks",
    "the number of global tokens taken for the first tokens",
    loses=(OUTSIDE, WITHIN, QUERIES),
    hint="global_mask says which tokens are global, not how many.",
    says="as if position 0 were global",
)
class FirstTokensInFront(FirstTokens):
    def find(self, global_mask):
        self.flags = global_mask
        return super().find(global_mask)

    def hide(self, mask, first, end):
        return mask | self.flags[first:end]


@misconception(
    "global-blocks",
    "rows of global queries written to the first rows",
    loses=(OUTSIDE, QUERIES),
    hint="You have the right rows for the global queries. To which positions do they belong?",
    says="",
)
class FirstRowsWritten(Joined):
    def fill_in(self, output, Q, K, V):
        g = self.positions
        output[..., : len(g), :] = self.rows(Q[..., g, :], K, V)
        return output


class ByRow(Joined):
    """Rows of global tokens in which some keys are closed."""

    def fill_in(self, output, Q, K, V):
        g = self.positions
        key = np.arange(Q.shape[-2])
        output[..., g, :] = self.attend(Q[..., g, :], K, V, self.closed(key, g[:, np.newaxis]))
        return output


@misconception(
    "global-blocks",
    "global queries see only the past",
    loses=(QUERIES,),
    hint="A global token sees every key. Are those after it among yours?",
    says="is global: it sees every key",
)
class CausalRows(ByRow):
    def closed(self, key, query):
        return key > query


@misconception(
    "global-blocks",
    "global queries do not see themselves",
    loses=(QUERIES,),
    hint="A global token sees every token. Is it one?",
    says="is global: it sees every key",
)
class NotThemselves(ByRow):
    def closed(self, key, query):
        return key == query


@misconception(
    "global-blocks",
    "global queries see only the global keys",
    loses=(QUERIES, SCALE, LARGE, BATCH),
    hint="Whom does a global token see? The queries are few here, the keys are not.",
    says="is global: it sees every key",
)
class GlobalsAlone(ByRow):
    def closed(self, key, query):
        return ~np.isin(key, self.positions)


@misconception(
    "global-blocks",
    "rows of global queries added to what was there",
    loses=(QUERIES, SCALE, LARGE, BATCH),
    hint="What the blocks gave for a global query does not count. Is it gone in yours?",
    says="sum to 2",
)
class RowsAdded(Joined):
    def fill_in(self, output, Q, K, V):
        output[..., self.positions, :] += self.rows(Q[..., self.positions, :], K, V)
        return output


FAILS_WITHOUT = misconception(
    "global-blocks",
    "fails without a global token",
    loses=(NONE,),
    hint="There may be no global token at all. What is the first of none?",
    says="",
)


@FAILS_WITHOUT
class FirstOfNone(Joined):
    def find(self, global_mask):
        positions = np.flatnonzero(global_mask)
        positions[0] += 0
        return positions


@misconception(
    "global-blocks",
    "all scores computed, and most of them masked",
    loses=(LINEAR,),
    hint="The output is right. How many scores do you hold at once, for how many that count?",
    says="bytes at once",
)
class StillDense(Joined):
    def attention(self, Q, K, V, window_size, block_size, global_mask):
        length = Q.shape[-2]
        local = self.mask(0, length, 0, length, window_size)
        return self.attend(Q, K, V, local & ~global_mask & ~global_mask[:, np.newaxis])


@misconception(
    "global-blocks",
    "scores by blocks, but a mask for all pairs",
    loses=(LINEAR,),
    hint="Your scores are those of a block. Which other array has a cell for every pair of tokens?",
    says="bytes at once",
)
class StillDenseMask(Joined):
    def attention(self, Q, K, V, window_size, block_size, global_mask):
        self.whole = Blocks.mask(self, 0, Q.shape[-2], 0, Q.shape[-2], window_size)
        return super().attention(Q, K, V, window_size, block_size, global_mask)

    def mask(self, start, stop, first, end, window_size):
        return self.whole[start:stop, first:end]


@misconception(
    "global-blocks",
    "each block against keys that it does not need",
    loses=(LINEAR,),
    hint="The output is right. By how many keys is each block multiplied, and how many count?",
    says="",
)
class StillAllKeys(Joined):
    def ends(self, start, stop, window_size, Q):
        return 0, Q.shape[-2]


@misconception(
    "global-blocks",
    "scores not scaled",
    loses=(SCALE,),
    hint="What are the scores divided by? The docstring has the formula.",
    says="divided by",
)
class JoinedNotScaled(Joined):
    def divisor(self, queries, keys, values):
        return 1


class InRowsAlone(Joined):
    """Its rows of global queries are those of another answer."""

    def rows(self, queries, keys, values):
        return self.other().attend(queries, keys, values, False)

    def other(self):
        return object.__new__(JoinedNotScaled)


@misconception(
    "global-blocks",
    "scores of global queries not scaled",
    loses=(SCALE,),
    hint="Global queries have the same scores as the others. Are yours divided by something?",
    says="",
)
class RowsNotScaled(InRowsAlone):
    pass


@misconception(
    "global-blocks",
    "scores in the blocks not scaled",
    loses=(SCALE,),
    hint="Global queries have the same scores as the others. Are all of them divided?",
    says="",
)
class BlocksNotScaled(InRowsAlone):
    def divisor(self, queries, keys, values):
        return 1

    def other(self):
        return object.__new__(Joined)


@misconception(
    "global-blocks",
    "an output as wide as Q",
    loses=(SCALE,),
    hint="How many features has a row of the output: those of Q or those of V?",
    says="",
)
class JoinedShapedLikeQ(Joined):
    def attention(self, Q, K, V, window_size, block_size, global_mask):
        self.positions, output = self.find(global_mask), np.zeros_like(Q)
        for start, stop in self.blocks(Q, block_size):
            output[..., start:stop, :] = self.block(Q, K, V, window_size, start, stop)
        return self.fill_in(output, Q, K, V)


OTHER_SCALE_OF_ALL = misconception(
    "global-blocks",
    "scores scaled by something else than the root of d_k",
    loses=(SCALE,),
    hint="Which axis of Q holds the features, and is it their number that you divide by?",
    says="",
)


@OTHER_SCALE_OF_ALL
class JoinedScaledByWidth(Joined):
    def divisor(self, queries, keys, values):
        return queries.shape[-1]


@OTHER_SCALE_OF_ALL
class JoinedScaledByWholeRoot(Joined):
    def divisor(self, queries, keys, values):
        return math.isqrt(queries.shape[-1])


@OTHER_SCALE_OF_ALL
class JoinedScaledByValues(Joined):
    def divisor(self, queries, keys, values):
        return values.shape[-1] ** 0.5


UNSTABLE_SOMEWHERE = misconception(
    "global-blocks",
    "softmax without the shift overflows",
    loses=(LARGE,),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="",
)


@UNSTABLE_SOMEWHERE
class JoinedUnstable(WithoutShift, Joined):
    pass


@UNSTABLE_SOMEWHERE
class RowsUnstable(InRowsAlone):
    def other(self):
        return object.__new__(JoinedUnstable)


@UNSTABLE_SOMEWHERE
class BlocksUnstable(WithoutShift, InRowsAlone):
    def other(self):
        return object.__new__(Joined)


OTHER_SHIFT = misconception("global-blocks", **ANOTHER_SHIFT, loses=(LARGE,))


@OTHER_SHIFT
class JoinedMaskedLate(Joined):
    def weights(self, scores, mask):
        return MaskedLate.weights(self, scores, mask)


@misconception("global-blocks", **ANOTHER_SHIFT, loses=(LARGE, BATCH))
class JoinedOneShift(OneShift, InRowsAlone):
    def other(self):
        return object.__new__(Joined)


FINITE_SCORES = misconception(
    "global-blocks",
    "blocked scores low, but not minus infinity",
    loses=(LARGE,),
    hint="All open scores of a query may be lower than the number you chose. Which one is never?",
    says="",
)


@FINITE_SCORES
class JoinedLowScores(Joined):
    def weights(self, scores, mask):
        return self.softmax(np.where(mask, -1e4, scores))


@FINITE_SCORES
class JoinedLoweredScores(Joined):
    def weights(self, scores, mask):
        return self.softmax(np.where(mask, scores - 1e4, scores))


@misconception(
    "global-blocks",
    "the last, shorter block dropped",
    loses=(SHORTER,),
    hint="Seven tokens in blocks of three: how many blocks are there, and how long is the last?",
    says="",
)
class JoinedLastLeftZero(Joined):
    def attention(self, Q, K, V, window_size, block_size, global_mask):
        self.positions, output = self.find(global_mask), np.zeros_like(V)
        for start, stop in LastDropped.blocks(self, Q, block_size):
            output[..., start:stop, :] = self.block(Q, K, V, window_size, start, stop)
        return self.fill_in(output, Q, K, V)


PAST_THE_END = misconception(
    "global-blocks",
    "the last block ends behind the text",
    loses=(SHORTER,),
    hint="Seven tokens in blocks of three: where does your third block stop?",
    says="",
)


class JoinedBeyond(Joined):
    """Its keys are taken by slices, which end with the text."""

    def blocks(self, Q, block_size):
        return Beyond.blocks(self, Q, block_size)

    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.hide(self.mask(start, stop, first, end, window_size), first, end)
        mask = np.concatenate([self.front(np.arange(start, stop)), mask], axis=1)
        keys, values = (
            np.concatenate([a[..., self.positions, :], a[..., first:end, :]], axis=-2)
            for a in (K, V)
        )
        return self.attend(Q[..., start:stop, :], keys, values, mask)


@PAST_THE_END
class JoinedBeyondByWhere(JoinedBeyond):
    pass


@PAST_THE_END
class JoinedBeyondByIndex(JoinedBeyond):
    def weights(self, scores, mask):
        return BeyondByIndex.weights(self, scores, np.zeros_like(scores, bool) | mask)


class ByFlags(JoinedBeyond):
    def attention(self, Q, K, V, window_size, block_size, global_mask):
        self.flags = global_mask
        return super().attention(Q, K, V, window_size, block_size, global_mask)

    def hide(self, mask, first, end):
        return mask | self.flags[first:end]


@PAST_THE_END
class JoinedBeyondByFlags(ByFlags):
    pass


GLOBALS_NO_BATCH = misconception(
    "global-blocks",
    "written for one sequence: no batch axes",
    loses=(BATCH,),
    hint="Axes may come in front of the tokens. Which index leaves them where they are?",
    says="",
)


@GLOBALS_NO_BATCH
class RowByRow(Joined):
    def fill_in(self, output, Q, K, V):
        for position in self.positions:
            output[..., position, :] = self.rows(Q[..., position, :], K, V)
        return output


@GLOBALS_NO_BATCH
class JoinedTurnedRound(Transposed, Joined):
    pass


@GLOBALS_NO_BATCH
class JoinedLengthOfFirstAxis(Joined):
    def blocks(self, Q, block_size):
        return LengthOfFirstAxis.blocks(self, Q, block_size)


@GLOBALS_NO_BATCH
class JoinedOfTwoAxes(Joined):
    def blocks(self, Q, block_size):
        n, d_k = Q.shape
        return super().blocks(Q, block_size)


@misconception(
    "global-blocks",
    "blocks joined along another axis than that of the tokens",
    loses=(BATCH,),
    hint="The blocks are parts of the text. Which axis, counted from the end, holds its tokens?",
    says="",
)
class JoinedAlongFirstAxis(Joined):
    def join(self, outputs):
        return np.concatenate(outputs)


@misconception(
    "global-blocks",
    "keys joined along another axis than that of the tokens",
    loses=(BATCH,),
    hint="Keys are tokens, global or not. Which axis, counted from the end, holds the tokens?",
    says="",
)
class KeysAlongFirstAxis(Joined):
    def block(self, Q, K, V, window_size, start, stop):
        first, end = self.ends(start, stop, window_size, Q)
        mask = self.hide(self.mask(start, stop, first, end, window_size), first, end)
        mask = np.concatenate([self.front(np.arange(start, stop)), mask], axis=1)
        keys, values = (
            np.concatenate([a[..., self.positions, :], a[..., first:end, :]], axis=0)
            for a in (K, V)
        )
        return self.attend(Q[..., start:stop, :], keys, values, mask)


@misconception(
    "global-blocks",
    "weights returned beside the output",
    loses=(ARRAY,),
    hint="The docstring asks for one array here. What else do you return?",
    says="",
)
class JoinedWithWeights(Joined):
    def attention(self, *given):
        return super().attention(*given), None


@misconception(
    "global-blocks",
    "float64 returned for float32",
    loses=(ARRAY,),
    hint="np.zeros makes float64, and so does a root taken with NumPy. What is the dtype of V?",
    says="expected float32",
)
class JoinedPromoted(Joined):
    def attention(self, *given):
        return super().attention(*given).astype(float)


CHANGED = misconception(
    "global-blocks",
    "the inputs changed",
    loses=(GIVEN,),
    hint="a /= b writes into a, and a is the array that you were given. Who else may need it?",
    says="",
)


@CHANGED
class JoinedQueriesInPlace(Joined):
    def attention(self, Q, *others):
        Q /= Q.shape[-1] ** 0.5
        return super().attention(Q, *others)

    def divisor(self, queries, keys, values):
        return 1


@CHANGED
class JoinedKeysInPlace(JoinedQueriesInPlace):
    def attention(self, Q, K, *others):
        K /= Q.shape[-1] ** 0.5
        return Joined.attention(self, Q, K, *others)


@CHANGED
class JoinedBothInPlace(JoinedQueriesInPlace):
    def attention(self, Q, K, *others):
        Q /= Q.shape[-1] ** 0.25
        K /= K.shape[-1] ** 0.25
        return Joined.attention(self, Q, K, *others)
