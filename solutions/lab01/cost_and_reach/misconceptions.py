"""Wrong answers to the exercises of 02_cost_and_reach.

Where several are one mistake, they have its name, its hint and what else they share from one place.
"""

from typing import Any

import numpy as np

from grading.judging.written import misconception

Shared = dict[str, Any]

# sparse-scores


def require_square(scores, mask):
    if mask.shape != scores.shape[-2:]:
        raise ValueError(f"mask has shape {mask.shape}; it must be {scores.shape[-2:]}")


BLOCKED = ("blocked scores", "batch and heads")
LOW: Shared = {
    "exercise": "sparse-scores",
    "name": "a low number in place of -inf",
    "loses": ("blocked scores",),
    "hint": "What is the exp of your number, exactly? And what if all open scores were as low?",
    "says": "must be -inf",
}


@misconception(**LOW)
def low_number(attention_scores, mask):
    require_square(attention_scores, mask)
    return np.where(mask, attention_scores.dtype.type(-1e9), attention_scores)


@misconception(**LOW)
def low_number_written(attention_scores, mask):
    require_square(attention_scores, mask)
    scores = attention_scores.copy()
    scores[..., mask] = -10000
    return scores


ZERO: Shared = {
    "exercise": "sparse-scores",
    "name": "blocked scores are 0",
    "loses": BLOCKED,
    "hint": "What is exp(0)? A softmax would give these keys a share.",
    "says": "must be -inf",
}


@misconception(**ZERO)
def zero(attention_scores, mask):
    require_square(attention_scores, mask)
    return np.where(mask, 0, attention_scores)


@misconception(**ZERO)
def times_the_mask(attention_scores, mask):
    require_square(attention_scores, mask)
    return attention_scores * ~mask


@misconception(
    "sparse-scores",
    "open scores blocked, blocked ones kept",
    loses=(*BLOCKED, "open scores", "dtype", "inputs unchanged"),
    hint="True means blocked. Which of its two values does your np.where take where it is True?",
    says="changed places",
)
def open_ones_blocked(attention_scores, mask):
    require_square(attention_scores, mask)
    return np.where(mask, attention_scores, -np.inf)


@misconception(
    "sparse-scores",
    "mask with its axes swapped",
    loses=(*BLOCKED, "open scores", "dtype", "inputs unchanged"),
    hint="Row i of the mask is about query i. Where did you transpose?",
    says="axes swapped",
)
def transposed(attention_scores, mask):
    require_square(attention_scores, mask)
    return np.where(mask.T, -np.inf, attention_scores)


@misconception(
    "sparse-scores",
    "plus infinity in place of minus infinity",
    loses=BLOCKED,
    hint="Which number has the exp 0, np.inf or -np.inf?",
    says="must be -inf",
)
def plus_infinity(attention_scores, mask):
    require_square(attention_scores, mask)
    return np.where(mask, np.inf, attention_scores)


@misconception(
    "sparse-scores",
    "multiplied by -inf: open scores become nan",
    loses=("open scores", "batch and heads"),
    hint="What is 0 * np.inf? Look at the open cells of what you return.",
    says="nan",
)
def times_infinity(attention_scores, mask):
    require_square(attention_scores, mask)
    return (attention_scores + mask * -np.inf).astype(attention_scores.dtype)


@misconception(
    "sparse-scores",
    "the softmax is taken already",
    loses=(*BLOCKED, "open scores", "dtype", "inputs unchanged"),
    hint="Scores are asked for, as they go into the softmax. What are your open ones?",
    says="softmax is taken",
)
def softmax_taken(attention_scores, mask):
    require_square(attention_scores, mask)
    scores = np.where(mask, -np.inf, attention_scores)
    shares = np.exp(scores)
    return shares / shares.sum(axis=-1, keepdims=True)


@misconception(
    "sparse-scores",
    "written into the scores that were given",
    loses=("inputs unchanged",),
    hint="After your call, look at the scores that you were given. Whose are they?",
    says="changed attention_scores",
)
def in_place(attention_scores, mask):
    require_square(attention_scores, mask)
    attention_scores[..., mask] = -np.inf
    return attention_scores


WIDE: Shared = {
    "exercise": "sparse-scores",
    "name": "float32 becomes float64",
    "loses": ("dtype",),
    "hint": "The numbers are right. What dtype do scores of float32 come back with, and why?",
    "says": "got float64",
}


@misconception(**WIDE)
def made_wide(attention_scores, mask):
    require_square(attention_scores, mask)
    return np.where(mask, np.float64(-np.inf), attention_scores)


@misconception(**WIDE)
def a_wide_array(attention_scores, mask):
    require_square(attention_scores, mask)
    scores = np.full(attention_scores.shape, -np.inf)
    scores[..., ~mask] = attention_scores[..., ~mask]
    return scores


@misconception(
    "sparse-scores",
    "batches and heads not thought of",
    loses=("batch and heads",),
    hint="Scores may have axes in front of the two. What does scores[mask] mean for these?",
    says="attention_scores of shape (2, 3, 3)",
)
def one_text_alone(attention_scores, mask):
    require_square(attention_scores, mask)
    scores = np.array(attention_scores)
    scores[mask] = -np.inf
    return scores


@misconception(
    "sparse-scores",
    "only the first of a batch is masked",
    loses=("batch and heads",),
    hint="Give your function two texts in a batch. What becomes of the second?",
    says="every one of a batch",
)
def first_of_a_batch(attention_scores, mask):
    require_square(attention_scores, mask)
    scores = attention_scores.copy()
    scores.reshape(-1, *mask.shape)[0][mask] = -np.inf
    return scores


@misconception(
    "sparse-scores",
    "nothing is returned",
    loses=(*BLOCKED, "open scores", "dtype", "inputs unchanged"),
    hint="The scores are made. What does the last line of your function do with them?",
    says="Is a return missing?",
)
def scores_not_returned(attention_scores, mask):
    require_square(attention_scores, mask)
    np.where(mask, -np.inf, attention_scores)


@misconception(
    "sparse-scores",
    "shape of the mask not checked",
    loses=("bad input",),
    hint="NumPy stretches a mask of shape (n, 1) or (n,) without a word. What is promised of it?",
    says="not one that names it",
)
def mask_not_checked(attention_scores, mask):
    return np.where(mask, -np.inf, attention_scores)


@misconception(
    "sparse-scores",
    "only the length of the mask checked",
    loses=("bad input",),
    hint="The mask must have two axes, both of that length. Which masks does your check let pass?",
    says="is accepted",
)
def length_checked(attention_scores, mask):
    if len(mask) != attention_scores.shape[-1]:
        raise ValueError(f"mask has shape {mask.shape}")
    return np.where(mask, -np.inf, attention_scores)


@misconception(**LOW)
def lowest_number(attention_scores, mask):
    require_square(attention_scores, mask)
    return np.where(mask, np.finfo(attention_scores.dtype).min, attention_scores)


@misconception(
    "sparse-scores",
    "the message does not say what was wrong",
    loses=("bad input",),
    hint="It is refused. Does your message name the argument, and the shape that it has?",
    says="not one that names it",
)
def unnamed(attention_scores, mask):
    if mask.shape != attention_scores.shape[-2:]:
        raise ValueError("mask has the wrong shape")
    return np.where(mask, attention_scores.dtype.type(-np.inf), attention_scores)


@misconception(
    "sparse-scores",
    "batches are refused",
    loses=("batch and heads",),
    hint="Scores of a batch have more axes than the mask. Which of them must fit?",
    says="(2, 3, 3)",
)
def whole_shape_compared(attention_scores, mask):
    if mask.shape != attention_scores.shape:
        raise ValueError(f"mask has shape {mask.shape}; it must be {attention_scores.shape}")
    return np.where(mask, attention_scores.dtype.type(-np.inf), attention_scores)


# mask-picture

SIGNS, SPACES, END = "the signs", "the spaces", "no newline at the end"
ALL_OF_IT = (SIGNS, SPACES, END, "a text")


def signs_of(row):
    return ["X" if is_blocked else "." for is_blocked in row]


@misconception(
    "mask-picture",
    "a newline at the end",
    loses=(END,),
    hint="A newline after every line is one too many. Between how many pairs of lines is one?",
    says="not after the last",
)
def newline_at_the_end(mask):
    picture = ""
    for row in mask:
        picture += " ".join(signs_of(row)) + "\n"
    return picture


SPACE_AT_THE_END: Shared = {
    "exercise": "mask-picture",
    "name": "a space at the end of each line",
    "hint": "A space after every sign is one too many in each line. A join puts it between them.",
    "says": "a space at the end of a line",
}


@misconception(**SPACE_AT_THE_END, loses=(SPACES,))
def space_at_the_end(mask):
    return "\n".join("".join(f"{sign} " for sign in signs_of(row)) for row in mask)


@misconception(
    "mask-picture",
    "a space and a newline too many",
    loses=(SPACES, END),
    hint="Between two signs, between two lines: and nothing after the last of them.",
    says="One sign a cell",
)
def space_and_newline(mask):
    picture = ""
    for row in mask:
        for sign in signs_of(row):
            picture += sign + " "
        picture += "\n"
    return picture


@misconception(
    "mask-picture",
    "no spaces between the signs",
    loses=(SPACES,),
    hint="Look at the drawings of the notebook: what stands between two signs?",
    says="one space between two signs",
)
def no_spaces(mask):
    return "\n".join("".join(signs_of(row)) for row in mask)


@misconception(
    "mask-picture",
    "the signs have changed places",
    loses=(SIGNS,),
    hint="True means blocked, and blocked is X. What does your first row begin with?",
    says="changed places",
)
def signs_swapped(mask):
    return "\n".join(" ".join(signs_of(~row)) for row in mask)


@misconception(
    "mask-picture",
    "rows and columns have changed places",
    loses=(SIGNS,),
    hint="A line is a row of the mask, a query. Where did you transpose?",
    says="sign",
)
def columns_as_lines(mask):
    return "\n".join(" ".join(signs_of(row)) for row in mask.T)


OTHER_SIGNS: Shared = {
    "exercise": "mask-picture",
    "name": "other signs than . and X",
    "loses": (SIGNS,),
    "hint": "Which two signs does the docstring name? Small letters are others.",
    "says": "nothing else is in a picture",
}


@misconception(**OTHER_SIGNS)
def hash_signs(mask):
    return "\n".join(" ".join("#" if cell else "." for cell in row) for row in mask)


@misconception(**OTHER_SIGNS)
def small_letters(mask):
    return "\n".join(" ".join(signs_of(row)) for row in mask).lower()


@misconception(**OTHER_SIGNS)
def zeros_and_ones(mask):
    return "\n".join(" ".join(str(int(cell)) for cell in row) for row in mask)


@misconception(
    "mask-picture",
    "all rows in one line",
    loses=ALL_OF_IT,
    hint="Print your picture of a mask of three rows. How many lines are there?",
    says="newline between two lines",
)
def in_one_line(mask):
    return " ".join(" ".join(signs_of(row)) for row in mask)


@misconception(
    "mask-picture",
    "an empty line between the lines",
    loses=ALL_OF_IT,
    hint="One newline ends a line; two leave an empty one. How many does your join put in?",
    says="one newline between two lines",
)
def double_spaced(mask):
    return "\n\n".join(" ".join(signs_of(row)) for row in mask)


@misconception(
    "mask-picture",
    "printed, and not returned",
    loses=ALL_OF_IT,
    hint="print shows the picture to you, and gives nothing to a caller. What does return do?",
    says="Is a return missing?",
)
def printed(mask):
    print("\n".join(" ".join(signs_of(row)) for row in mask))


@misconception(
    "mask-picture",
    "a list of lines in place of a text",
    loses=ALL_OF_IT,
    hint="The lines are right. What joins them to one text?",
    says="expected a str",
)
def list_of_lines(mask):
    return [" ".join(signs_of(row)) for row in mask]


@misconception(
    "mask-picture",
    "an array of signs in place of a text",
    loses=ALL_OF_IT,
    hint="The signs are right. The docstring asks for one str; what do spaces and newlines join?",
    says="expected a str",
)
def array_of_signs(mask):
    return np.where(mask, "X", ".")


@misconception(
    "mask-picture",
    "the array as NumPy prints it",
    loses=ALL_OF_IT,
    hint="str(array) has brackets, and spaces of its own. Go through the rows and cells yourself.",
    says="nothing else is in a picture",
)
def as_numpy_prints(mask):
    return str(np.where(mask, "X", "."))


# sparsity

SHARE, EDGES = "the share", "nothing or everything blocked"


@misconception(
    "sparsity",
    "the share of open cells",
    loses=(SHARE, EDGES, "a float"),
    hint="What is the sparsity of a mask that blocks nothing? And what does yours say?",
    says="share of open cells",
)
def share_of_open(mask):
    return float(np.mean(~mask))


@misconception(
    "sparsity",
    "in percent",
    loses=(SHARE, EDGES, "a float"),
    hint="A share is between 0 and 1. What is yours for a mask of which everything is blocked?",
    says="in percent",
)
def percent(mask):
    return 100 * float(np.mean(mask))


COUNTED: Shared = {
    "exercise": "sparsity",
    "name": "the number of blocked cells, not their share",
    "loses": (SHARE, EDGES, "a float"),
    "hint": "You have counted. Of how many cells in all?",
    "says": "expected",
}


@misconception(**COUNTED)
def counted(mask):
    return int(np.sum(mask))


@misconception(**COUNTED)
def counted_as_float(mask):
    return float(np.sum(mask))


@misconception(
    "sparsity",
    "divided by the number of rows, not of cells",
    loses=(SHARE, EDGES, "a float"),
    hint="len(mask) is the number of rows. How many cells has a mask of n rows?",
    says="Of how many cells in all?",
)
def by_rows(mask):
    return float(mask.sum() / len(mask))


@misconception(
    "sparsity",
    "blocked cells for each open one",
    loses=(SHARE, EDGES, "a float"),
    hint="A share is a part of the whole. What do you divide by: all cells, or the others?",
    says="Of how many cells in all?",
)
def odds(mask):
    return float(mask.sum() / max(1, (~mask).sum()))


@misconception(
    "sparsity",
    "whole division: the share is cut off to 0",
    loses=(SHARE, "a float"),
    hint="What is 3 // 9 in Python? One of your operators makes whole numbers.",
    says="expected a float",
)
def whole_division(mask):
    return int(mask.sum()) // mask.size


@misconception(
    "sparsity",
    "rounded",
    loses=(SHARE,),
    hint="The share is nearly right. Round a number where it is shown, not where it is computed.",
    says="Count the X",
)
def rounded(mask):
    return round(float(np.mean(mask)), 2)


@misconception(
    "sparsity",
    "only the past is counted",
    loses=(SHARE,),
    hint="All cells count, those above the diagonal as well. What is it for a causal mask?",
    says="Of how many cells in all?",
)
def of_the_past(mask):
    return float(mask[np.tri(len(mask), dtype=bool)].mean())


@misconception(
    "sparsity",
    "a text with the number in place of the number",
    loses=(SHARE, EDGES, "a float"),
    hint="A number for people to read is a text. Return the float itself.",
    says="expected a float",
)
def as_text(mask):
    return f"{np.mean(mask):.3f}"


@misconception(
    "sparsity",
    "an array with an axis in place of a float",
    loses=(SHARE, EDGES, "a float"),
    hint="Your number is in an array of shape (1,). What takes it out?",
    says="expected a float",
)
def in_an_array(mask):
    return np.array([np.mean(mask)])


# strided-pairs

DIVIDING, OTHERS, LONG = (
    "strides that divide the length",
    "other strides",
    "long strides",
)
EVERY = (DIVIDING, OTHERS, LONG, "an int")


@misconception(
    "strided-pairs",
    "the query itself not counted",
    loses=EVERY,
    hint="How many keys does query 0 see? Count the diagonal of the drawing.",
    says="sees itself as well",
)
def without_the_query(seq_len, stride):
    return sum(query // stride for query in range(seq_len))


@misconception(
    "strided-pairs",
    "every row counted as if it were the last",
    loses=EVERY,
    hint="Query 0 has nothing before it. How many keys do you count for it?",
    says="count the open cells of each",
)
def all_rows_full(seq_len, stride):
    return seq_len * ((seq_len - 1) // stride + 1)


@misconception(
    "strided-pairs",
    "only strides that divide the length",
    loses=(OTHERS, LONG),
    hint="7 positions and a stride of 3: how many rows are in the last group? Your formula has 3.",
    says="shorter than the stride",
)
def whole_groups(seq_len, stride):
    groups = seq_len // stride
    return stride * groups * (groups + 1) // 2


@misconception(
    "strided-pairs",
    "a formula with a fraction: the last group counted as a part of one",
    loses=(OTHERS, LONG, "an int"),
    hint="n / s is no whole number where s does not divide n. Are your counts whole numbers?",
    says="expected an int",
)
def with_a_fraction(seq_len, stride):
    groups = seq_len / stride
    pairs = stride * groups * (groups + 1) / 2
    return int(pairs) if seq_len % stride == 0 else pairs


@misconception(
    "strided-pairs",
    "the future counted as well",
    loses=EVERY,
    hint="j <= i: a query sees no later key. How many cells are open above the diagonal?",
    says="count the open cells of each",
)
def with_the_future(seq_len, stride):
    back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
    return int((back % stride == 0).sum())


@misconception(
    "strided-pairs",
    "steps counted from position 0, not from the query",
    loses=(DIVIDING, OTHERS, LONG, "an int"),
    hint="Query 1 with a stride of 3 sees itself. Is 1 a multiple of 3? Which number must be one?",
    says="count the open cells of each",
)
def of_columns(seq_len, stride):
    return sum(seq_len - key for key in range(0, seq_len, stride)) + (
        seq_len - 1 if stride > 1 else 0
    )


@misconception(
    "strided-pairs",
    "blocked pairs counted",
    loses=EVERY,
    hint="Open pairs are asked for. How many pairs are there in all?",
    says="number of blocked pairs",
)
def blocked_pairs(seq_len, stride):
    return seq_len**2 - sum(query // stride + 1 for query in range(seq_len))


@misconception(
    "strided-pairs",
    "one s-th of the causal pairs",
    loses=EVERY,
    hint="That is nearly so for long texts. Count a short one by hand: 6 positions, a stride of 3.",
    says="count the open cells of each",
)
def a_share_of_the_causal(seq_len, stride):
    return seq_len * (seq_len + 1) // 2 // stride - (stride == 1)


@misconception(
    "strided-pairs",
    "a float in place of an int",
    loses=("an int",),
    hint="The count is right. One of your operators makes a float of it.",
    says="expected an int",
)
def as_a_float(seq_len, stride):
    return float(sum(query // stride + 1 for query in range(seq_len)))


@misconception(
    "strided-pairs",
    "the last group counted as a full one",
    loses=(OTHERS, LONG),
    hint="Take 7 positions and a stride of 3: how many rows has the last group?",
    says="expected",
)
def rounded_up(seq_len, stride):
    groups = -(-seq_len // stride)
    return stride * groups * (groups + 1) // 2


@misconception(
    "strided-pairs",
    "the first row left out",
    loses=EVERY,
    hint="How many pairs are there for one position? Which row does your range begin with?",
    says="expected",
)
def without_row_0(seq_len, stride):
    return sum(query // stride + 1 for query in range(1, seq_len))


@misconception(
    "strided-pairs",
    "one row too many",
    loses=EVERY,
    hint="How many rows are there for one position? Where does your range end?",
    says="expected",
)
def one_row_more(seq_len, stride):
    return sum(query // stride + 1 for query in range(seq_len + 1))


# layers-needed

SEVERAL, ONE, NEVER = "several layers", "one layer", "never"


def known_after_each_layer(mask):
    known = ~mask
    for _ in range(len(mask) + 1):
        yield known
        known = ~mask @ known


def when(tells):
    return next((layers for layers, told in enumerate(tells, 1) if told), 0)


def right_layers(mask):
    past = np.tri(len(mask), dtype=bool)
    return when(known[past].all() for known in known_after_each_layer(mask))


@misconception(
    "layers-needed",
    "one layer too few",
    loses=(SEVERAL, ONE),
    hint="Where every query sees its whole past at once, one layer is needed. What do you return?",
    says="One layer is needed",
)
def one_too_few(mask):
    return max(0, right_layers(mask) - 1)


@misconception(
    "layers-needed",
    "one layer too many",
    loses=(SEVERAL, ONE),
    hint="Where every query sees its whole past at once, one layer is needed. What do you return?",
    says="After two layers",
)
def one_too_many(mask):
    layers = right_layers(mask)
    return layers + 1 if layers else 0


@misconception(
    "layers-needed",
    "only the last query looked at",
    loses=(SEVERAL, NEVER),
    hint="The last query may know everything when another one does not. Whom do you ask?",
    says="the slowest one decides",
)
def last_query_alone(mask):
    return when(known[-1].all() for known in known_after_each_layer(mask))


@misconception(
    "layers-needed",
    "only position 0 asked for",
    loses=(SEVERAL, NEVER),
    hint="Everybody may know position 0 when something later is missing. What else must be known?",
    says="expected",
)
def first_key_alone(mask):
    return when(known[:, 0].all() for known in known_after_each_layer(mask))


@misconception(
    "layers-needed",
    "the future is waited for: 0 for every causal mask",
    loses=(SEVERAL, ONE, NEVER, "an int"),
    hint="No query ever knows what comes after it. Which part of your table must be True?",
    says="expected 1",
)
def future_waited_for(mask):
    if len(mask) == 1:
        return 0
    return when(known.all() for known in known_after_each_layer(mask))


@misconception(
    "layers-needed",
    "knowledge doubled: layers joined two by two",
    loses=(SEVERAL,),
    hint="One more layer adds one step, not as many as there were. What do you multiply?",
    says="expected",
)
def doubled(mask):
    past = np.tri(len(mask), dtype=bool)
    known = ~mask
    for layers in range(1, len(mask) + 1):
        if known[past].all():
            return layers
        known = known @ known
    return 0


NEVER_TOLD: Shared = {
    "exercise": "layers-needed",
    "name": "something other than 0 is returned where no number of layers is enough",
    "loses": (NEVER,),
    "hint": "When nothing new comes in any more, no layer will bring it. What is asked for then?",
}


@misconception(**NEVER_TOLD, says="never meets")
def never_as_the_length(mask):
    past = np.tri(len(mask), dtype=bool)
    return when(known[past].all() for known in known_after_each_layer(mask)) or len(mask)


@misconception(**NEVER_TOLD, says="never meets")
def never_as_minus_one(mask):
    past = np.tri(len(mask), dtype=bool)
    return when(known[past].all() for known in known_after_each_layer(mask)) or -1


@misconception(**NEVER_TOLD, says="expected an int")
def never_as_none(mask):
    past = np.tri(len(mask), dtype=bool)
    return when(known[past].all() for known in known_after_each_layer(mask)) or None


@misconception(
    "layers-needed",
    "open and blocked have changed places",
    loses=(SEVERAL, ONE, NEVER, "an int"),
    hint="True means blocked. Which cells of the mask are the ones that are seen?",
    says="expected",
)
def blocked_followed(mask):
    past = np.tri(len(mask), dtype=bool)
    found = when(known[past].all() for known in known_after_each_layer(~mask))
    return found or len(mask) + 1


@misconception(
    "layers-needed",
    "the same number for every mask",
    loses=(SEVERAL, ONE, NEVER, "an int"),
    hint="Try a window of 2 for four positions by hand. What does your function say?",
    says="expected",
)
def always_one(mask):
    return 1


@misconception(
    "layers-needed",
    "a float in place of an int",
    loses=("an int",),
    hint="The number is right. What makes a float of it?",
    says="int",
)
def layers_float(mask):
    return float(right_layers(mask))


@misconception(
    "layers-needed",
    "waits for the future to be known, too",
    loses=(SEVERAL, ONE, NEVER, "an int"),
    hint="Which positions can a query never know? Does your test ask for them?",
    says="expected",
)
def waits_for_the_future(mask):
    return when(known.all() for known in known_after_each_layer(mask))
