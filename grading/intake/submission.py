"""What one student handed in, as bytes."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from grading.intake import findings
from grading.intake.archive import CannotUnpackError, unpack
from grading.intake.clock import NoDateError, parse_time
from grading.status import Finding, readable

TIMESTAMP = "timestamp.txt"
MAX_FILE = 20 << 20  # bytes
MAX_FILES, MAX_TOTAL, MAX_DEPTH = 200, 100 << 20, 20
NOT_HANDED_IN = {  # what editors, systems and tools leave in a folder
    *(".venv", "venv", "__pycache__", ".ipynb_checkpoints", ".virtual_documents", "node_modules"),
    *("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".idea", ".vscode"),
}


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
        found: list[Finding] = []
        total = 0
        for path in _handed_in(folder):
            name = path.relative_to(folder).as_posix()
            if not path.is_file() or path.is_symlink():
                found.append(findings.is_no_file(name))
                continue
            size = path.stat().st_size
            most = MAX_TOTAL if name.lower().endswith(".zip") else MAX_FILE
            if size > most:
                found.append(findings.is_too_large(name, most >> 20))
            elif len(files) == MAX_FILES or total + size > MAX_TOTAL:
                found.append(findings.are_too_many(MAX_FILES, MAX_TOTAL >> 20))
                break
            else:
                files[name] = path.read_bytes()
                total += size
        files = _out_of_folder(_unpacked(files, found), found)
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
        with suppress(NoDateError):
            return self._time()
        return None

    @property
    def finding_on_time(self) -> Finding | None:
        """What is wrong with that file, if it is there."""
        try:
            self._time()
        except NoDateError as reason:
            return findings.has_no_date(TIMESTAMP, str(reason))
        return None

    def _time(self) -> datetime | None:
        text = self.files.get(TIMESTAMP, b"").decode("utf-8-sig", "replace").strip()
        return parse_time(text) if text else None


def _unpacked(files: dict[str, bytes], found: list[Finding]) -> dict[str, bytes]:
    """With the files of zips in place of these; a file beside a zip counts before one in it."""
    every: dict[str, bytes] = {}
    for name, content in files.items():
        if not name.lower().endswith(".zip"):
            every[name] = content
            continue
        room = MAX_FILES - len(every), MAX_FILE, MAX_TOTAL - sum(map(len, every.values()))
        try:
            inside = unpack(content, *room, _is_left_behind)
        except CannotUnpackError as reason:
            found.append(findings.cannot_be_unpacked(name, str(reason)))
            every[name] = content
            continue
        found.append(findings.was_unpacked(name))
        folder = name.rpartition("/")[0]
        for inner, data in inside.items():
            every.setdefault(f"{folder}/{inner}" if folder else inner, data)
    return every | {name: data for name, data in files.items() if name in every}


def _out_of_folder(files: dict[str, bytes], found: list[Finding]) -> dict[str, bytes]:
    """Where all notebooks lie in one folder, that folder is what was handed in."""
    folders = {PurePosixPath(n).parent for n in files if n.lower().endswith(".ipynb")}
    if len(folders) != 1 or folders == {PurePosixPath()}:
        return files
    folder = f"{folders.pop()}/"
    found.append(findings.are_in_a_folder(folder))
    inside = {n.removeprefix(folder): data for n, data in files.items() if n.startswith(folder)}
    return {name: data for name, data in files.items() if not name.startswith(folder)} | inside


def _is_left_behind(name: str) -> bool:
    """Whether a file is one that an editor or a system left, and nobody handed in."""
    parts = PurePosixPath(name).parts
    return bool(NOT_HANDED_IN.intersection(parts)) or any(part.startswith("._") for part in parts)


def _handed_in(folder: Path) -> Iterator[Path]:
    """Files, and what should be one: links, pipes, folders named *.ipynb. Notebooks first."""
    paths = sorted(_walk(folder), key=lambda path: (path.suffix.lower() != ".ipynb", path))
    for path in paths:
        ordinary_folder = _may_be_entered(path, folder) and path.suffix != ".ipynb"
        if not ordinary_folder and not _is_left_behind(path.relative_to(folder).as_posix()):
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
