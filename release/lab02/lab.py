"""All that the notebooks use: the self-checks and the figures.

A check looks at one exercise and stops at the first thing wrong: defined, type, shape, dtype,
values. What it expects are small patterns and numbers that you can work out by hand. A green check
is a good sign, not the mark: the hidden check tries more sizes.
"""

from checks.global_tokens import (
    check_block_future,
    check_global_attention,
    check_global_mask,
    check_which_window,
)
from checks.in_a_model import (
    check_bits_per_token,
    check_cache_bytes,
    check_stack_reach,
)
from checks.multi_head import (
    check_attention_layer,
    check_combine_heads,
    check_end_to_end,
    check_split_heads,
)
from checks.sliding_window import (
    check_attended_pairs,
    check_masked_attention,
    check_receptive_field,
    check_window_mask,
)
from figures import (
    show_bars,
    show_cost,
    show_features,
    show_masks,
    show_reach,
    show_weights,
)
from labkit.grids import parse_reach
from labkit.progress import main, show_progress
from labkit.steps import CheckFailed
from masks import parse_mask
from model import Model
from model.pictures import (
    continue_text,
    list_caches,
    list_losses,
    real_configs,
    show_attention,
    show_loss,
    show_training,
    trained_head,
)
from race import show_race, show_times

__all__ = [
    "CheckFailed", "Model", "check_attended_pairs", "check_attention_layer", "check_bits_per_token",
    "check_block_future", "check_cache_bytes", "check_combine_heads", "check_end_to_end",
    "check_global_attention", "check_global_mask", "check_masked_attention",
    "check_receptive_field", "check_split_heads", "check_stack_reach", "check_which_window",
    "check_window_mask", "continue_text", "list_caches", "list_losses", "parse_mask", "parse_reach",
    "real_configs", "show_attention", "show_bars", "show_cost", "show_features", "show_loss",
    "show_masks", "show_progress", "show_race", "show_reach", "show_times", "show_training",
    "show_weights", "trained_head",
]  # fmt: skip

if __name__ == "__main__":
    main()
