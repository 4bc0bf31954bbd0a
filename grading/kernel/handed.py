"""What lies beside a notebook, as its kernel gets it: copies, so that code may change them."""

import stat
from pathlib import Path

FOLDER = Path("/lab")  # the submission's folder, as its kernel sees it
HANDED = Path("/handed-out")  # from where files are copied into it
COPIED = 32 << 20  # bytes of all copies together: they are memory
OPEN = stat.S_IROTH | stat.S_IXOTH
MOST = 500  # files; each is a mount of its own


def files_beside(folder: Path) -> list[tuple[Path, Path]]:
    """The files, and where the sandbox shows them: in HANDED, or if they are large in FOLDER.

    Notebooks are left out, whosever they are; so are links, which may lead anywhere. A folder with
    nothing to leave out is shown as a whole, which takes one mount in place of one for each file.
    """
    folder = folder.resolve()
    inside = sorted(folder.rglob("*"))
    files = list(filter(_is_shown, inside))
    seen, room = [], COPIED
    for path in files:
        size = path.stat().st_size
        place = HANDED if size <= room else FOLDER
        room -= size if place == HANDED else 0
        seen.append((path, place / path.relative_to(folder)))
    folders = {folder, *inside}.difference(files)  # if there is nothing to leave out
    small = all(place.is_relative_to(HANDED) for _, place in seen)
    if files and small and all(map(_is_open_folder, folders)):
        return [(folder, HANDED)]
    return seen


def _is_shown(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"


def _is_open_folder(path: Path) -> bool:
    """Whether a kernel, which is another user, can read it where it is."""
    return path.is_dir() and not path.is_symlink() and path.stat().st_mode & OPEN == OPEN
