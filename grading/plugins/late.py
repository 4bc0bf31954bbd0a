"""PercentADay: what being late costs, in percent of what was earned."""

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

DAY = 24 * 60 * 60  # seconds


class PercentADay(LateSubmissionPlugin):
    """Takes so many percent for each day begun after the due date, and never more than all.

    nbgrader asks for each notebook by itself. As the percentage is of the notebook's points, it
    comes to the same percentage of the assignment, however many notebooks that has.
    """

    percent = Float(10, help="What a day costs, in percent of the points earned.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        days = math.ceil(total_seconds_late / DAY)
        return score * min(1, days * self.percent / 100)
