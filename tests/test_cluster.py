"""The same class on a real Dask cluster: a scheduler and workers in processes of their own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_resume import STUDENTS, grade, hand_in, journal, started, wait_for

from grading import sandbox
from grading.course import Course
from grading.demo import copy_course

pytest.importorskip("distributed", reason="Dask is not installed (group cluster)")
pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=sandbox.why_not() or "here")


class Cluster:
    """A scheduler and two workers on this machine. Their folder is empty: they share no files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen] = []
        scheduler = self._start("scheduler", "--port", "0", "--no-dashboard")
        for line in scheduler.stderr:
            found = re.search(r"tcp://127\.0\.0\.1:\d+", line)
            if found:
                self.address = found[0]
                break
        self.workers = [self.add_worker() for _ in range(2)]

    def add_worker(self) -> subprocess.Popen:
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory")
        return self._start("worker", self.address, *options, str(self.folder))

    def _start(self, what: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, "--host", "127.0.0.1"]
        errors = subprocess.PIPE if what == "scheduler" else subprocess.DEVNULL
        process = subprocess.Popen(
            [*command, *arguments], cwd=self.folder, stderr=errors, text=True
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def here(course: Course, tmp_path_factory) -> str:
    """grades.csv of the class graded on this machine alone."""
    copy = copy_course(course, tmp_path_factory.mktemp("here") / "course")
    grade(hand_in(copy, *STUDENTS))
    return (copy.root / "grades.csv").read_text()


def test_a_worker_killed_in_mid_run_changes_no_mark(cluster, own_course: Course, here: str):
    hand_in(own_course, *STUDENTS)
    process = started(own_course, "--scheduler", cluster.address)
    wait_for(lambda: journal(own_course), 120, "nothing was graded")
    cluster.workers[0].send_signal(signal.SIGKILL)
    cluster.add_worker()
    assert process.wait(240) == 0, process.stdout.read()
    assert (own_course.root / "grades.csv").read_text() == here


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", ["No Dask scheduler answers", "dask scheduler"]),
        ("nonsense", ["'nonsense' is no address", "tcp://host:8786"]),
    ],
)
def test_without_a_scheduler_one_line_says_what_to_do(address, words, own_course: Course):
    process = started(hand_in(own_course, "all-right"), "--scheduler", address)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 2
    for word in words:
        assert word in printed
    assert "Traceback" not in printed
