"""The exercises of 02_global_tokens."""

import numpy as np

from grading.cases import global_tokens as cases
from grading.cases import sliding_window
from grading.cases.draws import again, repeat
from grading.exercise import Aspect, Exercise, Notebook

NOTEBOOK = Notebook("lab02", "02_global_tokens")

GLOBAL_MASK = Exercise(
    id="global-mask",
    notebook=NOTEBOOK,
    answer="create_sliding_window_mask",
    module="sliding_window",
    returns=("mask",),
    aspects=(
        Aspect("the window, without globals", 0.75, repeat(sliding_window.window_inside)),
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
            repeat(sliding_window.window_wider),
            region=sliding_window.query_and_after,
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.positions_to_check),
    ),
)

WHICH_WINDOW = Exercise(
    id="which-window",
    notebook=NOTEBOOK,
    answer="window_of_picture",
    returns=("window_size",),
    aspects=(
        Aspect("pictures without globals", 0.5, cases.pictures(globals_too=False)),
        Aspect("pictures with globals", 0.5, cases.pictures(globals_too=True)),
    ),
)

GLOBAL_ATTENTION = Exercise(
    id="global-attention",
    notebook=NOTEBOOK,
    answer="sliding_window_attention",
    module="sliding_window",
    returns=("output", "weights"),
    aspects=(
        Aspect("the window", 0.5, repeat(cases.windowed_attention(d_k=4, globals_too=False))),
        Aspect("global tokens", 0.5, repeat(cases.windowed_attention(d_k=4))),
        Aspect(
            "large scores",
            0.25,
            repeat(cases.windowed_attention(spread=sliding_window.LARGE, globals_too=False)),
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
    notebook=NOTEBOOK,
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

EXERCISES = (GLOBAL_MASK, WHICH_WINDOW, GLOBAL_ATTENTION, BLOCK_FUTURE)
