"""`configure`: nbgrader as a course needs it that is graded here.

For nbgrader's commands, Formgrader and `grade` alike. What a course wants to be otherwise, its
nbgrader_config.py says behind `configure(c)`.
"""

import inspect
import os
import sys
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    SaveAutoGrades,
)
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

from grading.plugins.collect import Collect
from grading.plugins.release_feedback import ReleaseFeedback
from grading.preprocessors import (
    MARKING,
    Comment,
    CompleteHandOut,
    MarkWaiting,
    NameStudent,
    Rebuild,
    Summarize,
)

TEMPLATES = Path(__file__).parent / "reports/templates"

# How `nbgrader zip_collect` reads the names in archives of Canvas and of Moodle, each in its line:
#   doejane_LATE_12345_67890_01_shares-1.ipynb     is of 12345; -1 counts uploads
#   Jane Doe_1234567_assignsubmission_file_/01_shares.ipynb     is of Jane Doe
NAMES_IN_ARCHIVES = r"""(?x) .*/
    (?: [^/_]+ (?:_LATE)? _ (?=\d+_\d+_) )?
    (?P<student_id> [^/_]+ ) _ \d+ _ (?: assignsubmission_file_? /? )?
    (?P<file_id> [^/]+? ) (?: -\d+ )? \.ipynb $"""


def configure(c: Config) -> None:
    """Set nbgrader up for the course in whose nbgrader_config.py this is called."""
    caller = inspect.currentframe().f_back  # type: ignore[union-attr]
    root = Path(caller.f_globals["__file__"]).resolve().parent  # type: ignore[union-attr]
    _find_programs()
    _course(c, root)
    _marking(c)
    _pages(c)


def _find_programs() -> None:
    """nbgrader calls `alembic` by name, even if the environment that has it is not active."""
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = scripts + os.pathsep + os.environ.get("PATH", "")


def _course(c: Config, root: Path) -> None:
    """Where the course is, what is handed out, and through which folder."""
    c.CourseDirectory.course_id = root.name
    c.CourseDirectory.root = str(root)
    # What `uv run` and others leave in a folder is neither handed out nor handed in.
    c.CourseDirectory.ignore = [".venv", "uv.lock", "__pycache__", ".ipynb_checkpoints", ".*_cache"]
    # A hand-out is what nbgrader makes of the source, and what every hand-out carries.
    c.GenerateAssignment.preprocessors = [
        *GenerateAssignment.preprocessors.default(),
        CompleteHandOut,
    ]
    exchange = root / ".exchange"
    exchange.mkdir(exist_ok=True)
    c.Exchange.root = str(exchange)
    c.ExchangeFactory.collect = Collect
    c.ExchangeFactory.release_feedback = ReleaseFeedback
    c.FileNameCollectorPlugin.named_regexp = NAMES_IN_ARCHIVES


def _marking(c: Config) -> None:
    """Locked cells come from the release, marks from answers that are judged outside the kernel."""
    c.Autograde.sanitize_preprocessors = [Rebuild, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        *MARKING,
        SaveAutoGrades,
        Comment,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    c.Execute.timeout = 30  # seconds for one cell
    c.Execute.shutdown_kernel = "immediate"
    # Kernel and grader talk over local sockets; not encrypted, each prints a warning.
    c.KernelManager.transport_encryption = "auto"


def _pages(c: Config) -> None:
    """Feedback and Formgrader (the second template) show notebooks without asking the network."""
    c.GenerateFeedback.preprocessors = [
        GetGrades,
        MarkWaiting,
        Summarize,
        NameStudent,
        CSSHTMLHeaderPreprocessor,
    ]
    c.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), template_path]
    c.HTMLExporter.extra_template_paths = [str(TEMPLATES / n) for n in ("formgrade", "feedback")]
    c.HTMLExporter.template_file = "course.html.j2"
    c.HTMLExporter.exclude_anchor_links = True  # a sign at each heading, read aloud each time
