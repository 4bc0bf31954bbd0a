"""What one student handed in, as bytes."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from grading.intake import findings
from grading.intake.archive import CannotUnpackError, unpack
from grading.intake.clock import NoDateError, parse_time
from grading.status import Finding, readable

TIMESTAMP = "timestamp.txt"
MAX_FILE = 20 << 20  # bytes
MAX_FILES, MAX_TOTAL, MAX_DEPTH = 200, 100 << 20, 20
MAX_FINDINGS = 50  # that are told one by one
MAX_NAME = 250  # characters, with its folders
MAX_PART = 255  # bytes of one name, in any file system
MAX_ARCHIVES = 5
MAX_TIME = 100  # bytes of a date; the time that it takes to read one grows faster than its length
NOT_HANDED_IN = {  # what editors, systems and tools leave in a folder
    *(".venv", "venv", "__pycache__", ".ipynb_checkpoints", ".virtual_documents", "node_modules"),
    *("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".idea", ".vscode"),
}


@dataclass(frozen=True)
class Submission:
    """The files of one student, by name. Nothing in them has been looked at before `opened`."""

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
            if len(name) > MAX_NAME:
                found.append(findings.has_too_long_a_name(name[:MAX_NAME], MAX_NAME))
                continue
            size = path.stat().st_size
            most = MAX_TOTAL if name.lower().endswith(".zip") else MAX_FILE
            if size > most:
                found.append(findings.is_too_large(name, most >> 20))
            elif len(files) == MAX_FILES or total + size > MAX_TOTAL:
                found.append(findings.are_too_many(MAX_FILES, MAX_TOTAL >> 20))
                break
            else:
                try:
                    files[name] = path.read_bytes()
                except OSError as error:  # it is locked, or has just gone
                    why = error.strerror or type(error).__name__
                    found.append(findings.cannot_be_read(name, why))
                    continue
                total += size
        return cls(student, assignment, files, tuple(found))

    def opened(self) -> "Submission":
        """With what is in its archives and in its one folder, as if it had been handed in so."""
        found = list(self.findings)
        files = _that_can_lie_together(_out_of_folder(_unpacked(self.files, found), found))
        if len(found) > MAX_FINDINGS:
            found = [*found[:MAX_FINDINGS], findings.are_more(len(found) - MAX_FINDINGS)]
        return replace(self, files=files, findings=tuple(found))

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
        text = self.files.get(TIMESTAMP, b"")[:MAX_TIME].decode("utf-8-sig", "replace").strip()
        return parse_time(text) if text else None


def _unpacked(files: dict[str, bytes], found: list[Finding]) -> dict[str, bytes]:
    """With the files of zips in place of these; a file beside a zip counts before one in it."""
    every: dict[str, bytes] = {}
    tried = 0
    for name, content in files.items():
        if not name.lower().endswith(".zip"):
            every[name] = content
            continue
        tried += 1
        if tried > MAX_ARCHIVES:
            found.append(findings.cannot_be_unpacked(name, f"there are more than {MAX_ARCHIVES}"))
            continue
        room = MAX_FILES - len(every), MAX_FILE, MAX_TOTAL - sum(map(len, every.values()))
        try:
            inside = unpack(content, *room, _is_not_unpacked)
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
    inside.pop(TIMESTAMP, None)  # what the exchange notes lies beside the folder
    return inside | {name: data for name, data in files.items() if not name.startswith(folder)}


def _that_can_lie_together(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without those for which another file lies where their folder would be."""
    return {
        name: data
        for name, data in files.items()
        if not any(str(parent) in files for parent in PurePosixPath(name).parents)
    }


def _is_not_unpacked(name: str) -> bool:
    """Whether a file of an archive is none of the student's, or has a name that no folder takes."""
    parts = PurePosixPath(name).parts
    too_long = len(name) > MAX_NAME or any(len(part.encode()) > MAX_PART for part in parts)
    return too_long or _is_left_behind(name) or parts[-1:] == (TIMESTAMP,)


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
    with suppress(OSError):  # a folder that is locked is told as a file is
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
