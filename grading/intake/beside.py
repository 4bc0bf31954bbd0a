"""What lies beside the notebooks of a submission while they run."""

from grading.course import Course
from grading.files import files_in
from grading.intake.submission import Submission


def files_beside(submission: Submission, course: Course) -> dict[str, bytes]:
    """What lies beside the notebooks: the student's own files, and over them those handed out."""
    handed_out = files_in(course, course.folder("release", submission.assignment))
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
