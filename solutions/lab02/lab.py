"""What the grader asks of Lab 02: its notebooks, and how it speaks of what they compute."""

from grading.judging.words import Words, grid

from .drivers import LAYER_ATTRIBUTES

NOTEBOOKS = ("01_sliding_window", "02_global_tokens", "03_multi_head", "04_in_a_model")

HEADS = ("batch", "head", "position", "feature")

WORDS = Words(
    axes={
        "mask": ("query", "key"),
        "weights": ("batch", "head", "query", "key"),
        **dict.fromkeys(("output", "heads", "Q", "K", "V"), HEADS),
        **dict.fromkeys(("x", "result"), ("batch", "position", "feature")),
        "global_mask": ("position",),
    },
    truth={"mask": ("open", "blocked"), "global_mask": ("local", "global")},
    pictures={"mask": grid(".#", "open", "blocked")},
    left_out=("W_", "drawn_with"),
    spoken=("output", "weights", *LAYER_ATTRIBUTES),
)

DEMO = {
    "off-by-one": ("window-mask", "window one too wide"),
    "not-scaled": ("masked-attention", "scores not scaled"),
    "rows-only": ("global-mask", "global tokens are seen by nobody: rows only"),
}
