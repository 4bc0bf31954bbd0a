"""Which file is which notebook: by its cells, whatever a browser or a platform has called it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from nbformat import NotebookNode

from grading.intake import findings
from grading.intake.notebook import UnreadableError, read_notebook
from grading.intake.recognise import HandOut, defines, grade_id, text_of
from grading.intake.submission import Submission
from grading.status import Finding

OTHER_SUFFIXES = {"", ".txt", ".json"}  # as browsers add them
MAY_HOLD_WORK = {*OTHER_SUFFIXES, ".ipynb", ".html", ".pdf", ".zip", ".rar", ".7z", ".gz", ".tar"}
OURS = {"points.json", "timestamp.txt"}
MAX_NAMED = 5  # files that are named where a notebook is missing


@dataclass(frozen=True)
class Candidate:
    """A file that holds a notebook, and which one it is for whom its cells are compared with."""

    file: str
    notebook: NotebookNode

    @cached_property
    def grade_ids(self) -> set[str]:
        return {grade_id(cell) for cell in self.notebook.cells}

    @cached_property
    def code(self) -> str:
        return "\n".join(cell.source for cell in self.notebook.cells if cell.cell_type == "code")

    def likeness(self, hand_out: HandOut) -> float:
        """The share of the hand-out's cells that are there, by name or by what is asked in them."""
        cells = hand_out.cells
        there = [
            name
            for name in cells
            if name in self.grade_ids or any(defines(self.code, a) for a in hand_out.asked[name])
        ]
        return len(there) / max(1, len(cells))

    def is_answered(self, hand_out: HandOut) -> bool:
        """Whether anything was done in it."""
        given = {tuple(text_of(cell.source)) for cell in self.notebook.cells}
        return any(tuple(text_of(cell.source)) not in given for cell in hand_out.answers.values())

    def number(self, name: str) -> int:
        """Which upload or download it is, by the number that platforms and browsers give it."""
        stem = PurePosixPath(self.file).name.partition(".")[0]
        numbered = re.fullmatch(rf"{re.escape(name)}(?:-| ?\()(\d{{1,4}})\)?", stem, re.IGNORECASE)
        return int(numbered[1]) if numbered else 0 if stem.lower() == name.lower() else -1


@dataclass(frozen=True)
class Found:
    """The notebook to be graded, if there is one that can be read, and what had to be noted."""

    notebook: NotebookNode | None
    findings: list[Finding]


def find_notebooks(
    submission: Submission, releases: Mapping[str, NotebookNode]
) -> tuple[dict[str, Found], list[Finding]]:
    """For each released notebook, by its name, what was handed in for it; and what is said of files
    that are none of them."""
    hand_outs = {name: HandOut(release) for name, release in releases.items()}
    candidates, unreadable = _read(submission)
    of_notebook: dict[str, list[Candidate]] = {name: [] for name in hand_outs}
    for candidate in candidates:
        likeness = {name: candidate.likeness(hand_out) for name, hand_out in hand_outs.items()}
        best = max(likeness, key=lambda name: likeness[name])
        if 2 * likeness[best] >= 1:
            of_notebook[best].append(candidate)
    known = {candidate.file for own in of_notebook.values() for candidate in own}
    for candidate in candidates:  # of one that nothing tells, the name decides
        name = PurePosixPath(candidate.file).stem
        if candidate.file not in known and not of_notebook.get(name, [candidate]):
            of_notebook[name].append(candidate)
            known.add(candidate.file)
    others = [file for file in submission.files if file not in known | OURS]
    found = {
        name: _chosen(name, of_notebook[name], hand_out, unreadable, others)
        for name, hand_out in hand_outs.items()
    }
    named = {f"{name}.ipynb" for name in hand_outs}
    strange = [f for f in others if f.lower().endswith(".ipynb") and f not in named]
    return found, [findings.is_another_notebook(f, submission.assignment) for f in strange]


def _read(submission: Submission) -> tuple[list[Candidate], dict[str, str]]:
    """Files that hold notebooks, and why others of that kind cannot be read."""
    candidates, unreadable = [], {}
    for file, content in submission.files.items():
        path = PurePosixPath(file.lower())
        if path.suffix != ".ipynb" and path.suffix not in OTHER_SUFFIXES:
            continue
        try:
            candidates.append(Candidate(file, read_notebook(content)))
        except UnreadableError as reason:
            unreadable[file] = str(reason)
    return candidates, unreadable


def _chosen(
    name: str,
    candidates: list[Candidate],
    hand_out: HandOut,
    unreadable: dict[str, str],
    others: list[str],
) -> Found:
    """Of several the one with answers; of those the newest, by its number."""
    file = f"{name}.ipynb"
    if not candidates:
        if file in unreadable:
            return Found(None, [findings.is_unreadable(file, unreadable[file])])
        there = [other for other in others if PurePosixPath(other).suffix.lower() in MAY_HOLD_WORK]
        return Found(None, [findings.is_missing(file, there[:MAX_NAMED])])
    best = max(candidates, key=lambda one: (one.is_answered(hand_out), one.number(name)))
    passed_over = [one.file for one in candidates if one is not best]
    if best.file == file and not passed_over:
        return Found(best.notebook, [])
    return Found(best.notebook, [findings.was_found(best.file, file, passed_over)])
