"""What of a kernel's outputs goes back to people: plain, whole, and harmless to open.

A page of feedback is opened by the instructor, too, in the browser that is logged in as one. So no
script may come through, and nothing that a damaged or forged output could break on the way.
"""

import re
import sys
from pathlib import Path
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from nbformat import NotebookNode

from grading.cells import display, shown_output
from grading.intake.pictures import PICTURES, is_picture

MAX_OUTPUTS = 200  # of one cell
MAX_TEXT = 100_000  # characters of one output
MAX_HTML, MAX_TAGS = 2 << 20, 5000  # characters and tags; pictures are part of it
MAX_DEPTH = 60  # of elements inside one another
MAX_ESCAPES = 1000  # of an output, for colours
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|.)?")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")  # one that is never ended counts, too
NEVER_CLOSED = {"br", "hr", "img", "input", "meta", "link", "wbr", "col", "area", "source"}
MAX_FORMATTING = 20  # of <b> and the like: left open, each is repeated in every paragraph
FORMATTING = re.compile(r"<(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b", re.I)
TAGS = {
    *("p", "b", "i", "em", "strong", "code", "pre", "br", "hr", "div", "span", "img", "details"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption", "ul", "ol", "li", "summary"),
}
ATTRIBUTES = {"*": ["style", "title"], "img": ["alt", "width", "height", "src"]}
PICTURE_SOURCE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]+")
CLEANER = bleach.Cleaner(
    tags=TAGS,
    attributes=lambda tag, name, value: (
        bool(PICTURE_SOURCE.fullmatch(value))
        if name == "src"
        else name in ATTRIBUTES["*"] + ATTRIBUTES.get(tag, [])
    ),
    protocols=["data"],
    css_sanitizer=CSSSanitizer(
        allowed_css_properties=["text-align", "vertical-align", "padding", "white-space", "color"]
    ),
    strip=True,
)
PLACES = {sys.prefix, sys.base_prefix, str(Path.home()), str(Path(__file__).parents[2])}


def presentable(outputs: list[NotebookNode], *hidden: str) -> list[NotebookNode]:
    """The outputs of a cell as people may see them; the folders in `hidden` are not named."""
    shown = [seen for output in outputs[:MAX_OUTPUTS] if (seen := _presentable(output, hidden))]
    if len(outputs) > MAX_OUTPUTS:
        rest = f"... and {len(outputs) - MAX_OUTPUTS:,} outputs more"
        shown.append(shown_output("stream", name="stdout", text=rest))
    return shown


def _presentable(output: NotebookNode, hidden: tuple[str, ...]) -> NotebookNode | None:
    """One output, with no say in the points; None when nothing of it may be shown.

    An execute_result would be read as points and stderr as a failure; a traceback holds paths.
    """
    kind = output.get("output_type")
    if kind == "stream":
        return shown_output("stream", name="stdout", text=_clean_text(output.get("text"), hidden))
    if kind == "error":
        name, value = (_clean_text(output.get(part), hidden) for part in ("ename", "evalue"))
        return shown_output("error", ename=name, evalue=value, traceback=[f"{name}: {value}"])
    data = {mime: _clean(mime, value, hidden) for mime, value in _items(output.get("data"))}
    data = {mime: value for mime, value in data.items() if value}
    return display(data) if data else None


def _items(data: Any) -> list[tuple[str, Any]]:
    return list(data.items()) if isinstance(data, dict) else []


def _clean(mime: str, value: Any, hidden: tuple[str, ...]) -> str:
    """What may be shown of one representation; empty when nothing may."""
    if mime in PICTURES:
        return value if is_picture(mime, value) else ""
    if mime == "text/html" and isinstance(value, str):
        return CLEANER.clean(_without_places(value, hidden)) if _can_be_cleaned(value) else ""
    return _clean_text(value, hidden) if mime == "text/plain" else ""


def _can_be_cleaned(html: str) -> bool:
    """Whether cleaning will end soon. What is too much is shown as its plain text instead."""
    few = len(html) <= MAX_HTML and html.count("<") <= MAX_TAGS
    return few and len(FORMATTING.findall(html)) <= MAX_FORMATTING and _depth(html) <= MAX_DEPTH


def _depth(html: str) -> int:
    """How many elements may be open at once: at most so many."""
    depth = deepest = 0
    for closing, name in TAG.findall(html):
        if name.lower() not in NEVER_CLOSED:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _clean_text(value: Any, hidden: tuple[str, ...]) -> str:
    text = value if isinstance(value, str) else repr(value)
    if text.count("\x1b") > MAX_ESCAPES:
        text = ESCAPE.sub("", text)
    if len(text) > MAX_TEXT:
        text = f"{text[:MAX_TEXT]}\n... and {len(text) - MAX_TEXT:,} characters more"
    return _without_places(text, hidden)


def _without_places(text: str, hidden: tuple[str, ...]) -> str:
    """The text without the folders of the machine that grades."""
    for place in sorted(PLACES.union(hidden) - {"/"}, key=len, reverse=True):
        text = text.replace(place, "...")
    return text
