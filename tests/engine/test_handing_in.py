"""A class that hands in at the same moment, some of it twice, by nbgrader's own commands."""

import subprocess
import sys

from catalogue import ROOT

HAND_IN = ROOT / "benchmarks/hand_in.py"


def test_twelve_hand_in_at_once_and_two_of_them_twice():
    command = [sys.executable, HAND_IN, "--students", "12", "--seconds", "0", "--no-grading"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 students handed in 14 times" in done.stdout
