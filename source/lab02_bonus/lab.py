"""All that the notebooks use: the self-checks, the figures, and dense attention to compare with.

A check looks at one exercise and stops at the first thing wrong: defined, type, shape, dtype,
values. What it expects are small patterns and numbers that you can work out by hand. A green check
is a good sign, not the mark: the hidden check tries more sizes.
"""

from checks.blocks import peak_memory
from checks.cache import numbers_kept
from checks.linear_time import (
    check_block_keys,
    check_block_mask,
    check_global_blocks,
    check_window_blocks,
)
from checks.longformer import (
    check_global_rows,
    check_local_rows,
    check_longformer_layer,
    check_two_sided_mask,
)
from checks.rolling_cache import (
    check_cache_attention,
    check_rolling_cache,
    check_slot_positions,
    check_store_token,
)
from dense import dense_attention
from figures.linear_time import show_race, show_tiles
from figures.longformer import show_projections
from figures.rolling_cache import show_memory, show_slots
from labkit.progress import main, show_progress
from labkit.steps import CheckFailed

__all__ = [
    "CheckFailed", "check_block_keys", "check_block_mask", "check_cache_attention",
    "check_global_blocks", "check_global_rows", "check_local_rows", "check_longformer_layer",
    "check_rolling_cache", "check_slot_positions", "check_store_token", "check_two_sided_mask",
    "check_window_blocks", "dense_attention", "numbers_kept", "peak_memory", "show_memory",
    "show_progress", "show_projections", "show_race", "show_slots", "show_tiles",
]  # fmt: skip

if __name__ == "__main__":
    main()
