"""RunTests: the tests that no exercise asks, with their hidden parts, in a kernel of their own."""

import time
from copy import deepcopy
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from nbformat import NotebookNode

from grading.files import files_in, write_files
from grading.kernel.execute import DEADLINE, Resources, SteadyExecute
from grading.own_tests import own_tests
from grading.preprocessors.base import TESTED, GradingPreprocessor, graded_id


class RunTests(GradingPreprocessor):
    """Run a copy of the notebook in which all tests are whole, to be marked.

    Of that copy nothing is shown, and its kernel ends before the one begins that runs what is: so
    what code beside a hidden test could read of it reaches nobody. A notebook without hidden tests
    is run once, as it is.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        ids = resources["nbgrader"]
        tests = own_tests(self.course, ids["assignment"]).get(ids["notebook"], {})
        if any(tests.get(graded_id(cell), cell.source) != cell.source for cell in nb.cells):
            copy = deepcopy(nb)
            for cell in copy.cells:
                cell.source = tests.get(graded_id(cell), cell.source)
            begun = time.monotonic()
            resources[TESTED] = self._run(copy, resources)
            if DEADLINE in resources:  # that run is ours: it is not charged to the student's time
                resources[DEADLINE] += time.monotonic() - begun
        return nb, resources

    def _run(self, copy: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Beside what lies there for everybody, with the files of the source: tests may need some
        that are not handed out."""
        source = self.course.folder("source", resources["nbgrader"]["assignment"])
        files = files_in(self.course, source)
        with TemporaryDirectory(prefix="testing-") as folder:
            copytree(resources["metadata"]["path"], folder, dirs_exist_ok=True)
            write_files(Path(folder), {n: f for n, f in files.items() if not n.endswith(".ipynb")})
            own = resources | {"metadata": resources["metadata"] | {"path": folder}}
            return SteadyExecute(config=self.config).preprocess(copy, own)
