"""A class graded as an instructor would see it: real notebooks, kernels and gradebook."""

import contextlib
import io
import re
import subprocess
import sys
import threading
from html import unescape
from pathlib import Path

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from catalogue import worth, worth_of_notebooks
from grading.batch.grade_class import grade_class
from grading.batch.grade_one import grade_submission
from grading.course import Course
from grading.demo import demo_class
from grading.files import write_files
from grading.kernel import probe, sandbox
from grading.preprocessors.base import METADATA
from grading.preprocessors.summarize import HEADING
from grading.proof.handin import instructors_answers, submit
from gradings import ALL, ASSIGNMENT, LAB, MARKS_BY_HAND, copy_to_grade, needs_sandbox


def feedback(root: Path, student: str) -> dict[str, str]:
    folder = root / "feedback" / student / ASSIGNMENT
    return {page.stem: page.read_text(encoding="utf-8") for page in folder.glob("*.html")}


@pytest.mark.parametrize("student", MARKS_BY_HAND)
def test_marks_and_status_are_those_given_by_hand(student, lines):
    total, status = MARKS_BY_HAND[student]
    line = lines[student]
    assert (float(line["total"]), line["status"]) == (total, status), line
    assert line["maximum"] == f"{ALL:g}"


def test_the_table_shows_every_student_with_total_and_status(printed):
    for student, (total, status) in MARKS_BY_HAND.items():
        row = next(line for line in printed.splitlines() if line.startswith(f"{student} "))
        assert row.rstrip().endswith(f"{total:g} {status}")


@pytest.mark.parametrize(
    ("student", "finding"),
    [
        ("broken-file", "02_global_tokens.ipynb is not valid JSON"),
        ("missing-file", "04_in_a_model.ipynb is missing"),
        ("renamed-file", "04_in_a_model (1).ipynb was graded as 04_in_a_model.ipynb"),
        ("deleted-test", "Cell window-mask was deleted"),
    ],
)
def test_what_was_damaged_is_told_to_instructor_and_student(
    student, finding, printed, lines, demo_root
):
    assert finding in lines[student]["findings"]
    assert f"{student}: {finding}" in printed
    assert any(finding in page for page in feedback(demo_root, student).values())


def test_the_first_line_says_which_protection_is_on(printed):
    protection = "none" if sandbox.why_not() else "each kernel runs in a sandbox"
    assert printed.startswith(f"Protection: {protection}")


def test_the_gradebook_holds_the_same_marks(printed, lines, demo_root):
    with Gradebook(Course(demo_root).database_url) as gradebook:
        for student, (total, _) in MARKS_BY_HAND.items():
            assert gradebook.find_submission(ASSIGNMENT, student).score == total, student


def test_feedback_shows_the_verdict_table(printed, demo_root):
    page = feedback(demo_root, "not-scaled")["01_sliding_window"]
    whole = worth("masked-attention")
    earned = whole - worth("masked-attention", "scale")
    assert f"masked-attention: {earned:g} of {whole:g} points" in page
    assert "weights at query" in page, "the first wrong entry is named"


def test_every_student_gets_feedback_on_every_notebook(printed, demo_root):
    for student in MARKS_BY_HAND:
        assert len(feedback(demo_root, student)) == 4, student


def code_lines(source: str) -> set[str]:
    """Lines long enough to be recognised."""
    return {line.strip() for line in source.splitlines() if len(line.strip()) > 30}


def test_feedback_holds_nothing_hidden(printed, demo_root, course):
    """No hidden cell, no probe, no reference, secret, draw or path; errors and diagnoses included.

    Of the reference, lines that are neither the hand-out's nor the instructor's own answer.
    """
    root = Path(demo_root)
    reference = "".join(map(LAB.reference_source, ("building_blocks", "sliding_window")))
    answers = "\n".join(instructors_answers(course, ASSIGNMENT).values())
    secrets = code_lines(reference) - code_lines(answers)
    assert len(secrets) > 30
    wrong = {line for m in LAB.misconceptions for line in code_lines(m.source)}
    secrets -= wrong | {
        line for path in root.glob("release/lab02/**/*.py") for line in code_lines(path.read_text())
    }
    hidden = [
        "HIDDEN TESTS",
        "from grading",
        "builtins import exec",
        probe.MIME,
        "np.stack(np.split(",
    ]
    hidden += [str(demo_root), str(course.root), sys.prefix]
    hidden += [(root / ".grading_secret").read_bytes().hex()]
    for student in MARKS_BY_HAND:
        for path in (root / "autograded" / student).rglob("*.ipynb"):
            hidden.append(nbformat.read(path, as_version=4).metadata.grading.draw)
        for name, page in feedback(demo_root, student).items():
            text = unescape(re.sub(r"<[^>]*>", "", page))
            for secret in [*hidden, *secrets]:
                assert secret not in text, f"{secret} in the feedback {name} of {student}"
            assert not re.search(r"\bask\(", text), f"a question in the feedback of {student}"


def test_feedback_asks_the_network_for_nothing(printed, demo_root):
    for name, page in feedback(demo_root, "all-right").items():
        assert not re.findall(r"""<(?:script|link|img)[^>]*(?:src|href)=["']?https?:""", page), name
        assert "<script" not in page, name


def test_feedback_names_the_misconception_and_draws_the_mask(printed, demo_root):
    page = unescape(feedback(demo_root, "rows-only")["02_global_tokens"])
    assert "This looks like: global tokens are seen by nobody: rows only." in page
    assert "[#]" in page


def test_nbgraders_own_autograde_gives_the_same_marks(printed, demo_root, tmp_path, lines):
    """The command and Formgrader share one configuration with `grade`."""
    copy = copy_to_grade(Course(demo_root), tmp_path / "course")
    students = ("rows-only", "deleted-test")
    for submission in demo_class(copy, LAB):
        if submission.student in students:
            folder = copy.folder("submitted", ASSIGNMENT, submission.student)
            write_files(folder, submission.files)

    def nbgrader(*arguments):
        command = [sys.executable, "-m", "nbgrader", *arguments, ASSIGNMENT]
        done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    nbgrader("generate_assignment", "--force")
    nbgrader("autograde")
    comment, points = by_hand(copy, "rows-only", "02_global_tokens", "global-mask")
    nbgrader("generate_feedback")
    with Gradebook(copy.database_url) as gradebook:
        for student in students:
            grades = gradebook.find_submission(ASSIGNMENT, student).notebooks
            scores = {g.name: g.auto_score for notebook in grades for g in notebook.grades}
            assert scores == {name: float(lines[student][name]) for name in scores}, student
    page = feedback(copy.root, "rows-only")["02_global_tokens"]
    whole = worth("global-mask")
    lost = worth("global-mask", "global columns", "window and globals together")
    assert f"global-mask: {whole - lost:g} of {whole:g} points" in page
    assert "HIDDEN TESTS" not in page
    assert f"<td>{points:g} of {whole:g}, changed by hand</td>" in page, "and in the summary"
    assert "global-mask</a> (with a comment)" in page
    assert comment in page
    assert page.count(HEADING[3:]) == 1, "an earlier one is left"


def by_hand(course: Course, student: str, notebook: str, exercise: str) -> tuple[str, float]:
    """What a teacher does in Formgrader: a comment and other points for an exercise."""
    where = (notebook, ASSIGNMENT, student)
    with Gradebook(course.database_url) as gradebook:
        grade = gradebook.find_grade(exercise, *where)
        grade.manual_score = grade.max_score
        gradebook.find_comment(f"{exercise}-answer", *where).manual_comment = "Come and see me."
        gradebook.db.commit()
        return "Come and see me.", grade.max_score


def answers_with(course: Course, **replaced: str) -> dict[str, str]:
    return instructors_answers(course, ASSIGNMENT) | {
        name.replace("_", "-"): source for name, source in replaced.items()
    }


def graded_with(course: Course, **replaced: str):
    """The instructor's answers with some replaced, graded."""
    answers = answers_with(course, **replaced)
    return grade_submission(submit(course, ASSIGNMENT, "ada", answers), course)


def test_a_dead_kernel_costs_what_comes_after_it(own_course):
    graded = graded_with(own_course, attended_pairs_answer="import os; os._exit(1)")
    notes = {verdict.exercise: verdict.note for verdict in graded.verdicts if verdict.note}
    assert graded.status.value == "crashed"
    assert set(notes) == {"attended-pairs", "receptive-field"}
    assert "crashed" in notes["receptive-field"]
    assert graded.earned == ALL - worth("attended-pairs") - worth("receptive-field")


def test_an_endless_loop_is_stopped_and_costs_its_own_exercise(own_course):
    own_course.config.Execute.timeout = 5
    loop = "def attended_pairs(seq_len, window_size):\n    while True:\n        pass"
    graded = graded_with(own_course, attended_pairs_answer=loop)
    assert graded.status.value == "timed out"
    assert graded.earned == ALL - worth("attended-pairs")


def test_a_submission_has_so_many_seconds_for_all_its_notebooks(own_course):
    """What was run in time keeps its marks. Each could be, but not one after the other."""
    right = instructors_answers(own_course, ASSIGNMENT)
    sleeping = {
        cell: f"import time\ntime.sleep({seconds})\n{right[cell]}"
        for cell, seconds in (("window-mask-answer", 8), ("global-mask-answer", 18))
    }
    answers = right | sleeping
    submission = submit(own_course, ASSIGNMENT, "ada", answers)
    graded = grade_submission(submission, own_course, seconds=25)
    states = [notebook.metadata[METADATA].status for notebook in graded.notebooks.values()]
    assert states == ["graded", *["timed out"] * 3]
    first = worth_of_notebooks(ASSIGNMENT, 1)
    assert first <= graded.earned < ALL
    assert graded.summary.seconds < 40


def test_warnings_and_prints_cost_nothing(own_course):
    source = instructors_answers(own_course, ASSIGNMENT)["window-mask-answer"]
    noisy = "import warnings\nwarnings.warn('careful')\nprint('hello')\n20\n" + source
    assert graded_with(own_course, window_mask_answer=noisy).earned == ALL


def test_the_attention_layer_is_judged_without_the_students_attention(own_course):
    """Whoever got stuck in notebook 2 loses one point in notebook 3, and no more."""
    broken = "def sliding_window_attention(*args, **kwargs):\n    raise TypeError('no')"
    graded = graded_with(own_course, attention_answer=broken)
    assert {v.exercise for v in graded.verdicts if v.lost} == {"end-to-end"}


@pytest.mark.parametrize(
    ("student", "status", "pages"),
    [("Zoë + o'Neil, a.b@c", "graded", 4), ("ada [1]", "infrastructure failure", 0)],
)
def test_odd_names_of_students(student, status, pages, own_course):
    """nbgrader reads brackets as a pattern: such a name is refused, and nothing is recorded."""
    folder = own_course.folder("submitted", ASSIGNMENT, student)
    write_files(folder, submit(own_course, ASSIGNMENT, student, {}).files)
    report = grade_class(own_course, ASSIGNMENT, Console(file=io.StringIO()))
    assert [(row.student, row.status.value) for row in report.rows] == [(student, status)]
    assert len(feedback(own_course.root, student)) == pages


@needs_sandbox
def test_when_a_worker_is_killed_its_submissions_are_tried_again(own_course):
    """The machine does so to whoever takes the most memory, which need not be the guilty one."""
    for student in ("ada", "grace", "mary", "zoe"):
        files = submit(own_course, ASSIGNMENT, student, {}).files
        write_files(own_course.folder("submitted", ASSIGNMENT, student), files)
    killed = threading.Event()

    def kill_a_busy_worker():
        while not killed.wait(0.05):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
                for worker in psutil.Process().children(recursive=True):
                    names = [child.name() for child in worker.children()]
                    if "bwrap" in names and worker.name() != "bwrap":
                        worker.kill()
                        return killed.set()

    killer = threading.Thread(target=kill_a_busy_worker)
    killer.start()
    report = grade_class(own_course, ASSIGNMENT, Console(file=io.StringIO()))
    was_killed, _ = killed.is_set(), killed.set()
    killer.join()
    assert was_killed, "no worker was found to be killed"
    assert {(row.status.value, row.total) for row in report.rows} == {("graded", 0)}
    assert len(report.rows) == 4


def test_grading_again_keeps_what_was_given_by_hand(own_course):
    submission = submit(own_course, ASSIGNMENT, "ada", {})
    write_files(own_course.folder("submitted", ASSIGNMENT, "ada"), submission.files)
    console = Console(file=io.StringIO())
    grade_class(own_course, ASSIGNMENT, console)
    with Gradebook(own_course.database_url) as gradebook:
        by_hand = gradebook.find_grade("window-mask", "01_sliding_window", ASSIGNMENT, "ada")
        by_hand.manual_score = 1.5
        gradebook.db.commit()
    for again in (False, True):  # what has not changed is not graded again unless one says so
        (row,) = grade_class(own_course, ASSIGNMENT, console, again=again).rows
        assert row.total == 1.5


def test_a_late_submission_is_recorded_with_its_time(own_course):
    submission = submit(own_course, ASSIGNMENT, "ada", {})
    submission.files["timestamp.txt"] = b"2026-01-02 03:04:05 UTC"
    assert str(submission.timestamp) == "2026-01-02 03:04:05"
    submission.files["timestamp.txt"] = b"yesterday or so"
    assert submission.timestamp is None
