"""What the texts of 01_shares promise, and the aspects that ask for it."""

PROMISES = {
    "lab-name-shares": {
        "Each count as a share of all counts.": ("the shares",),
        "counts: int array of shape (n,), numbers of at least 0, not all of them 0.": (
            "the shares",
        ),
        "Float array of shape (n,), in the order of the counts.": (
            "an array of float",
            "the shares",
        ),
        "Its sum is 1.": ("the shares",),
        "ValueError: a count is below 0.": ("bad input",),
        'The message names the argument and the value, as in "counts holds -2; a count is at '
        'least 0".': ("bad input",),
    },
}
