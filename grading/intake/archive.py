"""A zip that was handed in, unpacked: by its own account never, by what comes out of it always."""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath


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
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                name = _plain_name(entry.filename)
                if entry.is_dir() or not name or leave_out(name):
                    continue
                if len(files) == max_files:
                    raise CannotUnpackError(f"it holds more than {max_files} files")
                room = min(max_file, max_total - sum(map(len, files.values())))
                with archive.open(entry) as file:
                    content = file.read(room + 1)
                if len(content) > room:
                    raise CannotUnpackError("what it holds is too large")
                files[name] = content
    except RuntimeError as error:
        raise CannotUnpackError("it has a password") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ) as e:
        raise CannotUnpackError(f"{type(e).__name__}: {e}") from e
    return files


def _plain_name(name: str) -> str:
    """Without what would lead out of a folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..", ".") and ":" not in part)
