"""The exercises of 03_multi_head."""

from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Exercise

from ..drivers import AS_BATCH, AS_FORWARD, FORM, IS_INT, IS_KEPT, LAYER_ATTRIBUTES, NOT_DRAWN
from . import cases

SPLIT_HEADS = Exercise(
    id="split-heads",
    answer="split_heads",
    module="sliding_window",
    returns=("heads",),
    aspects=(
        Aspect("one sequence", 0.25, cases.square_splits),
        Aspect(
            "a batch",
            0.25,
            repeat(3, cases.to_split(7)),
            values=("heads", "x after the call"),
        ),
        Aspect("several batches, and sizes of 1", 0.25, cases.odd_splits),
        Aspect("dtype", 0.25, cases.dtypes(cases.to_split), exact_dtype=True),
    ),
)

COMBINE_HEADS = Exercise(
    id="combine-heads",
    answer="combine_heads",
    module="sliding_window",
    returns=("x",),
    aspects=(
        Aspect("one sequence", 0.25, cases.square_combinations),
        Aspect("a batch", 0.25, repeat(3, cases.to_combine(7)), values=("x", "x after the call")),
        Aspect("several batches, and sizes of 1", 0.25, cases.odd_combinations),
        Aspect("dtype", 0.25, cases.dtypes(cases.to_combine), exact_dtype=True),
    ),
)

ATTENTION_LAYER = Exercise(
    id="attention-layer",
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer_and_watch",
    builds_on=("split_heads", "combine_heads"),
    returns=("result",),
    aspects=(
        Aspect(
            "attributes and matrices",
            0.25,
            cases.layers_to_describe,
            driver="describe_layer",
            values=(*LAYER_ATTRIBUTES, IS_INT, NOT_DRAWN),
        ),
        Aspect("Q, K, V of each head", 0.5, cases.several_heads_and_one, values=("Q", "K", "V")),
        Aspect("heads combined, W_O", 0.5, repeat(3, cases.layer())),
        Aspect(
            "a single sequence",
            0.25,
            cases.single_sequences,
            driver="compare_with_batch",
            values=tuple(AS_BATCH.values()),
        ),
        Aspect(
            "_create_global_mask",
            0.25,
            cases.global_masks,
            driver="describe_global_mask",
            values=("is None", "is a bool array", "global_mask"),
        ),
        Aspect(
            "window_size and first tokens handed on",
            0.25,
            cases.one_to_three_globals,
            values=("window_size", "global_mask", "causal_globals"),
        ),
        Aspect(
            "a given global_mask",
            0.25,
            cases.masks_given,
            driver="give_a_mask_in_between",
            values=("global_mask", IS_KEPT),
        ),
        Aspect(
            "attention weights",
            0.25,
            cases.for_weights,
            driver="compare_with_forward",
            values=("weights", AS_FORWARD),
        ),
        Aspect(
            "arrays, called as forward, x and global_mask left as they are",
            0.25,
            cases.one_sequence_and_several,
            driver="show_form_of_layer",
            values=(*FORM, "x after the call", "global_mask after the call"),
            of_form=True,
        ),
        Aspect("bad input", 0.25, cases.layers_to_check, driver="try_layer"),
    ),
)

END_TO_END = Exercise(
    id="end-to-end",
    answered_in="attention",
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer_as_a_whole",
    builds_on=("SlidingWindowAttention",),
    returns=("result",),
    aspects=(
        Aspect("window only", 0.25, cases.with_or_without_batch),
        Aspect("with global tokens", 0.25, cases.with_global_tokens),
        Aspect("scale", 0.25, repeat(3, cases.wide_window)),
        Aspect("large scores", 0.25, repeat(3, cases.large_scores)),
    ),
)
