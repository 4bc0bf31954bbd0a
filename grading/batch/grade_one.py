"""Grade one submission: from its bytes to verdicts and executed notebooks.

A pure function: it reads the release, the lab and the configuration, writes only into a temporary
folder of its own, and knows of no gradebook and of no other student.
"""

import tempfile
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from grading.batch.graded import GradedSubmission, verdicts_in
from grading.course import Course
from grading.files import write_files
from grading.intake.beside import files_beside
from grading.intake.find import find_notebooks
from grading.intake.rebuild import rebuild
from grading.intake.submission import Submission
from grading.preprocessors import MARKING
from grading.preprocessors.base import METADATA
from grading.preprocessors.rebuild import note_findings
from grading.reports.alike import fingerprint, runs_of_tokens
from grading.reports.summary import Summary
from grading.status import Status

TRIES = 3  # where the grader itself fails


def grade_with_patience(submission: Submission, course: Course) -> GradedSubmission:
    """Grade a submission; what fails for no fault of the student's is tried again."""
    for _ in range(TRIES - 1):
        with suppress(Exception):
            return grade_submission(submission, course)
    return grade_submission(submission, course)


def grade_submission(submission: Submission, course: Course) -> GradedSubmission:
    """Grade every notebook of the release. Never raises for what a student handed in."""
    begun = time.monotonic()
    releases = {
        path.stem: nbformat.read(path, as_version=4)
        for path in course.release_notebooks(submission.assignment)
    }
    found, of_files = find_notebooks(submission, releases)
    of_files = [*submission.findings, *of_files]
    if on_time := submission.finding_on_time:
        of_files.append(on_time)
    notebooks: dict[str, NotebookNode] = {}
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        write_files(Path(folder), files_beside(submission, course))
        for name, release in releases.items():
            notebook, of_cells = rebuild(found[name].notebook, release)
            # what is said of the other files is told once, where the student looks first
            first = [] if notebooks else of_files
            note_findings(notebook, [*first, *found[name].findings, *of_cells])
            notebooks[name] = _run(notebook, name, submission, course, folder)
    seconds = time.monotonic() - begun
    return GradedSubmission(submission, _summary(submission, notebooks, course, seconds), notebooks)


def _run(
    notebook: NotebookNode, name: str, submission: Submission, course: Course, folder: str
) -> NotebookNode:
    ids = {"student": submission.student, "assignment": submission.assignment, "notebook": name}
    resources = {"nbgrader": ids, "metadata": {"path": folder}}
    for step in MARKING:
        notebook, resources = step(config=course.config).preprocess(notebook, resources)
    return notebook


def _summary(
    submission: Submission, notebooks: dict[str, NotebookNode], course: Course, seconds: float
) -> Summary:
    noted = [notebook.metadata[METADATA] for notebook in notebooks.values()]
    diagnoses = {v.exercise: v.diagnosis.name for v in verdicts_in(notebooks) if v.diagnosis}
    handed_out = _runs_handed_out(course, submission.assignment)
    return Summary(
        submission.student,
        Status.worst([Status(of_notebook.status) for of_notebook in noted]),
        tuple(dict.fromkeys(finding for of_one in noted for finding in of_one.findings)),
        {exercise: name for exercise, name in diagnoses.items() if name},
        seconds,
        fingerprint(notebooks.values(), handed_out),
    )


@lru_cache
def _runs_handed_out(course: Course, assignment: str) -> np.ndarray:
    """What every submission has in common; once a process."""
    releases = course.release_notebooks(assignment)
    return runs_of_tokens(nbformat.read(path, as_version=4) for path in releases)
