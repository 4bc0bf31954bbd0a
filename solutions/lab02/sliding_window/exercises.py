"""The exercises of 01_sliding_window."""

import numpy as np

from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Exercise

from . import cases

WINDOW_MASK = Exercise(
    id="window-mask",
    answer="create_sliding_window_mask",
    module="sliding_window",
    returns=("mask",),
    aspects=(
        Aspect("the window", 1.0, repeat(3, cases.window_inside), region=cases.full_rows),
        Aspect("the start", 0.25, repeat(3, cases.window_inside), region=cases.clipped_rows),
        Aspect("a window wider than the sequence", 0.25, repeat(3, cases.window_wider)),
        Aspect(
            "dtype",
            0.25,
            repeat(3, cases.window_wider),
            region=cases.query_and_after,
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.sizes_to_check),
    ),
)

MASKED_ATTENTION = Exercise(
    id="masked-attention",
    answer="masked_attention",
    module="building_blocks",
    returns=("output", "weights"),
    aspects=(
        Aspect("blocked keys", 0.75, repeat(3, cases.attention(spread=0.0))),
        Aspect("softmax", 0.5, repeat(3, cases.attention(masked=False))),
        Aspect("scale", 0.5, repeat(3, cases.attention(d_k=9, masked=False))),
        Aspect("mask and softmax together", 0.25, repeat(3, cases.attention())),
        Aspect("large scores", 0.25, repeat(3, cases.attention(spread=cases.LARGE, masked=False))),
        Aspect("batch and heads", 0.25, repeat(3, cases.attention(batch=(2, 3), masked=False))),
        Aspect(
            "dtype",
            0.25,
            repeat(3, cases.attention(dtype=np.float32, masked=False)),
            exact_dtype=True,
        ),
        Aspect(
            "inputs unchanged",
            0.25,
            repeat(3, cases.attention(d_k=4, spread=0.0, masked=False)),
            values=("output", *(f"{name} after the call" for name in ("Q", "K", "V", "mask"))),
        ),
    ),
)

ATTENDED_PAIRS = Exercise(
    id="attended-pairs",
    answer="attended_pairs",
    module="building_blocks",
    returns=("pairs",),
    aspects=(
        Aspect("a window inside the sequence", 0.5, repeat(3, cases.window_inside)),
        Aspect("a window wider than the sequence", 0.5, repeat(3, cases.window_wider)),
    ),
)

RECEPTIVE_FIELD = Exercise(
    id="receptive-field",
    answer="receptive_field",
    module="building_blocks",
    returns=("positions",),
    aspects=(
        Aspect("several layers", 0.5, repeat(3, cases.several_layers)),
        Aspect("one layer", 0.25, repeat(3, cases.one_layer)),
        Aspect("a window of one", 0.25, repeat(3, cases.window_of_one)),
    ),
)
