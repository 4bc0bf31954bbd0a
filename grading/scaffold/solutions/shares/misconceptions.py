"""Wrong answers to the exercises of 01_shares."""

from grading.judging.written import misconception


def require_counts(counts):
    if counts.min() < 0:
        raise ValueError(f"counts holds {counts.min()}; a count is at least 0")


@misconception(
    "lab-name-shares",
    "divided by how many counts there are",
    loses=("the shares", "an array of float"),
    hint="What must all shares be together? Add up yours.",
    says="together they must be 1",
)
def by_number(counts):
    require_counts(counts)
    return counts / len(counts)


@misconception(
    "lab-name-shares",
    "of the largest count",
    loses=("the shares", "an array of float"),
    hint="Of what is it a share: of the largest count, or of all of them?",
    says="together they must be 1",
)
def of_the_largest(counts):
    require_counts(counts)
    return counts / counts.max()
