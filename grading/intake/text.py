"""Markdown of a student's that is shown to others."""

import re
from functools import partial
from urllib.parse import unquote

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from grading.intake.pictures import MAX_PICTURE

MAX_BRACKETS = 500  # of a cell; each may begin a link, and is followed to the end of the text
# What a page may lead to and show: anything else asks the network, or runs.
HARMLESS = r"(https?:|mailto:|#|data:image/(png|jpeg);base64,|attachment:)"
HARMFUL = re.compile(rf'(href|src)\s*=\s*(?!"{HARMLESS})|<img[^>]*src="http', re.IGNORECASE)
ATTACHED = re.compile(r"!\[[^\]\[]{0,300}\]\(\s{0,9}<?attachment:([^)>\s(]{0,300})>?[^()]{0,300}\)")


def harmless_markdown(source: str) -> str:
    """Markdown in which no HTML is left: a < that would open a tag is one to be read."""
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", source)


def showable_markdown(cell: NotebookNode) -> str:
    """The text of a Markdown cell as any page can show it, whatever its pictures and signs are."""
    if cell.source.count("[") > MAX_BRACKETS:
        return _as_written(cell.source)
    pictures = cell.get("attachments", {})
    source = ATTACHED.sub(partial(_picture, pictures), harmless_markdown(cell.source))
    renderer = IPythonRenderer(escape=False, attachments=pictures)
    try:
        page = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # whatever its signs lead the renderer to
        return _as_written(cell.source)
    return _as_written(cell.source) if HARMFUL.search(page) else source


def plain_markdown(text: str) -> str:
    """Markdown that shows this text, whatever signs it holds."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$&-])", r"\\\1", text)


def _as_written(source: str) -> str:
    code = "\n".join(f"    {line}" for line in source.splitlines())
    return f"This text cannot be shown as it should be; here it is as it was written.\n\n{code}"


def _picture(pictures: dict[str, dict[str, str]], reference: re.Match[str]) -> str:
    """A reference to a picture, or words in its place."""
    name = unquote(reference[1])
    if name in pictures:
        return reference[0]
    kept = f"PNG and JPEG of up to {MAX_PICTURE >> 20} MB are kept, if they are in the notebook"
    return f"(The picture {name} cannot be shown: {kept}.)"
