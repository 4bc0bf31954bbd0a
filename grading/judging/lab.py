"""The hidden half of a lab, solutions/<lab>/: each part is loaded when it is first needed.

lab.py         NOTEBOOKS in order; WORDS and DEMO, where the lab has some
drivers.py     how answers are called
reference/     the right answers that decide marks
<notebook>/    exercises, cases, promises, misconceptions, other_answers, equivalent
"""

import hashlib
import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from grading.course import CourseError
from grading.judging.exercise import Exercise
from grading.judging.words import Words
from grading.judging.written import Misconception, WrittenAnswer, written_in


@dataclass(frozen=True)
class Lab:
    """A lab, by its name and its folder in solutions/. What cannot be read raises CourseError."""

    name: str
    folder: Path

    @cached_property
    def notebooks(self) -> tuple[str, ...]:
        """Their names, in order; of a plain assignment, which has no such folder, none."""
        return tuple(self._from("lab.py", "NOTEBOOKS")) if self.folder.is_dir() else ()

    @cached_property
    def words(self) -> Words:
        return self._from("lab.py", "WORDS", Words())

    @cached_property
    def demo(self) -> Mapping[str, tuple[str, str]]:
        """Students of the demo class with a misconception: its exercise and its name."""
        return self._from("lab.py", "DEMO", {}) if self.folder.is_dir() else {}

    @cached_property
    def entries(self) -> tuple[tuple[str, Exercise], ...]:
        """Every exercise with the notebook it belongs to, in order."""
        return tuple(
            (notebook, found)
            for notebook in self.notebooks
            for found in vars(self._module(f"{_part_of(notebook)}/exercises.py")).values()
            if isinstance(found, Exercise)
        )

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """By id."""
        return {exercise.id: exercise for _, exercise in self.entries}

    def in_notebook(self, notebook: str) -> list[Exercise]:
        return [exercise for own, exercise in self.entries if own == notebook]

    def notebook_of(self, exercise: str) -> str:
        return next(notebook for notebook, own in self.entries if own.id == exercise)

    def exercises_file(self, notebook: str) -> Path:
        return self.folder / _part_of(notebook) / "exercises.py"

    @property
    def points(self) -> dict[str, dict[str, float]]:
        """What each exercise is worth, by notebook."""
        return {name: {e.id: e.points for e in self.in_notebook(name)} for name in self.notebooks}

    @cached_property
    def drivers_source(self) -> str:
        path = self.folder / "drivers.py"
        return path.read_text("utf-8") if path.is_file() else ""

    @cached_property
    def drivers(self) -> dict[str, Callable[..., Any]]:
        """The functions of drivers.py."""
        return vars(self._module("drivers.py")) if self.drivers_source else {}

    @property
    def stand_ins(self) -> Mapping[str, Callable[..., Any]]:
        """What makes a stand-in for an earlier answer, by that answer's name."""
        return self._from("drivers.py", "STAND_INS", {}) if self.drivers_source else {}

    def reference(self, exercise: Exercise) -> Any:
        """The right answer: a function, or a class."""
        return self._from(f"reference/{exercise.module}.py", exercise.answer)

    def names_beside(self, exercise: Exercise) -> dict[str, Any]:
        """The names of the module that holds the right answer, itself among them."""
        self.reference(exercise)  # or else raise CourseError
        return vars(self._module(f"reference/{exercise.module}.py"))

    def reference_source(self, module: str) -> str:
        return self._path(f"reference/{module}.py").read_text("utf-8")

    def reference_codes(self, exercise: str) -> list[CodeType]:
        """Those of all exercises in the same notebook, to be run beside an answer."""
        beside = self.in_notebook(self.notebook_of(exercise))
        modules = dict.fromkeys(exercise.module for exercise in beside)
        return [_compiled(self._path(f"reference/{module}.py")) for module in modules]

    # answers as people write them

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        written = self._written("misconceptions.py")
        return tuple(answer for answer in written if isinstance(answer, Misconception))

    @cached_property
    def other_answers(self) -> tuple[WrittenAnswer, ...]:
        return tuple(self._written("other_answers.py"))

    @cached_property
    def promises(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """By exercise: the sentences of its docstring, and the aspects that ask for each."""
        return self._merged("promises.py", "PROMISES")

    @cached_property
    def equivalent(self) -> dict[str, dict[str, str]]:
        """Mutants that change nothing that is asked, and why, by name of the right answer."""
        return self._merged("equivalent.py", "EQUIVALENT")

    def _merged(self, file: str, name: str) -> dict[str, dict[str, Any]]:
        """What the notebooks' files of this name say, taken together."""
        found: dict[str, dict[str, Any]] = {}
        for path in self._in_notebooks(file):
            for part, entries in self._from(path, name).items():
                found.setdefault(part, {}).update(entries)
        return found

    def _written(self, file: str) -> Iterator[WrittenAnswer]:
        asked = {exercise.id: exercise.answer for _, exercise in self.entries}
        for path in self._in_notebooks(file):
            try:
                yield from written_in(self._module(path), asked)
            except KeyError as error:
                raise CourseError(
                    f"{self.folder / path} has an answer to {error}, which is no exercise of "
                    f"{self.name}. Known: {', '.join(asked)}."
                ) from error

    def _in_notebooks(self, file: str) -> list[str]:
        """The notebooks' own files of this name; a notebook need not have one."""
        paths = [f"{_part_of(notebook)}/{file}" for notebook in self.notebooks]
        return [path for path in paths if (self.folder / path).is_file()]

    # how a part is loaded

    def _from(self, path: str, name: str, *otherwise: Any) -> Any:
        """What a module calls by this name."""
        try:
            return getattr(self._module(path), name, *otherwise)
        except AttributeError as error:
            raise CourseError(f"{self.folder / path} does not define {name}.") from error

    def _module(self, path: str) -> ModuleType:
        self._path(path)
        name = path.removesuffix(".py").replace("/", ".")
        try:
            return importlib.import_module(f"{self._package}.{name}")
        except CourseError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise CourseError(f"{self.folder / path} cannot be loaded: {reason}") from error

    def _path(self, path: str) -> Path:
        found = self.folder / path
        if not found.is_file():
            raise CourseError(f"{found} is missing; {self.name} cannot be graded without it.")
        return found

    @cached_property
    def _package(self) -> str:
        """A package of this folder's own: labs of two courses in one process do not meet."""
        name = f"lab_{hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]}"
        if name not in sys.modules:
            package = ModuleType(name)
            package.__path__ = [str(self.folder)]
            sys.modules[name] = package
            importlib.invalidate_caches()
        return name


@lru_cache
def _compiled(path: Path) -> CodeType:
    return compile(path.read_text("utf-8"), f"<reference {path.stem}>", "exec")


def _part_of(notebook: str) -> str:
    """The name under which a notebook's own modules stand: its name without its number."""
    return re.sub(r"^\d+_", "", notebook)
