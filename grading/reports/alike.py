"""Submissions whose answers are nearly the same: a place to look, not a verdict.

Answers become tokens; names and strings count as such, comments and docstrings not at all. A
fingerprint is the set of all runs of tokens, but for those of the hand-out. Two fingerprints are
alike by the share of runs that they have in common (Jaccard), found with MinHash (Broder 1997).
"""

import re
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
    """Each pair once, by an index in which likely partners are found without comparing all."""
    from datasketch import MinHash, MinHashLSH  # with all of SciPy; the workers need none of it

    index = MinHashLSH(threshold=THRESHOLD)
    for student, runs in fingerprints.items():
        sketch = MinHash(seed=1, hashfunc=int)  # a run is a hash already
        sketch.update_batch(runs)
        shares = {other: _share(runs, fingerprints[other]) for other in index.query(sketch)}
        for other in sorted(shares, key=lambda other: (-shares[other], other))[:CLOSEST]:
            if shares[other] >= THRESHOLD:
                yield Alike((other, student), shares[other])
        index.insert(student, sketch)


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
