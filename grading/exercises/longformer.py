"""The exercises of 03_longformer."""

from grading import probe
from grading.cases import longformer as cases
from grading.cases.draws import again, repeat
from grading.exercise import Aspect, Exercise, Notebook

NOTEBOOK = Notebook("lab02_bonus", "03_longformer")

TWO_SIDED_MASK = Exercise(
    id="two-sided-mask",
    notebook=NOTEBOOK,
    answer="two_sided_mask",
    module="longformer_blocks",
    returns=("mask",),
    aspects=(
        Aspect("the window", 0.5, repeat(cases.pattern())),
        Aspect(
            "global tokens",
            0.5,
            repeat(cases.pattern(globals_too=True)),
            region=cases.sure_of_globals,
        ),
        Aspect(
            "padding",
            0.5,
            repeat(cases.pattern(globals_too=True, padding=True)),
            region=cases.sure_of_padding,
        ),
        Aspect("dtype", 0.25, repeat(cases.pattern()), region=cases.sure, exact_dtype=True),
        Aspect("bad input", 0.25, cases.windows_to_check),
    ),
)

LOCAL_ROWS = Exercise(
    id="local-rows",
    notebook=NOTEBOOK,
    answer="local_rows",
    module="longformer_blocks",
    returns=("output",),
    aspects=(
        Aspect("under the mask", 0.25, repeat(cases.masked(d_k=4))),
        Aspect("queries without a key", 0.25, repeat(cases.masked(without_key=True))),
        Aspect("large scores", 0.25, repeat(cases.masked(spread=cases.LARGE))),
        Aspect("heads", 0.25, repeat(cases.masked(batch=(2, 3)))),
    ),
)

GLOBAL_ROWS = Exercise(
    id="global-rows",
    notebook=NOTEBOOK,
    answer="global_rows",
    module="longformer_blocks",
    returns=("output",),
    aspects=(
        Aspect("global rows", 0.5, repeat(cases.to_overwrite(d_k=4)), region=cases.rows_of_globals),
        Aspect("other rows", 0.5, repeat(cases.to_overwrite(d_k=4)), region=cases.other_rows),
        Aspect("padding", 0.5, repeat(cases.to_overwrite(padding=True))),
        Aspect("heads", 0.25, repeat(cases.to_overwrite(batch=(2, 3)))),
        Aspect(
            "given outputs unchanged",
            0.25,
            repeat(cases.to_overwrite()),
            values=("output", "local after the call"),
        ),
    ),
)

LONGFORMER_LAYER = Exercise(
    id="longformer-layer",
    notebook=NOTEBOOK,
    answer="LongformerSelfAttention",
    module="longformer_blocks",
    driver="run_longformer",
    returns=("result",),
    aspects=(
        Aspect(
            "shapes of weights and biases",
            0.25,
            repeat(cases.layer_sizes),
            driver="describe_longformer",
            values=probe.LONGFORMER_WEIGHTS,
        ),
        Aspect("local tokens", 0.25, again(cases.layer(), cases.layer())),
        Aspect("biases", 0.25, repeat(cases.layer(biases=("Q", "K", "V")))),
        Aspect(
            "global tokens",
            0.5,
            repeat(cases.layer(globals_too=True, biases=("Q_global", "K_global", "V_global"))),
        ),
        Aspect("padding", 0.25, repeat(cases.layer(padding=True))),
        Aspect("a batch", 0.25, repeat(cases.layer(globals_too=True, padding=True, texts=2))),
        Aspect(
            "bad input",
            0.25,
            cases.layers_to_check,
            driver="describe_longformer",
            values=probe.LONGFORMER_WEIGHTS,
        ),
    ),
)

EXERCISES = (TWO_SIDED_MASK, LOCAL_ROWS, GLOBAL_ROWS, LONGFORMER_LAYER)
