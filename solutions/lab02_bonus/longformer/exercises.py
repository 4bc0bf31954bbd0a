"""The exercises of 03_longformer."""

from grading.judging.draws import again, repeat
from grading.judging.exercise import Aspect, Exercise

from ..drivers import LONGFORMER_WEIGHTS
from . import cases

TWO_SIDED_MASK = Exercise(
    id="two-sided-mask",
    answer="two_sided_mask",
    module="longformer",
    returns=("mask",),
    aspects=(
        Aspect("the window", 0.5, repeat(3, cases.pattern())),
        Aspect(
            "global tokens",
            0.5,
            repeat(3, cases.pattern(globals_too=True)),
            region=cases.sure_of_globals,
        ),
        Aspect(
            "padding",
            0.5,
            repeat(3, cases.pattern(globals_too=True, padding=True)),
            region=cases.sure_of_padding,
        ),
        Aspect("dtype", 0.25, repeat(3, cases.pattern()), region=cases.sure, exact_dtype=True),
        Aspect("bad input", 0.25, cases.windows_to_check),
    ),
)

LOCAL_ROWS = Exercise(
    id="local-rows",
    answer="local_rows",
    module="longformer",
    returns=("output",),
    aspects=(
        Aspect("under the mask", 0.25, repeat(3, cases.masked(d_k=4))),
        Aspect("queries without a key", 0.25, repeat(3, cases.masked(without_key=True))),
        Aspect("large scores", 0.25, repeat(3, cases.masked(spread=cases.LARGE))),
        Aspect("heads", 0.25, repeat(3, cases.masked(batch=(2, 3)))),
    ),
)

GLOBAL_ROWS = Exercise(
    id="global-rows",
    answer="global_rows",
    module="longformer",
    builds_on=("local_rows",),
    returns=("output",),
    aspects=(
        Aspect(
            "global rows", 0.5, repeat(3, cases.to_overwrite(d_k=4)), region=cases.rows_of_globals
        ),
        Aspect("other rows", 0.5, repeat(3, cases.to_overwrite(d_k=4)), region=cases.other_rows),
        Aspect("padding", 0.5, repeat(3, cases.to_overwrite(padding=True))),
        Aspect("heads", 0.25, repeat(3, cases.to_overwrite(batch=(2, 3)))),
        Aspect(
            "given outputs unchanged",
            0.25,
            repeat(3, cases.to_overwrite()),
            values=("output", "local after the call"),
        ),
    ),
)

LONGFORMER_LAYER = Exercise(
    id="longformer-layer",
    answer="LongformerSelfAttention",
    module="longformer",
    driver="run_longformer",
    builds_on=("two_sided_mask", "local_rows", "global_rows"),
    returns=("result",),
    aspects=(
        Aspect(
            "shapes of weights and biases",
            0.25,
            repeat(3, cases.layer_sizes),
            driver="describe_longformer",
            values=LONGFORMER_WEIGHTS,
        ),
        Aspect("local tokens", 0.25, again(cases.layer(), cases.layer())),
        Aspect("biases", 0.25, repeat(3, cases.layer(biases=("Q", "K", "V")))),
        Aspect(
            "global tokens",
            0.5,
            repeat(3, cases.layer(globals_too=True, biases=("Q_global", "K_global", "V_global"))),
        ),
        Aspect("padding", 0.25, repeat(3, cases.layer(padding=True))),
        Aspect("a batch", 0.25, repeat(3, cases.layer(globals_too=True, padding=True, texts=2))),
        Aspect(
            "bad input",
            0.25,
            cases.layers_to_check,
            driver="describe_longformer",
            values=LONGFORMER_WEIGHTS,
        ),
    ),
)
