"""Grade a whole class, many at once. What goes wrong with one submission stays with it."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from rich.console import Console

from grading.batch.again import Again, Journal, terms_of
from grading.batch.assignment import due_date, is_registered, register
from grading.batch.by_hand import given_by_hand
from grading.batch.cluster import cluster
from grading.batch.dispatch import Grading
from grading.batch.full_disk import stopped_by_full_disk
from grading.batch.gradebook import require_gradebook
from grading.batch.pool import WORKERS, Pool, import_ahead
from grading.batch.process import keep_memory_flat
from grading.batch.recorder import Recorder
from grading.batch.tally import Tally
from grading.batch.tasks import Backend, Workers
from grading.course import Course, CourseError
from grading.intake.folders import misplaced, require_submissions, submitted_folders
from grading.kernel import sandbox
from grading.labs import find_lab
from grading.progress import reporter
from grading.reports.class_page import write_page
from grading.reports.class_report import ClassReport
from grading.reports.from_gradebook import class_report
from grading.reports.platforms import write_canvas, write_moodle
from grading.reports.table import show, write_csv
from grading.soundness import require_fitting, require_working


def grade_class(
    course: Course,
    assignment: str,
    console: Console,
    *,
    again: bool = False,
    students: Iterable[str] = (),
    scheduler: str = "",
    as_json: bool = False,
) -> ClassReport:
    """Grade what is new in submitted/, record it, write feedback and grades.csv, print the table.

    again: also what was graded before and has not changed. students: grade them, changed or not,
    and nobody else; the rest of the class is reported on as it was. scheduler: the address of a
    Dask scheduler; without one, on this machine. as_json: tell of it in lines for machines.
    Raises CourseError, before anything is graded, when the course is not fit for it.
    """
    if not scheduler:
        sandbox.require_linux()
        import_ahead()
    _require_gradable(course, assignment)
    folders = submitted_folders(course, assignment)
    only = frozenset(students)
    require_submissions(folders, only)
    keep_memory_flat()
    with ExitStack() as stack:
        stack.enter_context(stopped_by_full_disk(course))
        require_gradebook(course)
        journal = stack.enter_context(Journal.open(course, assignment))
        at_most = len(only) or len(folders)
        backend = stack.enter_context(_backend(course, assignment, scheduler, at_most))
        recorder = stack.enter_context(Recorder.open(course, assignment))

        @lru_cache
        def prepare() -> None:
            """For what is graded, while it is graded already: where nothing is, nobody waits."""
            require_working(course, assignment)
            register(course, assignment, recorder.gradebook)

        if not is_registered(assignment, recorder.gradebook):
            prepare()
        if not as_json:
            console.print(sandbox.describe(course), highlight=False, markup=False, soft_wrap=True)
        telling = stack.enter_context(reporter(console, f"Grading {assignment}", as_json))
        for finding in misplaced(course, assignment):
            telling.tell("misplaced", {"finding": finding}, finding)
        terms = terms_of(course, assignment, due_date(assignment, recorder.gradebook))
        by_hand = given_by_hand(recorder.gradebook, assignment)
        decides = Again(journal, terms, recorder.students(), by_hand, always=again, only=only)
        grading = Grading(course, assignment, Workers(backend), recorder, decides, prepare, telling)
        summaries = sorted(grading.run(folders), key=lambda one: one.student)
        lab = find_lab(course, assignment)
        report = class_report(recorder.gradebook, assignment, summaries, lab)
        write_csv(report, course.root / "grades.csv")
        write_canvas(report, assignment, course.root / "grades-canvas.csv")
        write_moodle(report, assignment, course.root / "grades-moodle.csv")
        write_page(report, assignment, course.root / "report.html")
        telling.tell("done", grading.tally.as_json())
    if not as_json:
        show(report, console)
        for line in _not_graded_now(grading.tally, assignment):
            console.print(line, highlight=False, soft_wrap=True)
    return report


def _not_graded_now(tally: Tally, assignment: str) -> Iterator[str]:
    """Whom this run has not graded, and what would."""
    of_all = f"of {tally.total:,} were"
    if tally.known:
        yield (
            f"{tally.known:,} {of_all} graded before and have not changed. "
            "`--force` grades them again."
        )
    if tally.left:
        yield (
            f"{tally.left:,} {of_all} not named, and are new or out of date: "
            f"`grade {assignment}` grades them."
        )


def _require_gradable(course: Course, assignment: str) -> None:
    if assignment != Path(assignment).name:
        raise CourseError(
            f"{assignment!r} is not the name of an assignment; write {Path(assignment).name!r}."
        )
    course.release_notebooks(assignment)
    require_fitting(course, assignment)


@contextmanager
def _backend(
    course: Course, assignment: str, scheduler: str, submissions: int
) -> Iterator[Backend]:
    """Where so many submissions are graded: on a cluster or on this machine."""
    if scheduler:
        with cluster(scheduler, course, assignment) as backend:
            yield backend
        return
    if not course.trusts_submissions:
        sandbox.require_sandbox()
        sandbox.require_hidden(course)
    yield Pool(course, min(WORKERS, submissions))
