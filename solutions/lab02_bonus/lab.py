"""What the grader asks of the bonus: its notebooks, and how it speaks of what they compute."""

from grading.judging.words import Words, grid

NOTEBOOKS = ("01_rolling_cache", "02_linear_time", "03_longformer")

WORDS = Words(
    axes={
        "mask": ("query", "key"),
        "slots": ("slot",),
        **dict.fromkeys(
            ("keys after the call", "values after the call"), ("batch", "head", "slot", "feature")
        ),
        "output": ("batch", "head", "position", "feature"),
        "result": ("batch", "position", "feature"),
    },
    truth={"mask": ("open", "blocked")},
    pictures={"mask": grid(".#", "open", "blocked")},
    left_out=("W_", "b_"),
    spoken=("output", "weights"),
)

DEMO = {
    "not-scaled": ("cache-attention", "scores not scaled"),
}
