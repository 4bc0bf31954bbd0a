"""The exercises of 02_global_tokens."""

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
        Aspect("the window, without globals", 0.5, window.windows_inside),
        Aspect(
            "global rows",
            0.75,
            again(cases.with_globals(3, 4), cases.with_globals(5)),
            region=cases.global_rows,
            driver="show_blocked",
        ),
        Aspect(
            "global columns",
            0.75,
            repeat(3, cases.with_globals(3, 4, 5)),
            region=cases.global_columns,
            driver="show_blocked",
        ),
        Aspect("window and globals together", 0.25, cases.globals_anywhere),
        Aspect(
            "positions in any form",
            0.25,
            cases.positions_in_any_form,
            values=("the same mask for a list", "global_positions after the call"),
            of_form=True,
            driver="show_both_forms",
        ),
        Aspect("dtype", 0.25, window.masks_of_a_kind, exact_dtype=True),
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
        Aspect("pictures without globals", 0.25, cases.pictures_without_globals),
        Aspect("pictures with globals", 0.5, cases.pictures_with_globals),
        Aspect("an int", 0.25, cases.inner_pictures, exact_dtype=True),
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
        Aspect("the window", 0.25, cases.the_window_alone),
        Aspect(
            "global tokens",
            0.25,
            cases.global_tokens,
            values=("weights",),
            driver="show_weights",
        ),
        Aspect(
            "scale",
            0.25,
            cases.scores_to_scale,
            values=("weights",),
            region=cases.the_last_query,
            driver="show_weights_without_mask",
        ),
        Aspect(
            "large scores", 0.25, cases.large_scores, values=("weights",), driver="show_weights"
        ),
        Aspect(
            "batch and heads",
            0.25,
            cases.batches,
            values=("output", "weights", "each sequence as on its own"),
            driver="show_batch",
        ),
        Aspect("dtype", 0.25, cases.both_dtypes, exact_dtype=True),
        Aspect(
            "inputs unchanged",
            0.25,
            cases.inputs_to_keep,
            values=tuple(f"{name} after the call" for name in ("Q", "K", "V", "global_mask")),
            of_form=True,
            driver="show_what_comes_back",
        ),
        Aspect(
            "bad input",
            0.25,
            cases.global_masks_to_check,
            values=("weights",),
            driver="show_weights",
        ),
    ),
)

BLOCK_FUTURE = Exercise(
    id="block-future",
    answer="block_future",
    module="sliding_window",
    by_name=("causal_globals",),
    builds_on=("create_sliding_window_mask",),
    returns=("mask",),
    aspects=(
        Aspect("the future", 0.25, cases.masks, region=cases.the_future),
        Aspect("the past and the present", 0.25, cases.masks, region=cases.the_past_and_present),
        Aspect(
            "a new bool array",
            0.25,
            cases.masks,
            values=("an array", "of bools", "a new one", "mask after the call"),
            of_form=True,
            driver="show_form",
        ),
        Aspect(
            "in your attention",
            0.25,
            cases.causal_attention,
            values=("weights",),
            region=cases.the_future_of_weights,
            of_form=True,  # worth nothing beside a block_future that does nothing
            driver="show_weights_beside",
        ),
    ),
)
