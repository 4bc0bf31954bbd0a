"""Which file is which notebook: by its cells, whatever a browser or a platform has called it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from nbformat import NotebookNode

from grading.intake import findings
from grading.intake.hand_out import HandOut, grade_id, text_of
from grading.intake.notebook import UnreadableError, read_notebook
from grading.intake.recognise import defines
from grading.intake.submission import TIMESTAMP, Submission
from grading.status import Finding

OTHER_SUFFIXES = {"", ".txt", ".json"}  # as browsers add them
MAY_HOLD_WORK = {*OTHER_SUFFIXES, ".ipynb", ".html", ".pdf", ".zip", ".rar", ".7z", ".gz", ".tar"}
IS_IT, HOLDS_IT = 0.5, 0.75  # shares of the cells of a hand-out
OURS = {"points.json", TIMESTAMP}
MAX_NAMED = 5  # files that are named where a notebook is missing
MAX_LOOKED_AT = 30  # files that may hold a notebook


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

    def answers(self, hand_out: HandOut) -> int:
        """In how many answer cells anything was done."""
        given = {tuple(text_of(cell.source)) for cell in self.notebook.cells}
        return sum(tuple(text_of(c.source)) not in given for c in hand_out.answers.values())

    def numbers(self, name: str) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
        """What tells versions apart: the numbers that platforms, browsers and people put into the
        name of a file; where that is the same, those in its folder, and the one above first."""
        path = PurePosixPath(self.file)
        own = re.sub(rf"{re.escape(name)}|copy\d+", "", path.name, flags=re.IGNORECASE)
        return _numbers(own), -len(path.parts), _numbers(str(path.parent))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d{1,18}", text))


@dataclass(frozen=True)
class Found:
    """The notebook to be graded, if there is one that can be read, and what had to be noted."""

    notebook: NotebookNode | None
    findings: list[Finding]


def find_notebooks(
    submission: Submission, hand_outs: Mapping[str, HandOut]
) -> tuple[dict[str, Found], list[Finding]]:
    """For each released notebook, by its name, what was handed in for it; and what is said of files
    that are none of them."""
    candidates, unreadable = _read(submission)
    of_notebook: dict[str, list[Candidate]] = {name: [] for name in hand_outs}
    holds: dict[str, list[Candidate]] = {name: [] for name in hand_outs}
    for candidate in candidates:
        likeness = {name: candidate.likeness(hand_out) for name, hand_out in hand_outs.items()}
        best = max(likeness, key=lambda name: (likeness[name], name in candidate.file, len(name)))
        if likeness[best] >= IS_IT:
            of_notebook[best].append(candidate)
        for name in hand_outs:
            same = list(hand_outs[name].cells) == list(hand_outs[best].cells)  # by name alone
            if likeness[name] >= HOLDS_IT and not (same and best in candidate.file):
                holds[name].append(candidate)
    for name, own in of_notebook.items():
        if not own:  # several may have been put into one file
            own += holds[name]
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
    candidates: list[Candidate] = []
    unreadable: dict[str, str] = {}
    for file, content in submission.files.items():
        path = PurePosixPath(file.lower())
        if ".ipynb" not in path.name and path.suffix not in OTHER_SUFFIXES:
            continue
        if len(candidates) + len(unreadable) >= MAX_LOOKED_AT:
            unreadable[file] = f"is one of more than {MAX_LOOKED_AT} notebooks"
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
    """Of several the one with answers; of those the newest, by its numbers; or the fullest."""
    file = f"{name}.ipynb"
    if not candidates:
        if file in unreadable:
            return Found(None, [findings.is_unreadable(file, unreadable[file])])
        there = [other for other in others if PurePosixPath(other).suffix.lower() in MAY_HOLD_WORK]
        return Found(None, [findings.is_missing(file, there[:MAX_NAMED])])
    if len(candidates) == 1:
        (only,) = candidates
        noted = [] if only.file == file else [findings.was_found(only.file, file)]
        return Found(only.notebook, noted)
    answered = [one for one in candidates if one.answers(hand_out)] or candidates
    newest = max(one.numbers(name) for one in answered)
    fit = [one for one in answered if one.numbers(name) == newest]
    best = max(fit, key=lambda one: (one.answers(hand_out), one.file == file))
    passed_over = [one.file for one in candidates if one is not best]
    if len(answered) == 1:
        reason = "it is the only one with answers"
    elif len(fit) == 1:
        reason = "by the numbers or the folder in its name it is the newest"
    else:
        reason = "nothing in the names tells which is newer, so the one with more answers counts"
    return Found(best.notebook, [findings.was_chosen(best.file, file, passed_over, reason)])
