"""Pictures that a student brings: as data that any page may hold, or not at all."""

import base64
import binascii
from typing import Any
from urllib.parse import quote

PICTURES = ("image/png", "image/jpeg")
MAX_PICTURE = 4 << 20  # bytes


def is_picture(mime: str, data: Any) -> bool:
    """Whether this is a PNG or JPEG in base64."""
    return mime in PICTURES and isinstance(data, str) and _is_base64(data)


def kept_attachments(attachments: Any) -> dict[str, dict[str, str]]:
    """Of what was pasted into a cell, the pictures that are not too large, by name."""
    kept: dict[str, dict[str, str]] = {}
    for name, versions in _items(attachments):
        joined = {mime: _joined(data) for mime, data in _items(versions)}
        fit = {m: d for m, d in joined.items() if is_picture(m, d) and _bytes(d) <= MAX_PICTURE}
        if fit:
            kept |= {name: fit, quote(name): fit}  # as it is called, and as texts refer to it
    return kept


def _joined(data: Any) -> Any:
    """Text that may be stored as a list of lines, as nbformat allows."""
    lines = isinstance(data, list) and all(isinstance(line, str) for line in data)
    return "".join(data) if lines else data


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _bytes(base64_text: str) -> int:
    return len(base64_text) * 3 // 4


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
