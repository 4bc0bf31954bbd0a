"""The exercises of 01_rolling_cache."""

import numpy as np

from grading import probe
from grading.cases import rolling_cache as cases
from grading.cases.draws import again, repeat
from grading.exercise import Aspect, Exercise, Notebook

NOTEBOOK = Notebook("lab02_bonus", "01_rolling_cache")
BUFFERS = ("keys after the call", "values after the call")

SLOT_POSITIONS = Exercise(
    id="slot-positions",
    notebook=NOTEBOOK,
    answer="slot_positions",
    module="rolling_cache_blocks",
    returns=("slots",),
    aspects=(
        Aspect("written over", 0.5, repeat(cases.wrapped)),
        Aspect("not yet full", 0.25, repeat(cases.not_yet_full)),
        Aspect("exactly full", 0.25, repeat(cases.exactly_full)),
    ),
)

STORE_TOKEN = Exercise(
    id="store-token",
    notebook=NOTEBOOK,
    answer="store",
    module="rolling_cache_blocks",
    returns=("result",),
    aspects=(
        Aspect("the first lap", 0.25, repeat(cases.to_store(lap=0)), values=BUFFERS),
        Aspect("later laps", 0.5, repeat(cases.to_store(lap=3)), values=BUFFERS),
        Aspect(
            "batch and heads", 0.25, repeat(cases.to_store(lap=0, batch=(2, 3))), values=BUFFERS
        ),
    ),
)

CACHE_ATTENTION = Exercise(
    id="cache-attention",
    notebook=NOTEBOOK,
    answer="attend_to_cache",
    module="rolling_cache_blocks",
    returns=("output",),
    aspects=(
        Aspect("a full cache", 0.5, repeat(cases.cached(cases.wrapped, spread=0.0))),
        Aspect("a cache not yet full", 0.5, repeat(cases.cached(cases.not_yet_full, spread=0.0))),
        Aspect("scale", 0.25, repeat(cases.cached(d_k=9))),
        Aspect("large scores", 0.25, repeat(cases.cached(spread=cases.LARGE))),
        Aspect("batch and heads", 0.25, repeat(cases.cached(batch=(2, 3)))),
        Aspect("dtype", 0.25, repeat(cases.cached(dtype=np.float32)), exact_dtype=True),
    ),
)

ROLLING_CACHE = Exercise(
    id="rolling-cache",
    notebook=NOTEBOOK,
    answer="RollingCache",
    module="rolling_cache_blocks",
    driver="run_cache",
    returns=("output",),
    aspects=(
        Aspect("one token at a time", 0.75, repeat(cases.one_by_one(d_k=4))),
        Aspect("chunks of any length", 0.5, repeat(cases.in_chunks)),
        Aspect(
            "global tokens",
            0.5,
            again(cases.with_global_tokens, cases.as_many_global_tokens),
        ),
        Aspect(
            "memory",
            0.5,
            again(cases.one_by_one(laps=3), cases.equal_values_with_global_tokens),
            values=("output", probe.SURPLUS),
        ),
        Aspect("batch and heads", 0.25, repeat(cases.one_by_one(batch=(2, 3), laps=0))),
        Aspect(
            "dtype",
            0.25,
            repeat(cases.one_by_one(dtype=np.float32, laps=0)),
            exact_dtype=True,
        ),
        Aspect("bad input", 0.25, cases.caches_to_check),
    ),
)

EXERCISES = (SLOT_POSITIONS, STORE_TOKEN, CACHE_ATTENTION, ROLLING_CACHE)
