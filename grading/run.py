"""Grade a whole class, many at once. What goes wrong with one submission stays with it."""

import os
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grading import sandbox
from grading.class_page import write_page
from grading.cluster import PortableCourse, cluster
from grading.course import Course, CourseError
from grading.dispatch import Grading
from grading.exercises import EXERCISES
from grading.journal import Journal
from grading.lms import write_canvas, write_moodle
from grading.progress import reporter
from grading.recorder import Recorder, register, require_gradebook
from grading.report import ClassReport, class_report, show, write_csv
from grading.submitted import misplaced, submitted_folders
from grading.workers import Workers, keep_memory_flat, prepare, processes

WORKERS = (3 * (os.cpu_count() or 1) + 1) // 2  # each waits for kernels a third of its time


@dataclass(frozen=True)
class How:
    """What a person may choose of how a class is graded."""

    again: bool = False  # also what was graded before and has not changed
    scheduler: str = ""  # the address of a Dask scheduler; without one, on this machine
    as_json: bool = False


def grade_class(
    course: Course, assignment: str, console: Console, how: How | None = None
) -> ClassReport:
    """Grade what is new in submitted/, record it, write feedback and grades.csv, print the table.

    Raises CourseError, before anything is graded, when the course is not fit for it.
    """
    how = how or How()
    if assignment != Path(assignment).name:
        raise CourseError(
            f"{assignment!r} is not the name of an assignment; write {Path(assignment).name!r}."
        )
    course.release_notebooks(assignment)
    for exercise in EXERCISES.values():
        course.reference(exercise.module)
    folders = submitted_folders(course, assignment)
    require_gradebook(course)
    keep_memory_flat()
    portable = PortableCourse.of(course, assignment) if how.scheduler else None
    with ExitStack() as stack:
        journal = stack.enter_context(Journal.open(course, assignment))
        if how.scheduler:
            executor, number = stack.enter_context(cluster(how.scheduler))
            workers = Workers(lambda: nullcontext(executor), number)
        else:
            if not course.trusts_submissions:
                sandbox.require_sandbox()
            prepare()
            most = min(WORKERS, len(folders))
            workers = Workers(lambda: processes(most), lambda: most)
        register(course, assignment)
        recorder = stack.enter_context(Recorder.open(course, assignment))
        telling = stack.enter_context(reporter(console, assignment, len(folders), how.as_json))
        for finding in misplaced(course, assignment):
            telling.tell("misplaced", {"finding": finding}, finding)
        grading = Grading(
            course, assignment, workers, recorder, journal, telling, how.again, portable
        )
        summaries = sorted(grading.run(folders), key=lambda one: one.student)
        report = class_report(recorder.gradebook, assignment, summaries)
        write_csv(report, course.root / "grades.csv")
        write_canvas(report, assignment, course.root / "grades-canvas.csv")
        write_moodle(report, assignment, course.root / "grades-moodle.csv")
        write_page(report, assignment, course.root / "report.html")
        telling.tell("done", grading.tally.as_json())
    if not how.as_json:
        show(report, console)
        console.print(sandbox.describe(course))
        if known := grading.tally.known:
            told = f"{known:,} of {len(folders):,} were graded before and have not changed."
            console.print(f"{told} `--force` grades them again.", highlight=False, soft_wrap=True)
    return report
