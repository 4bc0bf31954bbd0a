"""Submissions whose answers are nearly the same: a place to look, not a verdict.

Answers become tokens; names and strings count as such, comments and docstrings not at all. A
fingerprint is the set of all runs of tokens, but for those of the hand-out. Two fingerprints are
alike by the share of runs that they have in common (Jaccard). Not all are compared with all: two
that are alike have one of their rarest runs in common (prefix filtering, Chaudhuri et al. 2006).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from keyword import iskeyword
from zlib import crc32

import numpy as np
from nbformat import NotebookNode
from nbgrader import utils

RUN = 10  # tokens
TOKEN = re.compile(
    r"""
    (?P<skipped>\s*^[ \t]*[rR]?(\"{3}|'{3})(?s:.*?)(?:\2|\Z) | \s+ | \#.*)  # docstrings, ...
    | (?P<string>\"{3}(?s:.*?)(?:\"{3}|\Z) | '{3}(?s:.*?)(?:'{3}|\Z)
        | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?)
    | (?P<name>[^\W\d]\w*)
    | (?P<sign>\d[\w.]* | \*\*=? | //=? | [-+*/%@&|^=!<>:]= | -> | .)
    """,
    re.VERBOSE | re.MULTILINE,
)
THRESHOLD = 0.8  # share in common
SHORTEST = 50  # runs; below that everybody's code is alike
CLOSEST = 20  # partners told of for one submission


@dataclass(frozen=True)
class Alike:
    """Students whose answers have this share of their runs of tokens in common."""

    students: tuple[str, ...]
    share: float


def fingerprint(notebooks: Iterable[NotebookNode], handed_out: np.ndarray) -> np.ndarray:
    """The runs of tokens in the answers that are not the hand-out's own."""
    return np.setdiff1d(runs_of_tokens(notebooks), handed_out)


def alike(fingerprints: dict[str, np.ndarray]) -> list[Alike]:
    """Groups that are the same and pairs that nearly are, the most alike first."""
    groups: dict[bytes, list[str]] = {}
    for student, runs in fingerprints.items():
        if len(runs) >= SHORTEST:
            groups.setdefault(runs.tobytes(), []).append(student)
    same = [Alike(tuple(students), 1.0) for students in groups.values() if len(students) > 1]
    first = {students[0]: fingerprints[students[0]] for students in groups.values()}
    return sorted([*same, *_pairs(first)], key=lambda found: (-found.share, found.students))


def _pairs(fingerprints: dict[str, np.ndarray]) -> Iterator[Alike]:
    """Each pair once."""
    having = defaultdict[int, list[str]](list)  # students before this one, by run
    for student, rarest in _rarest_runs(fingerprints):
        runs = fingerprints[student]
        others = {other for run in rarest for other in having[run]}
        shares = {other: _share(runs, fingerprints[other]) for other in others}
        for other in sorted(shares, key=lambda other: (-shares[other], other))[:CLOSEST]:
            if shares[other] >= THRESHOLD:
                yield Alike((other, student), shares[other])
        for run in rarest:
            having[run].append(student)


def _rarest_runs(fingerprints: dict[str, np.ndarray]) -> Iterator[tuple[str, list[int]]]:
    """Of each student so many runs that whoever is alike has one of them, among as many, too.

    Of n runs, at least THRESHOLD * n are common to two that are alike; so the common ones cannot
    all be among the others, if all put their runs into one order.
    """
    if not fingerprints:
        return
    every, times = np.unique(np.concatenate(list(fingerprints.values())), return_counts=True)
    for student, runs in fingerprints.items():
        order = np.argsort(times[np.searchsorted(every, runs)], kind="stable")
        needed = len(runs) - int(THRESHOLD * len(runs)) + 1
        yield student, runs[order[:needed]].tolist()


def _share(one: np.ndarray, other: np.ndarray) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)


def runs_of_tokens(notebooks: Iterable[NotebookNode]) -> np.ndarray:
    """Hashes of the runs of tokens in the solution cells, uint32 (m,), sorted."""
    cells = (cell for notebook in notebooks for cell in notebook.cells if utils.is_solution(cell))
    hashes = [
        crc32(" ".join(tokens[start : start + RUN]).encode())
        for tokens in (_tokens(cell.source) for cell in cells)
        for start in range(len(tokens) - RUN + 1)
    ]
    return np.unique(np.array(hashes, dtype=np.uint32))


def _tokens(source: str) -> list[str]:
    """Of any text, be it Python or not."""
    return [
        "string" if kind == "string" else text if kind == "sign" or iskeyword(text) else "name"
        for kind, text in ((found.lastgroup, found[0]) for found in TOKEN.finditer(source))
        if kind != "skipped"
    ]
