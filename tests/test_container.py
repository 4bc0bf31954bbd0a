"""The image of deploy/Containerfile: built from Debian's own packages, run as its guide says."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from catalogue import ROOT
from grading.course import Course, copy_course
from gradings import ASSIGNMENT, MARKS_BY_HAND, hand_in, lines_of, wait_for

PAGE = (ROOT / "docs/containers.md").read_text("utf-8")
ALLOWED = ["--security-opt=seccomp=unconfined", "--security-opt=unmask=ALL"]  # for Podman
BASE, IMAGE = "localhost/grader-base-of-tests", "localhost/grader-of-tests"
OWNER = 1000  # the user in the image
STUDENTS = ("all-right", "half-done")

if not os.environ.get("CONTAINER"):
    pytest.skip("builds an image, in about ten minutes: CONTAINER=1", allow_module_level=True)
for program in ("podman", "mmdebstrap"):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed", allow_module_level=True)


def podman(*arguments: object, check: bool = True) -> subprocess.CompletedProcess:
    command = ["podman", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, (
        f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    )
    return done


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Iterator[str]:
    """Built with this machine's certificates, as the network may need them."""
    system = tmp_path_factory.mktemp("base") / "debian.tar"
    made = subprocess.run(
        ["mmdebstrap", "--variant=minbase", "--include=ca-certificates", "trixie", system],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"mmdebstrap cannot make a Debian here: {made.stderr.splitlines()[-1]}")
    podman("import", system, BASE)
    tried = podman("run", "--rm", "--network=host", BASE, "true", check=False)
    if tried.returncode:
        pytest.skip(f"podman cannot run a container here: {tried.stderr.splitlines()[-1]}")
    certificates = ("--volume", "/etc/ssl/certs:/etc/ssl/certs:ro")
    file = ROOT / "deploy/Containerfile"
    how = ("--network=host", *certificates, "--build-arg", f"BASE={BASE}", "--file", file)
    podman("build", *how, "--tag", IMAGE, ROOT)
    yield IMAGE
    podman("rmi", "--force", IMAGE, BASE)


@pytest.fixture
def mounted(course: Course, tmp_path: Path) -> Course:
    """A course that belongs to the user in the image."""
    copy = hand_in(copy_course(course, tmp_path / "course"), *STUDENTS)
    if os.getuid() == 0:
        for path in (copy.root, *copy.root.rglob("*")):
            os.chown(path, OWNER, OWNER)
    return copy


def run(
    course: Course, *arguments: str, options: Sequence[str] = ALLOWED
) -> subprocess.CompletedProcess:
    """Run a command of the image in a course."""
    mount = ("--volume", f"{course.root}:/course")
    own = () if os.getuid() == 0 else ("--userns=keep-id",)
    how = ("--rm", "--network=host", *own, *options, *mount)
    return podman("run", *how, IMAGE, *arguments, check=False)


def test_the_page_names_the_options_that_are_tried_here():
    assert " ".join(ALLOWED) in PAGE


def test_the_demo_says_that_the_sandbox_is_on(image: str, mounted: Course):
    done = run(mounted, "grade", "--demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "each kernel runs in a sandbox (bubblewrap)" in done.stdout
    assert "off-by-one" in done.stdout


@pytest.mark.parametrize("option", ALLOWED)
def test_without_one_of_the_options_it_refuses_in_a_line(option, image: str, mounted: Course):
    done = run(mounted, "grade", ASSIGNMENT, options=[one for one in ALLOWED if one != option])
    assert done.returncode == 2, done.stdout + done.stderr
    assert "cannot be confined here" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_workers_of_a_cluster_run_from_the_same_image(image: str, mounted: Course):
    """A scheduler and a worker, each in a container; the worker sees no course."""
    started = []

    def start(*arguments: str) -> str:
        how = ("--detach", "--rm", "--network=host", *ALLOWED)
        started.append(podman("run", *how, IMAGE, "dask", *arguments).stdout.strip())
        return started[-1]

    try:
        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        address: list[str] = []

        def found() -> bool:
            said = podman("logs", scheduler)
            address.extend(w for w in (said.stdout + said.stderr).split() if w.startswith("tcp://"))
            return bool(address)

        wait_for(found, 120, "no scheduler came up")
        start("worker", address[0], "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard")
        done = run(mounted, "grade", ASSIGNMENT, "--scheduler", address[0])
    finally:
        podman("rm", "--force", *started)
    assert done.returncode == 0, done.stdout + done.stderr
    marks = {s: (float(one["total"]), one["status"]) for s, one in lines_of(mounted).items()}
    assert marks == {student: MARKS_BY_HAND[student] for student in STUDENTS}
