"""The grader as nbgrader preprocessors: rebuild, ask, (execute,) judge, comment.

nbgrader_config.py puts them into nbgrader's own autograde step, so that the command line,
Formgrader and `grade` all mark in the same way. They pass on what they know in
resources["grading"], and leave findings and verdicts in the notebook's metadata.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.api import Comment as GradebookComment
from nbgrader.api import Gradebook, Student
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from grading import probe
from grading.course import Course
from grading.execute import STOPPED, Resources, SteadyExecute, error_names, has_timed_out
from grading.exercise import Question
from grading.exercises import EXERCISES
from grading.intake import rebuild
from grading.judge import FORGED, judge, nothing
from grading.presentable import harmless_markdown, presentable
from grading.status import Finding, Status
from grading.submission import links, plain_cells
from grading.verdict import Verdict

METADATA = "grading"
PROBE = "grading_probe"
PROBE_SOURCE = Path(probe.__file__).read_text()

__all__ = ["Ask", "Comment", "Judge", "NameStudent", "Rebuild", "SteadyExecute"]


class GradingPreprocessor(NbGraderPreprocessor):
    @property
    def course(self) -> Course:
        return Course(Path(CourseDirectory(config=self.config).root))


class Rebuild(GradingPreprocessor):
    """Sanitize: keep the student's answers, restore everything else from the release."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        name = f"{ids['notebook']}.ipynb"
        release = self.course.folder("release", ids["assignment"]) / name
        followed = self._undo_links(ids["assignment"], ids["student"])
        # whosever the cells behind a link are, they were not handed in
        nb.cells = [] if name in followed else plain_cells(nb.cells)
        nb, findings = rebuild(nb, nbformat.read(release, as_version=4))
        findings += [Finding(f"{link} is a link; it was left out.") for link in followed]
        note_findings(nb, findings)
        return nb, resources

    def _undo_links(self, assignment: str, student: str) -> list[str]:
        """nbgrader has copied what the links in a submission lead to: take it away again."""
        followed = links(self.course.folder("submitted", assignment, student))
        for link in followed:
            (self.course.folder("autograded", assignment, student) / link).unlink(missing_ok=True)
        return followed


def note_findings(nb: NotebookNode, findings: list[Finding]) -> None:
    """Write down what was found where the judge will look for it."""
    status = Status.worst([Status.GRADED, *(finding.status for finding in findings)])
    nb.metadata[METADATA] = NotebookNode(findings=list(map(str, findings)), status=status.value)


class Ask(GradingPreprocessor):
    """Put a cell behind each autograded cell that asks the exercise's inputs of this student.

    The inputs are drawn anew in every run: who knows those of the last one knows nothing.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        nb.metadata[METADATA].draw = secrets.token_hex(8)
        questions: dict[str, Question] = {}
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            exercise = graded_id(cell)
            if exercise in EXERCISES:
                ids = resources["nbgrader"]
                questions[exercise] = self.course.question(
                    exercise, ids["student"], nb.metadata[METADATA].draw
                )
                cells.append(_probe_cell(questions[exercise]))
        nb.cells = cells
        resources[METADATA] = questions
        return nb, resources


class Judge(GradingPreprocessor):
    """Turn the answers into points, and leave in the notebook only what a student may see."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        questions, stopped = resources[METADATA], resources.get(STOPPED)
        probes = {c.metadata[PROBE]: c for c in nb.cells if PROBE in c.metadata}
        nb.cells = [cell for cell in nb.cells if PROBE not in cell.metadata]
        statuses = [Status(nb.metadata[METADATA].status), *([stopped] if stopped else [])]
        verdicts = {
            exercise: _verdict(question, probes[exercise], self.course, stopped)
            for exercise, question in questions.items()
        }
        for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
            statuses += [Status.TIMED_OUT] if has_timed_out(cell) else []
            statuses += [Status.OUT_OF_MEMORY] if "MemoryError" in error_names(cell) else []
            cell.outputs = presentable(cell.outputs, str(self.course.root))
            if graded_id(cell) in verdicts:
                cell.outputs.insert(0, _points_output(verdicts[graded_id(cell)]))
        statuses += [verdict.status for verdict in verdicts.values()]
        nb.metadata[METADATA].update(
            status=Status.worst(statuses).value,
            verdicts=[verdict.as_json() for verdict in verdicts.values()],
        )
        _show_notes(nb)
        return nb, resources


class Comment(GradingPreprocessor):
    """Behind SaveAutoGrades: tell the gradebook, too, how grading a notebook ended."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(
                ids["notebook"], ids["assignment"], ids["student"]
            )
            comment_on_status(nb, {comment.name: comment for comment in submitted.comments})
            gradebook.db.commit()
        return nb, resources


def comment_on_status(nb: NotebookNode, comments: Mapping[str, GradebookComment]) -> None:
    """On the first answer, unless there is nothing to say."""
    status = Status(nb.metadata[METADATA].status)
    answers = [c.metadata.nbgrader.grade_id for c in nb.cells if utils.is_solution(c)]
    if answers and status is not Status.GRADED:
        comments[answers[0]].auto_comment = f"{status.value}: {status.meaning}"


class NameStudent(GradingPreprocessor):
    """Feedback: say whose it is, by the name in the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            name_student(nb, gradebook.find_student(ids["student"]))
        return nb, resources


def name_student(nb: NotebookNode, student: Student) -> None:
    names = " ".join(filter(None, (student.first_name, student.last_name)))
    whose = f"{names} ({student.id})" if names else student.id
    text = harmless_markdown(f"Feedback for **{whose}**")
    nb.cells.insert(0, new_markdown_cell(text, id="whose-feedback-this-is"))


def graded_id(cell: NotebookNode) -> str:
    """The grade_id of an autograded test cell, or an empty string."""
    if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
        return cell.metadata.nbgrader.grade_id
    return ""


def _probe_cell(question: Question) -> NotebookNode:
    exercise = question.exercise
    source = "\n".join(
        (
            "_probe = {'__name__': 'probe'}",
            f"exec({PROBE_SOURCE!r}, _probe)",
            f"_probe['show']({exercise.id!r}, {json.dumps(question.packed())!r}, "
            f"lambda: {exercise.answer})",
        )
    )
    return new_code_cell(source, metadata={PROBE: exercise.id})


def _verdict(
    question: Question, asked: NotebookNode, course: Course, stopped: Status | None
) -> Verdict:
    exercise = question.exercise
    match _sent(asked):
        case []:
            why = stopped or (Status.TIMED_OUT if has_timed_out(asked) else Status.CRASHED)
            return nothing(exercise, f"No answer came back ({why.value}).", why)
        case [{"exercise": exercise.id, "undefined": _}]:
            return nothing(exercise, f"{exercise.answer} is not defined in the notebook.")
        case [{"exercise": exercise.id, "answers": answers}]:
            return judge(question, answers, course)
    return nothing(exercise, FORGED, Status.TAMPERED)


def _sent(asked: NotebookNode) -> list[Any]:
    """What the kernel displayed as answers in a cell of ours: one thing, if all is well."""
    data = (output.get("data", {}) for output in asked.outputs)
    return [shown[probe.MIME] for shown in data if isinstance(shown, dict) and probe.MIME in shown]


def _points_output(verdict: Verdict) -> NotebookNode:
    """nbgrader reads the points from the text of the first execute_result."""
    data = {"text/plain": repr(verdict.earned), "text/html": verdict.as_html()}
    return new_output("execute_result", data=data)


def _show_notes(nb: NotebookNode) -> None:
    """The status, if there is something to say, and the findings: what the student reads first."""
    status, findings = Status(nb.metadata[METADATA].status), nb.metadata[METADATA].findings
    if status is Status.GRADED:
        return
    lines = [f"**Status of this notebook: {status.value}.** {status.meaning}", ""]
    lines += [f"- {harmless_markdown(finding)}" for finding in findings]
    nb.cells.insert(0, new_markdown_cell("\n".join(lines), id="status-of-this-notebook"))
