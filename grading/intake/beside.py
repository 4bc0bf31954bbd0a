"""What lies beside the notebooks of a submission while they run."""

from pathlib import Path

from grading.course import Course
from grading.intake.submission import Submission


def files_beside(submission: Submission, course: Course) -> dict[str, bytes]:
    """What lies beside the notebooks: the student's own files, and over them those handed out."""
    release = course.folder("release", submission.assignment)
    handed_out = {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in release.rglob("*")
        if path.is_file()
    }
    own = {
        name: content
        for name, content in submission.files.items()
        if not any(_in_the_way(name, other) for other in handed_out)
    }
    both = own | handed_out
    return {name: content for name, content in both.items() if not name.endswith(".ipynb")}


def _in_the_way(name: str, other: str) -> bool:
    """Whether a file and another one, by their names, cannot lie in the same folder."""
    return name.startswith(f"{other}/") or other.startswith(f"{name}/")


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
