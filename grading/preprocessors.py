"""The grader as nbgrader preprocessors: rebuild, ask, execute, judge.

nbgrader_config.py puts them into nbgrader's own autograde step, so that the command line,
Formgrader and `grade` all mark in the same way. They pass on what they know in
resources["grading"], and leave findings and verdicts in the notebook's metadata.
"""

import json
import time
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Integer, default

from grading import probe, sandbox
from grading.course import Course
from grading.exercise import Question
from grading.exercises import EXERCISES
from grading.intake import rebuild
from grading.judge import judge, nothing
from grading.status import Status
from grading.verdict import Verdict

Resources = dict[str, Any]
METADATA = "grading"
PROBE = "grading_probe"
PROBE_SOURCE = Path(probe.__file__).read_text()


class GradingPreprocessor(NbGraderPreprocessor):
    @property
    def course(self) -> Course:
        return Course(Path(CourseDirectory(config=self.config).root))


class Rebuild(GradingPreprocessor):
    """Sanitize: keep the student's answers, restore everything else from the release."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        release = self.course.folder("release", ids["assignment"]) / f"{ids['notebook']}.ipynb"
        nb, findings = rebuild(nb, nbformat.read(release, as_version=4))
        note_findings(nb, findings)
        return nb, resources


def note_findings(nb: NotebookNode, findings: list[str]) -> None:
    """Write the findings where later steps and the student will see them."""
    nb.metadata[METADATA] = NotebookNode(findings=findings)
    if findings:
        text = "**Notes on this submission**\n\n" + "\n".join(f"- {line}" for line in findings)
        nb.cells.insert(0, new_markdown_cell(text, id="notes-on-this-submission"))


class Ask(GradingPreprocessor):
    """Put a cell behind each autograded cell that asks the exercise's inputs of this student."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        questions: dict[str, Question] = {}
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            exercise = EXERCISES.get(graded_id(cell))
            if exercise:
                rng = self.course.random(ids["student"], ids["notebook"], exercise.id)
                questions[exercise.id] = Question.draw(exercise, rng)
                cells.append(_probe_cell(questions[exercise.id]))
        nb.cells = cells
        resources[METADATA] = {"questions": questions}
        return nb, resources


class SteadyExecute(Execute):
    """Execute that never stops the class: a dead kernel or a slow notebook costs only itself."""

    notebook_timeout = Integer(
        180, help="Seconds for all cells of a notebook; after that, each gets one second."
    ).tag(config=True)

    confine = Bool(
        True, help="Run kernels in a sandbox. Without one, student code has your rights."
    ).tag(config=True)

    def create_kernel_manager(self) -> KernelManager:
        """A confined kernel; interrupts go by message, as no signal reaches into the sandbox."""
        manager = super().create_kernel_manager()
        if not self.confine:
            return manager
        manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": sandbox.NAME}
        manager.kernel_spec.interrupt_mode = "message"
        return manager

    @default("timeout_func")
    def _timeout_func_default(self) -> Any:
        return self._seconds_left

    def _seconds_left(self, cell: NotebookNode) -> int:
        left = self._deadline - time.monotonic()
        return max(1, min(self.timeout, int(left)))

    def preprocess(
        self, nb: NotebookNode, resources: Resources, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        self._deadline = time.monotonic() + self.notebook_timeout
        self._started = False
        try:
            return super().preprocess(nb, resources, km)
        except Exception:
            if not self._started:
                raise  # no student code has run yet: this is ours
            resources[METADATA]["crashed"] = True  # a dead kernel, or one that talks nonsense
            return nb, resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        self._started = True
        return super().preprocess_cell(cell, resources, index)


class Judge(GradingPreprocessor):
    """Turn the answers into points, and leave in the notebook only what a student may see."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        found = resources[METADATA]
        answers = {c.metadata[PROBE]: _answers(c) for c in nb.cells if PROBE in c.metadata}
        nb.cells = [cell for cell in nb.cells if PROBE not in cell.metadata]
        verdicts = {}
        for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
            exercise_id = graded_id(cell)
            cell.outputs = [_presentable(output) for output in cell.outputs]
            if exercise_id in found["questions"]:
                question = found["questions"][exercise_id]
                verdict = _verdict(question, answers[exercise_id], self.course, found)
                verdicts[exercise_id] = verdict
                cell.outputs.insert(0, _points_output(verdict))
        nb.metadata[METADATA].update(
            status=_status(nb, found).value,
            verdicts=[verdict.as_json() for verdict in verdicts.values()],
        )
        return nb, resources


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


def _answers(cell: NotebookNode) -> Any:
    """What the probe displayed; None unless it is there exactly once, for this exercise."""
    shown = [
        output.data[probe.MIME] for output in cell.outputs if probe.MIME in output.get("data", {})
    ]
    if len(shown) != 1 or not isinstance(shown[0], dict):
        return None
    return shown[0] if shown[0].get("exercise") == cell.metadata[PROBE] else None


def _verdict(question: Question, answers: Any, course: Course, found: Resources) -> Verdict:
    exercise = question.exercise
    if answers is None and found.get("crashed"):
        return nothing(exercise, "The kernel died before it could answer this exercise.")
    if answers is None:
        return nothing(exercise, "The notebook gave no answer in time to this exercise.")
    if "undefined" in answers:
        return nothing(exercise, f"{exercise.answer} is not defined in the notebook.")
    return judge(question, answers.get("answers"), course)


def _points_output(verdict: Verdict) -> NotebookNode:
    """nbgrader reads the points from the text of the first execute_result."""
    data = {"text/plain": repr(verdict.earned), "text/html": verdict.as_html()}
    return new_output("execute_result", data=data)


def _presentable(output: NotebookNode) -> NotebookNode:
    """The output as a student may see it in feedback, and with no say in the points.

    An execute_result would be read as points and stderr as a failure; a traceback holds paths.
    """
    if output.output_type == "execute_result":
        return new_output("display_data", data=output.data, metadata=output.metadata)
    if output.output_type == "stream":
        return new_output("stream", name="stdout", text=output.text)
    if output.output_type == "error":
        line = f"{output.ename}: {output.evalue}"
        return new_output("error", ename=output.ename, evalue=output.evalue, traceback=[line])
    return output


def _status(nb: NotebookNode, found: Resources) -> Status:
    names = {
        output.ename
        for cell in nb.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }
    statuses = [Status.GRADED]
    statuses += [Status.DAMAGED] if nb.metadata[METADATA].findings else []
    statuses += [Status.TIMED_OUT] if "CellTimeoutError" in names else []
    statuses += [Status.CRASHED] if found.get("crashed") else []
    return Status.worst(statuses)
