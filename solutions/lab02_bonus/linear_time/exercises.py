"""The exercises of 02_linear_time."""

import numpy as np

from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Exercise

from ..drivers import WATCHED
from . import cases

BLOCK_KEYS = Exercise(
    id="block-keys",
    answer="keys_of_block",
    module="linear_time",
    returns=("first", "end"),
    aspects=(
        Aspect("inside the text", 0.5, repeat(3, cases.block_inside)),
        Aspect("at the start", 0.25, repeat(3, cases.block_at_the_start)),
        Aspect("a window of one", 0.25, repeat(3, cases.block_of_window_one)),
    ),
)

BLOCK_MASK = Exercise(
    id="block-mask",
    answer="block_mask",
    module="linear_time",
    builds_on=("keys_of_block",),
    returns=("mask",),
    aspects=(
        Aspect("inside the text", 0.5, repeat(3, cases.block_inside)),
        Aspect("at the start", 0.25, repeat(3, cases.block_at_the_start)),
        Aspect(
            "dtype",
            0.25,
            repeat(3, cases.block_inside),
            region=cases.query_and_after,
            exact_dtype=True,
        ),
    ),
)

WINDOW_BLOCKS = Exercise(
    id="window-blocks",
    answer="windowed_attention",
    module="linear_time",
    builds_on=("keys_of_block", "block_mask"),
    returns=("output",),
    aspects=(
        Aspect("whole blocks", 0.5, repeat(3, cases.in_blocks())),
        Aspect("a last block that is shorter", 0.25, repeat(3, cases.in_blocks(rest=True))),
        Aspect("scale", 0.25, repeat(3, cases.one_block(d_k=9))),
        Aspect("large scores", 0.25, repeat(3, cases.one_block(spread=cases.LARGE))),
        Aspect("batch and heads", 0.25, repeat(3, cases.one_block(batch=(2, 3)))),
        Aspect("dtype", 0.25, repeat(3, cases.one_block(dtype=np.float32)), exact_dtype=True),
        Aspect("memory", 0.25, cases.long_text, driver="call_watched", values=WATCHED),
    ),
)

GLOBAL_BLOCKS = Exercise(
    id="global-blocks",
    answer="windowed_attention_with_globals",
    module="linear_time",
    builds_on=("keys_of_block", "block_mask"),
    returns=("output",),
    aspects=(
        Aspect("no global tokens", 0.25, repeat(3, cases.with_globals(number=0))),
        Aspect(
            "other queries", 0.75, repeat(3, cases.with_globals()), region=cases.rows_of_the_others
        ),
        Aspect(
            "global queries", 0.75, repeat(3, cases.with_globals()), region=cases.rows_of_globals
        ),
        Aspect("a last block that is shorter", 0.25, repeat(3, cases.with_globals(rest=True))),
        Aspect("large scores", 0.25, repeat(3, cases.none_global(spread=cases.LARGE))),
        Aspect("batch and heads", 0.25, repeat(3, cases.with_globals(batch=(2, 3)))),
        Aspect("dtype", 0.25, repeat(3, cases.none_global(dtype=np.float32)), exact_dtype=True),
        Aspect(
            "memory",
            0.25,
            cases.long_text_with_globals,
            driver="call_watched",
            values=WATCHED,
        ),
    ),
)
