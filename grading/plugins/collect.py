"""Collect: what students put into nbgrader's exchange, as it may be taken.

Anybody may write into the folder `inbound`, also past nbgrader. What its own command would follow
(links to the solutions, a name that is somebody else's) or stop at (a name without a time), for the
whole class, is left out here and named.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect

NOBODY = ""
LAST = "submission_secret.txt"  # what `nbgrader submit` writes at the end
AS_IT_IS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # no link, no waiting for a pipe
DEEPEST = 20  # folders in folders


class Collect(ExchangeCollect):
    """Takes what was handed in by whom its name says, complete, and only files of its own."""

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        super().init_src()
        self.src_records = [one for one in self.src_records if one["username"] != NOBODY]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record = super()._path_to_record(path)
            why_not = self._why_not(Path(path), record["username"])
        except (ExchangeError, ValueError, OverflowError, OSError) as error:
            why_not = f"it is not named as nbgrader names it ({error})"
        if not why_not:
            return record
        self.log.warning("Left out %s: %s", path, why_not)
        return {"username": NOBODY, "filename": Path(path).name, "timestamp": datetime.min}

    def _why_not(self, folder: Path, student: str) -> str:
        """Why a submission is not taken; empty when it is."""
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            return "it is no folder"
        # On one account for all, as in some containers, the owner says nothing.
        if self.check_owner and found.st_uid != os.getuid() and _account(found.st_uid) != student:
            return f"it belongs to {_account(found.st_uid)}, who is not {student}"
        if not (folder / LAST).exists():
            return "it is still being handed in, or was not by nbgrader; collect once more"
        return ""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """By way of a folder of ours, in which nobody else changes anything."""
        with TemporaryDirectory() as ours:
            copy = Path(ours) / "copy"
            copy.mkdir()
            room = 1000 * self.coursedir.max_dir_size
            for name, file in _files_of_its_own(Path(src)):
                size = os.fstat(file).st_size if file else 0
                if file and size <= room:
                    room -= size
                    _write(file, copy / name)
                else:
                    why = "it is too large" if file else "it is no file, or not open to us"
                    self.log.warning("Left out of %s: %s, because %s", src, name, why)
            super().do_copy(str(copy), dest)


def _files_of_its_own(folder: Path) -> Iterator[tuple[Path, int | None]]:
    """The files below a folder, opened; None for a link or whatever else can be no submission's.

    Each is looked up from the opened folder that holds it, so that none can be exchanged for a
    link in the meantime.
    """
    for parent, folders, names, opened in os.fwalk(folder):
        inside = Path(parent).relative_to(folder)
        for name in sorted([*names, *folders]):
            try:
                file = os.open(name, AS_IT_IS, dir_fd=opened)
            except OSError:
                yield inside / name, None
                continue
            try:
                kind = os.fstat(file).st_mode
                if not stat.S_ISDIR(kind):
                    yield inside / name, file if stat.S_ISREG(kind) else None
            finally:
                os.close(file)
        if len(inside.parts) == DEEPEST:
            folders.clear()


def _write(file: int, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "rb", closefd=False) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)


def _account(user: int) -> str:
    import pwd  # not on Windows, where the rest of the configuration works

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"the account number {user}"
