"""The one place where nbgrader is configured, for its commands, Formgrader and `grade`."""

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

import grading
from grading.plugins.release_feedback import ReleaseFeedback
from grading.preprocessors import MARKING, Comment, CompleteHandOut, NameStudent, Rebuild, Summarize

COURSE = Path(__file__).resolve().parent
c = get_config()  # noqa: F821  given by Jupyter's configuration loader

# nbgrader calls `alembic` by name when it makes a gradebook, even if its environment is not active.
SCRIPTS = str(Path(sys.executable).parent)
if SCRIPTS not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = SCRIPTS + os.pathsep + os.environ.get("PATH", "")

c.CourseDirectory.course_id = "sliding-window-lab"
c.CourseDirectory.root = str(COURSE)
# What `uv run` and others leave in a folder is neither handed out nor handed in.
c.CourseDirectory.ignore = [".venv", "uv.lock", "__pycache__", ".ipynb_checkpoints", ".*_cache"]

# The folder through which assignments go out and submissions come in; it must exist.
EXCHANGE = COURSE / ".exchange"
EXCHANGE.mkdir(exist_ok=True)
c.Exchange.root = str(EXCHANGE)
c.ExchangeFactory.release_feedback = ReleaseFeedback

# How `nbgrader zip_collect` reads the names in archives of Canvas and of Moodle, each in its line:
#   doejane_LATE_12345_67890_01_sliding_window-1.ipynb     is of 12345; -1 counts uploads
#   Jane Doe_1234567_assignsubmission_file_/01_sliding_window.ipynb     is of Jane Doe
c.FileNameCollectorPlugin.named_regexp = r"""(?x) .*/
    (?: [^/_]+ (?:_LATE)? _ (?=\d+_\d+_) )?
    (?P<student_id> [^/_]+ ) _ \d+ _ (?: assignsubmission_file_? /? )?
    (?P<file_id> [^/]+? ) (?: -\d+ )? \.ipynb $"""

# A hand-out is what nbgrader makes of the source, and what every hand-out carries.
c.GenerateAssignment.preprocessors = [
    *GenerateAssignment.preprocessors.default(),
    CompleteHandOut,
]

# Locked cells come from the release, marks from answers that are judged outside the kernel.
c.Autograde.sanitize_preprocessors = [Rebuild, CheckCellMetadata]
c.Autograde.autograde_preprocessors = [
    *MARKING,
    SaveAutoGrades,
    Comment,
    AssignLatePenalties,
    CheckCellMetadata,
]
# Take the sign away from the first line, and from the second for another rate than 10 %.
# c.AssignLatePenalties.plugin_class = "grading.plugins.late.PercentADay"
# c.PercentADay.percent = 20  # of the points earned, for each day begun after the due date
c.GenerateFeedback.preprocessors = [GetGrades, Summarize, NameStudent, CSSHTMLHeaderPreprocessor]
c.Execute.timeout = 30  # seconds for one cell
c.Execute.shutdown_kernel = "immediate"

# Feedback (the first line) and Formgrader (the second) show notebooks without asking the network.
TEMPLATES = Path(grading.__file__).parent / "reports/templates"
c.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), template_path]
c.HTMLExporter.extra_template_paths = [str(TEMPLATES / name) for name in ("formgrade", "feedback")]
c.HTMLExporter.template_file = "course.html.j2"
c.HTMLExporter.exclude_anchor_links = True  # a sign at each heading, read aloud each time

# Kernel and grader talk over local sockets; without keys each kernel prints a warning.
c.KernelManager.transport_encryption = "auto"
