"""A verdict: what one exercise earned, aspect by aspect, and how a person reads it."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from grading.status import Status


@dataclass(frozen=True)
class Mark:
    """One aspect: its points, whether they were earned, and if not, what was seen.

    picture: what was given and what was expected, drawn as text, where the lab can.
    part: what was earned all the same, where a test of the instructor's gives part of its points.
    """

    aspect: str
    points: float
    passed: bool
    problem: str = ""
    picture: str = ""
    part: float = 0.0

    @property
    def earned(self) -> float:
        return self.points if self.passed else self.part


@dataclass(frozen=True)
class Diagnosis:
    """The misconception that explains a wrong answer; without a name, none is known that does."""

    name: str = ""
    hint: str = ""

    def __str__(self) -> str:
        if not self.name:
            return "No mistake that we know explains all of this. Begin with what was seen first."
        return f"This looks like: {self.name}. {self.hint}"


@dataclass(frozen=True)
class Verdict:
    """One exercise of one submission.

    note: why nothing could be judged, if so.
    not_charged: what is right but for a mistake in an earlier answer, if anything is.
    """

    exercise: str
    marks: tuple[Mark, ...]
    note: str = ""
    status: Status = Status.GRADED
    diagnosis: Diagnosis | None = None
    not_charged: str = ""

    @property
    def points(self) -> float:
        return sum(mark.points for mark in self.marks)

    @property
    def earned(self) -> float:
        return sum(mark.earned for mark in self.marks)

    @property
    def lost(self) -> tuple[str, ...]:
        return tuple(mark.aspect for mark in self.marks if not mark.passed)

    @property
    def picture(self) -> str:
        """The first picture of what is wrong; one is enough."""
        return next((mark.picture for mark in self.marks if mark.picture), "")

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"status": self.status.value}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Verdict":
        marks = tuple(Mark(**mark) for mark in content["marks"])
        status, diagnosis = Status(content["status"]), content["diagnosis"]
        known = Diagnosis(**diagnosis) if diagnosis else None
        return cls(
            content["exercise"], marks, content["note"], status, known, content["not_charged"]
        )

    def as_text(self) -> str:
        rows = [f"{self.exercise}: {self.earned:g} of {self.points:g} points"]
        rows += [self.note] if self.note else []
        for mark in self.marks:
            state = "right    " if mark.passed else "not right"
            problem = f": {mark.problem}" if mark.problem else ""
            rows.append(f"  {state} {mark.earned:g}/{mark.points:g}  {mark.aspect}{problem}")
        rows += [str(self.diagnosis)] if self.diagnosis else []
        rows += [self.not_charged] if self.not_charged else []
        rows += [self.picture] if self.picture else []
        return "\n".join(rows)

    def as_html(self) -> str:
        """A table that needs no style sheet and no colour to be understood."""
        rows = [
            (
                mark.aspect,
                "right" if mark.passed else "not right",
                f"{mark.earned:g} of {mark.points:g}",
                mark.problem,
            )
            for mark in self.marks
        ]
        titles = _table_row("th", ("looked at", "verdict", "points", "what was seen"))
        body = "".join(_table_row("td", row) for row in rows)
        title = f"{escape(self.exercise)}: {self.earned:g} of {self.points:g} points"
        table = f"<table><thead>{titles}</thead><tbody>{body}</tbody></table>"
        told = [self.note, str(self.diagnosis or ""), self.not_charged]
        paragraphs = [f"<p>{escape(text)}</p>" if text else "" for text in told]
        drawn = f"<pre>{escape(self.picture)}</pre>" if self.picture else ""
        return f"<p><b>{title}</b></p>{paragraphs[0]}{table}{paragraphs[1]}{paragraphs[2]}{drawn}"


def _table_row(kind: str, texts: tuple[str, ...]) -> str:
    style = "text-align: left; vertical-align: top; padding: 2px 16px 2px 0"
    narrow = f"{style}; white-space: nowrap"  # all but the last, which may be long
    styles = [narrow] * (len(texts) - 1) + [style]
    cells = zip(styles, texts, strict=True)
    return f"<tr>{''.join(f'<{kind} style={s!r}>{escape(t)}</{kind}>' for s, t in cells)}</tr>"
