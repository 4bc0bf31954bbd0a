"""The exercises of 03_longformer."""

from grading.judging.draws import again, repeat
from grading.judging.exercise import Aspect, Exercise

from ..drivers import IS_ARRAY, LONGFORMER_SHOWN, NOT_NEW
from . import cases

FLAGS = ("is_global after the call", "is_padding after the call")

TWO_SIDED_MASK = Exercise(
    id="two-sided-mask",
    answer="two_sided_mask",
    module="longformer",
    returns=("mask",),
    aspects=(
        Aspect("the window", 0.5, cases.windows),
        Aspect(
            "global tokens",
            0.25,
            repeat(3, cases.pattern(globals_too=True)),
            region=cases.sure_of_globals,
        ),
        Aspect(
            "padding",
            0.25,
            cases.patterns_with_padding,
            region=cases.sure_of_padding,
        ),
        Aspect(
            "padding and global tokens",
            0.25,
            repeat(3, cases.pattern(globals_too=True, padding=True)),
            region=cases.sure_of_padding,
        ),
        Aspect(
            "dtype", 0.25, repeat(3, cases.pattern()), exact_dtype=True, driver="show_one_entry"
        ),
        Aspect(
            "flags left as they are",
            0.25,
            repeat(3, cases.pattern(globals_too=True, padding=True)),
            values=FLAGS,
            of_form=True,
        ),
        Aspect("bad input", 0.25, cases.windows_to_check),
    ),
)

LOCAL_ROWS = Exercise(
    id="local-rows",
    answer="local_rows",
    module="longformer",
    driver="show_output",
    returns=("output",),
    aspects=(
        Aspect("scores, scale and mask", 0.25, cases.widths(cases.masked)),
        Aspect(
            "queries without a key",
            0.25,
            cases.without_key,
            values=("output", "V after the call", "mask after the call"),
        ),
        Aspect("large scores", 0.25, cases.large_scores),
        Aspect(
            "heads, and inputs left as they are",
            0.25,
            cases.heads,
            driver="show_whether_array",
            values=(
                "output",
                IS_ARRAY,
                *(f"{name} after the call" for name in ("Q", "K", "V", "mask")),
            ),
        ),
    ),
)

GLOBAL_ROWS = Exercise(
    id="global-rows",
    answer="global_rows",
    module="longformer",
    driver="show_output",
    builds_on=("local_rows",),
    returns=("output",),
    aspects=(
        Aspect("global rows", 0.25, repeat(3, cases.to_overwrite()), region=cases.rows_of_globals),
        Aspect("other rows", 0.25, cases.others, region=cases.rows_of_locals),
        Aspect(
            "padding is not seen",
            0.25,
            repeat(5, cases.beside_padding),
            region=cases.rows_of_globals,
        ),
        Aspect(
            "padding is not global",
            0.25,
            repeat(3, cases.to_overwrite(padding=True, also=True)),
            region=cases.rows_of_padding,
        ),
        Aspect("scores and scale", 0.25, cases.widths(cases.all_global)),
        Aspect("large scores", 0.25, cases.large_global_scores, region=cases.rows_of_globals),
        Aspect("heads", 0.25, cases.global_heads),
        Aspect(
            "a new array, and inputs left as they are",
            0.25,
            cases.to_be_left_alone,
            driver="show_new",
            values=(
                NOT_NEW,
                IS_ARRAY,
                *(f"{n} after the call" for n in ("local", "Q_global", "K_global", "V_global")),
                *FLAGS,
            ),
            of_form=True,
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
            "weights and biases",
            0.25,
            again(cases.layer_sizes, cases.layer_sizes),
            driver="describe_longformer",
            values=LONGFORMER_SHOWN,
        ),
        Aspect(
            "who sees whom",
            0.25,
            again(
                cases.layer(num_heads=2, wide=False, globals_too=True),
                cases.layer(num_heads=3, wide=False),
            ),
            driver="run_longformer_again",
        ),
        Aspect("biases, scale and large scores", 0.25, cases.scores),
        Aspect("global tokens", 0.25, repeat(3, cases.layer(two_sets=True, globals_too=True))),
        Aspect("padding", 0.25, cases.with_padding, region=cases.of_padding_if_biased),
        Aspect(
            "a batch",
            0.25,
            cases.batches,
            driver="run_longformer_batch",
            values=("result", IS_ARRAY),
        ),
        Aspect(
            "bad input",
            0.25,
            cases.layers_to_check,
            driver="make_longformer",
            values=("made",),
        ),
        Aspect(
            "x and flags left as they are",
            0.25,
            repeat(2, cases.layer(num_heads=2, globals_too=True, padding=True)),
            values=(IS_ARRAY, "x after the call", *FLAGS),
            of_form=True,
        ),
    ),
)
