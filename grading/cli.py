"""The command `grade`."""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from grading import parsers
from grading.course import Course, CourseError

GRADED, SOME_NOT_GRADED, CANNOT_START, INTERRUPTED = 0, 1, 2, 130
WHERE = "Marks: grades.csv, and for nbgrader the gradebook. Class: report.html. Feedback: feedback/"


def main() -> None:
    sys.exit(run(sys.argv[1:], Console()))


def run(arguments: list[str], console: Console) -> int:
    """Run one command and return its exit code; a user's mistake is one line, not a traceback."""
    parser, command = COMMANDS.get(
        arguments[0] if arguments else "", (parsers.grade_parser, _grade)
    )
    options = parser().parse_args(arguments[1:] if command is not _grade else arguments)
    try:
        return command(options, console)
    except CourseError as error:
        if getattr(options, "json", False):
            console.file.write(json.dumps({"event": "refused", "reason": str(error)}) + "\n")
            return CANNOT_START
        for line in str(error).splitlines():
            text = f"grade: {line}"
            console.print(text, style="red", soft_wrap=True, markup=False, highlight=False)
        return CANNOT_START
    except KeyboardInterrupt:
        return INTERRUPTED


# Imported where they are needed, so that `grade --help` does not wait for nbgrader.


def _grade(options: argparse.Namespace, console: Console) -> int:
    from grading.batch.grade_class import grade_class
    from grading.batch.process import keep_quiet
    from grading.demo import demo

    course = Course.find(Path.cwd())
    keep_quiet()
    if options.demo:
        report = demo(course, Path(tempfile.mkdtemp(prefix="grade-demo-")), console)
    else:
        report = grade_class(
            replace(course, trusts_submissions=options.trust_submissions, database=options.db),
            options.lab,
            console,
            again=options.force,
            students=options.student,
            scheduler=options.scheduler,
            as_json=options.json,
        )
        if not options.json:
            console.print(WHERE, highlight=False, soft_wrap=True)
    return GRADED if report.complete else SOME_NOT_GRADED


def _check(options: argparse.Namespace, console: Console) -> int:
    from grading.batch.process import keep_quiet
    from grading.proof.check import check

    course = Course.find(Path.cwd())
    keep_quiet()
    proven = check(course, options.lab, options.exercise, console, as_json=options.json)
    return GRADED if proven else SOME_NOT_GRADED


def _new_course(options: argparse.Namespace, console: Console) -> int:
    from grading.new import make_course

    make_course(Path(options.folder))
    text = f"Made a course in {options.folder}. Go there; `grade new LAB` makes its first lab."
    console.print(text, highlight=False, soft_wrap=True, markup=False)
    return GRADED


def _new(options: argparse.Namespace, console: Console) -> int:
    from grading.new import make_lab, next_steps

    make_lab(Course.find(Path.cwd()), options.lab)
    console.print(next_steps(options.lab), highlight=False, soft_wrap=True, markup=False)
    return GRADED


def _roster(options: argparse.Namespace, console: Console) -> int:
    from grading.roster import OLDER, import_roster

    roster = import_roster(Course.find(Path.cwd()), Path(options.file))
    text = f"{len(roster.students):,} students of {options.file} are in the gradebook."
    if roster.encoding == OLDER:
        text += f" It is not UTF-8 and was read as {OLDER}: see whether their names are right."
    console.print(text, highlight=False, soft_wrap=True, markup=False)
    return GRADED


COMMANDS = {
    "check": (parsers.check_parser, _check),
    "new": (parsers.new_parser, _new),
    "new-course": (parsers.new_course_parser, _new_course),
    "roster": (parsers.roster_parser, _roster),
}
