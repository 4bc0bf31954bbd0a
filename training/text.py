"""The books, from two packages that carry them; README.md says which and under what licence.

They are expected unpacked in the folder TEXTS names: Moby-Dick as one .json file a chapter, the
six novels of Jane Austen as the data of an R package, which is read here without R.
"""

import json
import os
import re
import struct
import zlib
from pathlib import Path

TEXTS = Path(os.environ.get("TEXTS", "texts"))
MOBY_DICK = "moby-dick/data"  # chapter_1.json and so on
AUSTEN = "janeaustenr/data/Rdata.rdb"
PLAIN = str.maketrans(
    "\u2013\u2018\u2019\u201c\u201d\xa0\tàâäåæèéêëîïñôöùûüçÆÉœ£",  # dash, quotes, blanks, letters
    "-''\"\"  aaaaaeeeeiinoouuucAEoL",
    "_",  # stands around words in italics
)


def read_books() -> dict[str, str]:
    """Name of a book to its text: ASCII, one line a paragraph."""
    books = read_austen(TEXTS / AUSTEN)
    return {"Moby-Dick": read_moby_dick(TEXTS / MOBY_DICK), **books}


def read_moby_dick(folder: Path) -> str:
    chapters = sorted(folder.glob("chapter_*.json"), key=lambda path: number_in(path.stem))
    parts = [json.loads(path.read_text(encoding="utf-8"))["text"] for path in chapters]
    return simplify("\n\n".join(parts))


def number_in(stem: str) -> int:
    found = re.search(r"\d+", stem)
    return int(found[0]) if found else 0


def read_austen(path: Path) -> dict[str, str]:
    """The data of an R package: for each book a length in 4 bytes, and what zlib made of it."""
    data, books = path.read_bytes(), {}
    while data:
        unpack = zlib.decompressobj()
        lines = read_strings(unpack.decompress(data[4:]))
        books[lines[0].title().replace(" And ", " and ")] = simplify("\n".join(lines[1:]))
        data = unpack.unused_data
    return books


def read_strings(serialized: bytes) -> list[str]:
    """A vector of strings as R writes one: the type, how many, and each with flags and length."""
    at = serialized.index(b"\x00\x00\x00\x10") + 4
    (count,) = struct.unpack_from(">i", serialized, at)
    strings, at = [], at + 4
    for _ in range(count):
        _, length = struct.unpack_from(">2i", serialized, at)
        strings.append(serialized[at + 8 : at + 8 + max(length, 0)].decode("utf-8"))
        at += 8 + max(length, 0)
    return strings


def simplify(text: str) -> str:
    """Lines joined to paragraphs, one newline between them, ASCII."""
    text = text.replace("\u2014", "--").translate(PLAIN)
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    joined = "\n".join(part for part in paragraphs if part)
    return joined.encode("ascii", "ignore").decode() + "\n"
