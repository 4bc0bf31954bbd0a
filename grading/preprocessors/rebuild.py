"""Rebuild, the sanitizing step: keep the student's answers, restore all else from the release."""

from nbformat import NotebookNode

from grading.intake import findings
from grading.intake.notebook import plain_cells
from grading.intake.rebuild import rebuild
from grading.intake.released import released
from grading.intake.submission import links
from grading.kernel.execute import Resources
from grading.preprocessors.base import METADATA, GradingPreprocessor
from grading.status import Finding, Status


class Rebuild(GradingPreprocessor):
    """Sanitize: keep the student's answers, restore everything else from the release."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        name = f"{ids['notebook']}.ipynb"
        release = self.course.folder("release", ids["assignment"]) / name
        followed = self._undo_links(ids["assignment"], ids["student"])
        # whosever the cells behind a link are, they were not handed in
        nb.cells = [] if name in followed else plain_cells(nb.cells)
        nb, found = rebuild(nb, released(release))
        note_findings(nb, found + [findings.is_a_link(link) for link in followed])
        return nb, resources

    def _undo_links(self, assignment: str, student: str) -> list[str]:
        """nbgrader has copied what the links in a submission lead to: take it away again."""
        followed = links(self.course.folder("submitted", assignment, student))
        for link in followed:
            (self.course.folder("autograded", assignment, student) / link).unlink(missing_ok=True)
        return followed


def note_findings(nb: NotebookNode, found: list[Finding]) -> None:
    """Write down what was found where the judge will look for it."""
    status = Status.worst([Status.GRADED, *(finding.status for finding in found)])
    nb.metadata[METADATA] = NotebookNode(findings=list(map(str, found)), status=status.value)
