"""The right answers to 01_shares."""

from numpy import ndarray


def shares(counts: ndarray) -> ndarray:
    """Each count (n,) as a share of all. Raises ValueError for a count below 0."""
    for count in counts:
        if count < 0:
            raise ValueError(f"counts holds {count}; a count is at least 0")
    return counts / counts.sum()
