"""The course folder: where its parts are, its nbgrader configuration, and its secret."""

import contextlib
import os
import secrets
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from traitlets.config import Config, PyFileConfigLoader

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

CONFIG_FILE = "nbgrader_config.py"
SECRET_FILE = ".grading_secret"


class CourseError(Exception):
    """The course cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class Course:
    """A course folder. Who trusts submissions lets their code run without a sandbox."""

    root: Path
    trusts_submissions: bool = False
    database: str = ""  # the URL of the gradebook, when it is not the configured one

    def __reduce__(self) -> tuple[Any, ...]:
        # to a worker, which makes the rest anew
        return Course, (self.root, self.trusts_submissions, self.database)

    @classmethod
    def find(cls, start: Path) -> "Course":
        """The course that `start` lies in. Raises CourseError when there is none."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / CONFIG_FILE).is_file():
                return cls(folder)
        raise CourseError(
            f"{start} is not inside a course: neither it nor a folder above it holds "
            f"{CONFIG_FILE}. Change to the course folder and try again."
        )

    @cached_property
    def config(self) -> Config:
        """What nbgrader itself would read; the root is this folder wherever we are called from."""
        try:
            config = PyFileConfigLoader(CONFIG_FILE, path=str(self.root)).load_config()
        except Exception as error:
            raise CourseError(
                f"{self.root / CONFIG_FILE} cannot be read: {type(error).__name__}: {error}"
            ) from error
        config.CourseDirectory.root = str(self.root)
        if self.database:
            config.CourseDirectory.db_url = self.database
        if self.trusts_submissions:
            config.SteadyExecute.confine = False
        return config

    @cached_property
    def directory(self) -> "CourseDirectory":
        from nbgrader.coursedir import CourseDirectory  # two seconds that `ask` need not wait

        return CourseDirectory(config=self.config)

    @property
    def database_url(self) -> str:
        return self.directory.db_url

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """The folder of one step: source, release, submitted, autograded or feedback."""
        name = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(name, student, assignment))

    def halves(self, assignment: str) -> dict[str, Path]:
        """The two folders that a lab is made of."""
        return {
            "source": self.folder("source", assignment),
            "solutions": self.hidden_half(assignment),
        }

    def shown(self, path: Path) -> str:
        """A path for people: from the course folder on, if it lies there."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)

    def hidden_half(self, assignment: str) -> Path:
        """The folder in solutions/ that says how a lab is graded."""
        return self.root / "solutions" / assignment

    def release_notebooks(self, assignment: str) -> list[Path]:
        """The hand-out's notebooks in order. Raises CourseError when there are none."""
        notebooks = sorted(self.folder("release", assignment).glob("*.ipynb"))
        if not notebooks and any(self.folder("source", assignment).glob("*.ipynb")):
            raise CourseError(
                f"{assignment} has no hand-out yet: `nbgrader generate_assignment {assignment}` "
                "makes it."
            )
        if not notebooks:
            folder = self.folder("release", assignment).parent
            known = sorted(path.name for path in folder.glob("*") if any(path.glob("*.ipynb")))
            raise CourseError(
                f"There is no assignment {assignment!r} in {folder}. "
                f"Known: {', '.join(known) or 'none; `nbgrader generate_assignment` makes one'}."
            )
        return notebooks

    def secret(self) -> bytes:
        """What all inputs are drawn from; it is made when it is first needed."""
        path = self.root / SECRET_FILE
        if not path.exists():
            with NamedTemporaryFile(dir=self.root) as file:  # readable by its owner only
                file.write(secrets.token_bytes(32))
                file.flush()
                with contextlib.suppress(FileExistsError):  # another process was faster
                    os.link(file.name, path)
        return path.read_bytes()


def copy_course(course: Course, root: Path) -> Course:
    """The parts of a course that grading needs, elsewhere: no submissions, no gradebook."""
    ignore = shutil.ignore_patterns(*course.directory.ignore)
    for folder in (
        course.folder("source", ""),
        course.folder("release", ""),
        course.hidden_half(""),
    ):
        if folder.is_dir():
            shutil.copytree(folder, root / folder.relative_to(course.root), ignore=ignore)
    shutil.copy(course.root / CONFIG_FILE, root)
    return Course(root)
