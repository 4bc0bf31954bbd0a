"""The exercises of 02_linear_time."""

from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Exercise

from ..drivers import AS_ON_ITS_OWN, WATCHED
from . import cases

AFTER = tuple(f"{name} after the call" for name in ("Q", "K", "V"))

BLOCK_KEYS = Exercise(
    id="block-keys",
    answer="keys_of_block",
    module="linear_time",
    returns=("first", "end"),
    aspects=(
        Aspect("the first key, inside the text", 0.5, cases.blocks_inside, values=("first",)),
        Aspect(
            "the end, and the start of the text",
            0.25,
            cases.blocks_anywhere,
            driver="show_end_and_start",
        ),
        Aspect("ints", 0.25, cases.blocks_anywhere, exact_dtype=True),
    ),
)

BLOCK_MASK = Exercise(
    id="block-mask",
    answer="block_mask",
    module="linear_time",
    builds_on=("keys_of_block",),
    returns=("mask",),
    aspects=(
        Aspect("the left edge of the window", 0.25, cases.blocks_inside, driver="show_past"),
        Aspect("the future in the block", 0.25, cases.blocks_inside, driver="show_future"),
        Aspect("at the start of the text", 0.25, cases.blocks_at_the_start),
        Aspect("dtype", 0.25, cases.blocks_anywhere, exact_dtype=True, driver="show_one_entry"),
    ),
)

WINDOW_BLOCKS = Exercise(
    id="window-blocks",
    answer="windowed_attention",
    module="linear_time",
    driver="show_output",
    builds_on=("keys_of_block", "block_mask"),
    returns=("output",),
    aspects=(
        Aspect("whole blocks", 0.25, cases.whole_blocks),
        Aspect("a last block that is shorter", 0.25, cases.shorter_blocks),
        Aspect("scores and scale", 0.25, cases.widths),
        Aspect("large scores", 0.25, repeat(3, cases.large_scores)),
        Aspect(
            "batch and heads",
            0.25,
            cases.batches,
            driver="show_batch_of_blocks",
            values=("output", AS_ON_ITS_OWN),
        ),
        Aspect(
            "one array, of the inputs' dtype",
            0.25,
            cases.both_dtypes(cases.one_block),
            exact_dtype=True,
            driver="show_result",
        ),
        Aspect(
            "inputs left as they are",
            0.25,
            cases.both_dtypes(cases.to_be_left_alone),
            values=AFTER,
            of_form=True,
        ),
        Aspect(
            "linear time",
            0.25,
            cases.long_text,
            driver="call_watched",
            values=WATCHED,
            of_form=True,
        ),
    ),
)

GLOBAL_BLOCKS = Exercise(
    id="global-blocks",
    answer="windowed_attention_with_globals",
    module="linear_time",
    driver="show_output",
    builds_on=("keys_of_block", "block_mask"),
    returns=("output",),
    aspects=(
        Aspect("no global tokens", 0.25, repeat(2, cases.none_global)),
        Aspect(
            "global keys outside the slice",
            0.25,
            repeat(3, cases.two_global),
            region=cases.rows_apart,
        ),
        Aspect(
            "global keys in the slice", 0.25, repeat(3, cases.two_global), region=cases.rows_beside
        ),
        Aspect("global queries", 0.5, cases.some_global, region=cases.rows_of_globals),
        Aspect(
            "a last block that is shorter",
            0.25,
            cases.quiet(cases.shorter_blocks_with_globals),
            region=cases.neither_first_nor_global,
        ),
        Aspect(
            "scores and scale",
            0.25,
            cases.quiet(cases.widths),
            region=cases.all_but_the_first,
        ),
        Aspect(
            "large scores",
            0.25,
            cases.quiet(repeat(3, cases.large_scores)),
            region=cases.all_but_the_first,
        ),
        Aspect(
            "batch and heads",
            0.25,
            cases.quiet(cases.batches),
            region=cases.all_but_the_first,
            driver="show_batch_of_blocks",
            values=("output", AS_ON_ITS_OWN),
        ),
        Aspect(
            "one array, of the inputs' dtype",
            0.25,
            cases.quiet(cases.both_dtypes(cases.one_block)),
            exact_dtype=True,
            driver="show_result",
        ),
        Aspect(
            "inputs left as they are",
            0.25,
            cases.quiet(cases.both_dtypes(cases.to_be_left_alone)),
            values=(*AFTER, "global_mask after the call"),
            of_form=True,
        ),
        Aspect(
            "linear time",
            0.25,
            cases.long_text_with_globals,
            driver="call_watched",
            values=WATCHED,
            of_form=True,
        ),
    ),
)
