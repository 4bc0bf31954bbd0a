"""Feedback: the page that a student gets for a notebook, the same that nbgrader would make."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback

from grading.course import Course

REMEMBERED = 1000  # cells; those that everybody has are made into HTML once
WITHOUT_TEXT = re.compile(r"<img(?![^>]*\salt=)")
NO_TEXT = '<img alt="No description has been provided for this image"'


@dataclass(frozen=True)
class Page:
    """A graded notebook with points and comments in its cells' metadata, and its totals."""

    name: str
    notebook: NotebookNode
    totals: dict[str, Any]  # score, max_score and late_penalty


class PageExporter(HTMLExporter):
    """nbconvert's HTML, in a fifth of the time.

    The page is not read once more, which nbconvert does for what Lab's template lacks and for
    pictures without an alternative text.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        text = super().markdown2html
        self._text = lru_cache(REMEMBERED)(lambda source: text({}, source))
        code = lru_cache(REMEMBERED)(Highlight2HTML(parent=self))
        self.register_filter("highlight_code", lambda source, **_: code(source))

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        attached = context.get("cell", {}).get("attachments")
        return super().markdown2html(context, source) if attached else self._text(source)

    def from_notebook_node(  # type: ignore[override]  # as its parent does
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        resources = self._init_resources(resources)
        shown = WidgetsDataTypeFilter(
            notebook_metadata=self._nb_metadata, parent=self, resources=resources
        )
        self.register_filter("filter_data_type", shown)
        html, resources = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        return WITHOUT_TEXT.sub(NO_TEXT, html), resources


def render(pages: list[Page], course: Course) -> dict[str, str]:
    """The pages as HTML, by file name. Looks into no gradebook."""
    exporter = _exporter(course)
    return {f"{page.name}.html": _render(page, exporter) for page in pages}


def _render(page: Page, exporter: PageExporter) -> str:
    ids = page.totals | {"notebook": page.name}
    resources = {"nbgrader": ids, "unique_key": page.name, "metadata": {"name": page.name}}
    html, _ = exporter.from_notebook_node(page.notebook, resources=resources)
    return html


@cache
def _exporter(course: Course) -> PageExporter:
    """With nbgrader's own settings for feedback; made once, as reading its templates takes long."""
    exporter = PageExporter(config=GenerateFeedback(config=course.config).config)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return exporter
