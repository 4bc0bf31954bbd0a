"""What each exercise is worth, by notebook: those of the grader, as the notebooks say them."""

POINTS = {
    "01_rolling_cache": {
        "slot-positions": 1,
        "store-token": 1,
        "cache-attention": 2,
        "rolling-cache": 3,
    },
    "02_linear_time": {
        "block-keys": 1,
        "block-mask": 1,
        "window-blocks": 2,
        "global-blocks": 3,
    },
    "03_longformer": {
        "two-sided-mask": 2,
        "local-rows": 1,
        "global-rows": 2,
        "longformer-layer": 2,
    },
}
