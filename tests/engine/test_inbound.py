"""What is collected from nbgrader's exchange, into which anybody on the machine may write."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grading.course import Course
from grading.files import write_files
from gradings import needs_other_users

NOTEBOOK = {"01_sliding_window.ipynb": b"{}", "checks/help.py": b"1\n"}
NOTED = {"timestamp.txt": b"2027-01-31 10:00:00 UTC", "submission_secret.txt": b"of hers"}
EARLY, LATER = "2027-01-31 10:00:00.000000 UTC", "2027-02-01 10:00:00.000000 UTC"


@pytest.fixture
def inbound(own_course: Course) -> Path:
    folder = own_course.root / ".exchange/sliding-window-lab/inbound"
    folder.mkdir(parents=True)
    (own_course.root / ".exchange").chmod(0o777)
    return folder


def put(inbound: Path, student: str, when: str = EARLY, files: dict | None = None) -> Path:
    folder = inbound / f"{student}+lab02+{when}+{student}random"
    write_files(folder, NOTEBOOK | NOTED if files is None else files)
    return folder


def collect(course: Course, *options: str) -> str:
    """What `nbgrader collect` says."""
    command = [sys.executable, "-m", "nbgrader", "collect", "lab02", *options]
    done = subprocess.run(
        command, cwd=course.root, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def collected(course: Course, student: str) -> set[str]:
    folder = course.folder("submitted", "lab02", student)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def link(folder: Path) -> None:
    (folder / "marks.txt").symlink_to("/etc/passwd")


def link_to_a_folder(folder: Path) -> None:
    (folder / "more").symlink_to("/etc")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.ipynb")


def a_mountain(folder: Path) -> None:
    with (folder / "large.bin").open("wb") as file:
        file.truncate(101_000_000)


def a_shaft(folder: Path) -> None:
    path = folder
    for _ in range(60):
        path = path / ("deep" * 10)
    path.mkdir(parents=True)
    (path / "bottom.txt").write_text("far down")


@pytest.mark.parametrize("spoil", [link, link_to_a_folder, pipe, a_mountain, a_shaft])
def test_what_is_no_file_of_its_own_is_left_out_and_the_rest_is_taken(own_course, inbound, spoil):
    spoil(put(inbound, "mallory"))
    put(inbound, "zoe")
    said = collect(own_course)
    assert collected(own_course, "zoe") == {*NOTEBOOK, *NOTED}
    assert collected(own_course, "mallory") == {*NOTEBOOK, *NOTED}
    if spoil is not a_shaft:
        assert "Left out of" in said


def nameless(inbound: Path) -> None:
    (inbound / "mallory+lab02+whenever+random").mkdir()


def short(inbound: Path) -> None:
    (inbound / "mallory+lab02+").mkdir()


def a_link_as_a_whole(inbound: Path) -> None:
    (inbound / f"mallory+lab02+{EARLY}+random").symlink_to("/etc")


def half_copied(inbound: Path) -> None:
    put(inbound, "mallory", files=NOTEBOOK)


def a_file(inbound: Path) -> None:
    (inbound / f"mallory+lab02+{EARLY}+random").write_text("no folder")


@pytest.mark.parametrize("spoil", [nameless, short, a_link_as_a_whole, half_copied, a_file])
def test_what_is_no_submission_is_named_and_stops_nobody(
    own_course: Course, inbound: Path, spoil: Callable[[Path], None]
):
    spoil(inbound)
    put(inbound, "zoe")
    said = collect(own_course)
    assert "Left out" in said
    assert "mallory" in said
    assert collected(own_course, "mallory") == set()
    assert collected(own_course, "zoe") == {*NOTEBOOK, *NOTED}


def test_one_that_is_still_being_handed_in_does_not_hide_the_earlier_one(own_course, inbound):
    put(inbound, "zoe")
    later = put(inbound, "zoe", LATER, NOTEBOOK)
    collect(own_course)
    assert collected(own_course, "zoe") == {*NOTEBOOK, *NOTED}
    write_files(later, {"checks/help.py": b"2\n", "submission_secret.txt": b"of hers"})
    collect(own_course, "--update")
    folder = own_course.folder("submitted", "lab02", "zoe")
    assert (folder / "checks/help.py").read_bytes() == b"2\n"


@needs_other_users
def test_nobody_hands_in_for_another(own_course: Course, inbound: Path):
    put(inbound, "nobody")
    os.chown(inbound / f"nobody+lab02+{EARLY}+nobodyrandom", 65534, 65534)
    put(inbound, "zoe")
    os.chown(put(inbound, "zoe", LATER, NOTEBOOK | NOTED | {"by.txt": b"nobody"}), 65534, 65534)
    said = collect(own_course)
    assert "it belongs to nobody, who is not zoe" in said
    assert collected(own_course, "zoe") == collected(own_course, "nobody") == {*NOTEBOOK, *NOTED}
    unasked = "--ExchangeCollect.check_owner=False"
    collect(own_course, "--update", unasked)
    assert "by.txt" in collected(own_course, "zoe")
