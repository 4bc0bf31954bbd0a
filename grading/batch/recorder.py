"""Write graded submissions where nbgrader keeps them: the gradebook and the autograded folder.

There is one recorder, in the process that was started by a person. All that one submission changes
in the gradebook is one transaction: it is recorded or it is not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Comment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.orm import joinedload, scoped_session, selectinload, sessionmaker, undefer

from grading.batch.graded import GradedSubmission
from grading.course import Course
from grading.files import replace_folder
from grading.intake.beside import files_beside
from grading.preprocessors.comment import comment_on_status
from grading.preprocessors.mark_waiting import mark_waiting
from grading.preprocessors.name_student import name_student
from grading.preprocessors.summarize import NO_RESPONSE, summarize
from grading.reports.feedback import Page


@dataclass(frozen=True)
class Recorder:
    """The one writer of a gradebook."""

    course: Course
    assignment: str
    gradebook: Gradebook

    @classmethod
    @contextmanager
    def open(cls, course: Course, assignment: str) -> Iterator["Recorder"]:
        with Gradebook(course.database_url) as gradebook:
            yield cls(course, assignment, gradebook)

    def students(self) -> set[str]:
        """Those whose submissions the gradebook holds."""
        return {s.student_id for s in self.gradebook.assignment_submissions(self.assignment)}

    def record(self, graded: GradedSubmission) -> list[Page]:
        """Write one graded submission, and return what its feedback has to show.

        Of an earlier grading nothing but points and comments given by hand is left.
        """
        student = graded.submission.student
        with self._transaction():
            self.gradebook.update_or_create_student(student)
            submission = self.gradebook.update_or_create_submission(
                self.assignment, student, timestamp=graded.handed_in
            )
            submitted = self._notebooks(submission)
            for name, notebook in graded.notebooks.items():
                _save_points(notebook, submitted[name])
                _save_comments(notebook, submitted[name])
            self.gradebook.db.flush()
            submitted = self._notebooks(submission)  # scores are worked out anew
            for notebook in submitted.values():
                notebook.late_submission_penalty = self._late_penalty(submission, notebook)
            self._write_notebooks(graded)  # first: a page's cells hold more than belongs there
            return [
                _page(name, notebook, submission, submitted[name])
                for name, notebook in graded.notebooks.items()
            ]

    def pages(self, student: str) -> list[Page]:
        """What feedback has to show of somebody who was graded, by the gradebook as it is now."""
        folder = self.course.folder("autograded", self.assignment, student)
        with self._transaction():
            submission = self.gradebook.find_submission(self.assignment, student)
            notebooks = self._notebooks(submission)
            for notebook in notebooks.values():
                notebook.late_submission_penalty = self._late_penalty(submission, notebook)
            return [
                _page(name, nbformat.read(folder / f"{name}.ipynb", 4), submission, notebook)
                for name, notebook in notebooks.items()
            ]

    def _notebooks(self, submission: SubmittedAssignment) -> dict[str, SubmittedNotebook]:
        """By name, with all that is looked at here: read at three times and not at a hundred."""
        all_of_it = self.gradebook.db.query(SubmittedNotebook).options(
            joinedload(SubmittedNotebook.notebook),
            undefer(SubmittedNotebook.score),
            undefer(SubmittedNotebook.max_score),
            selectinload(SubmittedNotebook.grades).options(
                joinedload(Grade.cell), undefer(Grade.score), undefer(Grade.max_score)
            ),
            selectinload(SubmittedNotebook.comments).options(
                joinedload(Comment.cell), undefer(Comment.comment)
            ),
        )
        known = all_of_it.filter_by(assignment_id=submission.id).populate_existing()
        return {notebook.name: notebook for notebook in known}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commits of the session inside are commits of nothing; it all counts at the end."""
        outside = self.gradebook.db
        with self.gradebook.engine.begin() as connection:
            inside = sessionmaker(bind=connection, join_transaction_mode="rollback_only")
            self.gradebook.db = scoped_session(inside)
            try:
                yield
            finally:
                self.gradebook.db.remove()
                self.gradebook.db = outside

    def _late_penalty(
        self, submission: SubmittedAssignment, notebook: SubmittedNotebook
    ) -> float | None:
        """As the instructor's rule says, and never more than the notebook has earned."""
        if submission.total_seconds_late <= 0:
            return None
        late = AssignLatePenalties(config=self.course.config)
        late.init_plugin()
        penalty = late.plugin_inst.late_submission_penalty(
            submission.student_id, notebook.score, submission.total_seconds_late
        )
        return None if penalty is None else min(max(penalty, 0), notebook.score)

    def _write_notebooks(self, graded: GradedSubmission) -> None:
        files = files_beside(graded.submission, self.course)
        for name, notebook in graded.notebooks.items():
            files[f"{name}.ipynb"] = f"{nbformat.writes(notebook)}\n".encode()
        folder = self.course.folder("autograded", self.assignment, graded.submission.student)
        replace_folder(folder, files)


def _save_points(notebook: NotebookNode, submitted: SubmittedNotebook) -> None:
    """As nbgrader's SaveAutoGrades does: what was given by hand stays, and is to be looked at."""
    grades = {grade.name: grade for grade in submitted.grades}
    for cell in filter(utils.is_grade, notebook.cells):
        grade = grades[cell.metadata.nbgrader.grade_id]
        grade.auto_score, _ = utils.determine_grade(cell)
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None


def _save_comments(notebook: NotebookNode, submitted: SubmittedNotebook) -> None:
    comments = {comment.name: comment for comment in submitted.comments}
    answers = [cell for cell in notebook.cells if utils.is_solution(cell) or utils.is_task(cell)]
    for cell in answers:
        marks = cell.metadata.nbgrader
        untouched = marks.get("checksum") == utils.compute_checksum(cell)
        no_response = NO_RESPONSE if untouched and not utils.is_task(cell) else None
        comments[marks.grade_id].auto_comment = no_response
    comment_on_status(notebook, comments)


def _page(
    name: str,
    notebook: NotebookNode,
    submission: SubmittedAssignment,
    submitted: SubmittedNotebook,
) -> Page:
    """A notebook with what nbgrader's feedback shows beside its cells: points and comments."""
    grades = {grade.name: grade for grade in submitted.grades}
    comments = {comment.name: comment.comment for comment in submitted.comments}
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade_id") in grades:
            grade = grades[marks.grade_id]
            marks |= {"score": grade.score, "points": grade.max_score}
        if marks.get("grade_id") in comments:
            marks.comment = comments[marks.grade_id]
    late_penalty = submitted.late_submission_penalty or 0
    totals: dict[str, Any] = {
        "score": submitted.score - late_penalty,
        "max_score": submitted.max_score,
        "late_penalty": late_penalty,
    }
    mark_waiting(notebook, submitted.grades)
    summarize(notebook, late_penalty)
    name_student(notebook, submission.student)
    return Page(name, notebook, totals)
