"""Markdown of a student's that is shown to others."""

import re
from functools import partial
from urllib.parse import unquote

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from grading.intake.pictures import MAX_PICTURE

ATTACHED = re.compile(r"!\[[^\]]*\]\(\s*<?attachment:([^)>\s]*)[^)]*\)")


def harmless_markdown(source: str) -> str:
    """Markdown in which no HTML is left: a < that would open a tag is one to be read."""
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", source)


def showable_markdown(cell: NotebookNode) -> str:
    """The text of a Markdown cell as any page can show it, whatever its pictures and signs are."""
    pictures = cell.get("attachments", {})
    source = ATTACHED.sub(partial(_picture, pictures), harmless_markdown(cell.source))
    renderer = IPythonRenderer(escape=False, attachments=pictures)
    try:
        MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # whatever its signs lead the renderer to
        code = "\n".join(f"    {line}" for line in cell.source.splitlines())
        return f"This text cannot be shown as it should be; here it is as it was written.\n\n{code}"
    return source


def _picture(pictures: dict[str, dict[str, str]], reference: re.Match[str]) -> str:
    """A reference to a picture, or words in its place."""
    name = unquote(reference[1])
    if name in pictures:
        return reference[0]
    kept = f"PNG and JPEG of up to {MAX_PICTURE >> 20} MB are kept, if they are in the notebook"
    return f"(The picture {name} cannot be shown: {kept}.)"
