"""The grader as nbgrader's preprocessors, one a file; settings.py puts them into its steps.

So the command line, Formgrader and `grade` all mark in the same way. The steps pass on what they
know in resources["grading"], and leave findings and verdicts in the notebook's metadata.
"""

from nbgrader.preprocessors import LimitOutput

from grading.kernel.execute import SteadyExecute
from grading.preprocessors.ask import Ask
from grading.preprocessors.comment import Comment
from grading.preprocessors.complete import CompleteHandOut
from grading.preprocessors.judge import Judge
from grading.preprocessors.lay_out import LayOut
from grading.preprocessors.mark_waiting import MarkWaiting
from grading.preprocessors.name_student import NameStudent
from grading.preprocessors.rebuild import Rebuild
from grading.preprocessors.run_tests import RunTests
from grading.preprocessors.summarize import Summarize

__all__ = [
    "MARKING",
    "Comment",
    "CompleteHandOut",
    "MarkWaiting",
    "NameStudent",
    "Rebuild",
    "Summarize",
]

# From a rebuilt notebook to its marks and a page of them: for `grade` as for nbgrader's autograde.
MARKING = (RunTests, Ask, SteadyExecute, Judge, LayOut, Summarize, LimitOutput)
