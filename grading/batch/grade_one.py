"""Grade one submission: from its bytes to verdicts and executed notebooks.

A pure function: it reads the release, the lab and the configuration, writes only into a temporary
folder of its own, and knows of no gradebook and of no other student.
"""

import tempfile
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from nbformat import NotebookNode

from grading.batch.graded import GradedSubmission, verdicts_in
from grading.course import Course
from grading.files import write_files
from grading.intake.beside import compiled, files_beside
from grading.intake.find import find_notebooks
from grading.intake.rebuild import rebuild
from grading.intake.released import released
from grading.intake.submission import Submission
from grading.kernel.execute import DEADLINE, SteadyExecute
from grading.preprocessors import MARKING
from grading.preprocessors.ask import DRAW
from grading.preprocessors.base import METADATA
from grading.preprocessors.rebuild import note_findings
from grading.reports.alike import fingerprint, runs_of_tokens
from grading.reports.summary import Summary
from grading.status import Status

TRIES = 3  # where the grader itself fails
MAX_TOLD = 100  # findings of a submission; a field of a CSV file holds no more than 128 KiB
SOON = 20  # seconds that a submission may take while others wait for their turn


def grade_soon(submission: Submission, course: Course, draw: str = "") -> GradedSubmission | None:
    """Grade a submission; None if it takes longer than others should have to wait."""
    graded = grade_with_patience(submission, course, draw, SOON)
    states = {notebook.metadata[METADATA].status for notebook in graded.notebooks.values()}
    in_time = graded.summary.seconds < SOON and Status.TIMED_OUT.value not in states
    return graded if in_time else None


def grade_with_patience(
    submission: Submission, course: Course, draw: str = "", seconds: int | None = None
) -> GradedSubmission:
    """Grade a submission; what fails for no fault of the student's is tried again."""
    for _ in range(TRIES - 1):
        with suppress(Exception):
            return grade_submission(submission, course, draw, seconds)
    return grade_submission(submission, course, draw, seconds)


def grade_submission(
    submission: Submission, course: Course, draw: str = "", seconds: int | None = None
) -> GradedSubmission:
    """Grade every notebook of the release. Never raises for what a student handed in.

    draw: names the inputs that answers are asked with; others of that name are asked the same.
    seconds: for all its notebooks; without them, what the configuration gives to a submission.
    """
    begun = time.monotonic()
    submission = submission.opened()
    deadline = begun + (seconds or SteadyExecute(config=course.config).submission_timeout)
    notebooks_of = course.release_notebooks(submission.assignment)
    hand_outs = {path.stem: released(path) for path in notebooks_of}
    found, of_files = find_notebooks(submission, hand_outs)
    of_files = [*submission.findings, *of_files]
    if on_time := submission.finding_on_time:
        of_files.append(on_time)
    notebooks: dict[str, NotebookNode] = {}
    with tempfile.TemporaryDirectory(prefix="grading-") as ours:
        folder = Path(ours, "beside")
        folder.mkdir(0o755)  # which kernels can read, being other users; ours keeps others out
        beside = compiled(course, submission.assignment) | files_beside(submission, course)
        write_files(folder, beside)
        for name, hand_out in hand_outs.items():
            notebook, of_cells = rebuild(found[name].notebook, hand_out)
            # what is said of the other files is told once, where the student looks first
            first = [] if notebooks else of_files
            note_findings(notebook, [*first, *found[name].findings, *of_cells])
            ids = {"student": submission.student, "assignment": submission.assignment}
            resources: dict[str, Any] = {
                "nbgrader": ids | {"notebook": name},
                "metadata": {"path": str(folder)},
                DEADLINE: deadline,
                DRAW: draw,
            }
            notebooks[name], resources = _run(notebook, resources, course)
            deadline = resources[DEADLINE]
    summary = _summary(submission, notebooks, course, time.monotonic() - begun)
    return GradedSubmission(submission, submission.timestamp, summary, notebooks)


def _run(
    notebook: NotebookNode, resources: dict[str, Any], course: Course
) -> tuple[NotebookNode, dict[str, Any]]:
    for step in MARKING:
        notebook, resources = step(config=course.config).preprocess(notebook, resources)
    return notebook, resources


def _summary(
    submission: Submission, notebooks: dict[str, NotebookNode], course: Course, seconds: float
) -> Summary:
    noted = [notebook.metadata[METADATA] for notebook in notebooks.values()]
    diagnoses = {v.exercise: v.diagnosis.name for v in verdicts_in(notebooks) if v.diagnosis}
    handed_out = _runs_handed_out(course, submission.assignment)
    return Summary(
        submission.student,
        Status.worst([Status(of_notebook.status) for of_notebook in noted]),
        tuple(dict.fromkeys(finding for of_one in noted for finding in of_one.findings))[:MAX_TOLD],
        {exercise: name for exercise, name in diagnoses.items() if name},
        seconds,
        fingerprint(notebooks.values(), handed_out),
    )


@lru_cache
def _runs_handed_out(course: Course, assignment: str) -> np.ndarray:
    """What every submission has in common; once a process."""
    releases = course.release_notebooks(assignment)
    return runs_of_tokens(released(path).release for path in releases)
