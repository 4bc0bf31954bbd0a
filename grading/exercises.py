"""The exercises of lab02: what is asked, what each aspect is worth, and where the reference is.

To add an exercise, add an entry here and a cell in a notebook whose grade_id is the entry's id.
"""

import numpy as np

from grading import cases, probe
from grading.cases import again, repeat
from grading.exercise import Aspect, Exercise

WINDOW_MASK = Exercise(
    id="window-mask",
    notebook="01_sliding_window",
    answer="create_sliding_window_mask",
    module="sliding_window",
    returns=("mask",),
    aspects=(
        Aspect("the window", 1.0, repeat(cases.window_inside), region=cases.full_rows),
        Aspect("the start", 0.25, repeat(cases.window_inside), region=cases.clipped_rows),
        Aspect("a window wider than the sequence", 0.25, repeat(cases.window_wider)),
        Aspect(
            "dtype",
            0.25,
            repeat(cases.window_wider),
            region=cases.query_and_after,
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.sizes_to_check),
    ),
)

MASKED_ATTENTION = Exercise(
    id="masked-attention",
    notebook="01_sliding_window",
    answer="masked_attention",
    returns=("output", "weights"),
    aspects=(
        Aspect("blocked keys", 0.75, repeat(cases.attention(spread=0.0))),
        Aspect("softmax", 0.5, repeat(cases.attention(masked=False))),
        Aspect("scale", 0.5, repeat(cases.attention(d_k=9, masked=False))),
        Aspect("mask and softmax together", 0.25, repeat(cases.attention())),
        Aspect("large scores", 0.25, repeat(cases.attention(spread=cases.LARGE, masked=False))),
        Aspect("batch and heads", 0.25, repeat(cases.attention(batch=(2, 3), masked=False))),
        Aspect(
            "dtype",
            0.25,
            repeat(cases.attention(dtype=np.float32, masked=False)),
            exact_dtype=True,
        ),
        Aspect(
            "inputs unchanged",
            0.25,
            repeat(cases.attention(d_k=4, spread=0.0, masked=False)),
            values=("output", *(f"{name} after the call" for name in ("Q", "K", "V", "mask"))),
        ),
    ),
)

ATTENDED_PAIRS = Exercise(
    id="attended-pairs",
    notebook="01_sliding_window",
    answer="attended_pairs",
    returns=("pairs",),
    aspects=(
        Aspect("a window inside the sequence", 0.5, repeat(cases.window_inside)),
        Aspect("a window wider than the sequence", 0.5, repeat(cases.window_wider)),
    ),
)

RECEPTIVE_FIELD = Exercise(
    id="receptive-field",
    notebook="01_sliding_window",
    answer="receptive_field",
    returns=("positions",),
    aspects=(
        Aspect("several layers", 0.5, repeat(cases.several_layers)),
        Aspect("one layer", 0.25, repeat(cases.one_layer)),
        Aspect("a window of one", 0.25, repeat(cases.window_of_one)),
    ),
)

GLOBAL_MASK = Exercise(
    id="global-mask",
    notebook="02_global_tokens",
    answer="create_sliding_window_mask",
    module="sliding_window",
    returns=("mask",),
    aspects=(
        Aspect("the window, without globals", 0.75, repeat(cases.window_inside)),
        Aspect(
            "global rows",
            0.75,
            again(cases.with_globals(3, 4), cases.with_globals(5)),
            region=cases.global_rows,
        ),
        Aspect(
            "global columns",
            0.75,
            repeat(cases.with_globals(3, 4, 5)),
            region=cases.global_columns,
        ),
        Aspect("window and globals together", 0.25, repeat(cases.with_globals(3, 4, 5))),
        Aspect(
            "dtype",
            0.25,
            repeat(cases.window_wider),
            region=cases.query_and_after,
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.positions_to_check),
    ),
)

WHICH_WINDOW = Exercise(
    id="which-window",
    notebook="02_global_tokens",
    answer="window_of_picture",
    returns=("window_size",),
    aspects=(
        Aspect("pictures without globals", 0.5, cases.pictures(globals_too=False)),
        Aspect("pictures with globals", 0.5, cases.pictures(globals_too=True)),
    ),
)

GLOBAL_ATTENTION = Exercise(
    id="global-attention",
    notebook="02_global_tokens",
    answer="sliding_window_attention",
    module="sliding_window",
    returns=("output", "weights"),
    aspects=(
        Aspect("the window", 0.5, repeat(cases.windowed_attention(d_k=4, globals_too=False))),
        Aspect("global tokens", 0.5, repeat(cases.windowed_attention(d_k=4))),
        Aspect(
            "large scores",
            0.25,
            repeat(cases.windowed_attention(spread=cases.LARGE, globals_too=False)),
        ),
        Aspect(
            "batch and heads",
            0.25,
            repeat(cases.windowed_attention(batch=(2, 3), globals_too=False)),
        ),
        Aspect(
            "dtype",
            0.25,
            repeat(cases.windowed_attention(dtype=np.float32, globals_too=False)),
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.global_masks_to_check),
    ),
)

BLOCK_FUTURE = Exercise(
    id="block-future",
    notebook="02_global_tokens",
    answer="block_future",
    module="sliding_window",
    returns=("mask",),
    aspects=(
        Aspect("the future", 0.5, repeat(cases.mask_only)),
        Aspect(
            "given mask unchanged",
            0.25,
            repeat(cases.mask_only),
            values=("mask", "mask after the call"),
        ),
        Aspect(
            "in your attention",
            0.25,
            repeat(cases.causal_attention),
            driver="call_attention_beside",
            values=("output", "weights"),
        ),
    ),
)

SPLIT_HEADS = Exercise(
    id="split-heads",
    notebook="03_multi_head",
    answer="split_heads",
    returns=("heads",),
    aspects=(
        Aspect("one sequence", 0.5, repeat(cases.to_split())),
        Aspect("a batch", 0.5, repeat(cases.to_split(3))),
    ),
)

COMBINE_HEADS = Exercise(
    id="combine-heads",
    notebook="03_multi_head",
    answer="combine_heads",
    returns=("x",),
    aspects=(
        Aspect("one sequence", 0.5, repeat(cases.to_combine())),
        Aspect("a batch", 0.5, repeat(cases.to_combine(3))),
    ),
)

ATTENTION_LAYER = Exercise(
    id="attention-layer",
    notebook="03_multi_head",
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer_with_stand_in",
    returns=("result",),
    aspects=(
        Aspect(
            "attributes and shapes of weights",
            0.5,
            repeat(cases.layer_sizes),
            driver="describe_layer",
            values=probe.LAYER_ATTRIBUTES,
        ),
        Aspect(
            "Q, K, V of each head",
            0.5,
            again(cases.layer(), cases.layer()),
            values=("Q", "K", "V"),
        ),
        Aspect("heads combined, W_O", 0.5, repeat(cases.layer())),
        Aspect("a single sequence", 0.25, repeat(cases.layer(batch=False))),
        Aspect(
            "first tokens global",
            0.5,
            cases.one_to_three_globals,
            values=("global_mask", "window_size"),
        ),
        Aspect(
            "a given global_mask",
            0.25,
            repeat(cases.layer(first_tokens=True, mask_given=True)),
            values=("global_mask",),
        ),
        Aspect(
            "attention weights",
            0.25,
            repeat(cases.layer(method="get_attention_weights")),
            values=("weights",),
        ),
        Aspect("bad input", 0.25, cases.layers_to_check),
    ),
)

END_TO_END = Exercise(
    id="end-to-end",
    notebook="03_multi_head",
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer",
    returns=("result",),
    aspects=(
        Aspect("window only", 0.5, repeat(cases.layer())),
        Aspect("with global tokens", 0.5, repeat(cases.layer(first_tokens=True))),
    ),
)

EXERCISES = {
    exercise.id: exercise
    for exercise in (
        *(WINDOW_MASK, MASKED_ATTENTION, ATTENDED_PAIRS, RECEPTIVE_FIELD),
        *(GLOBAL_MASK, WHICH_WINDOW, GLOBAL_ATTENTION, BLOCK_FUTURE),
        *(SPLIT_HEADS, COMBINE_HEADS, ATTENTION_LAYER, END_TO_END),
    )
}
