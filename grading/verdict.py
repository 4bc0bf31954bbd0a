"""A verdict: what one exercise earned, aspect by aspect, and how a person reads it."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from grading.status import Status


@dataclass(frozen=True)
class Mark:
    """One aspect: its points, whether they were earned, and if not, what was seen."""

    aspect: str
    points: float
    passed: bool
    problem: str = ""

    @property
    def earned(self) -> float:
        return self.points if self.passed else 0.0


@dataclass(frozen=True)
class Verdict:
    """One exercise of one submission. `note` says why nothing could be judged, if so."""

    exercise: str
    marks: tuple[Mark, ...]
    note: str = ""
    status: Status = Status.GRADED

    @property
    def points(self) -> float:
        return sum(mark.points for mark in self.marks)

    @property
    def earned(self) -> float:
        return sum(mark.earned for mark in self.marks)

    @property
    def lost(self) -> tuple[str, ...]:
        return tuple(mark.aspect for mark in self.marks if not mark.passed)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"status": self.status.value}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Verdict":
        marks = tuple(Mark(**mark) for mark in content["marks"])
        return cls(content["exercise"], marks, content["note"], Status(content["status"]))

    def as_text(self) -> str:
        rows = [f"{self.exercise}: {self.earned:g} of {self.points:g} points"]
        rows += [self.note] if self.note else []
        for mark in self.marks:
            state = "right    " if mark.passed else "not right"
            problem = f": {mark.problem}" if mark.problem else ""
            rows.append(f"  {state} {mark.earned:g}/{mark.points:g}  {mark.aspect}{problem}")
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
        head = _table_row("th", ("looked at", "verdict", "points", "what was seen"))
        body = "".join(_table_row("td", row) for row in rows)
        title = f"{escape(self.exercise)}: {self.earned:g} of {self.points:g} points"
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f"<p><b>{title}</b></p>{note}<table><thead>{head}</thead><tbody>{body}</tbody></table>"
        )


def _table_row(kind: str, texts: tuple[str, ...]) -> str:
    style = "text-align: left; vertical-align: top; padding: 2px 16px 2px 0"
    narrow = f"{style}; white-space: nowrap"  # all but the last, which may be long
    styles = [narrow] * (len(texts) - 1) + [style]
    cells = zip(styles, texts, strict=True)
    return f"<tr>{''.join(f'<{kind} style={s!r}>{escape(t)}</{kind}>' for s, t in cells)}</tr>"
