"""What people have given in Formgrader, to know whose feedback does not show it yet."""

import hashlib

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import or_

NOTHING = ""


def given_by_hand(gradebook: Gradebook, assignment: str) -> dict[str, str]:
    """By student, a digest of the points and comments that a person gave; NOTHING is left out."""
    given: dict[str, list[str]] = {}
    points = (Grade.manual_score, Grade.extra_credit)
    for of, columns in ((Grade, points), (Comment, (Comment.manual_comment,))):
        found = (
            gradebook.db.query(of)
            .join(SubmittedNotebook, of.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment)
            .join(Assignment)
            .join(BaseCell, of.cell_id == BaseCell.id)
            .filter(Assignment.name == assignment)
            .filter(or_(*(column.isnot(None) for column in columns)))
        )
        for who, *what in found.with_entities(
            SubmittedAssignment.student_id, BaseCell.id, *columns
        ):
            given.setdefault(who, []).append(repr(what))
    return {
        who: hashlib.sha256("\n".join(sorted(all_of_it)).encode()).hexdigest()
        for who, all_of_it in given.items()
    }
