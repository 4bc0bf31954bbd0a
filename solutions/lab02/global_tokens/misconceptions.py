"""Wrong answers to the exercises of 02_global_tokens.

Where several are one mistake, they have its name, its hint and what else they share from one place.
Those to one exercise call what the others of the notebook define, as students do.
"""

import math
from typing import Any

import numpy as np

from grading.judging.written import misconception

Shared = dict[str, Any]

WINDOW, ROWS, COLUMNS = "the window, without globals", "global rows", "global columns"
TOGETHER, ANY_FORM = "window and globals together", "positions in any form"
GLOBALS = (ROWS, COLUMNS, TOGETHER)
SHAPES = (WINDOW, *GLOBALS)


def check(seq_len, window_size, global_positions):
    for name, size in (("seq_len", seq_len), ("window_size", window_size)):
        if size < 1:
            raise ValueError(f"{name} is {size}; it must be at least 1")
    for p in () if global_positions is None else global_positions:
        if not 0 <= p < seq_len:
            raise ValueError(f"global_positions holds {p}; allowed are 0 to {seq_len - 1}")


def local_mask(seq_len, window_size, global_positions=None):
    check(seq_len, window_size, global_positions)
    key = np.arange(seq_len)
    query = key[:, np.newaxis]
    return (key > query) | (key <= query - window_size)


def with_open(mask, global_positions):
    for p in () if global_positions is None else global_positions:
        mask[p, :] = mask[:, p] = False
    return mask


def right_mask(seq_len, window_size, global_positions):
    return with_open(local_mask(seq_len, window_size, global_positions), global_positions)


@misconception(
    "global-mask",
    "window one too wide",
    loses=(WINDOW, TOGETHER),
    hint="Count the open keys in one row, the query itself included. How many should there be?",
    says="too far",
)
def one_too_wide(seq_len, window_size, global_positions=None, *, causal_globals=False):
    check(seq_len, window_size, global_positions)
    return right_mask(seq_len, window_size + 1, global_positions)


@misconception(
    "global-mask",
    "window one too narrow",
    loses=(WINDOW, TOGETHER),
    hint="With a window of 2, a query sees itself and the key just before it. What does yours?",
    says="too short",
)
def one_too_narrow(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    query, key = np.indices(mask.shape)
    return with_open(mask | (key <= query - window_size + 1) & (key < query), global_positions)


INVERTED: Shared = {
    "exercise": "global-mask",
    "name": "mask inverted: True where attention is open",
    "loses": (WINDOW, TOGETHER),
    "hint": "Read what True means in the docstring, then look at the diagonal of your mask.",
    "says": "other way round",
}


@misconception(**INVERTED)
def inverted(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return ~right_mask(seq_len, window_size, global_positions)


@misconception(
    "global-mask",
    "window on the wrong side: it looks ahead",
    loses=(*SHAPES, ANY_FORM, "dtype"),
    hint="Which index is the query and which the key? Follow one row with your finger.",
    says="axes swapped",
)
def looks_ahead(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return right_mask(seq_len, window_size, global_positions).T


@misconception(
    "global-mask",
    "global tokens are seen by nobody: rows only",
    loses=(COLUMNS, TOGETHER),
    hint="A global token sees everybody. Who sees the global token?",
    says="every query sees it",
)
def rows_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask[p, :] = False
    return mask


@misconception(
    "global-mask",
    "global tokens see only their window: columns only",
    loses=(ROWS, TOGETHER),
    hint="Everybody sees a global token. Whom does the global token see?",
    says="it sees every key",
)
def columns_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask[:, p] = False
    return mask


@misconception(
    "global-mask",
    "only pairs of two global tokens opened",
    loses=GLOBALS,
    hint="A pair is open when its query is global or its key is. Which word did you write?",
    says="is global",
)
def both_global(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    chosen = [] if global_positions is None else list(global_positions)
    is_global = np.isin(np.arange(seq_len), chosen)
    return mask & ~(is_global & is_global[:, np.newaxis])


@misconception(
    "global-mask",
    "global tokens see and are seen only backwards",
    loses=GLOBALS,
    hint="The window is causal. What does the text say about global tokens?",
    says="is global",
)
def causal_anyway(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask[p, : p + 1] = False
        mask[p:, p] = False
    return mask


@misconception(
    "global-mask",
    "global positions change nothing",
    loses=GLOBALS,
    hint="Change global_positions. What changes in your mask?",
    says="is global",
)
def globals_ignored(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return local_mask(seq_len, window_size, global_positions)


@misconception(
    "global-mask",
    "rows and columns of global tokens blocked instead of opened",
    loses=GLOBALS,
    hint="True means blocked. What do you write into the row of a global token?",
    says="is global",
)
def globals_blocked(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask[p, :] = mask[:, p] = True
    return mask


@misconception(
    "global-mask",
    "rows and columns of global tokens turned over instead of opened",
    loses=GLOBALS,
    hint="What was open in the row of a global token stays open. Does it, with your operator?",
    says="is global",
)
def globals_inverted(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask[p, :] ^= True
        mask[:, p] ^= True
    return mask


ONE_GLOBAL: Shared = {
    "exercise": "global-mask",
    "name": "only one of several global tokens is open",
    "loses": (*GLOBALS, ANY_FORM),
    "hint": "Give two positions. Which one is open in your mask, and what became of the other?",
    "says": "is global",
}


@misconception(**ONE_GLOBAL)
def last_global_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    for p in () if global_positions is None else global_positions:
        mask = with_open(local_mask(seq_len, window_size), [p])
    return mask


@misconception(**ONE_GLOBAL)
def first_global_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    chosen = [] if global_positions is None else global_positions
    return with_open(mask, chosen[:1])


@misconception(**ONE_GLOBAL)
def every_second_skipped(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    chosen = [] if global_positions is None else list(global_positions)
    for p in chosen:
        with_open(mask, [p])
        chosen.remove(p)
    return mask


@misconception(
    "global-mask",
    "no window where there are global tokens",
    loses=GLOBALS,
    hint="Global tokens open cells, and block none. What else is open in your mask?",
    says="always sees itself",
)
def window_or_globals(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    if global_positions is None or len(global_positions) == 0:
        return mask
    return with_open(np.ones_like(mask), global_positions)


@misconception(
    "global-mask",
    "number of positions taken for the first tokens",
    loses=GLOBALS,
    hint="global_positions says which tokens are global, not how many.",
    says="as if position 0 were global",
)
def first_tokens(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    count = 0 if global_positions is None else len(global_positions)
    mask[:count, :] = mask[:, :count] = False
    return mask


@misconception(
    "global-mask",
    "position 0 taken for no position",
    loses=(TOGETHER,),
    hint="Is [0] the same as []? What does your condition say of either?",
    says="",
)
def zero_is_none(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    return with_open(mask, global_positions) if np.any(global_positions) else mask


_seen: list[int] = []


REMEMBERED: Shared = {
    "exercise": "global-mask",
    "name": "global tokens of earlier calls kept",
    "hint": "Call your function twice with different positions. What does it remember, and where?",
    "says": "cells are wrong",
    "unsteady": True,
}


@misconception(**REMEMBERED, loses=(*GLOBALS, ANY_FORM))
def remembers_globals(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    if global_positions is not None:
        _seen.extend(global_positions)
        for p in _seen:
            mask[p : p + 1, :] = mask[:, p : p + 1] = False
    return mask


@misconception(**REMEMBERED, loses=GLOBALS)
def remembers_globals_even_for_none(
    seq_len, window_size, global_positions=None, *, causal_globals=False
):
    mask = local_mask(seq_len, window_size, global_positions)
    _seen.extend([] if global_positions is None else global_positions)
    return with_open(mask, [p for p in _seen if p < seq_len])


BY_TRUTH: Shared = {
    "exercise": "global-mask",
    "name": "positions asked whether they are true, which arrays do not answer",
    "loses": (ANY_FORM,),
    "hint": "What does `if` say of an array of several numbers, and of [0]? Ask for what you mean.",
    "says": "truth value",
}


@misconception(**BY_TRUTH)
def by_truth(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return right_mask(seq_len, window_size, global_positions or [])


LISTS_ONLY: Shared = {
    "exercise": "global-mask",
    "name": "written for lists: fails for arrays",
    "loses": (ANY_FORM,),
    "hint": "Positions may come as a list or as an int array. What can only one of them do?",
}


@misconception(**LISTS_ONLY, says="")
def lists_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    if global_positions is None or global_positions == []:
        return local_mask(seq_len, window_size)
    return right_mask(seq_len, window_size, global_positions)


@misconception(**LISTS_ONLY, says="truth value")
def compared_with_none(seq_len, window_size, global_positions=None, *, causal_globals=False):
    if global_positions == None:  # noqa: E711
        global_positions = []
    return right_mask(seq_len, window_size, global_positions)


@misconception(**LISTS_ONLY, says="")
def arrays_ignored(seq_len, window_size, global_positions=None, *, causal_globals=False):
    positions = global_positions if isinstance(global_positions, list) else None
    return right_mask(seq_len, window_size, positions)


ARRAYS_ONLY: Shared = {
    "exercise": "global-mask",
    "name": "written for arrays: fails for lists",
    "loses": (*GLOBALS, ANY_FORM, "bad input"),
    "hint": "Positions may come as a list or as an int array. What can only one of them do?",
}


@misconception(**ARRAYS_ONLY, says="")
def arrays_only(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size)
    if global_positions is not None:
        if (global_positions < 0).any() or (global_positions >= seq_len).any():
            raise ValueError(f"global_positions is {global_positions}")
        mask[global_positions] = mask[:, global_positions] = False
    return mask


@misconception(**ARRAYS_ONLY, says="no attribute")
def arrays_only_tolist(seq_len, window_size, global_positions=None, *, causal_globals=False):
    positions = [] if global_positions is None else global_positions.tolist()
    return right_mask(seq_len, window_size, positions)


NONE_FORGOTTEN: Shared = {
    "exercise": "global-mask",
    "name": "None not taken for no positions",
    "hint": "What does your function do with None? The docstring says what it means.",
}


@misconception(**NONE_FORGOTTEN, loses=(ANY_FORM,), says="")
def none_forgotten(seq_len, window_size, global_positions=(), *, causal_globals=False):
    return right_mask(seq_len, window_size, list(global_positions))


@misconception(
    **NONE_FORGOTTEN,
    loses=(WINDOW, ANY_FORM, "dtype", "bad input"),
    says="NoneType",
)
def none_forgotten_by_default(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return right_mask(seq_len, window_size, list(global_positions))


CHANGED: Shared = {
    "exercise": "global-mask",
    "name": "the caller's positions are changed",
    "loses": (ANY_FORM,),
    "hint": "sort(), append(), pop() and remove() change the list they are called on. Whose is it?",
}


@misconception(**CHANGED, says="changed global_positions")
def sorted_in_place(seq_len, window_size, global_positions=None, *, causal_globals=False):
    if global_positions is not None:
        global_positions.sort()
    return right_mask(seq_len, window_size, global_positions)


@misconception(**CHANGED, says="")
def emptied(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    while global_positions is not None and len(global_positions):
        with_open(mask, [global_positions.pop()])
    return mask


NUMBERS: Shared = {
    "exercise": "global-mask",
    "name": "0 and 1 instead of a boolean mask",
    "loses": ("dtype",),
    "hint": "The pattern is right. What dtype does the docstring promise?",
    "says": "expected bool",
}


@misconception(**NUMBERS)
def ints(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return right_mask(seq_len, window_size, global_positions).astype(int)


@misconception(**NUMBERS)
def floats(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return right_mask(seq_len, window_size, global_positions).astype(float)


@misconception(
    "global-mask",
    "a list of lists instead of an array",
    loses=("dtype",),
    hint="The pattern is right. What type does the docstring promise?",
    says="expected a NumPy array",
)
def nested_lists(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return right_mask(seq_len, window_size, global_positions).tolist()


NOT_CHECKED: Shared = {
    "exercise": "global-mask",
    "name": "global positions not checked",
    "loses": ("bad input",),
    "hint": "Position -1 is the last one to NumPy. Is it one to the docstring?",
}


@misconception(**NOT_CHECKED, says="is accepted")
def positions_modulo(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size)
    for p in () if global_positions is None else global_positions:
        mask[p % seq_len, :] = mask[:, p % seq_len] = False
    return mask


@misconception(**NOT_CHECKED, says="IndexError")
def positions_left_to_numpy(seq_len, window_size, global_positions=None, *, causal_globals=False):
    return with_open(local_mask(seq_len, window_size), global_positions)


NEGATIVE_PASS: Shared = {
    "exercise": "global-mask",
    "name": "negative positions accepted",
    "loses": ("bad input",),
    "hint": "Position -1 is the last one to NumPy. Is it one to the docstring?",
    "says": "is accepted",
}


@misconception(**NEGATIVE_PASS)
def negative_accepted(seq_len, window_size, global_positions=None, *, causal_globals=False):
    positions = [] if global_positions is None else [max(p, 0) for p in global_positions]
    return right_mask(seq_len, window_size, positions)


@misconception(**NEGATIVE_PASS)
def minus_n_refused(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size)
    for p in () if global_positions is None else global_positions:
        if p >= seq_len:
            raise ValueError(f"global_positions holds {p}")
        mask[p] = mask[:, p] = False
    return mask


LENGTH_PASSES: Shared = {
    "exercise": "global-mask",
    "name": "position seq_len not refused",
    "loses": ("bad input",),
    "hint": "In a text of 6 tokens, what is the number of the last one? And 6?",
}


@misconception(**LENGTH_PASSES, says="IndexError")
def length_left_to_numpy(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size)
    for p in () if global_positions is None else global_positions:
        if not 0 <= p <= seq_len:
            raise ValueError(f"global_positions holds {p}")
        mask[p] = mask[:, p] = False
    return mask


@misconception(**LENGTH_PASSES, says="is accepted")
def length_accepted(seq_len, window_size, global_positions=None, *, causal_globals=False):
    positions = [] if global_positions is None else [p for p in global_positions if p != seq_len]
    return right_mask(seq_len, window_size, positions)


@misconception(
    "global-mask",
    "positions that are too large not refused",
    loses=("bad input",),
    hint="Negative positions are refused. Which others does the docstring name?",
    says="IndexError",
)
def large_left_to_numpy(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size)
    for p in () if global_positions is None else global_positions:
        if p < 0:
            raise ValueError(f"global_positions holds {p}")
        mask[p] = mask[:, p] = False
    return mask


SIZES_FORGOTTEN: Shared = {
    "exercise": "global-mask",
    "name": "seq_len and window_size not checked",
    "loses": ("bad input",),
    "hint": "Three arguments can be wrong. The docstring names them under Raises.",
    "says": "is accepted",
}


@misconception(**SIZES_FORGOTTEN)
def sizes_forgotten(seq_len, window_size, global_positions=None, *, causal_globals=False):
    check(max(seq_len, 1), 1, global_positions)
    key = np.arange(seq_len)
    query = key[:, np.newaxis]
    return with_open((key > query) | (key <= query - window_size), global_positions)


@misconception(**SIZES_FORGOTTEN)
def sizes_left_to_numpy(seq_len, window_size, global_positions=None, *, causal_globals=False):
    check(max(seq_len, 1), 1, global_positions)
    mask = np.ones((seq_len, seq_len), dtype=bool)
    for i in range(seq_len):
        mask[i, max(0, i - window_size + 1) : i + 1] = False
    return with_open(mask, global_positions)


OTHER_ERROR: Shared = {
    "exercise": "global-mask",
    "name": "refused with another exception than a ValueError",
    "loses": ("bad input",),
    "hint": "Who calls your function catches one kind of exception. Which does the docstring name?",
    "says": "expected a ValueError",
}


@misconception(**OTHER_ERROR)
def index_error(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size)
    for p in () if global_positions is None else global_positions:
        if not 0 <= p < seq_len:
            raise IndexError(f"global_positions holds {p}")
    return with_open(mask, global_positions)


@misconception(**OTHER_ERROR)
def all_asserted(seq_len, window_size, global_positions=None, *, causal_globals=False):
    assert seq_len >= 1, f"seq_len is {seq_len}"
    assert window_size >= 1, f"window_size is {window_size}"
    for p in () if global_positions is None else global_positions:
        assert 0 <= p < seq_len, f"global_positions holds {p}"
    return right_mask(seq_len, window_size, global_positions)


@misconception(**OTHER_ERROR)
def positions_asserted(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size)
    for p in () if global_positions is None else global_positions:
        assert 0 <= p < seq_len, f"global_positions holds {p}"
    return with_open(mask, global_positions)


@misconception(
    "global-mask",
    "the message names no argument, or not its value",
    loses=("bad input",),
    hint="Who reads the message wants to know which argument is wrong, and what it was.",
    says="not one that names it",
)
def message_without_value(seq_len, window_size, global_positions=None, *, causal_globals=False):
    if seq_len < 1 or window_size < 1:
        raise ValueError("sizes must be positive")
    return right_mask(seq_len, window_size, global_positions)


WITHOUT, WITH, INT = "pictures without globals", "pictures with globals", "an int"
PICTURES = (WITHOUT, WITH, INT)


@misconception(
    "which-window",
    "globals counted as part of the window",
    loses=(WITH,),
    hint="In a row, some open keys are open because they are global. Leave them out.",
    says="window_of_picture for",
)
def longest_open_row(picture, global_positions):
    rows = [i for i in range(len(picture)) if i not in global_positions]
    return max([i + 1 - int(np.argmin(picture[i])) for i in rows], default=1)


COUNTED: Shared = {
    "exercise": "which-window",
    "name": "open keys of a row counted, those of globals too",
    "loses": (WITH,),
    "hint": "A row of a global token is all open, and its column is open for all. Try your masks.",
    "says": "window_of_picture for",
}


@misconception(**COUNTED)
def most_open_keys(picture, global_positions):
    return int((~picture).sum(axis=1).max())


@misconception(**COUNTED)
def open_keys_of_the_last_row(picture, global_positions):
    return int((~picture[-1]).sum())


@misconception(**COUNTED)
def open_keys_but_the_globals(picture, global_positions):
    return int((~picture[-1]).sum()) - len(global_positions)


@misconception(**COUNTED)
def most_open_keys_but_the_globals(picture, global_positions):
    return int((~picture).sum(axis=1).max()) - len(global_positions)


@misconception(**COUNTED)
def run_down_the_first_local_column(picture, global_positions):
    local = [p for p in range(len(picture)) if p not in global_positions] or [0]
    first = picture[local[0] :, local[0]]
    return int(np.argmax(first)) if first.any() else len(first)


@misconception(
    "which-window",
    "the caption believed: always 3",
    loses=PICTURES,
    hint="Each picture has a window of its own. Read it off the picture.",
    says="the caption says",
)
def always_three(picture, global_positions):
    return 3


@misconception(
    "which-window",
    "the same window for every picture",
    loses=PICTURES,
    hint="Each picture has a window of its own. Read it off the picture.",
    says="window_of_picture for",
)
def always_two(picture, global_positions):
    return 2


@misconception(
    "which-window",
    "the query itself not counted in the window",
    loses=PICTURES,
    hint="A diagonal is drawn by a window of 1, not of 0.",
    says="window_of_picture for",
)
def without_the_query(picture, global_positions):
    is_global = np.isin(np.arange(len(picture)), global_positions)
    local = ~picture & ~is_global & ~is_global[:, np.newaxis]
    query, key = np.nonzero(local)
    return int((query - key).max(initial=0))


@misconception(
    "which-window",
    "masks alike in some cells taken for equal",
    loses=PICTURES,
    hint="The first window fits for you, always. In how many cells must the two masks be equal?",
    says="window_of_picture for",
)
def alike_in_some_cells(picture, global_positions):
    return 1


@misconception(
    "which-window",
    "masks drawn without the globals",
    loses=(WITH,),
    hint="Draw your masks with the same globals as the picture has.",
    says="None",
)
def drawn_without_globals(picture, global_positions):
    for window_size in range(1, len(picture) + 1):
        if np.array_equal(create_sliding_window_mask(len(picture), window_size), picture):  # noqa: F821
            return window_size
    return None


def windows_that_fit(picture, global_positions, windows):
    n = len(picture)
    for window_size in windows:
        mask = create_sliding_window_mask(n, window_size, global_positions)  # noqa: F821
        if np.array_equal(mask, picture):
            yield window_size


@misconception(
    "which-window",
    "the widest window left out",
    loses=(WITHOUT,),
    hint="A full triangle of n positions: which window draws it, and do you try that one?",
    says="None",
)
def widest_left_out(picture, global_positions):
    windows = range(1, len(picture))
    return next(windows_that_fit(picture, global_positions, windows), None)


@misconception(
    "which-window",
    "the widest window that fits instead of the smallest",
    loses=(WITH,),
    hint="Where more than one window draws a picture, which one is asked for?",
    says="smallest is asked for",
)
def widest_that_fits(picture, global_positions):
    windows = range(len(picture), 0, -1)
    return next(windows_that_fit(picture, global_positions, windows), None)


@misconception(
    "which-window",
    "windows counted from 0",
    loses=PICTURES,
    hint="What is the smallest window there is? Your mask refuses any other.",
    says="window_size",
)
def windows_from_zero(picture, global_positions):
    return next(windows_that_fit(picture, global_positions, range(len(picture))), None)


@misconception(
    "which-window",
    "nothing is returned",
    loses=PICTURES,
    hint="The window is found. What does your function do with it: print it, or return it?",
    says="got None",
)
def window_not_returned(picture, global_positions):
    next(windows_that_fit(picture, global_positions, range(1, len(picture) + 1)))


@misconception(
    "which-window",
    "one window too many: counted on before it was returned",
    loses=PICTURES,
    hint="A diagonal is drawn by a window of 1. What does yours say of it?",
    says="window_of_picture for",
)
def one_too_many(picture, global_positions):
    windows = range(1, len(picture) + 1)
    return next(windows_that_fit(picture, global_positions, windows)) + 1


FLOAT_WINDOW: Shared = {
    "exercise": "which-window",
    "name": "a float returned instead of an int",
    "loses": (INT,),
    "hint": "The number is right. Where does yours become a float?",
    "says": "expected an int",
}


@misconception(**FLOAT_WINDOW)
def float_window(picture, global_positions):
    windows = range(1, len(picture) + 1)
    return float(next(windows_that_fit(picture, global_positions, windows)))


@misconception(**FLOAT_WINDOW)
def numpy_float_window(picture, global_positions):
    windows = range(1, len(picture) + 1)
    return np.float64(next(windows_that_fit(picture, global_positions, windows)))


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def unscaled(Q, K):
    return Q @ np.swapaxes(K, -1, -2)


def scaled(Q, K):
    return unscaled(Q, K) / Q.shape[-1] ** 0.5


def blocked(scores, mask):
    return np.where(mask, -np.inf, scores)


def positions_of(global_mask, seq_len):
    if global_mask is None:
        return None
    if np.shape(global_mask) != (seq_len,):
        raise ValueError(f"global_mask has shape {np.shape(global_mask)}; it must be ({seq_len},)")
    return np.flatnonzero(global_mask)


def mask_for(Q, window_size, global_mask, causal_globals):
    seq_len = Q.shape[-2]
    positions = positions_of(global_mask, seq_len)
    return create_sliding_window_mask(  # noqa: F821
        seq_len, window_size, positions, causal_globals=causal_globals
    )


def attention_in(mask, Q, K, V):
    weights = softmax(blocked(scaled(Q, K), mask))
    return weights @ V, weights


SEEN = ("the window", "global tokens")
ALL_BUT_REFUSALS = (
    *(*SEEN, "scale", "large scores", "batch and heads"),
    *("dtype", "inputs unchanged"),
)


@misconception(
    "global-attention",
    "global_mask ignored",
    loses=("global tokens", "bad input"),
    hint="One argument is never used.",
    says="global_mask has no effect",
)
def global_mask_ignored(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, window_size, None, causal_globals), Q, K, V)


@misconception(
    "global-attention",
    "global_mask ignored",
    loses=("global tokens",),
    hint="Follow global_mask to the mask. Where is it lost?",
    says="global_mask has no effect",
)
def positions_not_handed_on(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions_of(global_mask, Q.shape[-2])
    return attention_in(mask_for(Q, window_size, None, causal_globals), Q, K, V)


@misconception(
    "global-attention",
    "global_mask used only when all its flags are set",
    loses=("global tokens",),
    hint="Set one flag. Does your function notice? all() and any() are not the same.",
    says="global_mask has no effect",
)
def only_where_all_are_global(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions_of(global_mask, Q.shape[-2])
    flags = global_mask if global_mask is not None and np.all(global_mask) else None
    return attention_in(mask_for(Q, window_size, flags, causal_globals), Q, K, V)


FLAGS: Shared = {
    "exercise": "global-attention",
    "name": "flags of global_mask taken for positions",
    "loses": ("global tokens",),
    "hint": "global_mask holds True and False; as numbers, 1 and 0. Which are the positions?",
}


@misconception(**FLAGS, says="holds flags")
def flags_as_positions(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions_of(global_mask, Q.shape[-2])
    mask = create_sliding_window_mask(  # noqa: F821
        Q.shape[-2], window_size, global_mask, causal_globals=causal_globals
    )
    return attention_in(mask, Q, K, V)


@misconception(
    "global-attention",
    "number of flags taken for the first tokens",
    loses=("global tokens",),
    hint="The flags say which tokens are global, not how many.",
    says="cells are wrong",
)
def flags_counted(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    n = Q.shape[-2]
    positions = positions_of(global_mask, n)
    first = None if positions is None else np.arange(n) < len(positions)
    return attention_in(mask_for(Q, window_size, first, causal_globals), Q, K, V)


@misconception(
    "global-attention",
    "flags inverted: what is not global is taken for global",
    loses=("global tokens",),
    hint="np.flatnonzero finds the flags that are True. Which ones do you give to it?",
    says="cells are wrong",
)
def flags_inverted(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions_of(global_mask, Q.shape[-2])
    flags = None if global_mask is None else ~global_mask
    return attention_in(mask_for(Q, window_size, flags, causal_globals), Q, K, V)


@misconception(
    "global-attention",
    "only one of several global tokens is open",
    loses=("global tokens",),
    hint="Set two flags. Which of them does your mask learn of? And what if none is set?",
    says="cells are wrong",
)
def first_flag_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    n = Q.shape[-2]
    positions_of(global_mask, n)
    flags = None if global_mask is None else np.arange(n) == np.argmax(global_mask)
    return attention_in(mask_for(Q, window_size, flags, causal_globals), Q, K, V)


TUPLE: Shared = {
    "exercise": "global-attention",
    "name": "np.nonzero returns a tuple: its first entry holds the positions",
    "loses": ("global tokens",),
    "hint": "Print what np.nonzero or np.where returns for a few flags. Is it an array?",
}


@misconception(**TUPLE, says="")
def tuple_of_positions(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions_of(global_mask, Q.shape[-2])
    positions = None if global_mask is None else np.nonzero(global_mask)
    mask = create_sliding_window_mask(  # noqa: F821
        Q.shape[-2], window_size, positions, causal_globals=causal_globals
    )
    return attention_in(mask, Q, K, V)


@misconception(
    "global-attention",
    "global tokens are seen, but see only their window",
    loses=("global tokens",),
    hint="Both the rows and the columns of global tokens are open. One of them is not.",
    says="it sees every key",
)
def global_keys_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions_of(global_mask, Q.shape[-2])
    mask = mask_for(Q, window_size, None, causal_globals)
    return attention_in(mask if global_mask is None else mask & ~global_mask, Q, K, V)


@misconception(
    "global-attention",
    "global tokens see all, but are seen by nobody",
    loses=("global tokens",),
    hint="Both the rows and the columns of global tokens are open. One of them is not.",
    says="every query sees it",
)
def global_queries_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions_of(global_mask, Q.shape[-2])
    mask = mask_for(Q, window_size, None, causal_globals)
    mask = mask if global_mask is None else mask & ~global_mask[:, np.newaxis]
    return attention_in(mask, Q, K, V)


@misconception(
    "global-attention",
    "window_size ignored: all earlier keys seen",
    loses=SEEN,
    hint="One argument is never used. How far back does your attention look?",
    says="reaches too far",
)
def window_ignored(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, Q.shape[-2], global_mask, causal_globals), Q, K, V)


@misconception(
    "global-attention",
    "window handed on one too wide",
    loses=SEEN,
    hint="Your mask knows that the query counts. What does it get from you as window_size?",
    says="",
)
def window_one_too_wide(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, window_size + 1, global_mask, causal_globals), Q, K, V)


@misconception(
    "global-attention",
    "window handed on one too narrow",
    loses=SEEN,
    hint="Your mask knows that the query counts. What does it get from you as window_size?",
    says="",
)
def window_one_too_narrow(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, window_size - 1, global_mask, causal_globals), Q, K, V)


@misconception(
    "global-attention",
    "no mask used: every query sees every key",
    loses=(*SEEN, "large scores"),
    hint="A mask is made. Where do the scores learn of it?",
    says="weights above 0",
)
def mask_not_used(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, window_size, global_mask, causal_globals) & False, Q, K, V)


@misconception(
    "global-attention",
    "mask read the other way round",
    loses=ALL_BUT_REFUSALS,
    hint="True means blocked. Which scores does your code keep?",
    says="True means blocked",
)
def mask_read_inverted(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    with np.errstate(all="ignore"):
        return attention_in(~mask_for(Q, window_size, global_mask, causal_globals), Q, K, V)


def attention_of(weights, V):
    return weights @ V, weights


@misconception(
    "global-attention",
    "scores not scaled",
    loses=("scale",),
    hint="What are the scores divided by, and why? Notebook 01 has the formula.",
    says="not to be scaled",
)
def not_scaled(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(blocked(unscaled(Q, K), mask)), V)


@misconception(
    "global-attention",
    "scores scaled twice: divided by d_k",
    loses=("scale",),
    hint="Is it d_k that the scores are divided by? And does it happen in one place only?",
    says="divided by d_k, or twice",
)
def scaled_twice(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(blocked(unscaled(Q, K) / Q.shape[-1], mask)), V)


@misconception(
    "global-attention",
    "scores scaled by another size than d_k",
    loses=("scale",),
    hint="Several axes have a size. Which one is summed over in a score?",
    says="d_k is 5",
)
def scaled_by_another_size(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(blocked(unscaled(Q, K) / V.shape[-1] ** 0.5, mask)), V)


@misconception(
    "global-attention",
    "root of d_k rounded to a whole number",
    loses=("scale",),
    hint="What is the root of 8, and what is it in your code?",
    says="",
)
def rounded_root(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(blocked(unscaled(Q, K) / math.isqrt(Q.shape[-1]), mask)), V)


@misconception(
    "global-attention",
    "mask applied after the softmax",
    loses=(*SEEN, "large scores"),
    hint="Add up one row of your weights. Who took the share that is missing?",
    says="before the softmax",
)
def mask_after_softmax(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(np.where(mask, 0, softmax(scaled(Q, K))), V)


@misconception(
    "global-attention",
    "blocked scores set to 0 instead of -inf",
    loses=(*SEEN, "large scores"),
    hint="What is exp(0)? A blocked key must have no weight at all.",
    says="0 blocks nothing",
)
def zero_scores(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(np.where(mask, 0, scaled(Q, K))), V)


FINITE: Shared = {
    "exercise": "global-attention",
    "name": "blocked scores low, but not -inf",
    "hint": "Take scores that are lower still. Which key gets the weight then?",
}


@misconception(**FINITE, loses=("large scores",), says="-inf")
def low(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(np.where(mask, -1e4, scaled(Q, K))), V)


@misconception(**FINITE, loses=("large scores",), says="-inf")
def lowered(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(scaled(Q, K) - 1e4 * mask.astype(Q.dtype)), V)


@misconception(**FINITE, loses=("large scores", "dtype"), says="-inf")
def lowered_in_float64(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(scaled(Q, K) + mask * -1e4), V)


@misconception(
    "global-attention",
    "largest score taken over blocked keys as well",
    loses=("large scores",),
    hint="Let a blocked key have by far the largest score. What is left of the open ones?",
    says="largest of",
)
def blocked_maximum(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    scores, mask = scaled(Q, K), mask_for(Q, window_size, global_mask, causal_globals)
    shares = np.where(mask, 0, np.exp(scores - scores.max(axis=-1, keepdims=True)))
    with np.errstate(all="ignore"):
        return attention_of(shares / shares.sum(axis=-1, keepdims=True), V)


@misconception(
    "global-attention",
    "softmax without the shift overflows",
    loses=("large scores",),
    hint="What is exp(1000) on a computer? A row may be shifted before exp without any effect.",
    says="inf",
)
def unstable(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    scores = blocked(scaled(Q, K), mask_for(Q, window_size, global_mask, causal_globals))
    with np.errstate(all="ignore"):
        shares = np.exp(scores)
        return attention_of(shares / shares.sum(axis=-1, keepdims=True), V)


@misconception(
    "global-attention",
    "one shift for all rows of the softmax",
    loses=("large scores",),
    hint="A row far below the largest score of all becomes zeros. Shift each by its own.",
    says="shift each row",
)
def one_shift(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    scores = blocked(scaled(Q, K), mask_for(Q, window_size, global_mask, causal_globals))
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max())
        return attention_of(shares / shares.sum(axis=-1, keepdims=True), V)


OVER_QUERIES: Shared = {
    "exercise": "global-attention",
    "name": "softmax over the queries instead of the keys",
    "hint": "Each query shares out a weight of 1 among the keys. Along which axis is that?",
    "says": "over the keys",
}


@misconception(**OVER_QUERIES, loses=(*SEEN, "large scores"))
def softmax_over_queries(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    scores = blocked(scaled(Q, K), mask_for(Q, window_size, global_mask, causal_globals))
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=-2, keepdims=True))
        return attention_of(shares / shares.sum(axis=-2, keepdims=True), V)


@misconception(**OVER_QUERIES, loses=(*SEEN, "large scores"))
def sum_over_queries(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    scores = blocked(scaled(Q, K), mask_for(Q, window_size, global_mask, causal_globals))
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return attention_of(shares / shares.sum(axis=-2, keepdims=True), V)


@misconception(**OVER_QUERIES, loses=(*SEEN, "large scores", "batch and heads"))
def softmax_over_first_axis(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    scores = blocked(scaled(Q, K), mask_for(Q, window_size, global_mask, causal_globals))
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=0, keepdims=True))
        return attention_of(shares / shares.sum(axis=0, keepdims=True), V)


@misconception(
    "global-attention",
    "scores transposed: K @ Q^T",
    loses=("scale", "large scores"),
    hint="A row of the scores belongs to a query. Which of Q and K gives the rows of your product?",
    says="weights of",
)
def scores_transposed(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, window_size, global_mask, causal_globals), K, Q, V)


@misconception(
    "global-attention",
    "row sums laid along the columns: keepdims missing",
    loses=(*SEEN, "large scores", "batch and heads"),
    hint="A sum of each row has shape (n,). Along which axis does NumPy lay that out?",
    says="",
)
def no_keepdims(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    scores = blocked(scaled(Q, K), mask_for(Q, window_size, global_mask, causal_globals))
    with np.errstate(all="ignore"):
        shares = np.exp(scores - scores.max(axis=-1))
        return attention_of(shares / shares.sum(axis=-1), V)


LENGTH_FROM_THE_FRONT: Shared = {
    "exercise": "global-attention",
    "name": "length taken from an axis that is counted from the front",
    "loses": ("batch and heads",),
    "hint": "With axes in front, where is the length? Count from the end.",
    "says": "",
}


def attention_for(seq_len, Q, K, V, window_size, global_mask, causal_globals):
    mask = create_sliding_window_mask(  # noqa: F821
        seq_len, window_size, positions_of(global_mask, seq_len), causal_globals=causal_globals
    )
    return attention_in(mask, Q, K, V)


@misconception(**LENGTH_FROM_THE_FRONT)
def first_axis(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_for(Q.shape[0], Q, K, V, window_size, global_mask, causal_globals)


@misconception(**LENGTH_FROM_THE_FRONT)
def second_axis(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    seq_len = Q.shape[0] if Q.ndim == 2 else Q.shape[1]
    return attention_for(seq_len, Q, K, V, window_size, global_mask, causal_globals)


@misconception(
    "global-attention",
    "d_k taken from an axis that is counted from the front",
    loses=("batch and heads",),
    hint="With axes in front, where is the width of Q? Count from the end.",
    says="",
)
def width_counted_from_the_front(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(blocked(unscaled(Q, K) / Q.shape[1] ** 0.5, mask)), V)


ONE_SEQUENCE: Shared = {
    "exercise": "global-attention",
    "name": "written for one sequence: no batch axes",
    "loses": ("batch and heads",),
    "hint": "Q may have axes in front. Which of its sizes do you need? Count them from the end.",
    "says": "",
}


@misconception(**ONE_SEQUENCE)
def one_sequence_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    n, d_k = Q.shape
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(blocked(Q @ K.T / d_k**0.5, mask)), V)


@misconception(**ONE_SEQUENCE)
def all_axes_transposed(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return attention_of(softmax(blocked(Q @ K.T / Q.shape[-1] ** 0.5, mask)), V)


@misconception(
    "global-attention",
    "axes of length 1 are lost: squeeze",
    loses=("batch and heads",),
    hint="A batch may hold one sequence. What shape does its output have?",
    says="",
)
def squeezed(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    return tuple(np.squeeze(result) for result in attention_in(mask, Q, K, V))


@misconception(
    "global-attention",
    "float64 returned for float32",
    loses=("dtype",),
    hint="Which number of yours did NumPy make where a Python one would do? It decides the dtype.",
    says="expected float32",
)
def promoted(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    output, weights = attention_in(mask_for(Q, window_size, global_mask, causal_globals), Q, K, V)
    return output.astype(np.float64), weights.astype(np.float64)


OTHER_DTYPE: Shared = {
    "exercise": "global-attention",
    "name": "float32 returned, whatever the inputs are",
    "loses": ("dtype",),
    "hint": "Give your function float64. What comes back?",
    "says": "expected float64",
}


@misconception(**OTHER_DTYPE)
def always_float32(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    output, weights = attention_in(mask_for(Q, window_size, global_mask, causal_globals), Q, K, V)
    return output.astype(np.float32), weights.astype(np.float32)


@misconception(**OTHER_DTYPE)
def output_always_float32(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    output, weights = attention_in(mask_for(Q, window_size, global_mask, causal_globals), Q, K, V)
    return output.astype(np.float32), weights


INPUT_CHANGED: Shared = {
    "exercise": "global-attention",
    "name": "an input is changed",
    "loses": ("inputs unchanged",),
    "hint": "Look for what writes into an array that was given: /=, [...] =, out=, sort, fill.",
}


@misconception(**INPUT_CHANGED, says="changed Q")
def queries_scaled_in_place(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    Q /= Q.shape[-1] ** 0.5
    return attention_of(softmax(blocked(unscaled(Q, K), mask)), V)


@misconception(**INPUT_CHANGED, says="changed K")
def keys_scaled_in_place(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    K /= Q.shape[-1] ** 0.5
    return attention_of(softmax(blocked(unscaled(Q, K), mask)), V)


@misconception(**INPUT_CHANGED, says="changed V")
def values_changed(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    output, weights = attention_in(mask, Q, K, V)
    V[...] = output
    return output, weights


@misconception(**INPUT_CHANGED, says="changed global_mask")
def flags_inverted_in_place(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    if global_mask is not None:
        np.logical_not(global_mask, out=global_mask)
    return attention_in(mask, Q, K, V)


@misconception(**INPUT_CHANGED, says="changed global_mask")
def flags_emptied(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = mask_for(Q, window_size, global_mask, causal_globals)
    if global_mask is not None:
        global_mask[:] = False
    return attention_in(mask, Q, K, V)


@misconception(
    "global-attention",
    "weights and output returned in the wrong order",
    loses=("the window", "batch and heads", "dtype"),
    hint="Two things are returned. Which one comes first?",
    says="weights: got shape",
)
def results_swapped(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    output, weights = attention_in(mask_for(Q, window_size, global_mask, causal_globals), Q, K, V)
    return weights, output


ONE_RESULT: Shared = {
    "exercise": "global-attention",
    "name": "one result returned instead of two",
    "loses": ("the window", "batch and heads", "dtype"),
    "hint": "The docstring promises two things, in a tuple. Which one is missing?",
    "says": "must return 2 things",
}


@misconception(**ONE_RESULT)
def only_the_output(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, window_size, global_mask, causal_globals), Q, K, V)[0]


@misconception(**ONE_RESULT)
def only_the_weights(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attention_in(mask_for(Q, window_size, global_mask, causal_globals), Q, K, V)[1]


@misconception(
    "global-attention",
    "shape of global_mask not checked",
    loses=("bad input",),
    hint="What does your function do with a global_mask for another sequence?",
    says="expected a ValueError",
)
def flags_not_checked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    positions = None if global_mask is None else np.flatnonzero(global_mask)
    mask = create_sliding_window_mask(  # noqa: F821
        Q.shape[-2], window_size, positions, causal_globals=causal_globals
    )
    return attention_in(mask, Q, K, V)


HALF_CHECKED: Shared = {
    "exercise": "global-attention",
    "name": "length of global_mask checked, but not its shape",
    "loses": ("bad input",),
    "hint": "Flags of shape (n, 1) hold n numbers, too. Are they refused?",
    "says": "is accepted",
}


def attention_if(fits, Q, K, V, window_size, global_mask, causal_globals):
    if global_mask is not None and not fits:
        raise ValueError(f"global_mask has shape {np.shape(global_mask)}")
    return flags_not_checked(Q, K, V, window_size, global_mask, causal_globals=causal_globals)


@misconception(**HALF_CHECKED)
def length_checked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    fits = global_mask is None or len(global_mask) == Q.shape[-2]
    return attention_if(fits, Q, K, V, window_size, global_mask, causal_globals)


@misconception(**HALF_CHECKED)
def size_checked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    fits = global_mask is None or np.size(global_mask) == Q.shape[-2]
    return attention_if(fits, Q, K, V, window_size, global_mask, causal_globals)


@misconception(**HALF_CHECKED)
def last_axis_checked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    fits = global_mask is None or np.shape(global_mask)[-1] == Q.shape[-2]
    return attention_if(fits, Q, K, V, window_size, global_mask, causal_globals)


SHORTER_OR_LONGER: Shared = {
    "exercise": "global-attention",
    "name": "global_mask of another length accepted",
    "loses": ("bad input",),
    "hint": "Flags may be too few, and too many. Are both refused?",
}


@misconception(**SHORTER_OR_LONGER, says="is accepted")
def longer_accepted(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    fits = global_mask is None or (np.ndim(global_mask) == 1 and len(global_mask) >= Q.shape[-2])
    return attention_if(fits, Q, K, V, window_size, global_mask, causal_globals)


@misconception(**SHORTER_OR_LONGER, says="is accepted")
def shorter_accepted(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    fits = global_mask is None or (np.ndim(global_mask) == 1 and len(global_mask) <= Q.shape[-2])
    return attention_if(fits, Q, K, V, window_size, global_mask, causal_globals)


@misconception(**SHORTER_OR_LONGER, says="is accepted")
def only_shorter_refused(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    fits = global_mask is None or len(global_mask) >= Q.shape[-2]
    return attention_if(fits, Q, K, V, window_size, global_mask, causal_globals)


@misconception(**SHORTER_OR_LONGER, says="is accepted")
def axes_checked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    fits = global_mask is None or np.ndim(global_mask) == 1
    return attention_if(fits, Q, K, V, window_size, global_mask, causal_globals)


@misconception(
    "global-attention",
    "refused with another exception than a ValueError",
    loses=("bad input",),
    hint="Who calls your function catches one kind of exception. Which does the docstring name?",
    says="expected a ValueError",
)
def asserted(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    assert global_mask is None or np.shape(global_mask) == (Q.shape[-2],), "global_mask"
    return flags_not_checked(Q, K, V, window_size, global_mask, causal_globals=causal_globals)


@misconception(
    "global-attention",
    "the message does not name global_mask, or not its shape",
    loses=("bad input",),
    hint="Who reads the message wants to know which argument is wrong, and what it was.",
    says="not one that names it",
)
def message_without_shape(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    if global_mask is not None and np.shape(global_mask) != (Q.shape[-2],):
        raise ValueError("global_mask does not fit")
    return flags_not_checked(Q, K, V, window_size, global_mask, causal_globals=causal_globals)


FUTURE, PAST = "the future", "the past and the present"
NEW, BESIDE = "a new bool array", "in your attention"


IN_PLACE: Shared = {
    "exercise": "block-future",
    "name": "the given mask is changed",
    "loses": (NEW,),
    "hint": "An operator such as |= writes into the array it is given. Whose array is that?",
    "says": "changed mask",
}


@misconception(**IN_PLACE)
def changes_its_input(mask):
    mask |= np.triu(np.ones_like(mask), k=1)
    return mask


@misconception(**IN_PLACE)
def changes_its_input_and_copies(mask):
    mask |= np.triu(np.ones_like(mask), k=1)
    return mask.copy()


NUMBERS_AGAIN: Shared = {
    "exercise": "block-future",
    "name": "0 and 1 instead of a boolean mask",
    "loses": (NEW,),
    "hint": "The pattern is right. What dtype does the docstring promise?",
    "says": "expected bool",
}


@misconception(**NUMBERS_AGAIN | {"loses": (FUTURE, NEW)})
def added(mask):
    return mask + np.triu(np.ones(mask.shape, dtype=int), k=1)


@misconception(**NUMBERS_AGAIN)
def as_numbers(mask):
    return (mask | np.triu(np.ones_like(mask), k=1)).astype(int)


@misconception(
    "block-future",
    "a list of lists instead of an array",
    loses=(NEW,),
    hint="The pattern is right. What type does the docstring promise?",
    says="expected a NumPy array",
)
def as_lists(mask):
    return (mask | np.triu(np.ones_like(mask), k=1)).tolist()


@misconception(
    "block-future",
    "the diagonal is blocked as well",
    loses=(PAST, BESIDE),
    hint="May a query still see itself?",
    says="always sees itself",
)
def blocks_the_present(mask):
    return mask | np.triu(np.ones_like(mask))


@misconception(
    "block-future",
    "the key just after the query stays open",
    loses=(FUTURE, BESIDE),
    hint="Of query 0, which is the first key of the future? Is it blocked in yours?",
    says="stays blocked",
)
def next_key_left_open(mask):
    return mask | np.triu(np.ones_like(mask), k=2)


PAST_BLOCKED: Shared = {
    "exercise": "block-future",
    "name": "the past is blocked instead of the future",
    "loses": (FUTURE, PAST, NEW, BESIDE),
    "hint": "In row 0, which keys are the future? Are they to the left or to the right?",
}


@misconception(**PAST_BLOCKED, says="cells are wrong")
def blocks_the_past(mask):
    return mask | np.tril(np.ones_like(mask), k=-1)


@misconception(**PAST_BLOCKED, says="")
def blocks_the_past_and_the_present(mask):
    return mask | np.tril(np.ones_like(mask))


@misconception(
    "block-future",
    "what was blocked before is opened",
    loses=(PAST,),
    hint="Your result does not depend on what is in the given mask.",
    says="stays blocked",
)
def forgets_the_mask(mask):
    return np.triu(np.ones_like(mask), k=1)


BOTH: Shared = {
    "exercise": "block-future",
    "name": "blocked only where both masks block",
    "loses": (FUTURE, PAST, NEW, BESIDE),
    "hint": "A key is blocked if it was blocked before or comes later. Which word did you write?",
    "says": "stays blocked",
}


@misconception(**BOTH)
def blocked_in_both(mask):
    return mask & np.triu(np.ones_like(mask), k=1)


@misconception(
    "block-future",
    "the future is opened, not blocked",
    loses=(FUTURE, BESIDE),
    hint="True means blocked. np.tril writes False above the diagonal: what does that do?",
    says="stays blocked",
)
def future_opened(mask):
    return np.tril(mask)


UNCHANGED: Shared = {
    "exercise": "block-future",
    "name": "the mask is returned as it was",
    "hint": "Compare what you return with what you were given. Which cells differ?",
    "says": "stays blocked",
}


@misconception(**UNCHANGED, loses=(FUTURE, BESIDE))
def unchanged(mask):
    return mask.copy()


@misconception(**UNCHANGED, loses=(FUTURE, NEW, BESIDE))
def the_same(mask):
    return mask


@misconception(
    "block-future",
    "the future turned over: what was blocked there is open",
    loses=(FUTURE, BESIDE),
    hint="A cell of the future may be blocked already. What does your operator make of it?",
    says="stays blocked",
)
def future_inverted(mask):
    return mask ^ np.triu(np.ones_like(mask), k=1)


@misconception(
    "block-future",
    "the past is opened",
    loses=(FUTURE, PAST, NEW, BESIDE),
    hint="np.triu writes False below the diagonal: what does that do to a mask?",
    says="stays blocked",
)
def past_opened(mask):
    return np.triu(mask)


@misconception(
    "block-future",
    "nothing is returned",
    loses=(FUTURE, PAST, NEW, BESIDE),
    hint="The mask is made. What does the last line of your function do with it?",
    says="Is a return missing?",
)
def mask_not_returned(mask):
    mask | np.triu(np.ones_like(mask), k=1)


@misconception(
    "block-future",
    "mask inverted: True where attention is open",
    loses=(FUTURE, PAST, NEW, BESIDE),
    hint="True means blocked, in what you are given and in what you return.",
    says="",
)
def result_inverted(mask):
    return ~(mask | np.triu(np.ones_like(mask), k=1))
