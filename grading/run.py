"""Grade a whole class. What goes wrong with one submission stays with that submission."""

import glob
import traceback
from pathlib import Path

from rich.console import Console
from rich.progress import track

from grading import sandbox
from grading.course import Course, CourseError
from grading.exercises import EXERCISES
from grading.intake import Submission
from grading.recorder import record, register, write_feedback
from grading.report import ClassReport, class_report, show, write_csv
from grading.status import Status
from grading.worker import GradedSubmission, grade_submission


def grade_class(course: Course, assignment: str, console: Console) -> ClassReport:
    """Grade everything in submitted/, record it, write feedback and grades.csv, print the table.

    Raises CourseError, before anything is graded, when the course is not fit for it.
    """
    course.release_notebooks(assignment)
    for exercise in EXERCISES.values():
        course.reference(exercise.module)
    folders = _submissions(course, assignment)
    if sandbox.confines(course):
        sandbox.require_sandbox()
    register(course, assignment)
    progress = track(folders, f"Grading {assignment}", console=console, transient=True)
    graded = [_grade(folder, course, assignment, console) for folder in progress]
    report = class_report(course, assignment, graded)
    write_csv(report, course.root / "grades.csv")
    show(report, console)
    console.print(sandbox.describe(course))
    return report


def _submissions(course: Course, assignment: str) -> list[Path]:
    submitted = course.folder("submitted", assignment, "*")
    folders = sorted(
        path for path in submitted.parent.parent.glob(f"*/{assignment}") if path.is_dir()
    )
    if not folders:
        raise CourseError(
            f"There is nothing to grade: no folder matches {submitted}. "
            f"Run `nbgrader collect {assignment}`, or put the submissions there."
        )
    return folders


def _grade(folder: Path, course: Course, assignment: str, console: Console) -> GradedSubmission:
    student = folder.parent.name
    if student != glob.escape(student):
        return _failed(
            student,
            assignment,
            "nbgrader reads [, ? and * in a name as a pattern: rename the folder.",
        )
    try:
        graded = grade_submission(Submission.read(student, assignment, folder), course)
        record(graded, course)
        write_feedback(course, assignment, student)
    except Exception as error:  # ours, not the student's: say so, and go on with the class
        console.print(traceback.format_exc(), style="dim", highlight=False, markup=False)
        return _failed(student, assignment, f"The grader failed ({type(error).__name__}).")
    return graded


def _failed(student: str, assignment: str, reason: str) -> GradedSubmission:
    finding = f"{reason} This submission has no marks yet."
    return GradedSubmission(Submission(student, assignment, {}), Status.FAILED, (finding,))
