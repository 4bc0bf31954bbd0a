"""The exercises of 01_rolling_cache."""

from grading.judging.exercise import Aspect, Exercise

from ..drivers import AS_ON_ITS_OWN, CHANGED, SURPLUS
from . import cases

BUFFERS = ("keys after the call", "values after the call")
TOKEN = ("key after the call", "value after the call")

SLOT_POSITIONS = Exercise(
    id="slot-positions",
    answer="slot_positions",
    module="rolling_cache",
    returns=("slots",),
    aspects=(
        Aspect("written over", 0.5, cases.written_over),
        Aspect("not yet written over", 0.25, cases.partly_filled),
        Aspect("an array of int", 0.25, cases.written_over, exact_dtype=True),
    ),
)

STORE_TOKEN = Exercise(
    id="store-token",
    answer="store",
    module="rolling_cache",
    returns=("result",),
    aspects=(
        Aspect("the first lap", 0.25, cases.in_the_first_lap, values=BUFFERS),
        Aspect("later laps", 0.5, cases.far_into_the_text, values=(*BUFFERS, *TOKEN)),
        Aspect("batch and heads", 0.25, cases.in_batches, values=BUFFERS),
    ),
)

CACHE_ATTENTION = Exercise(
    id="cache-attention",
    answer="attend_to_cache",
    module="rolling_cache",
    returns=("output",),
    aspects=(
        Aspect("a full cache", 0.25, cases.full_caches),
        Aspect("a cache not yet full", 0.5, cases.caches_not_yet_full),
        Aspect("scale", 0.25, cases.scaled),
        Aspect("large scores", 0.25, cases.large),
        Aspect(
            "batch and heads",
            0.25,
            cases.batches,
            values=("output", AS_ON_ITS_OWN),
            driver="show_entries",
        ),
        Aspect("dtype", 0.25, cases.dtypes, exact_dtype=True),
        Aspect(
            "inputs left as they are",
            0.25,
            cases.left_alone,
            values=("query after the call", *BUFFERS),
            of_form=True,
        ),
    ),
)

ROLLING_CACHE = Exercise(
    id="rolling-cache",
    answer="RollingCache",
    module="rolling_cache",
    driver="run_cache",
    builds_on=("store", "attend_to_cache"),
    returns=("output",),
    aspects=(
        Aspect("one token at a time", 0.5, cases.single_tokens, driver="run_cache_beside_another"),
        Aspect("chunks of any length", 0.5, cases.in_chunks),
        Aspect("a global token kept", 0.25, cases.first_token_kept),
        Aspect("global tokens once, beside the window", 0.25, cases.global_tokens),
        Aspect(
            "memory",
            0.5,
            cases.long_texts,
            driver="run_cache_watched",
            values=(SURPLUS,),
            of_form=True,
        ),
        Aspect("scale, and large scores", 0.25, cases.scores, values=("output", CHANGED)),
        Aspect(
            "batch and heads",
            0.25,
            cases.in_batches_of_texts,
            values=("output", AS_ON_ITS_OWN),
            driver="run_cache_of_batch",
        ),
        Aspect("dtype", 0.25, cases.texts_of_dtypes, exact_dtype=True),
        Aspect("bad input", 0.25, cases.caches_to_check),
    ),
)
