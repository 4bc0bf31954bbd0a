"""The exercises of 01_patterns."""

from grading.judging.exercise import Aspect, Exercise

from . import cases

CAUSAL_MASK = Exercise(
    id="causal-mask",
    answer="create_causal_mask",
    module="patterns",
    returns=("mask",),
    aspects=(
        Aspect("the past and the future", 0.5, cases.lengths),
        Aspect("dtype", 0.25, cases.lengths_of_a_kind, exact_dtype=True),
        Aspect("bad input", 0.25, cases.lengths_to_check),
    ),
)

LOCAL_MASK = Exercise(
    id="local-mask",
    answer="create_local_mask",
    module="patterns",
    returns=("mask",),
    aspects=(
        Aspect("the window", 1.0, cases.windows_inside, region=cases.full_rows),
        Aspect(
            "the start",
            0.25,
            cases.windows_at_the_start,
            region=cases.clipped_rows,
            driver="show_blocked",
        ),
        Aspect(
            "a window wider than the sequence", 0.25, cases.windows_wider, driver="show_blocked"
        ),
        Aspect("dtype", 0.25, cases.windows_of_a_kind, exact_dtype=True),
        Aspect("bad input", 0.25, cases.windows_to_check),
    ),
)

STRIDED_MASK = Exercise(
    id="strided-mask",
    answer="create_strided_mask",
    module="patterns",
    returns=("mask",),
    aspects=(
        Aspect("the stride", 1.25, cases.strides_inside),
        Aspect(
            "the shortest and long strides", 0.25, cases.strides_at_the_ends, driver="show_blocked"
        ),
        Aspect("dtype", 0.25, cases.strides_of_a_kind, exact_dtype=True),
        Aspect("bad input", 0.25, cases.strides_to_check),
    ),
)

OWN_BLOCK_MASK = Exercise(
    id="own-block-mask",
    answer="create_block_mask",
    module="patterns",
    returns=("mask",),
    aspects=(
        Aspect("the blocks", 1.0, cases.blocks_that_fit),
        Aspect("a shorter last block", 0.5, cases.a_shorter_last_block, driver="show_blocked"),
        Aspect("dtype", 0.25, cases.blocks_of_a_kind, exact_dtype=True),
        Aspect("bad input", 0.25, cases.blocks_to_check),
    ),
)

COMBINED_MASK = Exercise(
    id="combined-mask",
    answer="create_combined_mask",
    module="patterns",
    returns=("mask",),
    builds_on=("create_local_mask", "create_strided_mask"),
    aspects=(
        Aspect("near and far keys", 1.25, cases.both_inside),
        Aspect("one of the two alone", 0.25, cases.both_at_the_ends, driver="show_blocked"),
        Aspect("dtype", 0.25, cases.both_of_a_kind, exact_dtype=True),
        Aspect("bad input", 0.25, cases.both_to_check),
    ),
)
