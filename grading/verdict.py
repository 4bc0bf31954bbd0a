"""A verdict: what one exercise earned, aspect by aspect, and how a person reads it."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any


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
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Verdict":
        marks = tuple(Mark(**mark) for mark in content["marks"])
        return cls(content["exercise"], marks, content["note"])

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
        left = "style='text-align: left'"
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        rows = "".join(
            f"<tr><td {left}>{escape(mark.aspect)}</td>"
            f"<td>{'right' if mark.passed else 'not right'}</td>"
            f"<td>{mark.earned:g} of {mark.points:g}</td>"
            f"<td {left}>{escape(mark.problem)}</td></tr>"
            for mark in self.marks
        )
        return (
            f"<p><b>{escape(self.exercise)}: {self.earned:g} of {self.points:g} points</b></p>"
            f"{note}<table><thead><tr><th {left}>looked at</th><th>verdict</th><th>points</th>"
            f"<th {left}>what was seen</th></tr></thead><tbody>{rows}</tbody></table>"
        )
