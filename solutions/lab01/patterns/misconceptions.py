"""Wrong answers to the exercises of 01_patterns.

Where several are one mistake, they have its name, its hint and what else they share from one place.
"""

from typing import Any

import numpy as np

from grading.judging.written import misconception

Shared = dict[str, Any]

# Of every mask whose pattern is right:
NUMBERS: Shared = {
    "name": "numbers in place of bools",
    "loses": ("dtype",),
    "hint": "The pattern is right. What dtype does the docstring promise?",
    "says": "expected bool",
}
LISTS: Shared = {
    "name": "a list of lists in place of an array",
    "loses": ("dtype",),
    "hint": "The pattern is right. What type does the docstring promise?",
    "says": "expected a NumPy array",
}


def require_at_least_one(**sizes):
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} is {size}; it must be at least 1")


def looking_back(seq_len):
    position = np.arange(seq_len)
    return position[:, np.newaxis] - position


# causal-mask

FUTURE = "the past and the future"


def right_causal(seq_len):
    require_at_least_one(seq_len=seq_len)
    return looking_back(seq_len) < 0


@misconception(
    "causal-mask",
    "the query itself blocked",
    loses=(FUTURE, "dtype"),
    hint="Row 0 has nothing before it. What does it see in your mask?",
    says="always sees itself",
)
def causal_without_the_query(seq_len):
    require_at_least_one(seq_len=seq_len)
    return looking_back(seq_len) <= 0


@misconception(
    "causal-mask",
    "the next position open",
    loses=(FUTURE, "dtype"),
    hint="Row 0 must not see key 1: that is the word to be predicted. What does yours see?",
    says="looks ahead",
)
def causal_with_the_next(seq_len):
    require_at_least_one(seq_len=seq_len)
    return looking_back(seq_len) < -1


@misconception(
    "causal-mask",
    "the past blocked in place of the future",
    loses=(FUTURE, "dtype"),
    hint="Which index is the query and which the key? Follow one row with your finger.",
    says="axes swapped",
)
def causal_transposed(seq_len):
    require_at_least_one(seq_len=seq_len)
    return looking_back(seq_len) > 0


CAUSAL_INVERTED: Shared = {
    "exercise": "causal-mask",
    "name": "True where attention is open",
    "loses": (FUTURE, "dtype"),
    "hint": "Read what True means in the docstring, then look at the diagonal of your mask.",
}


@misconception(**CAUSAL_INVERTED, says="other way round")
def causal_inverted(seq_len):
    return ~right_causal(seq_len)


@misconception(**CAUSAL_INVERTED, says="expected bool")
def causal_tril(seq_len):
    require_at_least_one(seq_len=seq_len)
    return np.tril(np.ones((seq_len, seq_len)))


@misconception(
    "causal-mask",
    "nothing blocked",
    loses=(FUTURE, "dtype"),
    hint="Which keys must query 0 not see? Look at the first row of your mask.",
    says="looks ahead",
)
def causal_all_open(seq_len):
    require_at_least_one(seq_len=seq_len)
    return np.zeros((seq_len, seq_len), dtype=bool)


@misconception("causal-mask", **NUMBERS)
def causal_ints(seq_len):
    return right_causal(seq_len).astype(int)


@misconception("causal-mask", **NUMBERS)
def causal_floats(seq_len):
    return right_causal(seq_len).astype(float)


@misconception(
    "causal-mask",
    "0 and -inf in place of False and True",
    loses=(FUTURE, "dtype"),
    hint="That is what is added to the scores later. Here a mask says yes or no.",
    says="expected bool",
)
def causal_additive(seq_len):
    return np.where(right_causal(seq_len), -np.inf, 0.0)


@misconception("causal-mask", **LISTS)
def causal_lists(seq_len):
    return right_causal(seq_len).tolist()


@misconception(
    "causal-mask",
    "nothing is returned",
    loses=(FUTURE, "dtype"),
    hint="The mask is made. What does the last line of your function do with it?",
    says="Is a return missing?",
)
def causal_nothing_returned(seq_len):
    right_causal(seq_len)


CAUSAL_NOT_CHECKED: Shared = {
    "exercise": "causal-mask",
    "name": "seq_len not checked",
    "loses": ("bad input",),
    "hint": "The docstring says which lengths are refused. What does a length of 0 give?",
    "says": "is accepted",
}


@misconception(**CAUSAL_NOT_CHECKED)
def causal_not_checked(seq_len):
    return looking_back(seq_len) < 0


@misconception(**CAUSAL_NOT_CHECKED)
def causal_only_negative_refused(seq_len):
    if seq_len < 0:
        raise ValueError(f"seq_len is {seq_len}")
    return looking_back(seq_len) < 0


@misconception(
    "causal-mask",
    "the message does not say what was wrong",
    loses=("bad input",),
    hint="It is refused. Who reads your message learns neither which argument nor which value.",
    says="not one that names it",
)
def causal_unnamed(seq_len):
    if seq_len < 1:
        raise ValueError("bad size")
    return looking_back(seq_len) < 0


# local-mask

START, WIDER = "the start", "a window wider than the sequence"
SHAPES = ("the window", START, WIDER)


def right_local(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    back = looking_back(seq_len)
    return (back < 0) | (back >= window_size)


@misconception(
    "local-mask",
    "window one too wide",
    loses=("the window",),
    hint="Count the open keys in one row, the query itself included. How many should there be?",
    says="too far",
)
def local_too_wide(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    back = looking_back(seq_len)
    return (back < 0) | (back > window_size)


LOCAL_NARROW: Shared = {
    "exercise": "local-mask",
    "name": "window one too narrow",
    "loses": ("the window", START),
    "hint": "With a window of 2, a query sees itself and the key just before it. What does yours?",
    "says": "too short",
}


@misconception(**LOCAL_NARROW)
def local_too_narrow(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    back = looking_back(seq_len)
    return (back < 0) | (back >= max(1, window_size - 1))


@misconception(**LOCAL_NARROW)
def local_too_narrow_down_to_none(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    back = looking_back(seq_len)
    return (back < 0) | (back >= window_size - 1)


@misconception(
    "local-mask",
    "window ends before the query",
    loses=(*SHAPES, "dtype"),
    hint="A window of 1 leaves each position alone with itself. What does yours leave it with?",
    says="always sees itself",
)
def local_before_the_query(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    back = looking_back(seq_len)
    return (back < 1) | (back > window_size)


TWO_SIDED: Shared = {
    "exercise": "local-mask",
    "name": "window on both sides of the query",
    "loses": (*SHAPES, "dtype"),
    "hint": "A position must not see what comes after it. What does your first row see?",
    "says": "looks ahead",
}


@misconception(**TWO_SIDED)
def local_two_sided(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return np.abs(looking_back(seq_len)) >= window_size


@misconception(**TWO_SIDED)
def local_centred(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return np.abs(looking_back(seq_len)) > window_size // 2


@misconception(
    "local-mask",
    "the future is not blocked",
    loses=(*SHAPES, "dtype"),
    hint="Some keys are too old. Which others must a query not see?",
    says="looks ahead",
)
def local_future_open(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return looking_back(seq_len) >= window_size


@misconception(
    "local-mask",
    "blocked only where both reasons hold at once",
    loses=(*SHAPES, "dtype"),
    hint="Can a key be too late and too early at the same time? One reason is enough.",
    says="looks ahead",
)
def local_both_reasons(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    back = looking_back(seq_len)
    return (back < 0) & (back >= window_size)


@misconception(
    "local-mask",
    "window_size not used",
    loses=("the window",),
    hint="Change window_size. What changes in your mask?",
    says="too far",
)
def local_window_ignored(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return looking_back(seq_len) < 0


@misconception(
    "local-mask",
    "start of the window not cut off at 0",
    loses=(START, WIDER),
    hint="What does a slice do when its start is negative? Try it on a small list.",
    says="always sees itself",
)
def local_not_clipped(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        mask[i, i - window_size + 1 : i + 1] = False
    return mask


@misconception(
    "local-mask",
    "window goes on at the end of the text, like a ring",
    loses=(START, WIDER),
    hint="What comes before position 0? With np.roll or %, it is the last position.",
    says="looks ahead",
)
def local_ring(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return looking_back(seq_len) % seq_len >= window_size


@misconception(
    "local-mask",
    "a block in place of a window: it does not move with the query",
    loses=("the window",),
    hint="Row 3 with a window of 3 sees the keys 1, 2 and 3. What does yours see?",
    says="too short",
)
def local_as_blocks(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    block = np.arange(seq_len) // window_size
    return (looking_back(seq_len) < 0) | (block != block[:, np.newaxis])


LOCAL_INVERTED: Shared = {
    "exercise": "local-mask",
    "name": "True where attention is open",
    "hint": "Read what True means in the docstring, then look at the diagonal of your mask.",
}


@misconception(**LOCAL_INVERTED, loses=("the window",), says="other way round")
def local_inverted(seq_len, window_size):
    return ~right_local(seq_len, window_size)


@misconception(**LOCAL_INVERTED, loses=("the window", "dtype"), says="expected bool")
def local_inverted_ints(seq_len, window_size):
    return np.where(right_local(seq_len, window_size), 0, 1)


@misconception("local-mask", **NUMBERS)
def local_ints(seq_len, window_size):
    return right_local(seq_len, window_size).astype(int)


@misconception("local-mask", **LISTS)
def local_lists(seq_len, window_size):
    return right_local(seq_len, window_size).tolist()


LOCAL_NOT_CHECKED: Shared = {
    "exercise": "local-mask",
    "name": "sizes not checked",
    "loses": ("bad input",),
    "hint": "The docstring names two arguments that must be at least 1. What does a size of 0 do?",
    "says": "is accepted",
}


@misconception(**LOCAL_NOT_CHECKED)
def local_not_checked(seq_len, window_size):
    back = looking_back(seq_len)
    return (back < 0) | (back >= window_size)


@misconception(
    "local-mask",
    "only one of the two sizes checked",
    loses=("bad input",),
    hint="The docstring names two arguments that must be at least 1. Your message knows one.",
    says="is accepted",
)
def local_one_checked(seq_len, window_size):
    require_at_least_one(window_size=window_size)
    return local_not_checked(seq_len, window_size)


@misconception("local-mask", **NUMBERS)
def local_floats(seq_len, window_size):
    return right_local(seq_len, window_size).astype(float)


@misconception(
    "local-mask",
    "early queries see as many keys as the others, ahead",
    loses=(START, WIDER),
    hint="Which keys may query 0 see? Where does your slice end there?",
    says="comes after query",
)
def local_ahead_at_the_start(seq_len, window_size):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for query in range(seq_len):
        first = max(0, query - window_size + 1)
        mask[query, first : first + window_size] = False
    return mask


# strided-mask

STRIDE, ENDS = "the stride", "the shortest and long strides"


def right_strided(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    back = looking_back(seq_len)
    return (back < 0) | (back % stride != 0)


@misconception(
    "strided-mask",
    "steps counted from position 0, not from the query",
    loses=(STRIDE, ENDS, "dtype"),
    hint="With a stride of 3, which keys does query 4 see? Count back from 4. Yours makes columns.",
    says="whole number of steps",
)
def strided_columns(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    key = np.arange(seq_len)
    return (key > key[:, np.newaxis]) | (key % stride != 0)


@misconception(
    "strided-mask",
    "steps counted from position 0, and the query itself added",
    loses=(STRIDE, ENDS, "dtype"),
    hint="With a stride of 3, which keys does query 4 see? Count back from 4. Yours makes columns.",
    says="whole number of steps",
)
def strided_columns_and_diagonal(seq_len, stride):
    mask = strided_columns(seq_len, stride)
    np.fill_diagonal(mask, False)
    return mask


@misconception(
    "strided-mask",
    "the future is not blocked",
    loses=(STRIDE, ENDS, "dtype"),
    hint="A multiple of the stride may also lie ahead. What does your first row see?",
    says="looks ahead",
)
def strided_future_open(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    return looking_back(seq_len) % stride != 0


@misconception(
    "strided-mask",
    "only one step back, not all the way",
    loses=(STRIDE, ENDS, "dtype"),
    hint="With a stride of 3, query 6 sees 6, 3 and one more. What comes after one step back?",
    says="a whole number of steps",
)
def strided_one_step(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    back = looking_back(seq_len)
    return (back != 0) & (back != stride)


@misconception(
    "strided-mask",
    "the query itself blocked",
    loses=(STRIDE, ENDS, "dtype"),
    hint="0 is a multiple of every stride. What does the first row of your mask see?",
    says="always sees itself",
)
def strided_without_the_query(seq_len, stride):
    mask = right_strided(seq_len, stride)
    np.fill_diagonal(mask, True)
    return mask


@misconception(
    "strided-mask",
    "stride one too long: so many positions left out, not so many steps",
    loses=(STRIDE, ENDS, "dtype"),
    hint="With a stride of 1, every key of the past is open. What is it in your mask?",
    says="a whole number of steps",
)
def strided_too_long(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    back = looking_back(seq_len)
    return (back < 0) | (back % (stride + 1) != 0)


@misconception(
    "strided-mask",
    "multiples blocked, all others open",
    loses=(STRIDE, ENDS, "dtype"),
    hint="Which keys are open, those at whole steps or those between? Look at your diagonal.",
    says="always sees itself",
)
def strided_between(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    back = looking_back(seq_len)
    return (back < 0) | (back % stride == 0)


@misconception(
    "strided-mask",
    "a window of that size in place of a stride",
    loses=(STRIDE, ENDS, "dtype"),
    hint="A stride skips what lies between its steps, and goes on to the start. Yours is a band.",
    says="whole number of steps",
)
def strided_as_window(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    back = looking_back(seq_len)
    return (back < 0) | (back >= stride)


STRIDED_INVERTED: Shared = {
    "exercise": "strided-mask",
    "name": "True where attention is open",
    "hint": "Read what True means in the docstring, then look at the diagonal of your mask.",
}


@misconception(**STRIDED_INVERTED, loses=(STRIDE,), says="other way round")
def strided_inverted(seq_len, stride):
    return ~right_strided(seq_len, stride)


@misconception(**STRIDED_INVERTED, loses=(STRIDE, "dtype"), says="expected bool")
def strided_inverted_ints(seq_len, stride):
    return np.where(right_strided(seq_len, stride), 0, 1)


@misconception("strided-mask", **NUMBERS)
def strided_ints(seq_len, stride):
    return np.where(right_strided(seq_len, stride), 1, 0)


@misconception(
    "strided-mask",
    "sizes not checked",
    loses=("bad input",),
    hint="The docstring names two arguments that must be at least 1. What does a stride of 0 do?",
    says="expected a ValueError",
)
def strided_not_checked(seq_len, stride):
    back = looking_back(seq_len)
    return (back < 0) | (back % stride != 0)


@misconception(
    "strided-mask",
    "only one of the two sizes checked",
    loses=("bad input",),
    hint="The docstring names two arguments that must be at least 1. Your message knows one.",
    says="expected a ValueError",
)
def strided_one_checked(seq_len, stride):
    require_at_least_one(seq_len=seq_len)
    return strided_not_checked(seq_len, stride)


@misconception("strided-mask", **NUMBERS)
def strided_floats(seq_len, stride):
    return right_strided(seq_len, stride).astype(float)


@misconception("strided-mask", **LISTS)
def strided_lists(seq_len, stride):
    return right_strided(seq_len, stride).tolist()


@misconception(
    "strided-mask",
    "the place of the query divided, not the way back",
    loses=(STRIDE, ENDS, "dtype"),
    hint="What is a multiple of the stride: the place of the query, or the way back to the key?",
    says="always sees itself",
)
def strided_by_query(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    query = np.arange(seq_len)[:, np.newaxis]
    return (looking_back(seq_len) < 0) | (query % stride != 0)


@misconception(
    "strided-mask",
    "position 0 is never reached",
    loses=(STRIDE, ENDS, "dtype"),
    hint="Take a query that is three strides behind position 0. Where does your range stop?",
    says="before query",
)
def strided_not_to_0(seq_len, stride):
    require_at_least_one(seq_len=seq_len, stride=stride)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for query in range(seq_len):
        mask[query, query] = False
        mask[query, [*range(query, 0, -stride)]] = False
    return mask


# own-block-mask

BLOCKS, LAST = "the blocks", "a shorter last block"


def right_blocks(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    block = np.arange(seq_len) // block_size
    return (looking_back(seq_len) < 0) | (block != block[:, np.newaxis])


@misconception(
    "own-block-mask",
    "the future inside the block is open",
    loses=(BLOCKS, LAST, "dtype"),
    hint="A query sees its block up to itself. What does the first row of your mask see?",
    says="looks ahead",
)
def blocks_with_future(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    block = np.arange(seq_len) // block_size
    return block != block[:, np.newaxis]


@misconception(
    "own-block-mask",
    "a window in place of a block: it moves with the query",
    loses=(BLOCKS, LAST, "dtype"),
    hint="The first position of a block sees itself alone. Does it, in row 3 with blocks of 3?",
    says="blocks 1 and 0",
)
def blocks_as_window(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    back = looking_back(seq_len)
    return (back < 0) | (back >= block_size)


@misconception(
    "own-block-mask",
    "blocks moved by one",
    loses=(BLOCKS, LAST, "dtype"),
    hint="Blocks begin at position 0. Which positions are in the first block of yours?",
    says="counted from 0",
)
def blocks_moved(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    block = (np.arange(seq_len) + 1) // block_size
    return (looking_back(seq_len) < 0) | (block != block[:, np.newaxis])


@misconception(
    "own-block-mask",
    "earlier blocks open as well",
    loses=(BLOCKS, LAST, "dtype"),
    hint="Row 3 with blocks of 3 is the first of its block. How many keys does it see in yours?",
    says="blocks 1 and 0",
)
def blocks_and_earlier(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    return looking_back(seq_len) < 0


@misconception(
    "own-block-mask",
    "the place in the block compared, not the block",
    loses=(BLOCKS, LAST, "dtype"),
    hint="With blocks of 3, what do 5 // 3 and 5 % 3 tell? Which one is the number of the block?",
    says="block",
)
def blocks_by_place(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    place = np.arange(seq_len) % block_size
    return (looking_back(seq_len) < 0) | (place != place[:, np.newaxis])


@misconception(
    "own-block-mask",
    "block_size taken for the number of blocks",
    loses=(BLOCKS, LAST, "dtype"),
    hint="In blocks of 3, how many positions has the first block of your mask for 12 positions?",
    says="block",
)
def blocks_by_number(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for part in np.array_split(np.arange(seq_len), block_size):
        for i in part:
            mask[i, part[0] : i + 1] = False
    return mask


@misconception(
    "own-block-mask",
    "the shorter last block left out",
    loses=(LAST,),
    hint="With blocks of 3, position 6 of 7 is a block of its own. What does row 6 see in yours?",
    says="always sees itself",
)
def blocks_without_the_last(seq_len, block_size):
    mask = right_blocks(seq_len, block_size)
    mask[seq_len // block_size * block_size :] = True
    return mask


@misconception(
    "own-block-mask",
    "the shorter last block joined to the one before",
    loses=(LAST,),
    hint="With blocks of 3, position 6 of 7 is a block of its own. What does row 6 see in yours?",
    says="blocks 2 and 1",
)
def blocks_with_a_long_last(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    block = np.minimum(np.arange(seq_len) // block_size, seq_len // block_size - 1)
    return (looking_back(seq_len) < 0) | (block != block[:, np.newaxis])


BLOCKS_INVERTED: Shared = {
    "exercise": "own-block-mask",
    "name": "True where attention is open",
    "hint": "Read what True means in the docstring, then look at the diagonal of your mask.",
}


@misconception(**BLOCKS_INVERTED, loses=(BLOCKS,), says="other way round")
def blocks_inverted(seq_len, block_size):
    return ~right_blocks(seq_len, block_size)


@misconception(**BLOCKS_INVERTED, loses=(BLOCKS, "dtype"), says="expected bool")
def blocks_inverted_ints(seq_len, block_size):
    return np.where(right_blocks(seq_len, block_size), 0, 1)


@misconception("own-block-mask", **NUMBERS)
def blocks_floats(seq_len, block_size):
    return right_blocks(seq_len, block_size).astype(float)


@misconception(
    "own-block-mask",
    "sizes not checked",
    loses=("bad input",),
    hint="The docstring names two arguments that must be at least 1. What does a size of 0 do?",
    says="expected a ValueError",
)
def blocks_not_checked(seq_len, block_size):
    block = np.arange(seq_len) // block_size
    return (looking_back(seq_len) < 0) | (block != block[:, np.newaxis])


@misconception(
    "own-block-mask",
    "lengths that the block size does not divide are refused",
    loses=(LAST,),
    hint="The docstring says that the last block may be shorter. What do 7 positions and 3 give?",
    says="seq_len 7",
)
def blocks_that_divide_alone(seq_len, block_size):
    require_at_least_one(seq_len=seq_len, block_size=block_size)
    if seq_len % block_size:
        raise ValueError(f"seq_len {seq_len} is no multiple of block_size {block_size}")
    return right_blocks(seq_len, block_size)


@misconception("own-block-mask", **NUMBERS)
def blocks_ints(seq_len, block_size):
    return right_blocks(seq_len, block_size).astype(int)


@misconception("own-block-mask", **LISTS)
def blocks_lists(seq_len, block_size):
    return right_blocks(seq_len, block_size).tolist()


@misconception(
    "own-block-mask",
    "the query itself blocked",
    loses=(BLOCKS, LAST, "dtype"),
    hint="A query sees keys up to and including itself. Which comparison leaves it out?",
    says="always sees itself",
)
def blocks_without_itself(seq_len, block_size):
    return right_blocks(seq_len, block_size) | (looking_back(seq_len) == 0)


# combined-mask

NEAR_AND_FAR, ALONE = "near and far keys", "one of the two alone"


def right_combined(seq_len, window_size, stride):
    return right_local(seq_len, window_size) & right_strided(seq_len, stride)


BOTH_NEEDED: Shared = {
    "exercise": "combined-mask",
    "name": "open only where both patterns open",
    "loses": (NEAR_AND_FAR, ALONE, "dtype"),
    "hint": "True means blocked. A key that the window opens and the stride blocks: what is it?",
    "says": "One of the two is enough",
}


@misconception(**BOTH_NEEDED)
def combined_by_or(seq_len, window_size, stride):
    return create_local_mask(seq_len, window_size) | create_strided_mask(seq_len, stride)  # noqa: F821


@misconception(**BOTH_NEEDED)
def combined_by_or_anew(seq_len, window_size, stride):
    return right_local(seq_len, window_size) | right_strided(seq_len, stride)


@misconception(
    "combined-mask",
    "the stride is left out",
    loses=(NEAR_AND_FAR, ALONE, "dtype"),
    hint="Change stride. What changes in your mask?",
    says="One of the two is enough",
)
def combined_local_alone(seq_len, window_size, stride):
    require_at_least_one(stride=stride)
    return right_local(seq_len, window_size)


@misconception(
    "combined-mask",
    "the window is left out",
    loses=(NEAR_AND_FAR, ALONE, "dtype"),
    hint="Change window_size. What changes in your mask?",
    says="One of the two is enough",
)
def combined_strided_alone(seq_len, window_size, stride):
    require_at_least_one(window_size=window_size)
    return right_strided(seq_len, stride)


@misconception(
    "combined-mask",
    "window and stride have changed places",
    loses=(NEAR_AND_FAR, ALONE, "dtype"),
    hint="Which argument comes first, and to which of the two masks does it belong?",
    says="One of the two is enough",
)
def combined_swapped(seq_len, window_size, stride):
    require_at_least_one(seq_len=seq_len, window_size=window_size, stride=stride)
    return right_combined(seq_len, stride, window_size)


@misconception(
    "combined-mask",
    "open where just one of the two patterns opens",
    loses=(NEAR_AND_FAR, ALONE, "dtype"),
    hint="The query itself is open in both masks. What is it in yours? ^ is not the operator.",
    says="always sees itself",
)
def combined_by_xor(seq_len, window_size, stride):
    return right_local(seq_len, window_size) == right_strided(seq_len, stride)


@misconception(
    "combined-mask",
    "the stride begins where the window ends",
    loses=(NEAR_AND_FAR,),
    hint="The steps are counted from the query. In row 5, window 2, stride 3: is key 2 open?",
    says="One of the two is enough",
)
def combined_from_the_window(seq_len, window_size, stride):
    require_at_least_one(seq_len=seq_len, window_size=window_size, stride=stride)
    back = looking_back(seq_len)
    far = (back >= window_size) & ((back - window_size + 1) % stride == 0)
    return ~((back >= 0) & (back < window_size) | far)


COMBINED_INVERTED: Shared = {
    "exercise": "combined-mask",
    "name": "True where attention is open",
    "hint": "Read what True means in the docstring, then look at the diagonal of your mask.",
}


@misconception(**COMBINED_INVERTED, loses=(NEAR_AND_FAR,), says="other way round")
def combined_inverted(seq_len, window_size, stride):
    return ~right_combined(seq_len, window_size, stride)


COMBINED_NUMBERS: Shared = NUMBERS | {
    "exercise": "combined-mask",
    "hint": "The pattern is right. A product of masks or np.where(..., 1, 0) gives numbers.",
}


@misconception(**COMBINED_NUMBERS)
def combined_ints(seq_len, window_size, stride):
    return right_combined(seq_len, window_size, stride).astype(int)


@misconception(
    "combined-mask",
    "sizes not checked",
    loses=("bad input",),
    hint="The docstring names three arguments that must be at least 1. What does a size of 0 do?",
    says="expected a ValueError",
)
def combined_not_checked(seq_len, window_size, stride):
    return local_not_checked(seq_len, window_size) & strided_not_checked(seq_len, stride)


@misconception(
    "combined-mask",
    "some of the sizes checked, not all",
    loses=("bad input",),
    hint="The docstring names three arguments that must be at least 1. Does your code know all?",
    says="expected a ValueError",
)
def combined_some_checked(seq_len, window_size, stride):
    require_at_least_one(seq_len=seq_len, window_size=window_size)
    return combined_not_checked(seq_len, window_size, stride)


@misconception(**COMBINED_NUMBERS)
def combined_floats(seq_len, window_size, stride):
    return right_combined(seq_len, window_size, stride).astype(float)


@misconception("combined-mask", **LISTS)
def combined_lists(seq_len, window_size, stride):
    return right_combined(seq_len, window_size, stride).tolist()


@misconception(
    "combined-mask",
    "the future is not blocked",
    loses=(NEAR_AND_FAR, ALONE, "dtype"),
    hint="Neither of the two patterns looks ahead. What does yours do with a key that comes later?",
    says="comes after query",
)
def combined_two_sided(seq_len, window_size, stride):
    require_at_least_one(seq_len=seq_len, window_size=window_size, stride=stride)
    back = looking_back(seq_len)
    return (abs(back) >= window_size) & (back % stride != 0)


@misconception(
    "combined-mask",
    "window one too wide",
    loses=(NEAR_AND_FAR, ALONE, "dtype"),
    hint="Count the keys next to the query that your window opens. How many should there be?",
    says="outside a window",
)
def combined_too_wide(seq_len, window_size, stride):
    require_at_least_one(seq_len=seq_len, window_size=window_size, stride=stride)
    back = looking_back(seq_len)
    return (back < 0) | ((back > window_size) & (back % stride != 0))
