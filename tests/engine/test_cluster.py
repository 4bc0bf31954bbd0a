"""The same class on a real Dask cluster: a scheduler and workers in processes of their own."""

import random
import time
from pathlib import Path

import pytest

from clusters import Cluster
from grading.course import Course
from gradings import CLASS, KILLS, hand_in, needs_sandbox, printed_by, started, wait_for_marks

pytest.importorskip("distributed", reason="Dask is not installed (group cluster)")


@needs_sandbox
def test_killed_workers_and_killed_gradings_change_no_mark(
    cluster, own_course: Course, undisturbed: Course
):
    hand_in(own_course, *CLASS)
    seed = random.randrange(1 << 30)
    rng = random.Random(seed)
    begun = time.monotonic()
    process = started(own_course, "--scheduler", cluster.address)
    wait_for_marks(own_course, process)
    first = time.monotonic() - begun
    assert {"worker-1", "worker-2"} == with_a_course(cluster), "the course is where it is graded"
    for kill in range(KILLS):
        if kill % 2:
            process.kill()
            process.wait()
            process = started(own_course, "--scheduler", cluster.address)
        else:
            cluster.workers.pop(0).kill()
            cluster.workers.append(cluster.add_worker())
        time.sleep(rng.uniform(0, 1.5 * first))
    printed = printed_by(process, own_course, 60 + 5 * len(CLASS))
    assert process.returncode == 0, f"{printed}, seed {seed}"
    expected = (undisturbed.root / "grades.csv").read_text()
    assert (own_course.root / "grades.csv").read_text() == expected, f"seed {seed}"
    alive = {Path(f"/proc/{worker.pid}/cwd").resolve().name for worker in cluster.workers}
    assert not alive & with_a_course(cluster), "workers keep the reference when all is graded"


def with_a_course(cluster: Cluster) -> set[str]:
    """Processes of the cluster that have the course, with its reference, on their disk."""
    courses = cluster.folder.rglob("course-*")
    return {path.relative_to(cluster.folder).parts[0] for path in courses}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", ["No Dask scheduler answers", "dask scheduler"]),
        ("nonsense", ["'nonsense' is no address", "tcp://host:8786"]),
    ],
)
def test_without_a_scheduler_one_line_says_what_to_do(address, words, own_course: Course):
    process = started(hand_in(own_course, "all-right"), "--scheduler", address)
    printed = printed_by(process, own_course, 120)
    assert process.returncode == 2
    for word in words:
        assert word in printed
    assert "Traceback" not in printed
