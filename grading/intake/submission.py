"""What one student handed in, as bytes."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader import utils

from grading.intake import findings
from grading.status import Finding, readable

MAX_FILE = 20 << 20  # bytes
MAX_FILES, MAX_TOTAL, MAX_DEPTH = 200, 100 << 20, 20
NOT_HANDED_IN = {".venv", "__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Submission:
    """The files of one student, by name. Nothing in them has been looked at yet."""

    student: str
    assignment: str
    files: dict[str, bytes]
    findings: tuple[Finding, ...] = ()

    @classmethod
    def read(cls, student: str, assignment: str, folder: Path) -> "Submission":
        """Read a folder, however large: what is too much is left out, and noted."""
        files: dict[str, bytes] = {}
        found, total = [], 0
        for path in _handed_in(folder):
            name = path.relative_to(folder).as_posix()
            if not path.is_file() or path.is_symlink():
                found.append(findings.is_no_file(name))
                continue
            size = path.stat().st_size
            if size > MAX_FILE:
                found.append(findings.is_too_large(name, MAX_FILE >> 20))
            elif len(files) == MAX_FILES or total + size > MAX_TOTAL:
                found.append(findings.are_too_many(MAX_FILES, MAX_TOTAL >> 20))
                break
            else:
                files[name] = path.read_bytes()
                total += size
        return cls(student, assignment, files, tuple(found))

    @property
    def digest(self) -> str:
        """A hash of all that was handed in."""
        content = hashlib.sha256()
        for name, data in sorted(self.files.items()):
            content.update(f"{readable(name)} {len(data)} ".encode() + data)
        content.update("".join(map(str, self.findings)).encode())
        return content.hexdigest()

    @property
    def timestamp(self) -> datetime | None:
        """When it was handed in (UTC), from the file that nbgrader puts beside the notebooks."""
        text = self.files.get("timestamp.txt", b"").decode(errors="replace").strip()
        try:
            return utils.parse_utc(text) if text else None
        except (ValueError, OverflowError):
            return None


def _handed_in(folder: Path) -> Iterator[Path]:
    """Files, and what should be one: links, pipes, folders named *.ipynb. Notebooks first."""
    paths = sorted(_walk(folder), key=lambda path: (path.suffix != ".ipynb", path))
    for path in paths:
        ordinary_folder = _may_be_entered(path, folder) and path.suffix != ".ipynb"
        if not ordinary_folder and not NOT_HANDED_IN & set(path.relative_to(folder).parts):
            yield path


def _walk(folder: Path, root: Path | None = None) -> Iterator[Path]:
    """All that lies in a folder and below it. Path.rglob fails where folders are nested deeply."""
    with suppress(PermissionError):
        for path in folder.iterdir():
            yield path
            if _may_be_entered(path, root or folder):
                yield from _walk(path, root or folder)


def _may_be_entered(path: Path, root: Path) -> bool:
    deep = len(path.relative_to(root).parts) > MAX_DEPTH
    return not deep and path.is_dir() and not path.is_symlink()


def links(folder: Path) -> list[str]:
    """Names of the links in a submission. They may lead to what is not the student's."""
    return [p.relative_to(folder).as_posix() for p in sorted(_walk(folder)) if p.is_symlink()]
