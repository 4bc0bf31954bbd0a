"""A class hands in at the last minute, on nbgrader's exchange: is anything lost, or there twice?

Each student has a folder and a process, which runs nbgrader's command `submit`. The processes are
forks of one that has imported nbgrader, or a machine with two cores would need six minutes for the
imports of 200. One in ten changes an answer and hands in again at once. The instructor collects
in the midst of it and once more at the end, and grades. What was collected is compared, byte by
byte, with what each student has handed in last; and who is in the gradebook, with who handed in.
"""

import argparse
import csv
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

sys.path.pop(0)  # this folder, where a file has the name of the package that is used

from nbgrader.api import Gradebook

from grading.batch.dispatch import FOR_THE_EXCHANGE
from grading.course import CONFIG_FILE, Course, copy_course
from grading.files import files_in, write_files
from grading.proof.handin import instructors_answers, submit

ASSIGNMENT = "lab02"
EVERY_TWICE = 10  # one in so many hands in again at once
SETTINGS = """c = get_config()
c.Exchange.root = {exchange!r}
c.CourseDirectory.course_id = {course!r}
c.CourseDirectory.student_id = {student!r}  # here all have one account
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=200, help="size of the class (200)")
    parser.add_argument("--seconds", type=float, default=50, help="in which all begin to (50)")
    parser.add_argument("--no-grading", action="store_true", help="hand in and collect only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        course = copy_course(Course.find(Path.cwd()), Path(folder, "course"))
        names = [f"student-{number:03}" for number in range(options.students)]
        desks = {student: desk(course, Path(folder, student)) for student in names}
        wrong = list(handed_in(course, desks, options.seconds))
        wrong += [] if options.no_grading else graded(course, set(desks))
    print("\n".join(wrong) or "Nothing is lost, and nothing is there twice.")
    sys.exit(bool(wrong))


def desk(course: Course, folder: Path) -> Path:
    """A student's folder: the settings, and the assignment, with answers that nobody else has."""
    answers = instructors_answers(course, ASSIGNMENT)
    own = {cell: f"{source}\n# of {folder.name}" for cell, source in answers.items()}
    write_files(folder / ASSIGNMENT, submit(course, ASSIGNMENT, folder.name, own).files)
    exchange, name = str(course.root / ".exchange"), course.directory.course_id
    settings = SETTINGS.format(exchange=exchange, course=name, student=folder.name)
    (folder / CONFIG_FILE).write_text(settings)
    return folder


def handed_in(course: Course, desks: dict[str, Path], seconds: float) -> Iterator[str]:
    """Have all hand in and collect it; a line for each thing that is not as it was handed in."""
    nbgrader(course, "release_assignment", ASSIGNMENT)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["nbgrader.apps.submitapp"])
    moments = sorted(random.Random(1).uniform(0, seconds) for _ in desks)
    begun, processes = time.monotonic(), list[BaseProcess]()
    for number, (moment, folder) in enumerate(zip(moments, desks.values(), strict=True)):
        time.sleep(max(0, begun + moment - time.monotonic()))
        arguments = (folder, number % EVERY_TWICE == 0)
        processes.append(context.Process(target=hand_in, args=arguments))
        processes[-1].start()
        if number == len(desks) // 2:
            collecting = nbgrader_started(course, "collect", ASSIGNMENT)
    for process in processes:
        process.join()
    took = time.monotonic() - begun
    collecting.wait()
    early = len(list((course.root / "submitted").iterdir()))
    nbgrader(course, "collect", ASSIGNMENT, "--update")

    if failed := sum(process.exitcode != 0 for process in processes):
        yield f"`nbgrader submit` failed for {failed} students."
    times = len(list((course.root / ".exchange").glob("*/inbound/*")))
    print(f"{len(desks)} students handed in {times} times within {took:.0f} s; ", end="")
    print(f"{early} were collected meanwhile.", flush=True)
    expected = len(desks) + sum(number % EVERY_TWICE == 0 for number in range(len(desks)))
    if times != expected:
        yield f"The exchange holds {times} submissions, and not {expected}."
    collected = {path.name for path in (course.root / "submitted").iterdir()}
    if collected != set(desks):
        yield f"Collected, or handed in, but not both: {sorted(collected ^ set(desks))}."
    for student, folder in desks.items():
        there = files_in(course, course.folder("submitted", ASSIGNMENT, student))
        there = {name: there[name] for name in set(there).difference(FOR_THE_EXCHANGE)}
        if there != files_in(course, folder / ASSIGNMENT):
            yield f"What was collected of {student} is not what was handed in last."


def hand_in(folder: Path, twice: bool) -> None:
    """In a process of its own: `nbgrader submit`, as this student types it."""
    from nbgrader.apps.submitapp import SubmitApp

    os.chdir(folder)
    os.environ["JUPYTER_DATA_DIR"] = str(folder / "data")
    SubmitApp.launch_instance([ASSIGNMENT, "--quiet"])
    if twice:
        path = next((folder / ASSIGNMENT).glob("*.ipynb"))
        path.write_text(path.read_text("utf-8").replace("# of ", "# once more of "), "utf-8")
        SubmitApp.clear_instance()
        SubmitApp.launch_instance([ASSIGNMENT, "--quiet"])


def graded(course: Course, students: set[str]) -> Iterator[str]:
    """Grade twice; a line for whoever is not graded once and rightly."""
    begun = time.monotonic()
    first = grade(course)
    print(f"They were graded in {time.monotonic() - begun:.0f} s.", flush=True)
    if first["done"] != len(students):
        yield f"{first['done']} were graded, and not {len(students)}."
    if (again := grade(course))["done"]:
        yield f"{again['done']} were graded a second time."
    with (course.root / "grades.csv").open(encoding="utf-8") as file:
        lines = [
            (line["student"], line["total"] == line["maximum"]) for line in csv.DictReader(file)
        ]
    if sorted(lines) != [(student, True) for student in sorted(students)]:
        yield "grades.csv has not each student once, with all points."
    with Gradebook(course.database_url) as gradebook:
        known = [one.student_id for one in gradebook.assignment_submissions(ASSIGNMENT)]
    if sorted(known) != sorted(students):
        yield f"The gradebook has {len(known)} submissions, or of others."


def grade(course: Course) -> dict:
    """How `grade` ended, as it tells machines."""
    command = [Path(sys.executable).with_name("grade"), ASSIGNMENT, "--json"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"grade failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def nbgrader(course: Course, *arguments: str) -> None:
    if nbgrader_started(course, *arguments).wait():
        sys.exit(f"nbgrader {' '.join(arguments)} failed.")


def nbgrader_started(course: Course, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.Popen(command, cwd=course.root, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
