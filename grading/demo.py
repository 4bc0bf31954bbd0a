"""A small class in a temporary folder, to see the whole course at work: `grade --demo`."""

from pathlib import Path

import nbformat
from rich.console import Console

from grading.batch.grade_class import grade_class
from grading.course import Course, CourseError, copy_course
from grading.files import write_files
from grading.intake.submission import Submission
from grading.judging.lab import Lab
from grading.kernel import sandbox
from grading.labs import find_lab, lab_names
from grading.preprocessors.base import graded_id
from grading.proof.handin import Answers, instructors_answers, submit
from grading.reports.class_report import ClassReport
from grading.soundness import require_sound


def demo(course: Course, root: Path, console: Console) -> ClassReport:
    """Grade a class of the first lab that has one, in a copy of the course at root."""
    copy = sandbox.or_trust(copy_course(course, root))  # this class is our own
    lab = first_lab(copy)
    require_sound(copy, [lab.name])
    for submission in demo_class(copy, lab):
        write_files(copy.folder("submitted", lab.name, submission.student), submission.files)
    report = grade_class(copy, lab.name, console)
    console.print(f"\nThis class is in {copy.root}", soft_wrap=True, highlight=False)
    console.print("  submitted/   what was handed in")
    console.print("  feedback/    the pages each student gets: open one in a browser")
    console.print("  report.html  the class on one page, for the instructor")
    console.print("  grades.csv   the marks; they are in gradebook.db too, for nbgrader")
    return report


def first_lab(course: Course) -> Lab:
    """The first lab that names students of the demo class; if none does, the first."""
    labs = [find_lab(course, name) for name in lab_names(course)]
    labs = [lab for lab in labs if lab.notebooks]  # a plain assignment has none to get wrong
    if not labs:
        raise CourseError("There is no lab in source/ yet. `grade new LAB` makes one.")
    return next((lab for lab in labs if lab.demo), labs[0])


def demo_class(course: Course, lab: Lab) -> list[Submission]:
    """Right, blank, half-done, wrong and damaged: what a real class hands in."""
    right = instructors_answers(course, lab.name)
    first = {exercise.answer_cell for exercise in lab.in_notebook(lab.notebooks[0])}
    half = {cell: answer for cell, answer in right.items() if cell in first}

    def hand_in(student: str, answers: Answers) -> Submission:
        return submit(course, lab.name, student, answers)

    names = ("broken-file", "missing-file", "renamed-file", "deleted-test")
    damaged = [hand_in(name, right) for name in names]
    damages = (_truncate, _lose, _misname, _delete_test)
    for submission, damage in zip(damaged, damages, strict=True):
        damage(submission.files, lab)
    return [
        hand_in("all-right", right),
        hand_in("blank", {}),
        hand_in("half-done", half),
        *(
            hand_in(student, right | _wrong(lab, exercise, name))
            for student, (exercise, name) in lab.demo.items()
        ),
        *damaged,
    ]


def _wrong(lab: Lab, exercise: str, name: str) -> Answers:
    wrong = next(m for m in lab.misconceptions if (m.exercise, m.name) == (exercise, name))
    return {lab.exercises[exercise].answer_cell: wrong.source}


def _truncate(files: dict[str, bytes], lab: Lab) -> None:
    """The second notebook, or the only one."""
    name = f"{lab.notebooks[:2][-1]}.ipynb"
    files[name] = files[name][:1000]


def _lose(files: dict[str, bytes], lab: Lab) -> None:
    del files[f"{lab.notebooks[-1]}.ipynb"]


def _misname(files: dict[str, bytes], lab: Lab) -> None:
    name = lab.notebooks[-1]
    files[f"{name} (1).ipynb"] = files.pop(f"{name}.ipynb")


def _delete_test(files: dict[str, bytes], lab: Lab) -> None:
    name = f"{lab.notebooks[0]}.ipynb"
    notebook = nbformat.reads(files[name].decode(), as_version=4)
    tests = [cell for cell in notebook.cells if graded_id(cell)]
    notebook.cells.remove(tests[0])
    files[name] = nbformat.writes(notebook).encode()
