"""A grading that is stopped, by a person or by the machine, goes on where it was."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path

import psutil
from nbgrader.api import Gradebook

from grading.batch.pool import Pool, processes
from grading.batch.tasks import Task, Workers
from grading.course import Course
from gradings import (
    ALL,
    ASSIGNMENT,
    CLASS,
    GRADE,
    KILLS,
    STUDENTS,
    grade,
    hand_in,
    journal,
    needs_sandbox,
    printed_by,
    started,
    wait_for,
    wait_for_marks,
)

# Killed gradings leave nothing behind because the sandbox ends with them.
pytestmark = needs_sandbox


def recorded_at(course: Course) -> dict[str, int]:
    """When each student's notebooks were written."""
    folder = course.root / "autograded"
    return {path.name: next(path.rglob("*.ipynb")).stat().st_mtime_ns for path in folder.iterdir()}


def test_a_second_run_grades_only_what_has_changed(undisturbed: Course):
    hints = undisturbed.hidden_half("lab02_bonus") / "rolling_cache/misconceptions.py"
    with hints.open("a") as file:
        file.write("# another hint, in another lab\n")
    first, marks = recorded_at(undisturbed), (undisturbed.root / "grades.csv").read_text()
    assert grade(undisturbed)[-1]["graded_before"] == len(CLASS)
    assert recorded_at(undisturbed) == first, "what had not changed was graded again"
    assert (undisturbed.root / "grades.csv").read_text() == marks

    with (undisturbed.folder("submitted", ASSIGNMENT, "half-done") / "notes.txt").open("w") as file:
        file.write("handed in once more")
    grade(undisturbed)
    second = recorded_at(undisturbed)
    assert [student for student in first if first[student] != second[student]] == ["half-done"]

    grade(undisturbed, again=True)
    assert all(recorded_at(undisturbed)[student] != second[student] for student in second)
    assert (undisturbed.root / "grades.csv").read_text() == marks


def test_what_the_gradebook_has_lost_is_graded_again(own_course: Course):
    grade(hand_in(own_course, "all-right"))
    (own_course.root / "gradebook.db").unlink()
    grade(own_course)
    with Gradebook(own_course.database_url) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "all-right").score == ALL


def test_a_changed_reference_or_protection_changes_all_marks(own_course: Course):
    grade(hand_in(own_course, "all-right"))
    with (own_course.root / "solutions/lab02/reference/building_blocks.py").open("a") as file:
        file.write("\n# a change\n")
    assert grade(own_course)[-1]["graded_before"] == 0
    trusting = replace(own_course, trusts_submissions=True)
    assert grade(trusting)[-1]["graded_before"] == 0, "marks from a sandbox stood for others"


def ours(course: Course) -> list[psutil.Process]:
    """Processes that a grading of this course has started."""
    return [
        process
        for process in psutil.process_iter(["cwd", "cmdline"])
        if process.info["cwd"] == str(course.root)
    ]


def test_killed_again_and_again_it_ends_with_the_same_marks(
    own_course: Course, undisturbed: Course
):
    killed = hand_in(own_course, *CLASS)
    seed = random.randrange(1 << 30)
    rng = random.Random(seed)
    begun = time.monotonic()
    grade_once = started(killed)
    wait_for_marks(killed, grade_once)
    first = time.monotonic() - begun
    for _ in range(KILLS):
        grade_once.kill()
        grade_once.wait()
        wait_for(lambda: not ours(killed), 20, "a worker outlived the grading that was killed")
        before = journal(killed)
        grade_once = started(killed)
        time.sleep(rng.uniform(0, 1.5 * first))
        assert journal(killed)[: len(before)] == before or not before, f"lost, seed {seed}"
    printed = printed_by(grade_once, killed, 60 + 5 * len(CLASS))
    assert grade_once.returncode == 0, f"{printed}, seed {seed}"
    expected = (undisturbed.root / "grades.csv").read_text()
    assert (killed.root / "grades.csv").read_text() == expected, f"seed {seed}"
    with Gradebook(killed.database_url) as ours_, Gradebook(undisturbed.database_url) as theirs:
        marks = [
            {s.student.id: s.score for s in gradebook.assignment_submissions(ASSIGNMENT)}
            for gradebook in (ours_, theirs)
        ]
    assert marks[0] == marks[1], f"seed {seed}"


def test_what_follows_a_task_is_done_although_its_worker_is_killed(course: Course, tmp_path: Path):
    workers, done = Workers(Pool(course, 1)), []

    def then(future: Future) -> None:
        done.append(future.result())
        for worker in active_children():
            worker.kill()
            worker.join()
        workers.add(Task(as_it_is, "what follows", lambda ended: done.append(ended.result())))

    task = Task(killed_the_first_time, tmp_path / "killed", then)
    workers.run(iter([task]), lambda: None)
    assert done == ["the task", "what follows"]


def as_it_is(argument: str, _: Course) -> str:
    return argument


def killed_the_first_time(marker: Path, _: Course) -> str:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "the task"


def test_a_worker_that_is_killed_while_it_hands_over_keeps_nobody_waiting():
    """In a process of its own: one that waits for ever would have the tests wait, too."""
    code = f"from {Path(__file__).stem} import kill_those_who_hand_over as kill; kill()"
    folders = [str(Path(__file__).parent), *sys.path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=120, check=False)
    assert not done.returncode


def kill_those_who_hand_over() -> None:
    for hundredths in range(10, 60, 20):
        for function in (killed_in_a_moment, raises_and_is_killed):
            with processes(1) as pool:
                task = pool.submit(function, hundredths / 100)
                assert task.exception() or task.result()


def killed_in_a_moment(seconds: float) -> bytes:
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
    return bytes(200 << 20)  # handed over for about half a second


def raises_and_is_killed(seconds: float) -> None:
    raise ValueError(killed_in_a_moment(seconds))


def test_a_line_that_was_cut_short_counts_for_nothing(own_course: Course):
    grade(hand_in(own_course, "all-right"))
    path = own_course.root / ".grading" / f"{ASSIGNMENT}.jsonl"
    path.write_text(path.read_text()[:-20])
    assert grade(own_course)[-1]["graded_before"] == 0
    assert grade(own_course)[-1]["graded_before"] == 1


def test_ctrl_c_stops_at_once_says_how_to_go_on_and_leaves_nothing(own_course: Course):
    process = started(hand_in(own_course, *STUDENTS))
    wait_for_marks(own_course, process)
    process.send_signal(signal.SIGINT)
    printed = printed_by(process, own_course, 10)
    assert process.returncode == 130
    stopped = json.loads(printed.splitlines()[-1])
    assert stopped["event"] == "stopped"
    assert stopped["done"] >= 1
    assert "Traceback" not in printed
    wait_for(lambda: not ours(own_course), 10, "a worker outlived the grading that was stopped")


def test_a_second_grading_at_the_same_time_says_so_and_stops(own_course: Course):
    first = started(hand_in(own_course, *STUDENTS))
    wait_for(lambda: (own_course.root / ".grading/lock").exists(), 60, "no lock was taken")
    done = subprocess.run(
        [GRADE, ASSIGNMENT], cwd=own_course.root, capture_output=True, text=True, check=False
    )
    first.kill()
    first.wait()
    assert done.returncode == 2
    assert "Another `grade` is at work" in done.stdout
    assert str(Path(own_course.root).name) in done.stdout
