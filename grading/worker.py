"""Grade one submission: from its bytes to verdicts and executed notebooks.

A pure function: it reads the release, the reference and the configuration, writes only into a
temporary folder of its own, and knows of no gradebook and of no other student.
"""

import tempfile
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbgrader.preprocessors import LimitOutput

from grading.alike import fingerprint, runs_of_tokens
from grading.course import Course
from grading.intake import take_in
from grading.preprocessors import METADATA, Ask, Judge, SteadyExecute, note_findings
from grading.status import Finding, Status
from grading.submission import Submission
from grading.summary import Summary
from grading.verdict import Verdict

STEPS = (Ask, SteadyExecute, Judge, LimitOutput)


@dataclass(frozen=True)
class GradedSubmission:
    """What grading one submission gave. `notebooks` are what the student gets back."""

    submission: Submission
    status: Status
    findings: tuple[str, ...] = ()
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    seconds: float = 0.0
    fingerprint: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))

    @property
    def verdicts(self) -> list[Verdict]:
        return [
            Verdict.from_json(verdict)
            for notebook in self.notebooks.values()
            for verdict in notebook.metadata[METADATA].verdicts
        ]

    @property
    def earned(self) -> float:
        return sum(verdict.earned for verdict in self.verdicts)

    @property
    def summary(self) -> Summary:
        known = {v.exercise: v.diagnosis.name for v in self.verdicts if v.diagnosis}
        return Summary(
            self.submission.student,
            self.status,
            self.findings,
            {exercise: name for exercise, name in known.items() if name},
            self.seconds,
            self.fingerprint,
        )


def grade_submission(submission: Submission, course: Course) -> GradedSubmission:
    """Grade every notebook of the release. Never raises for what a student handed in."""
    begun = time.monotonic()
    releases = course.release_notebooks(submission.assignment)
    findings = _of_files(submission, {path.name for path in releases})
    notebooks = {}
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        write_files(Path(folder), files_beside(submission, course))
        for path in releases:
            release = nbformat.read(path, as_version=4)
            notebook, of_notebook = take_in(path.stem, submission, release)
            if path == releases[0]:
                of_notebook = findings + of_notebook  # told once, where the student looks first
            note_findings(notebook, of_notebook)
            notebooks[path.stem] = _run(notebook, path.stem, submission, course, folder)
    told = [notebook.metadata[METADATA] for notebook in notebooks.values()]
    status = Status.worst([Status(of_notebook.status) for of_notebook in told])
    all_findings = tuple(finding for of_notebook in told for finding in of_notebook.findings)
    seconds = time.monotonic() - begun
    runs = fingerprint(notebooks.values(), _runs_handed_out(course, submission.assignment))
    return GradedSubmission(submission, status, all_findings, notebooks, seconds, runs)


@lru_cache
def _runs_handed_out(course: Course, assignment: str) -> np.ndarray:
    """What every submission has in common; once a process."""
    releases = course.release_notebooks(assignment)
    return runs_of_tokens(nbformat.read(path, as_version=4) for path in releases)


def _of_files(submission: Submission, expected: set[str]) -> list[Finding]:
    findings = list(submission.findings)
    findings += [
        Finding(f"{name} is not a notebook of {submission.assignment}; it was not graded.")
        for name in submission.files
        if name.endswith(".ipynb") and name not in expected
    ]
    if "timestamp.txt" in submission.files and submission.timestamp is None:
        findings.append(Finding("timestamp.txt holds no date; no late penalty was applied."))
    return findings


def _run(
    notebook: NotebookNode, name: str, submission: Submission, course: Course, folder: str
) -> NotebookNode:
    ids = {"student": submission.student, "assignment": submission.assignment, "notebook": name}
    resources = {"nbgrader": ids, "metadata": {"path": folder}}
    for step in STEPS:
        notebook, resources = step(config=course.config).preprocess(notebook, resources)
    return notebook


def files_beside(submission: Submission, course: Course) -> dict[str, bytes]:
    """What lies beside the notebooks: the student's own files, and over them those handed out."""
    release = course.folder("release", submission.assignment)
    handed_out = {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in release.rglob("*")
        if path.is_file()
    }
    own = {
        name: content
        for name, content in submission.files.items()
        if not any(_in_the_way(name, other) for other in handed_out)
    }
    both = own | handed_out
    return {name: content for name, content in both.items() if not name.endswith(".ipynb")}


def _in_the_way(name: str, other: str) -> bool:
    """Whether a file and another one, by their names, cannot lie in the same folder."""
    return name.startswith(f"{other}/") or other.startswith(f"{name}/")


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
