"""Mutants that change nothing that is asked, one module for each of solutions/ that has some.

By module; there, definition: statement as it is → as it was changed, and why no mark may depend
on it.
"""

from grading.equivalent import sliding_window

EQUIVALENT = {"sliding_window": sliding_window.EQUIVALENT}
