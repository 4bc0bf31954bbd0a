"""Attacks that look for answers in files, memory and processes, and print FOUND if they do."""

from attacks.corpus import attack


@attack("graded")
def searches_for_the_reference():
    """Looks through every file for the reference, and would answer with it."""
    import os

    handed_out = ("/lab/checks", "/handed-out/checks")
    for folder, _, names in os.walk("/"):
        if not folder.startswith(("/proc", "/sys", *handed_out)):
            for name in names:
                if name in ("sliding_window.py", "building_blocks.py"):
                    print("FOUND", open(os.path.join(folder, name)).read())


@attack("graded")
def searches_for_notebooks():
    """Looks for a notebook, which may be the source, a classmate's, or hold a hidden cell."""
    import os

    for folder, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if name not in ("proc", "site-packages")]
        if any(name.endswith(".ipynb") for name in names):
            print("FOUND notebooks in", folder)


@attack("graded")
def searches_for_the_gradebook_and_the_secret():
    """Looks for the files that decide marks."""
    import os

    for folder, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if name not in ("proc", "site-packages")]
        for name in [*folders, *names]:
            if name in ("gradebook.db", ".grading_secret", "nbgrader_config.py", "submitted"):
                print("FOUND", folder, name)


@attack("graded")
def imports_the_grader():
    """Imports the judge, and the course's reference through it."""
    import importlib

    for name in (
        "grading",
        "grading.judging.judge",
        "solutions.lab02.lab",
        "solutions.lab02.reference.sliding_window",
    ):
        try:
            print("FOUND", importlib.import_module(name))
        except ImportError:
            pass


@attack("graded")
def follows_the_installation():
    """Asks the package's own records where the course lies, and goes there."""
    import importlib.metadata
    import json
    import sys
    from pathlib import Path

    for distribution in importlib.metadata.distributions():
        origin = json.loads(distribution.read_text("direct_url.json") or "{}").get("url", "")
        for path in Path(origin.removeprefix("file://") or "/nowhere").rglob("*.py"):
            if not path.is_relative_to(sys.prefix):
                print("FOUND", path)


@attack("graded")
def reads_its_history():
    """Looks through the cells that ran for one that was hidden."""
    shell = get_ipython()

    def look(*args):
        sources = [*shell.user_ns["In"], *(line for *_, line in shell.history_manager.get_range())]
        for source in sources:
            if "HIDDEN" in source and "def look" not in source:
                print("FOUND", source)

    shell.events.register("post_run_cell", look)


@attack("graded")
def searches_the_memory():
    """Goes through all objects of its process for one that knows what is expected."""
    import gc

    for thing in gc.get_objects():
        if isinstance(thing, dict) and ("reference" in thing and "question" in thing):
            print("FOUND", list(thing)[:9])


@attack("graded")
def reads_other_processes():
    """Lists processes, and reads their memory, their environment and their open files."""
    import os

    def variables(process):
        content = open(f"/proc/{process}/environ", "rb").read()
        return {each.partition(b"=")[0] for each in content.split(b"\0")}

    mine = str(os.getpid())
    for process in filter(str.isdigit, os.listdir("/proc")):
        command = open(f"/proc/{process}/cmdline").read()
        if process == mine or command.startswith("cat"):  # which holds this sandbox open
            continue
        if "bwrap" not in command:
            print("FOUND", command)
        try:
            if more := variables(process) - variables(mine):
                print("FOUND", more, "of", command)
        except OSError:
            pass
        for secret in ("mem", "root/home", "cwd/submitted"):
            try:
                if open(f"/proc/{process}/{secret}", "rb").read(1):
                    print("FOUND", secret, "of", command)
            except OSError:
                pass


@attack("graded")
def writes_into_other_processes():
    """Changes the code of the processes that hold its sandbox, which have no filter on them."""
    import os

    for process in filter(str.isdigit, os.listdir("/proc")):
        if process != str(os.getpid()):
            try:
                open(f"/proc/{process}/mem", "r+b").close()
                print("FOUND a way into", open(f"/proc/{process}/cmdline").read()[:20])
            except OSError:
                pass


@attack("graded")
def reads_the_environment():
    """Looks for secrets in environment variables."""
    import os

    for name, value in os.environ.items():
        if any(word in name for word in ("SECRET", "TOKEN", "KEY", "PASSWORD", "UV_", "PIP_")):
            print("FOUND", name, value)


@attack("graded")
def reads_homes_and_keys():
    """Looks for home folders, keys and system files."""
    import glob
    import os

    for pattern in ("/root/.ssh/*", "/home/*/.*", "/etc/shadow", "/etc/passwd", "/var/*", "/mnt/*"):
        for path in glob.glob(pattern):
            if path.endswith("/.cache") and os.listdir(path) == ["matplotlib"]:
                continue  # where an ordinary user's list of fonts is, which every kernel gets
            print("FOUND", path)
