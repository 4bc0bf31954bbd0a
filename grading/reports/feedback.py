"""Feedback: the page that a student gets for a notebook, the same that nbgrader would make."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback

from grading.course import Course


@dataclass(frozen=True)
class Page:
    """A graded notebook with points and comments in its cells' metadata, and its totals."""

    name: str
    notebook: NotebookNode
    totals: dict[str, Any]  # score, max_score and late_penalty


def render(pages: list[Page], course: Course) -> dict[str, str]:
    """The pages as HTML, by file name. Looks into no gradebook."""
    exporter = _exporter(course)
    return {f"{page.name}.html": _render(page, exporter) for page in pages}


def _render(page: Page, exporter: HTMLExporter) -> str:
    ids = page.totals | {"notebook": page.name}
    resources = {"nbgrader": ids, "unique_key": page.name, "metadata": {"name": page.name}}
    html, _ = exporter.from_notebook_node(page.notebook, resources=resources)
    return html


@cache
def _exporter(course: Course) -> HTMLExporter:
    """With nbgrader's own settings for feedback; made once, as reading its templates takes long."""
    exporter = HTMLExporter(config=GenerateFeedback(config=course.config).config)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return exporter
