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
            if folder.startswith("/proc") or "/kernel-" in folder or not os.path.exists(path):
                continue
            if stat.S_ISSOCK(os.stat(path).st_mode):
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(path)
                    print("FOUND", path)
    for line in open("/proc/net/unix").read().splitlines()[1:]:
        if "@" in line and "/kernel-" not in line:
            print("FOUND", line)


@attack("graded", ALL)
def looks_for_other_kernels():
    """Looks for the sockets of a classmate's kernel, to answer in its place."""
    import glob

    others = glob.glob("/tmp/**/kernel-*", recursive=True)
    if len(others) != 1:
        print("FOUND", others)
