"""A zip that was handed in, unpacked: by its own account never, by what comes out of it always."""

import io
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

MAX_ENTRIES = 20_000


class CannotUnpackError(Exception):
    """The archive cannot be read; the message says why."""


def unpack(
    data: bytes,
    max_files: int,
    max_file: int,
    max_total: int,
    leave_out: Callable[[str], bool] = lambda name: False,
) -> dict[str, bytes]:
    """The files of a zip, by name. Raises CannotUnpackError, also for more than the limits allow.

    max_file, max_total: bytes, as they come out; what the archive says of itself is not believed.
    leave_out: names of files that are not even looked at.
    """
    files: dict[str, bytes] = {}
    number, room = 0, max_total  # names may be there twice: what came out counts, not what is kept
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_ENTRIES:
                raise CannotUnpackError(f"it has more than {MAX_ENTRIES:,} entries")
            for entry in archive.infolist():
                name = _plain_name(entry.filename)
                if entry.is_dir() or not name or leave_out(name):
                    continue
                number += 1
                if number > max_files:
                    raise CannotUnpackError(f"it holds more than {max_files} files")
                most = min(max_file, room)
                with archive.open(entry) as file:
                    content = file.read(most + 1)
                if len(content) > most:
                    raise CannotUnpackError("what it holds is too large")
                room -= len(content)
                files[name] = content
    except CannotUnpackError:
        raise
    except Exception as error:  # a damaged one gets zipfile and the decompressors to raise anything
        has_password = type(error) is RuntimeError
        why = "it has a password" if has_password else f"{type(error).__name__}: {error}"
        raise CannotUnpackError(why) from error
    return files


def _plain_name(name: str) -> str:
    """Without what would lead out of a folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..", ".") and ":" not in part)
