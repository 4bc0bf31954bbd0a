"""The same attacks against nbgrader as it comes: prints the table of docs/attacks.md.

    uv run python tests/attacks/compare.py > docs/attacks.md

With stock settings the code of students has the rights of whoever grades. So each attack gets a
course of its own, with one honest student behind the attacker, inside a sandbox around all of
nbgrader: the network and the rest of the machine are out of reach, the course is not.
What ours gives is what test_attacks.py requires.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[1]))

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from attacks.corpus import Attack, honest_class
from attacks.kinds import ATTACKS, KINDS
from grading.course import CONFIG_FILE, Course, copy_course
from grading.files import write_files
from grading.kernel import bwrap
from gradings import ALL, ASSIGNMENT

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.root = {root!r}
c.Execute.timeout = 8
"""
SECONDS = 300
HONEST = "z-honest-student"
# Nothing would stop these but the end of the machine's memory or processes.
NOT_TRIED = {"bombs-with-processes", "bombs-with-threads", "fills-memory-from-many-processes"}


@dataclass(frozen=True)
class Outcome:
    marks: str
    harm: str = ""

    def gained(self, attack: Attack) -> float:
        """Marks that were not earned; below 0, marks that were lost. Earned is what ours gives."""
        return float(self.marks) - attack.marks if self.marks.replace(".", "").isdigit() else 0


def stock_course(course: Course, root: Path) -> Course:
    copy = copy_course(course, root)
    set_root(copy)
    nbgrader(copy, "generate_assignment", "--force").check_returncode()
    return copy


def set_root(course: Course) -> None:
    (course.root / CONFIG_FILE).write_text(STOCK.format(root=str(course.root)))


def nbgrader(course: Course, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run nbgrader where it can reach nothing but this course; then list what still runs."""
    root = str(course.root)
    command = " ".join([sys.executable, "-m", "nbgrader", *arguments, ASSIGNMENT])
    return subprocess.run(
        [
            *(bwrap.program(), "--cap-drop", "ALL", "--die-with-parent"),
            *("--unshare-pid", "--unshare-net", "--unshare-ipc"),
            *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
            *("--size", str(1 << 30), "--tmpfs", "/tmp", "--bind", root, root, "--chdir", root),
            *("--setenv", "HOME", "/tmp"),
            *("prlimit", f"--as={6 << 30}", f"--fsize={1 << 29}", "sh", "-c"),
            f"{command}; code=$?; ps -eo comm > {root}/left; exit $code",
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def try_with_stock(attack: Attack, template: Course) -> Outcome:
    if attack.name in NOT_TRIED:
        return Outcome("not tried: nothing would stop it")
    with tempfile.TemporaryDirectory(dir=template.root.parent) as folder:
        course = Course(Path(copytree(template.root, Path(folder) / "course")))
        set_root(course)
        attack.hand_in(course, course.folder("submitted", ASSIGNMENT, attack.name))
        honest = next(s for s in honest_class(course) if s.student == "a-honest-student")
        write_files(course.folder("submitted", ASSIGNMENT, HONEST), honest.files)
        try:
            nbgrader(course, "autograde")
        except subprocess.TimeoutExpired:
            return Outcome("none", f"the class did not end in {SECONDS} s")
        return Outcome(score(course, attack.name), ", ".join(harm(course)))


def harm(course: Course) -> list[str]:
    """What was done to others than the attacker."""
    harms = []
    if score(course, HONEST) != f"{ALL:g}":
        harms.append(f"an honest student got {score(course, HONEST)} of {ALL:g}")
    left = (course.root / "left").read_text() if (course.root / "left").exists() else ""
    survivors = sorted(set(left.split()) - {"COMMAND", "bwrap", "sh", "ps"})
    if survivors:
        harms.append(f"left running: {', '.join(survivors)}")
    if any("FOUND" in shown(path) for path in course.root.glob("autograded/*/*/*.ipynb")):
        harms.append("found what it looked for")
    return harms


def shown(notebook: Path) -> str:
    cells = nbformat.read(notebook, as_version=4).cells
    return "".join(str(cell.get("outputs", "")) for cell in cells)


def score(course: Course, student: str) -> str:
    try:
        with Gradebook(course.database_url) as gradebook:
            return f"{gradebook.find_submission(ASSIGNMENT, student).score:g}"
    except (MissingEntry, SQLAlchemyError):
        return "none"


def main() -> None:
    course = Course.find(Path(__file__))
    chosen = [attack for attack in ATTACKS if attack.name in sys.argv[1:]] or ATTACKS
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        template = stock_course(course, Path(folder) / "template")
        found = pool.map(lambda attack: try_with_stock(attack, template), chosen)
        outcomes = dict(zip(chosen, found, strict=True))
    print_summary(outcomes)
    for kind in KINDS:
        print(f"\n## {title(kind)}\n\n{(kind.__doc__ or '').strip()}\n")
        print("| attack | stock marks | stock harm | our marks | our status |")
        print("| --- | --- | --- | --- | --- |")
        for attack, stock in of_kind(kind, outcomes):
            row = (attack.tries, stock.marks, stock.harm, f"{attack.marks:g}", attack.status)
            print(f"| {' | '.join(row)} |")


def print_summary(outcomes: dict[Attack, Outcome]) -> None:
    print("# The attacks, one by one\n")
    print(f"{len(outcomes)} hostile or damaged submissions, graded by nbgrader as it comes and by")
    print("ours. Made by `tests/attacks/compare.py`; `test_attacks.py` requires what ours gives.\n")
    print("| kind | attacks | stock: marks not earned | stock: earned marks lost | stock: harm |")
    print("| --- | --- | --- | --- | --- |")
    for kind in KINDS:
        found = of_kind(kind, outcomes)
        gained = sum(stock.gained(attack) > 0 for attack, stock in found)
        lost = sum(stock.gained(attack) < 0 for attack, stock in found)
        harmed = sum(bool(stock.harm) for _, stock in found)
        print(f"| {title(kind)} | {len(found)} | {gained} | {lost} | {harmed} |")


def of_kind(kind: ModuleType, outcomes: dict[Attack, Outcome]) -> list[tuple[Attack, Outcome]]:
    return [item for item in outcomes.items() if item[0].name.replace("-", "_") in vars(kind)]


def title(kind: ModuleType) -> str:
    return kind.__name__.rpartition(".")[2].capitalize()


if __name__ == "__main__":
    main()
