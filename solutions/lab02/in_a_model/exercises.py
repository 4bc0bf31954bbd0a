"""The exercises of 04_in_a_model."""

from grading.judging.exercise import Aspect, Exercise

from . import cases

BITS_PER_TOKEN = Exercise(
    id="bits-per-token",
    answer="bits_per_token",
    module="in_a_model",
    returns=("bits",),
    aspects=(
        Aspect("the cost", 1.0, cases.texts),
        Aspect("large scores", 0.25, cases.large_scores),
        Aspect("unlikely tokens", 0.25, cases.unlikely_tokens),
        Aspect("a float", 0.25, cases.texts_of_both_dtypes, exact_dtype=True),
        Aspect(
            "inputs unchanged",
            0.25,
            cases.texts_of_both_dtypes,
            values=("logits after the call", "tokens after the call"),
            of_form=True,
            driver="show_what_comes_back",
        ),
    ),
)

CACHE_BYTES = Exercise(
    id="cache-bytes",
    answer="cache_bytes",
    module="in_a_model",
    returns=("bytes",),
    aspects=(
        Aspect("full attention", 0.5, cases.without_windows),
        Aspect("layers with a window", 0.5, cases.with_windows),
        Aspect("fields that are missing", 0.5, cases.with_missing_fields),
        Aspect("the size of a number", 0.25, cases.of_each_dtype),
        Aspect("an int", 0.25, cases.of_all_kinds, exact_dtype=True),
    ),
)

STACK_REACH = Exercise(
    id="stack-reach",
    answer="stack_reach",
    module="in_a_model",
    returns=("positions",),
    aspects=(
        Aspect("windows alone", 0.5, cases.stacks_of_windows),
        Aspect("with full attention", 0.25, cases.mixed_stacks),
        Aspect("an int", 0.25, cases.stacks, exact_dtype=True),
    ),
)
