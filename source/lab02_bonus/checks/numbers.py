"""The step that compares arrays of numbers, by the axes that this lab gives them."""

from functools import partial

from labkit import steps

require_close = partial(steps.require_close, axes=("position", "feature"))
