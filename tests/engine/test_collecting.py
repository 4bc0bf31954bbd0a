"""Archives of learning platforms, collected by nbgrader's own command with our configuration."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grading.course import Course
from gradings import ASSIGNMENT, LAB

CANVAS = {
    "doejane_12345_67890_01_sliding_window.ipynb": "12345/01_sliding_window",
    "doejane_12345_67891_02_global_tokens-2.ipynb": "12345/02_global_tokens",
    "doejane_12345_67892_03_multi_head-11.ipynb": "12345/03_multi_head",
    "obrienbob_LATE_222_3_01_sliding_window-1.ipynb": "222/01_sliding_window",
    "doejane_678_68001_01_sliding_window.ipynb": "678/01_sliding_window",  # of the same name
    "doejane_678_68002_notes.pdf": None,
}
MOODLE = {
    "Jane Doe_1234567_assignsubmission_file_/01_sliding_window.ipynb": "Jane Doe/01_sliding_window",
    "Jane Doe_1234567_assignsubmission_file_/02_global_tokens.ipynb": "Jane Doe/02_global_tokens",
    "Zoë O'Neil-Ng_7_assignsubmission_file_/03_multi_head.ipynb": "Zoë O'Neil-Ng/03_multi_head",
    "Li Wu_89_assignsubmission_file/01_sliding_window.ipynb": "Li Wu/01_sliding_window",
    "Max Roe_90_assignsubmission_file_01_sliding_window.ipynb": "Max Roe/01_sliding_window",
    "Max Roe_90_assignsubmission_onlinetext_/onlinetext.html": None,
}


@pytest.mark.parametrize(
    ("archive", "names"),
    [("submissions.zip", CANVAS), ("NLP 101-Lab 02-54321.zip", MOODLE)],
    ids=["canvas", "moodle"],
)
def test_an_archive_is_collected(archive, names, own_course: Course):
    assert {notebook.split("/")[1] for notebook in names.values() if notebook} <= set(LAB.notebooks)
    folder = own_course.root / "downloaded" / ASSIGNMENT / "archive"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / archive, "w") as file:
        for name in names:
            file.writestr(name, f"what lies in {name}")
    command = [sys.executable, "-m", "nbgrader", "zip_collect", ASSIGNMENT]
    done = subprocess.run(command, cwd=own_course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = {notebook: f"what lies in {name}" for name, notebook in names.items() if notebook}
    assert collected(own_course.root / "submitted") == expected, done.stderr
    assert f"{len(expected)} files collected" in done.stderr


def collected(submitted: Path) -> dict[str, str]:
    """What was collected, by student and notebook."""
    return {
        f"{path.parts[-3]}/{path.stem}": path.read_text("utf-8")
        for path in submitted.glob(f"*/{ASSIGNMENT}/*")
    }
