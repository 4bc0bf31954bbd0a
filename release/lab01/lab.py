"""All that the notebooks use: the self-checks and the figures.

A check looks at one exercise and stops at the first thing wrong: defined, type, shape, dtype,
values. What it expects are small patterns and numbers that you can work out by hand. A green check
is a good sign, not the mark: the hidden check tries more sizes.
"""

from checks.cost_and_reach import (
    check_layers_needed,
    check_mask_picture,
    check_sparse_scores,
    check_sparsity,
    check_strided_pairs,
)
from checks.patterns import (
    check_causal_mask,
    check_combined_mask,
    check_local_mask,
    check_own_block_mask,
    check_strided_mask,
)
from figures import show_cost, show_masks, show_reach, show_weights
from labkit.grids import parse_reach
from labkit.progress import main, show_progress
from labkit.steps import CheckFailed
from masks import parse_mask

__all__ = [
    "CheckFailed", "check_causal_mask", "check_combined_mask", "check_layers_needed",
    "check_local_mask", "check_mask_picture", "check_own_block_mask", "check_sparse_scores",
    "check_sparsity", "check_strided_mask", "check_strided_pairs", "parse_mask", "parse_reach",
    "show_cost", "show_masks", "show_progress", "show_reach", "show_weights",
]  # fmt: skip

if __name__ == "__main__":
    main()
