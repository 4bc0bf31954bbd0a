"""Summarize: a page begins with what matters: how grading ended, points, what to look at next."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import isclose
from textwrap import shorten

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from grading.cells import is_graded
from grading.intake.text import plain_markdown
from grading.judging.beside import BESIDE
from grading.judging.verdict import Verdict
from grading.kernel.execute import Resources
from grading.preprocessors.base import METADATA, WAITS, GradingPreprocessor
from grading.status import Status

SUMMARY = "summary"  # of a cell's metadata: whether it is the summary
LONGEST = 300  # characters of what was seen; all of it stands behind the answer
NO_RESPONSE = "No response."  # nbgrader's comment on an answer that was left as it was
HEADING = "## Points, and what to look at next"
TITLES = ("exercise", "points", "right", "look at next")


class Summarize(GradingPreprocessor):
    """Behind the judge, with its points; for feedback again, when all points are final."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        summarize(nb, resources["nbgrader"].get("late_penalty", 0))
        return nb, resources


def summarize(nb: NotebookNode, late_penalty: float = 0) -> None:
    """Put the summary on top, in place of an earlier one."""
    nb.cells = [cell for cell in nb.cells if not cell.metadata.get(METADATA, {}).get(SUMMARY)]
    verdicts = map(Verdict.from_json, nb.metadata[METADATA].verdicts)
    lines = list(_lines(nb.cells, {verdict.exercise: verdict for verdict in verdicts}))
    text = "\n\n".join([*_how_it_ended(nb), HEADING, _total(lines, late_penalty), _table(lines)])
    nb.cells.insert(0, new_markdown_cell(text, metadata={METADATA: {SUMMARY: True}}))


@dataclass(frozen=True)
class Line:
    """One exercise: what nbgrader notes on its graded cell and on the answer, and the verdict."""

    marks: NotebookNode
    answer: NotebookNode
    verdict: Verdict | None  # where a person gives the points, there is none
    waits: bool  # as the gradebook says: a person has still to give them

    @property
    def is_final(self) -> bool:
        return "score" in self.marks and not self.waits

    @property
    def earned(self) -> float | None:
        """In feedback as the gradebook has it, before that as it was judged."""
        judged = self.verdict.earned if self.verdict else None
        return None if self.waits else self.marks.get("score", judged)

    @property
    def points(self) -> str:
        earned = "?" if self.earned is None else f"{self.earned:g}"
        changed = self.verdict and not isclose(self.earned or 0, self.verdict.earned)
        return f"{earned} of {self.marks.points:g}{', changed by hand' if changed else ''}"

    @property
    def right(self) -> str:
        if self.verdict is None:
            return ""
        right = [mark.aspect for mark in self.verdict.marks if mark.passed]
        right += ["in part"] if any(mark.part for mark in self.verdict.marks) else []
        return ("; ".join(right) or "nothing yet") if self.verdict.lost else "all of it"

    @property
    def to_look_at(self) -> str:
        """The one thing to look at next: what explains the answer, or else what was seen first."""
        if self.verdict is None and self.answer.get("comment") == NO_RESPONSE:
            return "It was left as it was handed out."
        if self.verdict is None:
            return "" if self.is_final else "The points are given by a person."
        if not self.verdict.lost:
            return self.verdict.not_charged
        if self.verdict.diagnosis and self.verdict.diagnosis.name:
            return str(self.verdict.diagnosis)
        first = next(mark for mark in self.verdict.marks if not mark.passed)
        seen = first.problem if first.aspect == BESIDE else f"{first.aspect}: {first.problem}"
        return shorten(self.verdict.note or seen, LONGEST)

    @property
    def has_comment(self) -> bool:
        return self.answer.get("comment") not in (None, "", NO_RESPONSE)


def _lines(cells: list[NotebookNode], verdicts: dict[str, Verdict]) -> Iterator[Line]:
    answers = {
        exercise: cell.metadata.nbgrader
        for cell in cells
        for exercise in cell.metadata.get(METADATA, {}).get("answers", [])
    }
    for cell in filter(is_graded, cells):
        marks, waits = cell.metadata.nbgrader, WAITS in cell.metadata.get(METADATA, {})
        name = marks.grade_id
        yield Line(marks, answers.get(name, marks), verdicts.get(name), waits)


def _how_it_ended(nb: NotebookNode) -> Iterator[str]:
    """The status, if there is something to say, and the findings."""
    status, findings = Status(nb.metadata[METADATA].status), nb.metadata[METADATA].findings
    if status is not Status.GRADED or findings:
        yield f"**Status of this notebook: {status.value}.** {status.meaning}"
        yield "\n".join(f"- {plain_markdown(finding)}" for finding in findings)


def _total(lines: list[Line], late_penalty: float) -> str:
    earned = sum(line.earned or 0 for line in lines) - late_penalty
    points = sum(line.marks.points for line in lines)
    how = "" if any(line.is_final for line in lines) else ", before anything is changed by hand"
    late = f" The late submission penalty of {late_penalty:g} is taken off." if late_penalty else ""
    left = sum(line.marks.points for line in lines if line.earned is None)
    waits = f" Up to {left:g} more are given by a person." if left else ""
    return f"**{earned:g} of {points:g} points**{how}.{late}{waits}"


def _table(lines: list[Line]) -> str:
    """In one line of HTML: in Markdown, what students cause to be said could become anything."""
    titles = "".join(f'<th scope="col">{title}</th>' for title in TITLES)
    rows = "".join(map(_row, lines))
    top, body = f"<thead><tr>{titles}</tr></thead>", f"<tbody>{rows}</tbody>"
    return f'<table class="points">{top}{body}</table>'


def _row(line: Line) -> str:
    link = f'<a href="#at-{escape(line.answer.grade_id)}">{escape(line.marks.grade_id)}</a>'
    comment = " (with a comment)" if line.has_comment else ""
    cells = "".join(
        f"<td>{escape(text)}</td>" for text in (line.points, line.right, line.to_look_at)
    )
    return f'<tr><th scope="row">{link}{comment}</th>{cells}</tr>'
