"""What the command `grade` can be told; its commands are in cli.py."""

import argparse


def grade_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade",
        description="Grade a class: marks in the gradebook and grades.csv, feedback for everyone.",
        epilog="`grade check` proves that labs, hand-outs and grader agree; `grade new LAB` makes "
        "a small lab to start from, and `grade new-course FOLDER` a course; `grade roster FILE` "
        "reads a list of students. Each of them has a --help of its own.",
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


def check_parser() -> argparse.ArgumentParser:
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


def new_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade new",
        description="Write the two folders of a small lab that `grade check` proves at once.",
    )
    parser.add_argument("lab", metavar="LAB", help="the name of the new lab, such as lab03")
    return parser


def new_course_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade new-course",
        description="Write a course without a lab: nbgrader's settings, a README, a .gitignore.",
    )
    parser.add_argument("folder", metavar="FOLDER", help="a folder that is new or empty")
    return parser


def roster_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grade roster",
        description="Add students to the gradebook from a CSV file, as spreadsheets write it. Its "
        "columns: id, and any of first_name, last_name, email, lms_user_id.",
    )
    parser.add_argument("file", metavar="FILE", help="the file, such as students.csv")
    return parser
