"""A full disk: `grade` says so in a line, nothing is lost or half-written, and it goes on later."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading.batch.full_disk import AT_LEAST
from grading.course import Course
from gradings import (
    ASSIGNMENT,
    GRADE,
    MARKS_BY_HAND,
    copy_to_grade,
    hand_in,
    journal,
    lines_of,
    trust_in,
)

STUDENTS = ("all-right", "blank", "half-done")
LARGE = 9 << 20  # bytes of a file beside each submission, of which autograded/ takes a copy


class Disk:
    """A small disk of its own, which gets as much room as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mount("-t", "tmpfs", "-o", "size=1g", "tmpfs")

    def leave(self, room: int) -> None:
        found = os.statvfs(self.folder)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        self._mount("-o", f"remount,size={used + room}")

    def _mount(self, *options: str) -> None:
        subprocess.run(["mount", *options, self.folder], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        made = Disk(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small disk can be mounted here, which needs root on Linux ({error})")
    yield made
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def on_disk(course: Course, disk: Disk) -> Course:
    copy = hand_in(copy_to_grade(course, disk.folder / "course"), *STUDENTS)
    for student in STUDENTS:
        (copy.folder("submitted", ASSIGNMENT, student) / "data.bin").write_bytes(bytes(LARGE))
    return copy


def graded(course: Course, *options: str) -> tuple[int, str]:
    """The exit code of `grade`, and all that it prints."""
    command = [GRADE, ASSIGNMENT, *options, *trust_in(course)]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def full(course: Course, *options: str) -> None:
    """Grade where there is too little room: one line says so, and what to do."""
    code, printed = graded(course, *options)
    assert code == 2, printed
    assert printed.count("A disk is full.") == 1, printed
    assert "Make room, and run the same command again" in printed
    assert "Traceback" not in printed


def marks(course: Course) -> dict[str, tuple[float, str]]:
    return {
        student: (float(line["total"]), line["status"])
        for student, line in lines_of(course).items()
    }


def test_a_disk_that_fills_up_stops_the_class_which_goes_on_when_there_is_room(
    disk: Disk, on_disk: Course
):
    disk.leave(AT_LEAST + (2 << 20))  # for one of the three, not for two
    full(on_disk)
    finished = len(journal(on_disk))
    assert finished < len(STUDENTS)
    disk.leave(1 << 30)
    code, printed = graded(on_disk)
    assert code == 0, printed
    assert (f"{finished} of 3 were graded before" in printed) == bool(finished)
    assert marks(on_disk) == {student: MARKS_BY_HAND[student] for student in STUDENTS}


def test_what_was_there_stays_whole_on_a_full_disk(disk: Disk, on_disk: Course):
    assert graded(on_disk)[0] == 0
    before = written(on_disk)
    disk.leave(0)
    full(on_disk)
    assert written(on_disk) == before

    disk.leave(1 << 30)
    for student in STUDENTS:  # they hand in more than there is room for
        path = on_disk.folder("submitted", ASSIGNMENT, student) / "data.bin"
        path.write_bytes(bytes(AT_LEAST + (4 << 20)))
    disk.leave(AT_LEAST + (1 << 20))
    full(on_disk)
    assert written(on_disk) == before, "something was lost, or only half-written"

    disk.leave(1 << 30)
    assert graded(on_disk)[0] == 0
    assert marks(on_disk) == {student: MARKS_BY_HAND[student] for student in STUDENTS}


def written(course: Course) -> dict[str, bytes]:
    """All that `grade` has written for people."""
    paths = [
        path for name in ("autograded", "feedback") for path in (course.root / name).rglob("*")
    ]
    paths += [*course.root.glob("*.csv"), course.root / "report.html"]
    return {str(path): path.read_bytes() for path in paths if path.is_file()}
