"""Markdown of a student's that is shown to others."""

import re


def harmless_markdown(source: str) -> str:
    """Markdown in which no HTML is left: a < that would open a tag is one to be read."""
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", source)
