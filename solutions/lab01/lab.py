"""What the grader asks of Lab 01: its notebooks, and how it speaks of what they compute."""

from grading.judging.words import Words, grid

NOTEBOOKS = ("01_patterns", "02_cost_and_reach")

WORDS = Words(
    axes={
        "mask": ("query", "key"),
        "scores": ("batch", "head", "query", "key"),
        **dict.fromkeys(("picture", "signs", "layout"), ("row",)),
    },
    truth={
        "mask": ("open", "blocked"),
        "one layer": ("not one layer", "one layer"),
        "never": ("some number of layers", "no number of layers"),
    },
    pictures={"mask": grid(".X", "open", "blocked")},
)
