"""The exercises of 01_rolling_cache."""

import numpy as np

from grading.judging.draws import again, repeat
from grading.judging.exercise import Aspect, Exercise

from ..drivers import SURPLUS
from . import cases

BUFFERS = ("keys after the call", "values after the call")

SLOT_POSITIONS = Exercise(
    id="slot-positions",
    answer="slot_positions",
    module="rolling_cache",
    returns=("slots",),
    aspects=(
        Aspect("written over", 0.5, repeat(3, cases.wrapped)),
        Aspect("not yet full", 0.25, repeat(3, cases.not_yet_full)),
        Aspect("exactly full", 0.25, repeat(3, cases.exactly_full)),
    ),
)

STORE_TOKEN = Exercise(
    id="store-token",
    answer="store",
    module="rolling_cache",
    returns=("result",),
    aspects=(
        Aspect("the first lap", 0.25, repeat(3, cases.to_store(lap=0)), values=BUFFERS),
        Aspect("later laps", 0.5, repeat(3, cases.to_store(lap=3)), values=BUFFERS),
        Aspect(
            "batch and heads", 0.25, repeat(3, cases.to_store(lap=0, batch=(2, 3))), values=BUFFERS
        ),
    ),
)

CACHE_ATTENTION = Exercise(
    id="cache-attention",
    answer="attend_to_cache",
    module="rolling_cache",
    returns=("output",),
    aspects=(
        Aspect("a full cache", 0.5, repeat(3, cases.cached(cases.wrapped, spread=0.0))),
        Aspect(
            "a cache not yet full", 0.5, repeat(3, cases.cached(cases.not_yet_full, spread=0.0))
        ),
        Aspect("scale", 0.25, repeat(3, cases.cached(d_k=9))),
        Aspect("large scores", 0.25, repeat(3, cases.cached(spread=cases.LARGE))),
        Aspect("batch and heads", 0.25, repeat(3, cases.cached(batch=(2, 3)))),
        Aspect("dtype", 0.25, repeat(3, cases.cached(dtype=np.float32)), exact_dtype=True),
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
        Aspect("one token at a time", 0.75, repeat(3, cases.one_by_one(d_k=4))),
        Aspect("chunks of any length", 0.5, repeat(3, cases.in_chunks)),
        Aspect(
            "global tokens",
            0.5,
            again(cases.with_global_tokens, cases.as_many_global_tokens),
        ),
        Aspect(
            "memory",
            0.5,
            again(cases.one_by_one(d_k=128, laps=3), cases.equal_values_with_global_tokens),
            driver="run_cache_watched",
            values=("output", SURPLUS),
        ),
        Aspect("batch and heads", 0.25, repeat(3, cases.one_by_one(batch=(2, 3), laps=0))),
        Aspect(
            "dtype",
            0.25,
            repeat(3, cases.one_by_one(dtype=np.float32, laps=0)),
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.caches_to_check),
    ),
)
