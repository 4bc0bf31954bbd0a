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
        Aspect("the shares", 1.0, repeat(3, cases.counts)),
        Aspect("bad input", 1.0, cases.counts_to_check),
    ),
)
