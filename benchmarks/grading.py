"""How fast a class is graded: `grade` against nbgrader's own autograde, in the same run.

The class is made of right answers, of answers with misconceptions, and of stragglers whose code is
slow. nbgrader grades some of it, one submission after the other, in kernels that it starts anew for
each notebook and without a sandbox: with its own Execute in place of ours, so that both give the
same marks. It does so twice: with figures in words, which is the work that `grade` does, and with
figures drawn, as the notebooks do when nobody says otherwise.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

sys.path.pop(0)  # this folder, where this file has the name of the package that it measures

from nbgrader.api import Gradebook

from grading.course import CONFIG_FILE, Course
from grading.demo import ASSIGNMENT, copy_course
from grading.handin import Answers, instructors_answers, submit
from grading.misconceptions import MISCONCEPTIONS
from grading.worker import write_files

STRAGGLER = "import time\n\ntime.sleep(2)\n"
EVERY_STRAGGLER, EVERY_WRONG = 20, 2  # one in so many
AS_NBGRADER_COMES = """
from nbgrader.preprocessors import Execute

c.Autograde.autograde_preprocessors = [
    Ask, Execute, Judge, LimitOutput, SaveAutoGrades, Comment, AssignLatePenalties,
    CheckCellMetadata,
]
c.Execute.shutdown_kernel = "graceful"
"""
STOCK_GRADES = 20  # submissions; it takes the same time for each


@dataclass(frozen=True)
class Run:
    """One grading of a class."""

    what: str
    submissions: int
    seconds: float
    peak_mb: float  # of the process that was started, its workers left out

    @property
    def per_minute(self) -> float:
        return 60 * self.submissions / self.seconds

    def __str__(self) -> str:
        each = self.seconds / self.submissions
        return (
            f"{self.what:<36}{self.submissions:>6}{self.seconds:>9.1f} s{each:>8.2f} s"
            f"{self.per_minute:>9.1f}{self.peak_mb:>8.0f} MB"
        )


HEADING = f"{'':<36}{'class':>6}{'time':>11}{'each':>10}{'a minute':>9}{'memory':>11}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=100, help="size of the class (100)")
    parser.add_argument(
        "--growth", type=int, nargs="*", default=[], metavar="N", help="sizes to grade besides"
    )
    parser.add_argument("--json", action="store_true", help="close with one line of JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        result = measure(Path(folder), options.submissions, options.growth)
    if options.json:
        print(json.dumps(result))


def measure(folder: Path, size: int, growth: list[int]) -> dict:
    """Grade everything, print a line for each grading, and return what was found."""
    number = min(size, STOCK_GRADES)
    print(HEADING)
    ours_course = made_class(folder / "ours", size)
    ours = timed("grade", [script("grade"), ASSIGNMENT, "--json"], ours_course, size)
    stock = {}
    for words in (True, False):
        name = "in-words" if words else "drawn"
        course = made_class(folder / name, number)
        with (course.root / CONFIG_FILE).open("a") as config:
            config.write(AS_NBGRADER_COMES)
        nbgrader = [sys.executable, "-m", "nbgrader"]
        run_quietly([*nbgrader, "generate_assignment", ASSIGNMENT, "--force"], course)
        told = "nbgrader autograde, figures " + name.replace("-", " ")
        command = [*nbgrader, "autograde", ASSIGNMENT]
        stock[words] = timed(
            told, command, course, number, {"LAB_FIGURES": "text"} if words else {}
        )
        agree = marks(course).items() <= marks(ours_course).items()
    grown = [
        timed(
            "grade", [script("grade"), ASSIGNMENT, "--json"], made_class(folder / f"of-{n}", n), n
        )
        for n in growth
    ]
    speedup = ours.per_minute / stock[True].per_minute
    drawn = ours.per_minute / stock[False].per_minute
    print(f"\ngrade is {speedup:.1f} times as fast at the same work, {drawn:.1f} times as drawn.")
    print(f"The marks agree: {'yes' if agree else 'NO'}, on all that nbgrader graded.")
    return {
        "speedup": round(speedup, 2),
        "speedup_drawn": round(drawn, 2),
        "marks_agree": agree,
        "runs": [asdict(run) for run in (ours, *stock.values(), *grown)],
    }


def made_class(root: Path, size: int) -> Course:
    """A course with `size` submissions; the first ones are the same whatever the size."""
    course = copy_course(Course.find(Path.cwd()), root)
    for number, answers in enumerate(islice(class_answers(course), size)):
        student = f"student-{number:05}"
        files = submit(course, ASSIGNMENT, student, answers).files
        write_files(course.folder("submitted", ASSIGNMENT, student), files)
    return course


def class_answers(course: Course) -> Iterator[Answers]:
    right = instructors_answers(course, ASSIGNMENT)
    wrong = random.Random(1).sample(list(MISCONCEPTIONS), len(MISCONCEPTIONS))
    for number, misconception in enumerate(cycle(wrong)):
        answers = dict(right)
        if number % EVERY_WRONG:
            answers[f"{misconception.exercise}-answer"] = misconception.source
        if number % EVERY_STRAGGLER == 0:
            answers["window-mask-answer"] += "\n\n" + STRAGGLER
        yield answers


def timed(
    what: str, command: list[str], course: Course, size: int, more: dict[str, str] | None = None
) -> Run:
    begun = time.monotonic()
    process = start(command, course, more or {})
    peak = [0.0]
    watching = threading.Thread(target=watch, args=(process, peak))
    watching.start()
    if process.wait():
        sys.exit(f"{' '.join(map(str, command))} failed in {course.root}")
    seconds = time.monotonic() - begun
    watching.join()
    run = Run(what, size, seconds, peak[0])
    print(run, flush=True)
    return run


def watch(process: subprocess.Popen, peak: list[float]) -> None:
    """The most memory that the process has had, in MB."""
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status")
        for line in status.read_text().splitlines() if status.exists() else []:
            if line.startswith("VmHWM"):
                peak[0] = int(line.split()[1]) / 1024
        time.sleep(0.1)


def run_quietly(command: list[str], course: Course) -> None:
    if start(command, course, {}).wait():
        sys.exit(f"{' '.join(command)} failed in {course.root}")


def start(command: list[str], course: Course, more: dict[str, str]) -> subprocess.Popen:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, cwd=course.root, env=os.environ | more, stdout=quiet, stderr=quiet
    )


def script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def marks(course: Course) -> dict[tuple[str, str], float]:
    """Points by student and exercise."""
    with Gradebook(course.database_url) as gradebook:
        return {
            (submission.student.id, grade.name): grade.score
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


if __name__ == "__main__":
    main()
