"""Files as browsers, platforms and people make them: which is which notebook, and when it came."""

import json
import unicodedata
from datetime import datetime

import nbformat
import pytest

from grading.course import Course
from grading.intake.archive import CannotUnpackError, unpack
from grading.intake.clock import NoDateError, parse_time
from grading.intake.find import find_notebooks
from grading.intake.folders import misplaced, submitted_folders
from grading.intake.released import released
from grading.intake.submission import Submission
from grading.proof.handin import instructors_answers, submit
from gradings import ASSIGNMENT, zipped

FIRST = "01_sliding_window.ipynb"


@pytest.fixture(scope="module")
def releases(course):
    return {path.stem: released(path) for path in course.release_notebooks(ASSIGNMENT)}


@pytest.fixture(scope="module")
def right(course) -> dict[str, bytes]:
    return submit(course, ASSIGNMENT, "ada", instructors_answers(course, ASSIGNMENT)).files


@pytest.fixture(scope="module")
def blank(course) -> dict[str, bytes]:
    return submit(course, ASSIGNMENT, "ada", {}).files


def files_taken(files: dict[str, bytes], releases) -> tuple[list[str], list[str]]:
    """What is told of files, and which notebooks have nothing to be graded."""
    found, strange = find_notebooks(Submission("ada", ASSIGNMENT, files), releases)
    told = [str(finding) for each in found.values() for finding in each.findings]
    return [*told, *map(str, strange)], [n for n, each in found.items() if each.notebook is None]


@pytest.mark.parametrize(
    "name",
    [
        "01_sliding_window (1).ipynb",
        "01_sliding_window-2.ipynb",
        "01_Sliding_Window.IPYNB",
        "01_sliding_window.ipynb.txt",
        "01_sliding_window.ipynb.json",
        "01_sliding_window.json",
        "01_sliding_window",
        "my homework.ipynb",
        "deep/er/01_sliding_window.ipynb",
        "02 final FINAL.ipynb",
    ],
)
def test_a_notebook_is_known_by_its_cells(name, right, releases):
    files = {name: right[FIRST]} | {n: data for n, data in right.items() if n != FIRST}
    told, missing = files_taken(files, releases)
    assert missing == []
    assert [name in line and FIRST in line for line in told] == [True]


@pytest.mark.parametrize(
    "names",
    [
        ("{}.ipynb", "{}-1.ipynb"),
        ("{}-2.ipynb", "{}-10.ipynb"),
        ("{}.ipynb", "{} (1).ipynb"),
        ("{}.ipynb", "{} 2.ipynb"),
        ("{}_v9.ipynb", "{}_v10.ipynb"),
        ("doejane_678901_{}-1.ipynb", "doejane_678999_{}.ipynb"),
        ("Lab_attempt_2026-11-09-10-11-12_{}.ipynb", "Lab_attempt_2026-11-20-08-00-00_{}.ipynb"),
        ("Version 9/{}.ipynb", "Version 10/{}.ipynb"),
        ("2026-11-30/{}.ipynb", "{}.ipynb"),
    ],
    ids=" ".join,
)
def test_of_two_the_newest_is_taken_by_its_numbers(names, right, releases):
    stem = FIRST.removesuffix(".ipynb")
    older, newer = (name.format(stem) for name in names)
    files = {n: data for n, data in right.items() if n != FIRST}
    (line,), _ = files_taken(files | {older: right[FIRST], newer: right[FIRST]}, releases)
    assert f"{newer} was graded, and not {older}: " in line
    assert "newest" in line


def test_where_nothing_tells_versions_apart_the_fuller_one_is_taken(course, right, releases):
    answers = instructors_answers(course, ASSIGNMENT)
    half = submit(course, ASSIGNMENT, "ada", {"window-mask-answer": answers["window-mask-answer"]})
    files = right | {"01_sliding_window_final.ipynb": half.files[FIRST]}
    (line,), _ = files_taken(files, releases)
    assert (
        f"{FIRST} was graded, and not 01_sliding_window_final.ipynb: nothing in the names" in line
    )


def test_a_blank_copy_is_never_taken(right, blank, releases):
    files = right | {"01_sliding_window (7).ipynb": blank[FIRST]}
    (line,), _ = files_taken(files, releases)
    assert line.endswith("it is the only one with answers.")
    assert f"{FIRST} was graded" in line


def test_all_notebooks_pasted_into_one_are_graded_from_it(right, releases):
    notebooks = [nbformat.reads(data.decode(), as_version=4) for data in right.values()]
    one = notebooks[0]
    one.cells = [cell for notebook in notebooks for cell in notebook.cells]
    told, missing = files_taken({"lab.ipynb": nbformat.writes(one).encode()}, releases)
    assert missing == []
    assert [line.startswith("lab.ipynb was graded as") for line in told] == [True] * 4


def test_what_is_there_instead_is_named(right, releases):
    files = {n: data for n, data in right.items() if n != FIRST}
    told, missing = files_taken(files | {"work.rar": b"Rar!", "notes.pdf": b"%PDF"}, releases)
    assert missing == ["01_sliding_window"]
    assert "work.rar, notes.pdf" in told[0]


def test_another_labs_notebook_is_no_notebook_of_this_one(course, right, releases):
    (other, *_) = course.release_notebooks("lab02_bonus")
    told, missing = files_taken(right | {other.name: other.read_bytes()}, releases)
    assert missing == []
    assert told == [f"{other.name} is not a notebook of lab02; it was not graded."]


# archives


def test_a_zip_is_unpacked_and_its_folder_left_out(right, tmp_path):
    inside = {f"lab02/{name}": data for name, data in right.items()}
    inside |= {"__MACOSX/lab02/._x.ipynb": b"\0", "lab02/helper.py": b"x = 1"}
    (tmp_path / "lab02.zip").write_bytes(zipped(inside.items()))
    submission = Submission.read("ada", ASSIGNMENT, tmp_path).opened()
    assert submission.files == right | {"helper.py": b"x = 1"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK but no zip", "BadZipFile"),
        (zipped({"a": b"x" * 99}.items())[:60], "BadZipFile"),
        (zipped({"a": b"x" * (2 << 20)}.items()), "too large"),
        (zipped({str(n): b"" for n in range(101)}.items()), "more than 100 files"),
    ],
    ids=["none", "cut off", "a bomb", "many files"],
)
def test_a_zip_that_cannot_be_unpacked_says_why(data, reason, tmp_path, right):
    with pytest.raises(CannotUnpackError, match=reason):
        unpack(data, max_files=100, max_file=1 << 20, max_total=1 << 20)


def test_what_tools_leave_in_a_zip_does_not_count(right, tmp_path):
    inside = {f"lab02/.venv/lib/{n}.py": b"x" for n in range(300)}
    inside |= {f"lab02/{name}": data for name, data in right.items()}
    (tmp_path / "lab02.zip").write_bytes(zipped(inside.items()))
    assert Submission.read("ada", ASSIGNMENT, tmp_path).opened().files == right


def test_a_broken_zip_costs_nothing_else(tmp_path, right):
    for name, data in right.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "old.zip").write_bytes(b"PK")
    submission = Submission.read("ada", ASSIGNMENT, tmp_path).opened()
    assert set(right) < set(submission.files)
    assert "old.zip cannot be unpacked" in str(submission.findings[0])


@pytest.mark.parametrize("name", ["../out", "/etc/out", "C:\\out", "a/../../out", "..\\..\\out"])
def test_a_zip_writes_nowhere_else(name):
    (found,) = unpack(zipped({name: b"x"}.items()), 9, 9, 9)
    assert ".." not in found
    assert not found.startswith("/")
    assert ":" not in found


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_only_the_date_that_the_exchange_has_noted_counts(packed, right, tmp_path):
    """It lies above; one in a folder or an archive is the student's own."""
    inside = {f"work/{name}": data for name, data in right.items()}
    inside |= {"work/timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    files = {"work.zip": zipped(inside.items())} if packed else inside
    (tmp_path / "work").mkdir()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    submission = Submission.read("ada", ASSIGNMENT, tmp_path)
    assert submission.opened().timestamp is None
    (tmp_path / "timestamp.txt").write_text("2031-01-01 00:00:00 UTC")
    submission = Submission.read("ada", ASSIGNMENT, tmp_path)
    assert submission.opened().timestamp == datetime(2031, 1, 1)


# folders


def put(course: Course, *names: str) -> None:
    for name in names:
        path = course.folder("submitted", "", "") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (FIRST, FIRST),
        ("dora.zip", "dora.zip"),
        (f"lab02/bob/{FIRST}", f"lab02/bob/{FIRST}"),
        ("carl/lab02.zip", "carl/lab02.zip"),
        (f"eve/lab02-eve/{FIRST}", f"eve/lab02-eve/{FIRST}"),
        (f"flo/Lab 02/{FIRST}", f"flo/Lab 02/{FIRST}"),
        (f"gus/{FIRST}", f"gus/{FIRST}"),
        (f"Mary_1_assignsubmission_file_/my work/{FIRST}", "my work"),
    ],
)
def test_work_in_the_wrong_place_is_named(name, said, own_course):
    put(own_course, f"ada/lab02/{FIRST}", name)
    (sentence,) = misplaced(own_course, ASSIGNMENT)
    assert said in sentence
    assert "it is not graded" in sentence


def test_work_in_its_place_is_not_named(own_course):
    put(own_course, f"ada/lab02/{FIRST}", f"ada/lab02/deep/{FIRST}", "bob/lab02_bonus/x.ipynb")
    assert list(misplaced(own_course, ASSIGNMENT)) == []


def test_a_name_in_two_spellings_is_one_student(own_course):
    decomposed = unicodedata.normalize("NFD", "José")
    put(own_course, f"{decomposed}/lab02/{FIRST}", f"José/lab02/{FIRST}", f"ada/lab02/{FIRST}")
    assert len(submitted_folders(own_course, ASSIGNMENT)) == 2
    (sentence,) = misplaced(own_course, ASSIGNMENT)
    assert "José" in sentence


# time


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2027-02-01 00:30:00 +0100", 23, 30),
        ("2027-01-31 18:30:00 -0500", 23, 30),
        ("2027-02-01 00:30:00 +01:00", 23, 30),
        ("2027-02-01 00:30:00 CET", 23, 30),
        ("2027-01-31 18:30:00 America/New_York", 23, 30),
        ("2027-01-31T23:30:00Z", 23, 30),
        ("2027-01-31 23:30:00.123456 UTC", 23, 30),
        ("2027-01-31 23:30", 23, 30),
        ("Sunday, 31 January 2027, 11:30 PM", 23, 30),
    ],
)
def test_a_time_is_read_in_its_zone(text, hour, minute):
    time = parse_time(text)
    assert (time.date(), time.hour, time.minute) == (datetime(2027, 1, 31).date(), hour, minute)
    assert time.tzinfo is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2027-01-31 20:00:00 PST", "names the time zone PST, which is not known"),
        ("1/0/0 soon\0", "holds no date"),
        ("99999999999999999999", "holds no date"),
        ("0001-01-01 00:00:00 +1400", "holds no date"),
        ("2027-01-31 20:00:00 /etc/passwd", "holds no date"),
    ],
)
def test_a_time_that_cannot_be_trusted_is_none(text, reason):
    with pytest.raises(NoDateError, match=reason):
        parse_time(text)
    submission = Submission("ada", "lab", {"timestamp.txt": text.encode()})
    assert submission.timestamp is None
    assert reason in str(submission.finding_on_time)


def test_a_time_may_have_a_byte_order_mark():
    submission = Submission(
        "ada", "lab", {"timestamp.txt": b"\xef\xbb\xbf2027-01-31 23:30:00 UTC\n"}
    )
    assert submission.timestamp == datetime(2027, 1, 31, 23, 30)
    assert submission.finding_on_time is None


def test_json_that_is_no_notebook_is_passed_by(right, releases):
    told, missing = files_taken(right | {"data.json": json.dumps([1]).encode()}, releases)
    assert (told, missing) == ([], [])
