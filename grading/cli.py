"""The command `grade`."""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from grading.course import Course, CourseError

GRADED, SOME_NOT_GRADED, CANNOT_START, INTERRUPTED = 0, 1, 2, 130
WHERE = "Marks: grades.csv, and for nbgrader the gradebook. Class: report.html. Feedback: feedback/"


def main() -> None:
    sys.exit(run(sys.argv[1:], Console()))


def run(arguments: list[str], console: Console) -> int:
    """Run one command and return its exit code; a user's mistake is one line, not a traceback."""
    parser, command = COMMANDS.get(arguments[0] if arguments else "", (_grade_parser, _grade))
    options = parser().parse_args(arguments[1:] if command is not _grade else arguments)
    try:
        return command(options, Course.find(Path.cwd()), console)
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


def _grade(options: argparse.Namespace, course: Course, console: Console) -> int:
    from grading.batch.grade_class import grade_class
    from grading.batch.process import keep_quiet
    from grading.demo import demo

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


def _check(options: argparse.Namespace, course: Course, console: Console) -> int:
    from grading.batch.process import keep_quiet
    from grading.proof.check import check

    keep_quiet()
    proven = check(course, options.lab, options.exercise, console, as_json=options.json)
    return GRADED if proven else SOME_NOT_GRADED


def _new(options: argparse.Namespace, course: Course, console: Console) -> int:
    from grading.new import make_lab, next_steps

    make_lab(course, options.lab)
    console.print(next_steps(options.lab), highlight=False, soft_wrap=True, markup=False)
    return GRADED


def _roster(options: argparse.Namespace, course: Course, console: Console) -> int:
    from grading.roster import OLDER, import_roster

    roster = import_roster(course, Path(options.file))
    text = f"{len(roster.students):,} students of {options.file} are in the gradebook."
    if roster.encoding == OLDER:
        text += f" It is not UTF-8 and was read as {OLDER}: see whether their names are right."
    console.print(text, highlight=False, soft_wrap=True, markup=False)
    return GRADED


def _grade_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade",
        description="Grade a class: marks in the gradebook and grades.csv, feedback for everyone.",
        epilog="`grade check` proves that labs, hand-outs and grader agree; `grade new LAB` makes "
        "a small lab to start from; `grade roster FILE` reads a list of students. Each of them has "
        "a --help of its own.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("lab", nargs="?", metavar="LAB", help="the lab to grade, by its folder")
    what.add_argument(
        "--demo",
        action="store_true",
        help="grade a small made-up class in a temporary folder, and say where to look",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="grade everything, also what has not changed since it was graded",
    )
    parser.add_argument(
        "--student",
        metavar="NAME",
        action="append",
        default=[],
        help="grade this student now, and nobody else; may be given more than once",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        default="",
        help="grade on the workers of a Dask scheduler, such as tcp://host:8786",
    )
    parser.add_argument(
        "--db",
        metavar="URL",
        default="",
        help="the gradebook, such as postgresql+psycopg://user@host/name; "
        "without it, the one in nbgrader_config.py",
    )
    parser.add_argument(
        "--json", action="store_true", help="tell the progress and the result as lines of JSON"
    )
    parser.add_argument(
        "--trust-submissions",
        action="store_true",
        help="run the code of students without a sandbox, with your rights",
    )
    return parser


def _check_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade check",
        description="Prove that the notebooks, the hand-out, the reference and the grader agree.",
    )
    parser.add_argument("lab", nargs="?", metavar="LAB", default="", help="without it, all labs")
    parser.add_argument(
        "exercise", nargs="?", metavar="EXERCISE", default="", help="without it, all of the lab"
    )
    parser.add_argument(
        "--json", action="store_true", help="tell the progress and the result as lines of JSON"
    )
    return parser


def _new_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade new",
        description="Write the two folders of a small lab that `grade check` proves at once.",
    )
    parser.add_argument("lab", metavar="LAB", help="the name of the new lab, such as lab03")
    return parser


def _roster_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade roster",
        description="Add students to the gradebook from a CSV file, as spreadsheets write it. Its "
        "columns: id, and any of first_name, last_name, email, lms_user_id.",
    )
    parser.add_argument("file", metavar="FILE", help="the file, such as students.csv")
    return parser


COMMANDS = {
    "check": (_check_parser, _check),
    "new": (_new_parser, _new),
    "roster": (_roster_parser, _roster),
}
