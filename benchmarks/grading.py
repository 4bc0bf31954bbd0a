"""How fast a class is graded: `grade` against nbgrader, in the same run.

The class is made of right answers, of answers with misconceptions, and of stragglers whose code is
slow. nbgrader grades some of it as it comes: `autograde` and `generate_feedback`, which is what
`grade` does in one, one submission after the other, in kernels that it starts anew for each
notebook and without a sandbox. Our steps that ask and judge are in its configuration, so that both
give the same marks.

Its kernels draw the notebooks' figures; those of `grade` say in words what the figures show, as
nobody looks at them. How much of the difference that is, a second grading by nbgrader tells, with
figures in words.
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

import psutil
from nbgrader.api import Gradebook

from grading.course import CONFIG_FILE, Course, copy_course
from grading.files import write_files
from grading.labs import find_lab
from grading.proof.handin import Answers, instructors_answers, submit

ASSIGNMENT = "lab02"
STRAGGLER = "import time\n\ntime.sleep(2)\n"
EVERY_STRAGGLER, EVERY_WRONG = 20, 2  # one in so many
AS_NBGRADER_COMES = """
from grading.kernel.execute import ASKED, SteadyExecute
from grading.kernel.warm import MODULES
from nbgrader.preprocessors import Execute, NbGraderPreprocessor


class AskInCells(NbGraderPreprocessor):
    # What our kernels are asked beside the cells, nbgrader's are asked in cells.
    def preprocess(self, nb, resources):
        for cell in nb.cells:
            if asked := resources[ASKED].get(cell.id):
                cell.source = (
                    f"_probe = {{'__name__': 'probe'}}\\nexec({MODULES['probe']!r}, _probe)\\n"
                    f"_probe['show'](**{asked!r}, names=globals())"
                )
        return nb, resources


steps = c.Autograde.autograde_preprocessors
where = steps.index(SteadyExecute)
steps[where : where + 1] = [AskInCells, Execute]
c.Execute.shutdown_kernel = "graceful"
"""
STOCK_GRADES = 20  # submissions; it takes the same time for each


@dataclass(frozen=True)
class Run:
    """One grading of a class."""

    what: str
    submissions: int
    seconds: float
    cpu_seconds: float  # of the whole machine: of all processes, if nothing else runs
    peak_mb: float  # of the process that was started, its workers left out

    @property
    def per_minute(self) -> float:
        return 60 * self.submissions / self.seconds

    def __str__(self) -> str:
        each = self.seconds / self.submissions
        return (
            f"{self.what:<36}{self.submissions:>6}{self.seconds:>9.1f} s{each:>8.2f} s"
            f"{self.cpu_seconds / self.submissions:>8.2f} s"
            f"{self.per_minute:>9.1f}{self.peak_mb:>8.0f} MB"
        )


HEADING = f"{'':<36}{'class':>6}{'time':>11}{'each':>10}{'CPU':>10}{'a minute':>9}{'memory':>11}"


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
    ours = our_grading(ours_course, size)
    stock, agree = {}, True
    for figures in ("drawn", "in words"):
        course = made_class(folder / figures, number)
        stock[figures] = stock_grading(course, number, figures)
        agree &= marks(course).items() <= marks(ours_course).items()
    grown = [run for n in growth for run in twice(made_class(folder / f"of-{n}", n), n)]
    faster = {
        figures: sum(run.seconds for run in runs) / number / (ours.seconds / size)
        for figures, runs in stock.items()
    }
    print(f"\ngrade is {faster['drawn']:.1f} times as fast as nbgrader as it comes, and ", end="")
    print(f"{faster['in words']:.1f} times where nbgrader, too, gives the figures in words.")
    print(f"The marks agree: {'yes' if agree else 'NO'}, on all that nbgrader graded.")
    floor, cpu = plain_python(ours_course, number), ours.cpu_seconds / size
    print(
        f"A submission takes {cpu:.2f} s of CPU, {cpu / floor:.1f} times what its cells and ",
        end="",
    )
    print(f"questions take in one plain Python process ({floor:.2f} s).")
    runs = (ours, *stock["drawn"], *stock["in words"], *grown)
    return {
        "speedup": round(faster["drawn"], 2),
        "speedup_figures_in_words": round(faster["in words"], 2),
        "marks_agree": agree,
        "cpu_seconds_each": round(cpu, 3),
        "floor_seconds_each": round(floor, 3),
        "runs": [asdict(run) for run in runs],
    }


def our_grading(course: Course, size: int, what: str = "grade") -> Run:
    return timed(what, [script("grade"), ASSIGNMENT, "--json"], course, size)


def twice(course: Course, size: int) -> list[Run]:
    """Graded, and once more when nothing has changed."""
    return [our_grading(course, size), our_grading(course, size, "grade, nothing new")]


def plain_python(course: Course, number: int) -> float:
    """Seconds for the work itself of a submission."""
    script = Path(__file__).with_name("plain_python.py")
    command = [sys.executable, script, course.root, ASSIGNMENT, str(number)]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=True)
    return float(done.stdout)


def stock_grading(course: Course, number: int, figures: str) -> list[Run]:
    """What an instructor without `grade` would run."""
    with (course.root / CONFIG_FILE).open("a") as config:
        config.write(AS_NBGRADER_COMES)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    run_quietly([*nbgrader, "generate_assignment", ASSIGNMENT, "--force"], course)
    more = {"LAB_FIGURES": "text"} if figures == "in words" else {}
    what = f"nbgrader autograde, figures {figures}"
    return [
        timed(what, [*nbgrader, "autograde", ASSIGNMENT], course, number, more),
        timed(
            "nbgrader generate_feedback",
            [*nbgrader, "generate_feedback", ASSIGNMENT],
            course,
            number,
        ),
    ]


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
    lab = find_lab(course, ASSIGNMENT)
    wrong = list(lab.misconceptions)
    random.Random(1).shuffle(wrong)
    for number, misconception in enumerate(cycle(wrong)):
        answers = dict(right)
        if number % EVERY_WRONG:
            answers[lab.exercises[misconception.exercise].answer_cell] = misconception.source
        if number % EVERY_STRAGGLER == 0:
            answers["window-mask-answer"] += "\n\n" + STRAGGLER
        # no two students write the same
        yield {cell: f"{source}\n# {number}" for cell, source in answers.items()}


def timed(
    what: str, command: list[str], course: Course, size: int, more: dict[str, str] | None = None
) -> Run:
    begun, used = time.monotonic(), cpu_time()
    process = start(command, course, more or {})
    peak = [0.0]
    watching = threading.Thread(target=watch, args=(process, peak))
    watching.start()
    if process.wait():
        sys.exit(f"{' '.join(map(str, command))} failed in {course.root}")
    seconds, cpu_seconds = time.monotonic() - begun, cpu_time() - used
    watching.join()
    run = Run(what, size, seconds, cpu_seconds, peak[0])
    print(run, flush=True)
    return run


def cpu_time() -> float:
    """Seconds that the processors of this machine have worked since it was started."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system + times.irq + times.softirq


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
