"""Attacks that take all there is of something. They cost their own notebook, and nothing else."""

from attacks.corpus import FIRST_ANSWERS, WITHOUT_FIRST, attack, without
from gradings import ALL

FIRST = FIRST_ANSWERS[:1]


@attack("graded", ALL, cells=FIRST)
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
        print("x" * 100_000)


@attack("graded", ALL, cells=FIRST)
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


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def sends_what_nobody_looks_at():
    """Sends half a gigabyte of requests for input, which no grader answers."""
    kernel = get_ipython().kernel
    content = {"prompt": "x" * (8 << 20), "password": False}
    identity = kernel.get_parent()["header"]["session"].encode()
    for _ in range(100):
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


@attack("graded", ALL, cells=FIRST)
def makes_a_folder_too_deep_to_be_removed():
    """Leaves folders in one another, three thousand deep, wherever it may write."""
    import os

    for place in ("/tmp", "/dev/shm", "/lab"):
        os.chdir(place)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
    os.chdir("/lab")


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def begins_messages_without_an_end():
    """Sends first parts only, each of another process, which the grader keeps until more comes."""
    import itertools
    import struct

    channel = get_ipython().kernel.session.channel.socket
    for sender in itertools.count():
        channel.send(struct.pack("!IQ?", sender % (1 << 32), 1, True) + bytes(1 << 10))


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


@attack(
    "out of memory or timed out",  # on a busy machine it may not come so far
    WITHOUT_FIRST,
    cells=FIRST,
    marks_if={"timed out": without("window-mask")},
)
def holds_memory_in_its_sockets():
    """Has many processes fill the buffers of many sockets, which belong to no process."""
    import os
    import socket
    import time

    for _ in range(100):
        if not os.fork():
            pairs = [socket.socketpair() for _ in range(110)]
            for each in (end for pair in pairs for end in pair):
                each.setblocking(False)
                try:
                    while True:
                        each.send(bytes(1 << 16))
                except OSError:
                    pass
            time.sleep(7777)
    time.sleep(7777)


@attack("graded", ALL, cells=FIRST)
def holds_memory_in_files_without_a_name():
    """Writes into memfds, of which each process may have many."""
    import os

    try:
        files = [os.memfd_create("x") for _ in range(40)]
        print("FOUND memory that nobody counts:", [os.write(f, bytes(60 << 20)) for f in files])
    except OSError:
        pass


@attack("graded", ALL, cells=FIRST)
def holds_memory_in_segments():
    """Asks for shared memory, message queues and semaphores of System V."""
    import ctypes

    libc = ctypes.CDLL(None)
    for number in range(9):
        segment = libc.shmget(number, 256 << 20, 0o1600)
        if segment >= 0:
            print("FOUND memory that nobody counts:", segment)
    if libc.msgget(0, 0o1600) >= 0 or libc.semget(0, 1, 0o1600) >= 0:
        print("FOUND a queue or a semaphore")


@attack("out of memory", WITHOUT_FIRST, cells=FIRST)
def holds_memory_in_many_processes():
    """Has its children take what it may not."""
    import os
    import time

    for _ in range(40):
        if not os.fork():
            kept = [os.urandom(1 << 20) * 100]
            time.sleep(7777 + len(kept))
    time.sleep(7777)


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def floods_the_channel_with_replies():
    """Says that cells have ended which were never begun, so fast that nobody looks at the clock."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        get_ipython().kernel.session.channel.send({"done": "x", "reply": {"status": "ok"}})


@attack("timed out or output limit", WITHOUT_FIRST, cells=FIRST)
def interrupts_its_own_messages():
    """Begins one message after the other, and ends none: each is forgotten for the next."""
    import itertools
    import signal
    import struct
    import time

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = get_ipython().kernel.session.channel.socket
    for number in itertools.count():
        channel.send(struct.pack("!IQ?", 1, number, True))
        time.sleep(0.001)


@attack("output limit", WITHOUT_FIRST, cells=FIRST)
def sends_messages_that_grow_when_they_are_read():
    """Sends JSON of empty lists, which is twenty times as large once it is read."""
    kernel = get_ipython().kernel
    grows = [[]] * 2_000_000
    for _ in range(20):
        kernel.session.send(
            kernel.iopub_socket,
            "display_data",
            {"data": {"x/y": grows}, "metadata": {}},
            parent={"header": {"msg_id": grows}},
            metadata={"x": grows},
        )


@attack("out of memory", WITHOUT_FIRST, cells=FIRST)
def hides_what_its_processes_hold():
    """Lets nobody look at its processes, who together take more than they may."""
    import ctypes
    import mmap
    import os
    import time

    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    for _ in range(10):
        if not os.fork():
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
            kept = mmap.mmap(-1, 400 << 20, flags=flags)
            time.sleep(7777 + len(kept) * 0)
    time.sleep(7777)


@attack("timed out", without("window-mask"), cells=FIRST)
def says_nonsense_on_its_channel():
    """Breaks off the protocol on the connection to the grader, and then sleeps."""
    import os
    import stat
    import time

    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, b"\xff" * 99)
        except OSError:
            pass
    time.sleep(7777)


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def says_what_no_json_reader_can_hold():
    """Sends brackets ten thousand deep, and a number of a hundred thousand digits."""
    import os
    import struct

    channel = get_ipython().kernel.session.channel.socket
    for text in (b"[" * 10_000 + b"]" * 10_000, b"9" * 50_000):
        channel.send(struct.pack("!IQ?", os.getpid(), 1 << 60, False) + text)


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def hangs_up():
    """Closes its end of the channel, and goes on in the hope that nobody notices."""
    import time

    get_ipython().kernel.session.channel.socket.close()
    time.sleep(7777)


@attack("timed out or crashed", WITHOUT_FIRST, cells=FIRST)
def no_longer_listens():
    """Says that its cell has ended, and never reads what it is asked next."""
    import os
    import signal

    kernel = get_ipython().kernel
    of = kernel.get_parent()["header"]["msg_id"]
    kernel.session.channel.send({"done": of, "reply": {"status": "ok"}})
    os.kill(os.getpid(), signal.SIGSTOP)


@attack("crashed or timed out", WITHOUT_FIRST, cells=FIRST)
def wears_out_its_watcher():
    """Has processes end while they are looked at, and then never ends."""
    import os
    import signal
    import time

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    until = time.monotonic() + 4
    while time.monotonic() < until:
        if not os.fork():
            os._exit(0)
    while True:
        try:
            time.sleep(7777)
        except KeyboardInterrupt:
            pass
