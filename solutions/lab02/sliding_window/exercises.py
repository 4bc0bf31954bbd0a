"""The exercises of 01_sliding_window."""

from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Exercise

from . import cases

WINDOW_MASK = Exercise(
    id="window-mask",
    answer="create_sliding_window_mask",
    module="sliding_window",
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
        Aspect("dtype", 0.25, cases.masks_of_a_kind, exact_dtype=True),
        Aspect("bad input", 0.25, cases.sizes_to_check),
    ),
)

MASKED_ATTENTION = Exercise(
    id="masked-attention",
    answer="masked_attention",
    module="building_blocks",
    returns=("output", "weights"),
    aspects=(
        Aspect("blocked keys", 0.75, cases.equal_scores),
        Aspect("blocked keys, whatever the scores", 0.25, cases.low_open_scores),
        Aspect("softmax", 0.5, cases.best_keys, values=("weights",), driver="show_weights"),
        Aspect("scale", 0.5, cases.scores_to_scale, values=("weights",), driver="show_weights"),
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
            values=tuple(f"{name} after the call" for name in ("Q", "K", "V", "mask")),
            of_form=True,
            driver="show_what_comes_back",
        ),
    ),
)

ATTENDED_PAIRS = Exercise(
    id="attended-pairs",
    answer="attended_pairs",
    module="building_blocks",
    returns=("pairs",),
    aspects=(
        Aspect("a window inside the sequence", 0.5, cases.counts_inside),
        Aspect("a window wider than the sequence", 0.25, cases.counts_wider),
        Aspect("an int", 0.25, repeat(2, cases.window_inside), exact_dtype=True),
    ),
)

RECEPTIVE_FIELD = Exercise(
    id="receptive-field",
    answer="receptive_field",
    module="building_blocks",
    returns=("positions",),
    aspects=(
        Aspect("several layers", 0.5, cases.several_layers),
        Aspect("one layer", 0.25, cases.one_layer),
        Aspect("an int", 0.25, cases.several_layers, exact_dtype=True),
    ),
)
