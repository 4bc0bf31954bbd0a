"""A lab without an array: an account, and words in another order."""

NOTEBOOKS = ("01_bank",)
