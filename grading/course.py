"""The course folder: where its parts are, its nbgrader configuration, and the hidden reference."""

import contextlib
import hashlib
import hmac
import os
import secrets
import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets.config import Config, PyFileConfigLoader

from grading.exercise import Question
from grading.exercises import EXERCISES

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

    def release_notebooks(self, assignment: str) -> list[Path]:
        """The hand-out's notebooks in order. Raises CourseError when there are none."""
        notebooks = sorted(self.folder("release", assignment).glob("*.ipynb"))
        if not notebooks:
            folder = self.folder("release", assignment).parent
            known = sorted(path.name for path in folder.glob("*") if any(path.glob("*.ipynb")))
            raise CourseError(
                f"There is no assignment {assignment!r} in {folder}. "
                f"Known: {', '.join(known) or 'none; `nbgrader generate_assignment` makes one'}."
            )
        return notebooks

    def fingerprint(self, assignment: str) -> str:
        """Names all that a grading depends on beside a submission, and where it is recorded."""
        release = self.folder("release", assignment)
        folders = (release, self.root / "solutions", Path(__file__).parent)
        paths = [path for folder in folders for path in sorted(folder.rglob("*"))]
        told = hashlib.sha256((self.root / CONFIG_FILE).read_bytes())
        told.update(f"{self.trusts_submissions} {self.database_url}".encode())
        for path in paths:
            if path.is_file() and path.suffix in (".py", ".ipynb", ".j2"):
                told.update(path.name.encode() + path.read_bytes())
        return told.hexdigest()

    def question(self, exercise: str, student: str, draw: str) -> Question:
        """The inputs of an exercise for one student in one run, which is named by its draw.

        The seed comes from a secret that stays in the course folder, so that nobody can foresee
        the inputs and the instructor can draw the same ones again.
        """
        key = "/".join((exercise, student, draw)).encode()
        rng = np.random.default_rng(list(hmac.digest(self.secret, key, "sha256")))
        return Question.draw(EXERCISES[exercise], rng)

    @cached_property
    def secret(self) -> bytes:
        """The key of all inputs; made when it is first needed."""
        path = self.root / SECRET_FILE
        if not path.exists():
            with NamedTemporaryFile(dir=self.root) as file:  # readable by its owner only
                file.write(secrets.token_bytes(32))
                file.flush()
                with contextlib.suppress(FileExistsError):  # another process was faster
                    os.link(file.name, path)
        return path.read_bytes()

    def reference(self, module: str) -> ModuleType:
        """A module of solutions/, loaded from the course folder: it is never installed."""
        return _load_solution(self.root, module)

    def reference_source(self, module: str) -> str:
        return _solution(self.root, module).read_text("utf-8")

    def reference_codes(self, exercise: str) -> list[CodeType]:
        """Those of all exercises in the same notebook, to be run beside an answer."""
        notebook = EXERCISES[exercise].notebook
        modules = dict.fromkeys(e.module for e in EXERCISES.values() if e.notebook == notebook)
        return [_compile_solution(self.root, module) for module in modules]


@lru_cache
def _load_solution(root: Path, module: str) -> ModuleType:
    name = f"reference of {root}: {module}"  # two courses in one process do not meet
    loaded = ModuleType(name)
    loaded.__file__ = str(_solution(root, module))
    sys.modules[name] = loaded
    exec(_compile_solution(root, module), vars(loaded))
    return loaded


@lru_cache
def _compile_solution(root: Path, module: str) -> CodeType:
    return compile(_solution(root, module).read_text("utf-8"), f"<reference {module}>", "exec")


def _solution(root: Path, module: str) -> Path:
    path = root / "solutions" / f"{module}.py"
    if not path.is_file():
        raise CourseError(
            f"The reference {path} is missing; the course cannot be graded without it."
        )
    return path
