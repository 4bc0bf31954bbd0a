"""What the grader asks of lab_name: its notebooks, and how it speaks of what they compute."""

from grading.judging.words import Words

NOTEBOOKS = ("01_shares",)

WORDS = Words(axes={"shares": ("count",)})

DEMO = {"by-number": ("lab-name-shares", "divided by how many counts there are")}
