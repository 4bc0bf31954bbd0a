"""The visible self-checks of a lab, run on answers that are not a student's."""

import importlib
import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grading.batch.process import in_time
from grading.course import Course, CourseError
from grading.proof.trial import SECONDS

Check = Callable[[str, Any], str]


def self_checks(course: Course, lab: str) -> Check:
    """A function from an exercise and an answer to what the check says; empty when it passes."""
    os.environ.setdefault("MPLBACKEND", "agg")  # a picture of a wrong answer is drawn for nobody
    face = hand_out_module(course.folder("source", lab), "lab")
    return lambda exercise, answer: _said(check_of(face, exercise), answer)


def check_of(face: ModuleType, exercise: str) -> Callable[[Any], None]:
    """The self-check of an exercise, in the module lab of its hand-out."""
    name = f"check_{exercise.replace('-', '_')}"
    check: Callable[[Any], None] | None = getattr(face, name, None)
    if check is None:
        raise CourseError(f"{face.__file__} has no {name}, the self-check of {exercise}.")
    return check


def hand_out_module(folder: Path, name: str) -> ModuleType:
    """A module of one hand-out. Python forgets its name again: another hand-out has one, too.

    Raises CourseError when it cannot be loaded.
    """
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise CourseError(f"{folder / name}.py cannot be loaded: {reason}") from error
    finally:
        sys.path.remove(str(folder))
        for loaded, module in list(sys.modules.items()):
            if folder in Path(getattr(module, "__file__", None) or "").parents:
                del sys.modules[loaded]


def _said(check: Callable[[Any], None], answer: Any) -> str:
    try:
        with redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            in_time(SECONDS, check, answer)
    except Exception as error:
        return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])])
    return ""
