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
    options = _parser().parse_args(arguments)
    try:
        return _command(options, Course.find(Path.cwd()), console)
    except CourseError as error:
        if options.json:
            console.file.write(json.dumps({"event": "refused", "reason": str(error)}) + "\n")
            return CANNOT_START
        console.print(f"grade: {error}", style="red", soft_wrap=True, markup=False, highlight=False)
        return CANNOT_START
    except KeyboardInterrupt:
        return INTERRUPTED


def _command(options: argparse.Namespace, course: Course, console: Console) -> int:
    # Imported here, so that `grade --help` does not wait for nbgrader.
    from grading import sandbox
    from grading.run import How, grade_class
    from grading.workers import keep_quiet

    keep_quiet()
    if options.what == "check":
        from grading.proof import prove
        from grading.proof_table import show

        trials = prove(sandbox.or_trust(course))
        show(trials, console)
        return SOME_NOT_GRADED if any(trial.problem for trial in trials) else GRADED
    if options.demo:
        from grading.demo import demo

        report = demo(course, Path(tempfile.mkdtemp(prefix="grade-demo-")), console)
    else:
        course = replace(course, trusts_submissions=options.trust_submissions, database=options.db)
        how = How(again=options.force, scheduler=options.scheduler, as_json=options.json)
        report = grade_class(course, options.what, console, how)
        if not options.json:
            console.print(WHERE, highlight=False, soft_wrap=True)
    return GRADED if report.complete else SOME_NOT_GRADED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade",
        description="Grade a class: marks in the gradebook and grades.csv, feedback for everyone.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "what",
        nargs="?",
        metavar="ASSIGNMENT",
        help="the assignment to grade, such as lab02; or `check`, to prove that the exercises, "
        "the hand-out and the grader agree",
    )
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
