"""Judge: the answers become points, and of the notebook is left what a student may see."""

from collections.abc import Container, Iterator
from itertools import islice
from typing import Any

from nbformat import NotebookNode

from grading.cells import error_names, has_timed_out, shown_output
from grading.judging.beside import verdict_beside
from grading.judging.judge import FORGED, judge, no_points
from grading.judging.lab import Lab
from grading.judging.question import Question
from grading.judging.verdict import Verdict
from grading.kernel import probe
from grading.kernel.execute import RAN, STOPPED, Resources
from grading.kernel.explain import explain
from grading.kernel.presentable import presentable
from grading.labs import find_lab
from grading.preprocessors.base import METADATA, PROBE, TESTED, GradingPreprocessor, graded_id
from grading.status import Status

MAX_EXPLAINED = 20  # cells of a notebook


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
        verdicts |= _beside(nb, resources, asked)
        for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
            statuses += [Status.TIMED_OUT] if has_timed_out(cell) else []
            statuses += [Status.OUT_OF_MEMORY] if "MemoryError" in error_names(cell) else []
            cell.outputs = presentable(cell.outputs, str(self.course.root))
            if graded_id(cell) in verdicts:
                cell.outputs.insert(0, _points_output(verdicts[graded_id(cell)]))
        statuses += [verdict.status for verdict in verdicts.values()]
        if any(verdict.lost for verdict in verdicts.values()):
            explained = dict.fromkeys(map(str, islice(explain(nb.cells), MAX_EXPLAINED)))
            nb.metadata[METADATA].findings += list(explained)
        nb.metadata[METADATA].update(
            status=Status.worst(statuses).value,
            verdicts=[verdict.as_json() for verdict in verdicts.values()],
        )
        return nb, resources


def _beside(
    nb: NotebookNode, resources: Resources, asked: Container[str]
) -> Iterator[tuple[str, Verdict]]:
    """The verdicts on tests in whose place nothing was asked, from where they ran as a whole."""
    ran, how = resources.get(TESTED, (nb, resources))
    shown = {graded_id(cell): cell for cell in nb.cells}
    for cell in ran.cells:
        name = graded_id(cell)
        if name and name not in asked:
            to_its_end = cell.id in how.get(RAN, ())
            stopped = None if to_its_end else how.get(STOPPED, Status.CRASHED)
            yield name, verdict_beside(cell, shown[name], stopped)


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
    return shown_output("execute_result", data=data, metadata={}, execution_count=None)
