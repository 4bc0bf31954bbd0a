"""Judge: the answers become points, and of the notebook is left what a student may see."""

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grading.judging.judge import FORGED, judge, no_points
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.verdict import Verdict
from grading.kernel import probe
from grading.kernel.execute import STOPPED, Resources, error_names, has_timed_out
from grading.kernel.explain import explain
from grading.kernel.presentable import presentable
from grading.labs import find_lab
from grading.preprocessors.base import METADATA, PROBE, GradingPreprocessor, graded_id
from grading.status import Status


class Judge(GradingPreprocessor):
    """Turn the answers into points, and leave in the notebook only what a student may see."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        questions, stopped = resources[METADATA], resources.get(STOPPED)
        lab = find_lab(self.course, resources["nbgrader"]["assignment"])
        asked = {c.metadata[PROBE]: c for c in nb.cells if PROBE in c.metadata}
        nb.cells = [cell for cell in nb.cells if PROBE not in cell.metadata]
        statuses = [Status(nb.metadata[METADATA].status), *([stopped] if stopped else [])]
        verdicts: dict[str, Verdict] = {}
        for exercise, question in questions.items():
            lost_before = [name for name, verdict in verdicts.items() if verdict.lost]
            verdicts[exercise] = _verdict(question, asked[exercise], lab, stopped, lost_before)
        for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
            statuses += [Status.TIMED_OUT] if has_timed_out(cell) else []
            statuses += [Status.OUT_OF_MEMORY] if "MemoryError" in error_names(cell) else []
            cell.outputs = presentable(cell.outputs, str(self.course.root))
            if graded_id(cell) in verdicts:
                cell.outputs.insert(0, _points_output(verdicts[graded_id(cell)]))
        statuses += [verdict.status for verdict in verdicts.values()]
        if any(verdict.lost for verdict in verdicts.values()):
            nb.metadata[METADATA].findings += list(dict.fromkeys(map(str, explain(nb.cells))))
        nb.metadata[METADATA].update(
            status=Status.worst(statuses).value,
            verdicts=[verdict.as_json() for verdict in verdicts.values()],
        )
        return nb, resources


def _verdict(
    question: Question,
    asked: NotebookNode,
    lab: Lab,
    stopped: Status | None,
    lost_before: list[str],
) -> Verdict:
    exercise = question.exercise
    match _sent(asked):
        case []:
            why = stopped or (Status.TIMED_OUT if has_timed_out(asked) else Status.CRASHED)
            return no_points(exercise, f"No answer came back ({why.value}).", why)
        case [{"exercise": exercise.id, "undefined": _}]:
            return no_points(exercise, f"{exercise.answer} is not defined in the notebook.")
        case [{"exercise": exercise.id, "answers": answers}]:
            return judge(question, answers, lab, lost_before)
    return no_points(exercise, FORGED, Status.TAMPERED)


def _sent(asked: NotebookNode) -> list[Any]:
    """What the kernel displayed as answers in a cell of ours: one thing, if all is well."""
    data = (output.get("data", {}) for output in asked.outputs)
    return [shown[probe.MIME] for shown in data if isinstance(shown, dict) and probe.MIME in shown]


def _points_output(verdict: Verdict) -> NotebookNode:
    """nbgrader reads the points from the text of the first execute_result."""
    data = {"text/plain": repr(verdict.earned), "text/html": verdict.as_html()}
    return new_output("execute_result", data=data)
