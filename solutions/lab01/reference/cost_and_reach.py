"""The reference for 02_cost_and_reach: by counting and loops where the notebook has a formula."""

import numpy as np
from numpy import ndarray


def apply_sparse_mask(attention_scores: ndarray, mask: ndarray) -> ndarray:
    """The scores (..., n, n), with -inf where the mask (n, n) is True: a softmax makes it 0.

    Raises ValueError for a mask of another shape.
    """
    square = attention_scores.shape[-2:]
    if mask.shape != square:
        raise ValueError(f"mask has shape {mask.shape}; it must be {square}")
    scores = attention_scores.copy()
    for query, key in np.argwhere(mask):
        scores[..., query, key] = -np.inf
    return scores


def visualize_mask_pattern(mask: ndarray) -> str:
    """A line a query, a sign a key: . open, X blocked; single spaces between them."""
    lines = []
    for row in mask:
        signs = ["X" if is_blocked else "." for is_blocked in row]
        lines.append(" ".join(signs))
    return "\n".join(lines)


def compute_sparsity(mask: ndarray) -> float:
    """The share of blocked cells, counted one by one."""
    blocked = sum(1 for is_blocked in mask.ravel() if is_blocked)
    return blocked / mask.size


def strided_pairs(seq_len: int, stride: int) -> int:
    """Number of open pairs of a strided mask, counted one query at a time."""
    return sum(query // stride + 1 for query in range(seq_len))


def layers_needed(mask: ndarray) -> int:
    """Layers with this causal mask after which each query knows its whole past; 0 if never.

    Follows what each query knows: in every layer, what those know whom it sees.
    """
    sees = [{key for key, is_blocked in enumerate(row) if not is_blocked} for row in mask]
    known = sees
    for layers in range(1, len(mask) + 1):
        if all(len(keys) == query + 1 for query, keys in enumerate(known)):
            return layers
        known = [set().union(*(known[key] for key in keys)) for keys in sees]
    return 0
