from grading.judging.draws import repeat
from grading.judging.exercise import Aspect, Case, Exercise

WORDS = ["pear", "fig", "date", "apple", "plum", "kiwi", "nut", "cherry"]


def amounts(rng):
    return {"amounts": [*map(int, rng.integers(5, 50, 3)), -int(rng.integers(1, 10))]}


def overdrafts(rng):
    much = int(rng.integers(20, 90))
    return [Case({"amounts": [5, -much]}, refuses=("amount", much))]


def words(rng):
    return {"words": [str(word) for word in rng.permutation(WORDS)]}


ACCOUNT = Exercise(
    id="bank-account",
    answer="Account",
    module="bank",
    returns=("balances",),
    driver="play",
    aspects=(
        Aspect("the balance", 2.0, repeat(3, amounts)),
        Aspect("no overdraft", 1.0, overdrafts),
    ),
)
BY_LENGTH = Exercise(
    id="bank-by-length",
    answer="by_length",
    module="bank",
    returns=("words",),
    driver="as_lines",
    aspects=(
        Aspect("the order", 1.0, repeat(3, words)),
        Aspect("the list that was given stays as it is", 1.0, repeat(1, words), values=("given",)),
    ),
)
