"""What lies beside a notebook, as its kernel gets it: copies, so that code may change them."""

from pathlib import Path

FOLDER = Path("/lab")  # the submission's folder, as its kernel sees it
HANDED = Path("/handed-out")  # from where files are copied into it
COPIED = 32 << 20  # bytes of all copies together: they are memory
MOST = 500  # files; each is a mount of its own


def files_beside(folder: Path) -> list[tuple[Path, Path]]:
    """The files, and where the sandbox shows them: in HANDED, or if they are large in FOLDER.

    Notebooks are left out, whosever they are; so are links, which may lead anywhere.
    """
    folder = folder.resolve()
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"
    ]
    seen, room = [], COPIED
    for path in files:
        size = path.stat().st_size
        place = HANDED if size <= room else FOLDER
        room -= size if place == HANDED else 0
        seen.append((path, place / path.relative_to(folder)))
    return seen
