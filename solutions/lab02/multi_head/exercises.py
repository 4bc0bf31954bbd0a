"""The exercises of 03_multi_head."""

from grading.judging.draws import again, repeat
from grading.judging.exercise import Aspect, Exercise

from ..drivers import LAYER_ATTRIBUTES
from . import cases

SPLIT_HEADS = Exercise(
    id="split-heads",
    answer="split_heads",
    module="sliding_window",
    returns=("heads",),
    aspects=(
        Aspect("one sequence", 0.5, repeat(3, cases.to_split())),
        Aspect("a batch", 0.5, repeat(3, cases.to_split(3))),
    ),
)

COMBINE_HEADS = Exercise(
    id="combine-heads",
    answer="combine_heads",
    module="sliding_window",
    returns=("x",),
    aspects=(
        Aspect("one sequence", 0.5, repeat(3, cases.to_combine())),
        Aspect("a batch", 0.5, repeat(3, cases.to_combine(3))),
    ),
)

ATTENTION_LAYER = Exercise(
    id="attention-layer",
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer_and_watch",
    builds_on=("sliding_window_attention", "split_heads", "combine_heads"),
    returns=("result",),
    aspects=(
        Aspect(
            "attributes and shapes of weights",
            0.5,
            repeat(3, cases.layer_sizes),
            driver="describe_layer",
            values=LAYER_ATTRIBUTES,
        ),
        Aspect(
            "Q, K, V of each head",
            0.5,
            again(cases.layer(), cases.layer()),
            values=("Q", "K", "V"),
        ),
        Aspect("heads combined, W_O", 0.5, repeat(3, cases.layer())),
        Aspect("a single sequence", 0.25, repeat(3, cases.layer(batch=False))),
        Aspect(
            "first tokens global",
            0.5,
            cases.one_to_three_globals,
            values=("global_mask", "window_size"),
        ),
        Aspect(
            "a given global_mask",
            0.25,
            repeat(3, cases.layer(first_tokens=True, mask_given=True)),
            values=("global_mask",),
        ),
        Aspect(
            "attention weights",
            0.25,
            repeat(3, cases.layer(method="get_attention_weights")),
            values=("weights",),
        ),
        Aspect("bad input", 0.25, cases.layers_to_check),
    ),
)

END_TO_END = Exercise(
    id="end-to-end",
    answered_in="attention-layer",
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer_as_a_whole",
    builds_on=("SlidingWindowAttention",),
    returns=("result",),
    aspects=(
        Aspect("window only", 0.5, repeat(3, cases.layer())),
        Aspect("with global tokens", 0.5, repeat(3, cases.layer(first_tokens=True))),
    ),
)
