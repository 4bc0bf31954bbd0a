"""Inputs for the exercises of 01_shares."""

import numpy as np
from numpy.random import Generator

from grading.judging.exercise import Case, Inputs


def counts(rng: Generator) -> Inputs:
    """Some counts, one of them 0, in any order."""
    return {"counts": rng.permutation(np.append(rng.integers(1, 50, size=rng.integers(3, 8)), 0))}


def one_and_several(rng: Generator) -> list[Case]:
    return [Case({"counts": np.array([3])}), Case(counts(rng))]


def counts_to_check(rng: Generator) -> list[Case]:
    good = counts(rng)
    cases = [Case(good, accepted=True)]
    for low in (-1, -int(rng.integers(10, 99))):
        cases.append(Case({"counts": np.append(good["counts"], low)}, refuses=("counts", low)))
    return cases
