"""Right answers to the exercises of 01_shares, in other forms."""

import numpy as np

from grading.judging.written import other_answer


@other_answer("lab-name-shares", "a loop")
def with_a_loop(counts):
    total = 0
    for count in counts:
        if count < 0:
            raise ValueError(f"counts must not be negative, but holds {count}")
        total += count
    return np.array([count / total for count in counts])


@other_answer("lab-name-shares", "np.mean")
def with_the_mean(counts):
    below = counts[counts < 0]
    if below.size:
        raise ValueError(f"{below[0]} in counts")
    return np.true_divide(counts, np.mean(counts) * np.size(counts))
