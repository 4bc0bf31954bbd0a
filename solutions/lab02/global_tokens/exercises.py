"""The exercises of 02_global_tokens."""

import numpy as np

from grading.judging.draws import again, repeat
from grading.judging.exercise import Aspect, Exercise

from ..sliding_window import cases as window
from . import cases

GLOBAL_MASK = Exercise(
    id="global-mask",
    answer="create_sliding_window_mask",
    module="sliding_window",
    returns=("mask",),
    aspects=(
        Aspect("the window, without globals", 0.75, repeat(3, window.window_inside)),
        Aspect(
            "global rows",
            0.75,
            again(cases.with_globals(3, 4), cases.with_globals(5)),
            region=cases.global_rows,
        ),
        Aspect(
            "global columns",
            0.75,
            repeat(3, cases.with_globals(3, 4, 5)),
            region=cases.global_columns,
        ),
        Aspect("window and globals together", 0.25, repeat(3, cases.with_globals(3, 4, 5))),
        Aspect(
            "dtype",
            0.25,
            repeat(3, window.window_wider),
            region=window.query_and_after,
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.positions_to_check),
    ),
)

WHICH_WINDOW = Exercise(
    id="which-window",
    answer="window_of_picture",
    module="building_blocks",
    driver="read_picture",
    builds_on=("create_sliding_window_mask",),
    returns=("window_size",),
    aspects=(
        Aspect("pictures without globals", 0.5, cases.pictures(globals_too=False)),
        Aspect("pictures with globals", 0.5, cases.pictures(globals_too=True)),
    ),
)

GLOBAL_ATTENTION = Exercise(
    id="global-attention",
    answer="sliding_window_attention",
    module="sliding_window",
    by_name=("causal_globals",),
    builds_on=("create_sliding_window_mask",),
    returns=("output", "weights"),
    aspects=(
        Aspect("the window", 0.5, repeat(3, cases.windowed_attention(d_k=4, globals_too=False))),
        Aspect("global tokens", 0.5, repeat(3, cases.windowed_attention(d_k=4))),
        Aspect(
            "large scores",
            0.25,
            repeat(3, cases.windowed_attention(spread=window.LARGE, globals_too=False)),
        ),
        Aspect(
            "batch and heads",
            0.25,
            repeat(3, cases.windowed_attention(batch=(2, 3), globals_too=False)),
        ),
        Aspect(
            "dtype",
            0.25,
            repeat(3, cases.windowed_attention(dtype=np.float32, globals_too=False)),
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.global_masks_to_check),
    ),
)

BLOCK_FUTURE = Exercise(
    id="block-future",
    answer="block_future",
    module="sliding_window",
    by_name=("causal_globals",),
    builds_on=("create_sliding_window_mask", "sliding_window_attention"),
    returns=("mask",),
    aspects=(
        Aspect("the future", 0.5, repeat(3, cases.mask_only)),
        Aspect(
            "given mask unchanged",
            0.25,
            repeat(3, cases.mask_only),
            values=("mask", "mask after the call"),
        ),
        Aspect(
            "in your attention",
            0.25,
            repeat(3, cases.causal_attention),
            driver="call_attention_beside",
            values=("output", "weights"),
        ),
    ),
)
