"""Wrong answers to the exercises of 02_global_tokens."""

import numpy as np

from grading.judging.written import misconception

GLOBALS = ("global rows", "global columns", "window and globals together")


def local_mask(seq_len, window_size, global_positions):
    for name, size in (("seq_len", seq_len), ("window_size", window_size)):
        if size < 1:
            raise ValueError(f"{name} is {size}; it must be at least 1")
    for p in () if global_positions is None else global_positions:
        if not 0 <= p < seq_len:
            raise ValueError(f"global_positions holds {p}; allowed are 0 to {seq_len - 1}")
    key = np.arange(seq_len)
    query = key[:, np.newaxis]
    return (key > query) | (key <= query - window_size)


@misconception(
    "global-mask",
    "global tokens are seen by nobody: rows only",
    loses=("global columns", "window and globals together"),
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
    loses=("global rows", "window and globals together"),
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


_seen: list[int] = []


@misconception(
    "global-mask",
    "global tokens of earlier calls kept",
    loses=GLOBALS,
    hint="Call your function twice with different positions. What does it remember, and where?",
    says="cells are wrong",
    unsteady=True,
)
def remembers_globals(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, global_positions)
    if global_positions is not None:
        _seen.extend(global_positions)
        for p in _seen:
            mask[p : p + 1, :] = mask[:, p : p + 1] = False
    return mask


@misconception(
    "global-mask",
    "global positions not checked",
    loses=("bad input",),
    hint="Position -1 is the last one to NumPy. Is it one to the docstring?",
    says="is accepted",
)
def positions_not_checked(seq_len, window_size, global_positions=None, *, causal_globals=False):
    mask = local_mask(seq_len, window_size, None)
    for p in () if global_positions is None else global_positions:
        mask[p % seq_len, :] = mask[:, p % seq_len] = False
    return mask


@misconception(
    "which-window",
    "globals counted as part of the window",
    loses=("pictures with globals",),
    hint="In a row, some open keys are open because they are global. Leave them out.",
    says="window_of_picture for",
)
def longest_open_row(picture, global_positions):
    rows = [i for i in range(len(picture)) if i not in global_positions]
    return max(i + 1 - int(np.argmin(picture[i])) for i in rows)


@misconception(
    "which-window",
    "the caption believed: always 3",
    loses=("pictures without globals", "pictures with globals"),
    hint="Each picture has a window of its own. Read it off the picture.",
    says="the caption says",
)
def always_three(picture, global_positions):
    return 3


@misconception(
    "which-window",
    "the query itself not counted in the window",
    loses=("pictures without globals", "pictures with globals"),
    hint="A diagonal is drawn by a window of 1, not of 0.",
    says="window_of_picture for",
)
def without_the_query(picture, global_positions):
    is_global = np.isin(np.arange(len(picture)), global_positions)
    local = ~picture & ~is_global & ~is_global[:, np.newaxis]
    query, key = np.nonzero(local)
    return int((query - key).max(initial=0))


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def attend(Q, K, V, mask):
    weights = softmax(np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5))
    return weights @ V, weights


def check_flags(global_mask, seq_len):
    if global_mask is not None and np.shape(global_mask) != (seq_len,):
        raise ValueError(f"global_mask has shape {np.shape(global_mask)}; it must be ({seq_len},)")


@misconception(
    "global-attention",
    "global_mask ignored",
    loses=("global tokens", "bad input"),
    hint="One argument is never used.",
    says="global_mask has no effect",
)
def global_mask_ignored(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    return attend(Q, K, V, local_mask(Q.shape[-2], window_size, None))


@misconception(
    "global-attention",
    "flags of global_mask taken for positions",
    loses=("global tokens",),
    hint="global_mask holds True and False; as numbers, 1 and 0. Which are the positions?",
    says="holds flags",
)
def flags_as_positions(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    check_flags(global_mask, Q.shape[-2])
    mask = local_mask(Q.shape[-2], window_size, None)
    for p in () if global_mask is None else global_mask:
        mask[int(p), :] = mask[:, int(p)] = False
    return attend(Q, K, V, mask)


@misconception(
    "global-attention",
    "global tokens are seen, but see only their window",
    loses=("global tokens",),
    hint="Both the rows and the columns of global tokens are open. One of them is not.",
    says="it sees every key",
)
def global_keys_only(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    check_flags(global_mask, Q.shape[-2])
    mask = local_mask(Q.shape[-2], window_size, None)
    return attend(Q, K, V, mask if global_mask is None else mask & ~global_mask)


@misconception(
    "global-attention",
    "window_size ignored: all earlier keys seen",
    loses=("the window", "global tokens", "large scores", "batch and heads", "dtype"),
    hint="One argument is never used. How far back does your attention look?",
    says="reaches too far",
)
def window_ignored(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    seq_len = Q.shape[-2]
    check_flags(global_mask, seq_len)
    mask = local_mask(seq_len, seq_len, None)
    if global_mask is not None:
        mask = mask & ~global_mask & ~global_mask[:, np.newaxis]
    return attend(Q, K, V, mask)


@misconception(
    "global-attention",
    "shape of global_mask not checked",
    loses=("bad input",),
    hint="What does your function do with a global_mask for another sequence?",
    says="expected a ValueError",
)
def flags_not_checked(Q, K, V, window_size, global_mask=None, *, causal_globals=False):
    mask = local_mask(Q.shape[-2], window_size, None)
    for p in () if global_mask is None else np.flatnonzero(global_mask):
        mask[p, :] = mask[:, p] = False
    return attend(Q, K, V, mask)


@misconception(
    "block-future",
    "the given mask is changed",
    loses=("given mask unchanged",),
    hint="An operator such as |= writes into the array it is given. Whose array is that?",
    says="changed mask",
)
def changes_its_input(mask):
    mask |= np.triu(np.ones_like(mask), k=1)
    return mask


@misconception(
    "block-future",
    "the diagonal is blocked as well",
    loses=("the future", "given mask unchanged", "in your attention"),
    hint="May a query still see itself?",
    says="always sees itself",
)
def blocks_the_present(mask):
    return mask | np.triu(np.ones_like(mask))


@misconception(
    "block-future",
    "the past is blocked instead of the future",
    loses=("the future", "given mask unchanged", "in your attention"),
    hint="In row 0, which keys are the future? Are they to the left or to the right?",
    says="cells are wrong",
)
def blocks_the_past(mask):
    return mask | np.tril(np.ones_like(mask), k=-1)


@misconception(
    "block-future",
    "what was blocked before is opened",
    loses=("the future", "given mask unchanged", "in your attention"),
    hint="Your result does not depend on what is in the given mask.",
    says="stays blocked",
)
def forgets_the_mask(mask):
    return np.triu(np.ones_like(mask), k=1)
