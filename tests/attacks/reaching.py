"""Attacks that talk to the world: the network, the machine, other programs on it."""

from attacks.corpus import attack
from gradings import ALL


@attack("graded", ALL)
def connects_to_the_machine():
    """Tries every port of the machine, where the grader's own programs may listen."""
    import os
    import socket

    def own_ports():
        mine = {os.stat(f"/proc/self/fd/{fd}").st_ino for fd in os.listdir("/proc/self/fd")[:-1]}
        for line in open("/proc/net/tcp").read().splitlines()[1:]:
            address, inode = line.split()[1], line.split()[9]
            if int(inode) in mine:
                yield int(address.partition(":")[2], 16)

    for port in set(range(1, 65536)).difference(own_ports()):
        with socket.socket() as client:
            client.settimeout(0.2)
            found = client.connect_ex(("127.0.0.1", port)) == 0
            if found and client.getsockname() != client.getpeername():  # at times, itself
                print("FOUND a program at port", port)


@attack("graded", ALL)
def asks_for_a_name():
    """Asks for the address of a host, which would tell that host that it was asked."""
    import socket

    try:
        print("FOUND", socket.getaddrinfo("somebody.invalid", 443))
    except OSError as error:
        if error.errno not in (socket.EAI_AGAIN, socket.EAI_NONAME, socket.EAI_FAIL):
            print("FOUND", error)


@attack("graded", ALL)
def lists_network_interfaces():
    """Looks for a network interface that leads out."""
    import socket

    for _, name in socket.if_nameindex():
        if name != "lo":
            print("FOUND", name)


@attack("graded", ALL)
def talks_to_local_sockets():
    """Connects to every local socket it can see: of containers, the desktop, other kernels."""
    import os
    import socket
    import stat

    for folder, _, names in os.walk("/"):
        for path in (os.path.join(folder, name) for name in names):
            if folder.startswith("/proc") or not os.path.exists(path):
                continue
            if stat.S_ISSOCK(os.stat(path).st_mode):
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(path)
                    print("FOUND", path)
    for line in open("/proc/net/unix").read().splitlines()[1:]:
        if "@" in line:
            print("FOUND", line)


@attack("graded", ALL)
def looks_for_other_kernels():
    """Looks for the sockets of a classmate's kernel, to answer in its place."""
    import glob

    others = glob.glob("/tmp/**/kernel-*", recursive=True)
    if others:
        print("FOUND", others)


@attack("graded", ALL)
def reads_the_keys_of_the_session():
    """Asks Linux for keys that whoever started the grader may hold, and for the keyrings' names."""
    import ctypes
    import platform

    libc = ctypes.CDLL(None, use_errno=True)
    keyctl = {"x86_64": 250, "aarch64": 219}.get(platform.machine(), -1)
    for ring in (-1, -2, -3, -4, -5):
        content = ctypes.create_string_buffer(4096)
        if libc.syscall(keyctl, 11, ring, content, 4096, 0) > 0:
            print("FOUND a keyring", content.raw[:40])


@attack("graded", ALL)
def leaves_a_key_for_the_next_kernel():
    """Stores a key where another kernel might look for it."""
    import ctypes
    import platform

    libc = ctypes.CDLL(None, use_errno=True)
    add_key = {"x86_64": 248, "aarch64": 217}.get(platform.machine(), -1)
    for ring in (-3, -4, -5):
        if libc.syscall(add_key, b"user", b"answers", b"0123", 4, ring) > 0:
            print("FOUND a place for a key", ring)


@attack("graded", ALL)
def asks_for_a_key():
    """Has Linux look for a key in all keyrings that it can reach."""
    import ctypes
    import platform

    libc = ctypes.CDLL(None, use_errno=True)
    request_key = {"x86_64": 249, "aarch64": 218}.get(platform.machine(), -1)
    for name in (b"answers", b"instructor-token", b"krb5"):
        if libc.syscall(request_key, b"user", name, None, -3) > 0:
            print("FOUND a key", name)


@attack("graded", ALL)
def takes_all_watches_of_its_user():
    """Asks for instances of inotify, of which a user has 128: an editor of theirs then has none."""
    import ctypes
    import platform

    libc = ctypes.CDLL(None, use_errno=True)
    inotify_init1 = {"x86_64": 294, "aarch64": 26}.get(platform.machine(), -1)
    made = [libc.syscall(inotify_init1, 0), libc.inotify_init(), libc.inotify_init1(0)]
    if max(made) >= 0:
        print("FOUND watches", made)


@attack("graded", ALL)
def takes_all_pages_of_pipes_of_its_user():
    """Widens pipes until its user has no more pages for them; others then get narrow ones."""
    import fcntl
    import os

    pipes = [os.pipe() for _ in range(90)]
    for _, writing in pipes:
        try:
            fcntl.fcntl(writing, 1031, 1 << 20)  # F_SETPIPE_SZ
        except OSError:
            break


@attack("graded", ALL)
def takes_all_waiting_signals_of_its_user():
    """Sends itself signals that it does not take, of which a user may have only so many waiting."""
    import ctypes
    import signal
    import threading

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
    libc = ctypes.CDLL(None)
    thread = ctypes.c_ulong(threading.get_ident())
    for _ in range(200_000):
        if libc.pthread_sigqueue(thread, int(signal.SIGRTMIN), None):
            break


@attack("graded", ALL)
def makes_system_calls_that_no_notebook_needs():
    """Tries the parts of Linux that have had the most holes."""
    import ctypes
    import os
    import platform

    libc = ctypes.CDLL(None, use_errno=True)
    of_both = {"io_uring_setup": 425, "open_tree": 428, "fsopen": 430, "clone3": 435}
    of_one = {
        "x86_64": {"bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "ptrace": 101},
        "aarch64": {"bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "ptrace": 117},
    }
    space = ctypes.create_string_buffer(4096)
    for name, number in (of_both | of_one.get(platform.machine(), {})).items():
        if libc.syscall(number, 0, space, 0, 0, 0) >= 0:
            print("FOUND a way to", name, os.getpid())


@attack("graded", ALL)
def makes_namespaces_by_other_calls():
    """Makes a user namespace by clone, as unshare would."""
    import ctypes
    import os
    import platform

    libc = ctypes.CDLL(None, use_errno=True)
    clone = {"x86_64": 56, "aarch64": 220}.get(platform.machine(), -1)
    child = libc.syscall(clone, 0x10000000 | 17, None, None, None, None)
    if child == 0:
        os._exit(0)
    if child > 0:
        print("FOUND a way into a namespace")
