"""The exercises of 01_shares."""

from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Exercise

from . import cases

SHARES = Exercise(
    id="lab-name-shares",
    answer="shares",
    module="shares",
    returns=("shares",),
    aspects=(
        Aspect("the shares", 0.5, repeat(3, cases.counts)),
        Aspect("an array of float", 0.5, cases.one_and_several, exact_dtype=True),
        Aspect("bad input", 1.0, cases.counts_to_check),
    ),
)
