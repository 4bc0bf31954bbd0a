"""What each exercise is worth, by notebook: those of the grader, as the notebooks say them."""

POINTS = {
    "01_sliding_window": {
        "window-mask": 2,
        "masked-attention": 3,
        "attended-pairs": 1,
        "receptive-field": 1,
    },
    "02_global_tokens": {
        "global-mask": 3,
        "which-window": 1,
        "global-attention": 2,
        "block-future": 1,
    },
    "03_multi_head": {
        "split-heads": 1,
        "combine-heads": 1,
        "attention-layer": 3,
        "end-to-end": 1,
    },
}
