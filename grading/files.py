"""The files of a folder, as bytes by name: what travels, what lies beside, what is compared."""

import os
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from grading.course import Course


def files_in(course: Course, folder: Path) -> dict[str, bytes]:
    """By name, in order, without what the course's configuration ignores: .venv and the like.

    Of a folder that is not there, none.
    """
    paths = paths_in(course, folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def paths_in(course: Course, folder: Path) -> list[Path]:
    """Where the same files are, without reading them."""
    return sorted(path for path in _walk(folder, course.directory.ignore) if path.is_file())


def _walk(folder: Path, ignored: list[str]) -> Iterator[Path]:
    """All below a folder; what is ignored is not even entered."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if not any(fnmatch(path.name, pattern) for pattern in ignored):
            yield path
            if path.is_dir():
                yield from _walk(path, ignored)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def replace_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Have a folder hold these files and no others; where they have no room, it stays as it was."""
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)  # of somebody who was killed
    fresh, old = beside / "fresh", beside / "old"
    try:
        fresh.mkdir(parents=True)
        write_files(fresh, files)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def replace_file(path: Path, text: str) -> None:
    """Have a file hold this text, on the disk; where it has no room, it stays as it was."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
