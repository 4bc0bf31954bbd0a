"""Write graded submissions where nbgrader keeps them: the autograded folder and the gradebook."""

import shutil
import tempfile

import nbformat
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy.exc import SQLAlchemyError

from grading.course import Course, CourseError
from grading.preprocessors import Comment
from grading.worker import GradedSubmission, files_beside, write_files


def register(course: Course, assignment: str) -> None:
    """Make the gradebook know the assignment's notebooks, cells and points as they are in source.

    Raises CourseError when they cannot be changed any more, or when source is not as it should be.
    """
    with tempfile.TemporaryDirectory() as elsewhere:  # the release itself stays as it is
        converter = _converter(GenerateAssignment, course, assignment)
        converter.coursedir.release_directory = elsewhere
        try:
            converter.start()
        except (NbGraderException, SQLAlchemyError) as error:
            reason = str(error).splitlines()[0]
            raise CourseError(
                f"The gradebook does not take {assignment} as it is in source/ ({reason}). "
                f"`nbgrader generate_assignment {assignment} --force` says more."
            ) from error


def record(graded: GradedSubmission, course: Course) -> None:
    """Write one graded submission; of an earlier grading nothing but manual grades is left."""
    student, assignment = graded.submission.student, graded.submission.assignment
    with Gradebook(course.database_url) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(
            assignment, student, timestamp=graded.submission.timestamp
        )

    folder = course.folder("autograded", assignment, student)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_files(folder, files_beside(graded.submission, course))
    for name, notebook in graded.notebooks.items():
        ids = {"student": student, "assignment": assignment, "notebook": name}
        resources = {"nbgrader": ids | {"db_url": course.database_url}}
        for step in (SaveAutoGrades, Comment, AssignLatePenalties):
            notebook, resources = step(config=course.config).preprocess(notebook, resources)
        nbformat.write(notebook, folder / f"{name}.ipynb")


def write_feedback(course: Course, assignment: str, student: str) -> None:
    """Generate a student's feedback pages from what was recorded."""
    converter = _converter(GenerateFeedback, course, assignment)
    converter.coursedir.student_id = student
    converter.start()


def _converter(kind: type[BaseConverter], course: Course, assignment: str) -> BaseConverter:
    directory = CourseDirectory(config=course.config)
    directory.assignment_id = assignment
    converter = kind(coursedir=directory, config=course.config)
    converter.force = True
    converter.log.setLevel("CRITICAL")
    return converter
