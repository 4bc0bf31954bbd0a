"""The visible self-checks of the hand-outs, run on answers that are not a student's."""

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

from grading.course import Course
from grading.exercises import ASSIGNMENTS, EXERCISES

Check = Callable[[str, Any], str]


def self_checks(course: Course) -> Check:
    """A function from an exercise and an answer to what the check says; empty when it passes."""
    os.environ.setdefault("MPLBACKEND", "agg")  # a picture of a wrong mask is drawn for nobody
    labs = {name: hand_out_module(course.folder("source", name), "lab") for name in ASSIGNMENTS}
    return lambda exercise, answer: _said(check_of(labs, exercise), answer)


def check_of(labs: dict[str, ModuleType], exercise: str) -> Callable[[Any], None]:
    """The self-check of an exercise, in the module lab of its assignment."""
    lab = labs[EXERCISES[exercise].notebook.assignment]
    check: Callable[[Any], None] = getattr(lab, f"check_{exercise.replace('-', '_')}")
    return check


def hand_out_module(folder: Path, name: str) -> ModuleType:
    """A module of one hand-out. Python forgets its name again: another hand-out has one, too."""
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        for loaded, module in list(sys.modules.items()):
            if folder in Path(getattr(module, "__file__", None) or "").parents:
                del sys.modules[loaded]


def _said(check: Callable[[Any], None], answer: Any) -> str:
    try:
        with redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            check(answer)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
