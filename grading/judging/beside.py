"""Tests that run beside the student's code, as nbgrader's own do, and are marked by its rules."""

from nbformat import NotebookNode
from nbgrader import utils

from grading.cells import error_names, has_failed, has_timed_out
from grading.judging.verdict import Mark, Verdict
from grading.status import Status

BESIDE = "checked beside the code"  # where code can reach the test, and change what it says


def verdict_beside(test: NotebookNode, shown: NotebookNode, stopped: Status | None) -> Verdict:
    """What a test cell gave, as nbgrader reads it from the cell's outputs.

    test: as it ran, hidden part and all. shown: as it ran without that.
    stopped: why it was not run to its end, if it was not.
    """
    name, points = test.metadata.nbgrader.grade_id, float(test.metadata.nbgrader.points)
    timed_out = Status.TIMED_OUT if has_timed_out(test) else None
    if status := stopped or timed_out:
        lost = Mark(BESIDE, points, passed=False)
        return Verdict(name, (lost,), f"The test did not come to its end ({status.value}).", status)
    try:
        earned, _ = utils.determine_grade(test)
    except (KeyError, ValueError):  # more than the points of the cell, or a value without a text
        gave = f"The test gave a value that is no number of points from 0 to {points:g}."
        return Verdict(name, (Mark(BESIDE, points, passed=False, problem=gave),))
    if earned == points:
        return Verdict(name, (Mark(BESIDE, points, passed=True),))
    problem = _seen(test, shown, earned)
    return Verdict(name, (Mark(BESIDE, points, passed=False, problem=problem, part=earned),))


def _seen(test: NotebookNode, shown: NotebookNode, earned: float) -> str:
    """Why not all points were earned, and nothing of what the hidden part says."""
    if error_names(shown) == {"NotImplementedError"}:
        return "not started: what it tests still raises NotImplementedError"
    if has_failed(shown):
        return "the test failed; what it said is below"
    if utils.has_failed(shown):
        return "there was output on stderr, which counts as failing; it is below"
    if utils.has_failed(test):
        return "the part of the test that you can see passed, and its hidden part did not"
    return "the test gave part of its points" if earned else "the test gave none of its points"
