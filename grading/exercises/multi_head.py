"""The exercises of 03_multi_head."""

from grading import probe
from grading.cases import multi_head as cases
from grading.cases.draws import again, repeat
from grading.exercise import Aspect, Exercise, Notebook

NOTEBOOK = Notebook("lab02", "03_multi_head")

SPLIT_HEADS = Exercise(
    id="split-heads",
    notebook=NOTEBOOK,
    answer="split_heads",
    returns=("heads",),
    aspects=(
        Aspect("one sequence", 0.5, repeat(cases.to_split())),
        Aspect("a batch", 0.5, repeat(cases.to_split(3))),
    ),
)

COMBINE_HEADS = Exercise(
    id="combine-heads",
    notebook=NOTEBOOK,
    answer="combine_heads",
    returns=("x",),
    aspects=(
        Aspect("one sequence", 0.5, repeat(cases.to_combine())),
        Aspect("a batch", 0.5, repeat(cases.to_combine(3))),
    ),
)

ATTENTION_LAYER = Exercise(
    id="attention-layer",
    notebook=NOTEBOOK,
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer_with_stand_in",
    returns=("result",),
    aspects=(
        Aspect(
            "attributes and shapes of weights",
            0.5,
            repeat(cases.layer_sizes),
            driver="describe_layer",
            values=probe.LAYER_ATTRIBUTES,
        ),
        Aspect(
            "Q, K, V of each head",
            0.5,
            again(cases.layer(), cases.layer()),
            values=("Q", "K", "V"),
        ),
        Aspect("heads combined, W_O", 0.5, repeat(cases.layer())),
        Aspect("a single sequence", 0.25, repeat(cases.layer(batch=False))),
        Aspect(
            "first tokens global",
            0.5,
            cases.one_to_three_globals,
            values=("global_mask", "window_size"),
        ),
        Aspect(
            "a given global_mask",
            0.25,
            repeat(cases.layer(first_tokens=True, mask_given=True)),
            values=("global_mask",),
        ),
        Aspect(
            "attention weights",
            0.25,
            repeat(cases.layer(method="get_attention_weights")),
            values=("weights",),
        ),
        Aspect("bad input", 0.25, cases.layers_to_check),
    ),
)

END_TO_END = Exercise(
    id="end-to-end",
    notebook=NOTEBOOK,
    answer="SlidingWindowAttention",
    module="sliding_window",
    driver="run_layer",
    returns=("result",),
    aspects=(
        Aspect("window only", 0.5, repeat(cases.layer())),
        Aspect("with global tokens", 0.5, repeat(cases.layer(first_tokens=True))),
    ),
)

EXERCISES = (SPLIT_HEADS, COMBINE_HEADS, ATTENTION_LAYER, END_TO_END)
