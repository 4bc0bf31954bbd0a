"""The exercises of 02_cost_and_reach."""

from grading.judging.exercise import Aspect, Exercise

from . import cases

SPARSE_SCORES = Exercise(
    id="sparse-scores",
    answer="apply_sparse_mask",
    module="cost_and_reach",
    returns=("scores",),
    aspects=(
        Aspect("blocked scores", 0.75, cases.scores_of_one_text, region=cases.is_blocked),
        Aspect(
            "open scores",
            0.5,
            cases.scores_with_extremes,
            values=("scores", "some are blocked", "open scores as they were"),
            region=cases.is_open,
            driver="show_open",
        ),
        Aspect("batch and heads", 0.5, cases.batches, driver="show_batch"),
        Aspect("dtype", 0.5, cases.all_dtypes, exact_dtype=True),
        Aspect(
            "inputs unchanged",
            0.5,
            cases.inputs_to_keep,
            values=("attention_scores after the call", "mask after the call", "a new array"),
            of_form=True,
            driver="show_what_is_left",
        ),
        Aspect("bad input", 0.25, cases.masks_to_check),
    ),
)

MASK_PICTURE = Exercise(
    id="mask-picture",
    answer="visualize_mask_pattern",
    module="cost_and_reach",
    returns=("picture",),
    aspects=(
        Aspect("the signs", 1.0, cases.masks, values=("signs",), driver="show_signs"),
        Aspect("the spaces", 0.5, cases.masks, values=("layout",), driver="show_layout"),
        Aspect(
            "no newline at the end",
            0.25,
            cases.masks,
            values=("newlines at the end",),
            of_form=True,
            driver="show_end",
        ),
        Aspect("a text", 0.25, cases.masks_at_the_ends, exact_dtype=True),
    ),
)

SPARSITY = Exercise(
    id="sparsity",
    answer="compute_sparsity",
    module="cost_and_reach",
    returns=("sparsity",),
    aspects=(
        Aspect("the share", 1.0, cases.shares),
        Aspect("nothing or everything blocked", 0.5, cases.masks_at_the_ends),
        Aspect("a float", 0.5, cases.all_shares, exact_dtype=True),
    ),
)

STRIDED_PAIRS = Exercise(
    id="strided-pairs",
    answer="strided_pairs",
    module="cost_and_reach",
    returns=("pairs",),
    aspects=(
        Aspect("strides that divide the length", 1.0, cases.strides_that_divide),
        Aspect("other strides", 0.5, cases.other_strides),
        Aspect("long strides", 0.25, cases.long_strides),
        Aspect("an int", 0.25, cases.other_strides, exact_dtype=True),
    ),
)

LAYERS_NEEDED = Exercise(
    id="layers-needed",
    answer="layers_needed",
    module="cost_and_reach",
    returns=("layers",),
    aspects=(
        Aspect("several layers", 1.0, cases.several_layers),
        Aspect(
            "one layer", 0.25, cases.one_layer, values=("one layer",), driver="show_whether_one"
        ),
        Aspect("never", 0.5, cases.never, values=("never",), driver="show_whether_never"),
        Aspect("an int", 0.25, cases.one_layer_and_several, exact_dtype=True),
    ),
)
