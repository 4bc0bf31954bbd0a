"""The house: who may import whom, what the engine may speak of, and what an installation brings."""

import ast
import re
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from catalogue import LABS, ROOT

ENGINE = ROOT / "grading"
MODULES = sorted(p for p in ENGINE.rglob("*.py") if not p.is_relative_to(ENGINE / "scaffold"))
# From the lowest to the highest: a room imports from itself and from those before it.
ROOMS = (
    *("status", "progress", "course", "cells", "files", "release", "intake", "kernel", "judging"),
    *(
        "points",
        "labs",
        "own_tests",
        "soundness",
        "asking",
        "preprocessors",
        "plugins",
        "settings",
        "reports",
        "batch",
        "proof",
        "demo",
        "new",
        "roster",
    ),
    *("parsers", "cli"),
)
LONGEST = 11  # modules that import one another in a row
SUBJECT = {
    *("window", "windows", "mask", "masks", "query", "queries", "key", "keys", "head", "heads"),
    *("layer", "layers", "Q", "K", "V", "causal", "cache", "attention", "blocked"),
}
# Words of Python's own, of SQLAlchemy's, of HTML's and of Linux's.
NOT_THE_SUBJECTS = re.compile(
    r"\bkey=|\bunique_key\b|^from functools import .*|^@cache\b|/ld\.so\.cache|\*_cache\b"
    r"|\blru_cache\b|\bcache_from_source\b|\.query\(|</?head>|window\.(MathJax|setTimeout)|\"(add|request)_key\""
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """The modules of the engine that a module imports, wherever in its text."""
    known, found = {name_of(each) for each in MODULES}, set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "grading":
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & known or {str(node.module)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    return found - {name_of(path)}


IMPORTS = {name_of(path): imported(path) for path in MODULES}


@pytest.mark.parametrize("module", sorted(set(IMPORTS) - {"grading"}))
def test_no_room_imports_from_a_higher_one(module):
    own = ROOMS.index(module.split(".")[1])
    for other in IMPORTS[module]:
        assert ROOMS.index(other.split(".")[1]) <= own, f"{module} imports {other}"


def test_chains_of_imports_are_short():
    @cache
    def chain(module: str) -> tuple[str, ...]:
        return (module, *max(map(chain, IMPORTS[module]), key=len, default=()))

    longest = max(map(chain, IMPORTS), key=len)
    assert len(longest) <= LONGEST, " imports ".join(longest)


def test_the_package_itself_imports_nothing():
    """Or every module, also the lowest, would bring all that it imports."""
    code = "import sys, grading; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_fits_in_one_reading(path):
    assert len(path.read_text("utf-8").splitlines()) <= 200


def words_of(path: Path) -> set[str]:
    """The words of names, comments, strings and templates."""
    lines = path.read_text("utf-8").splitlines()
    text = "\n".join(NOT_THE_SUBJECTS.sub("", line) for line in lines)
    return {word for name in re.findall(r"\w+", text) for word in name.split("_")}


TEXTS = [*MODULES, *sorted(ENGINE.rglob("*.j2")), *sorted((ROOT / "labkit").glob("*.py"))]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_engine_knows_no_lab_and_no_subject(path):
    assert not words_of(path) & SUBJECT
    text = path.read_text("utf-8")
    named = [lab for lab in LABS if re.search(rf"\b{lab}\b(?!\d)", text)]
    assert not named


def test_the_test_of_the_subject_sees_one(tmp_path: Path):
    path = tmp_path / "module.py"
    path.write_text(
        "from functools import cache\n\n@cache\ndef of_mask(x):\n    sorted(x, key=len)\n"
    )
    assert words_of(path) & SUBJECT == {"mask"}


def test_no_lab_is_named_outside_its_folders():
    """What is in source/, solutions/ and release/ under a lab's name is all there is of it."""
    for path in [*ROOT.glob("*.py"), *ROOT.glob("labkit/*.py")]:
        assert not re.search(rf"\b({'|'.join(LABS)})\b", path.read_text("utf-8")), path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> list[str]:
    """The files of the wheel that an installation unpacks."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_wheel_holds_the_engine_and_labkit(wheel):
    for path in [*MODULES, *sorted((ROOT / "labkit").glob("*.py")), *sorted(ENGINE.rglob("*.j2"))]:
        assert path.relative_to(ROOT).as_posix() in wheel
    assert any(name.startswith("grading/scaffold/source/") for name in wheel)
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_the_wheel_holds_no_answer_of_a_lab(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"grading", "labkit"}
    answers = {path.name for lab in LABS.values() for path in lab.folder.rglob("*.py")}
    of_scaffold = {name for name in wheel if name.startswith("grading/scaffold/")}
    for name in set(wheel) - of_scaffold:
        own = name.removeprefix("grading/")
        assert Path(name).name not in answers - {"__init__.py"} or own in {
            path.relative_to(ENGINE).as_posix() for path in MODULES
        }, name


def test_the_license_is_named_and_there():
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("BSD 3-Clause License")
    assert 'license = "BSD-3-Clause"' in (ROOT / "pyproject.toml").read_text("utf-8")
