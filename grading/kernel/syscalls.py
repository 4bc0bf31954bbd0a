"""Which system calls a kernel may make: all but those that a notebook has no use for.

The filter is a program of the classic Berkeley packet filter (seccomp(2)), which Linux runs at
every call. It is kept small: what the namespaces, the user and the limits of the sandbox confine
already stays allowed.
"""

import errno
import platform
import struct
from functools import cache

# Each refused call by its number on x86-64 and on aarch64; -1 where it does not exist.
REFUSED = {
    # memory that belongs to no process and no file, so that nobody counts it
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "mq_open": (240, 180)},
    **{"shmget": (29, 194), "shmctl": (31, 195), "shmat": (30, 196), "shmdt": (67, 197)},
    **{"msgget": (68, 186), "msgsnd": (69, 189), "semget": (64, 190), "semop": (65, 193)},
    # keyrings of whoever started the grader
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    # what a user has only so many of, the instructor's own included
    **{"inotify_init": (253, -1), "inotify_init1": (294, 26)},
    # which pages of files that all kernels see are in memory: one could leave notes to another
    **{"fadvise64": (221, 223), "readahead": (187, 213), "mincore": (27, 232)},
    **{"cachestat": (451, 451), "preadv2": (327, 286), "pwritev2": (328, 287)},
    # other processes, and the system's view of itself
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271)},
    **{"pidfd_getfd": (438, 438), "process_madvise": (440, 440)},
    **{"kcmp": (312, 272), "perf_event_open": (298, 241), "syslog": (103, 116)},
    # namespaces and mounts
    **{"unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39)},
    **{"pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428)},
    **{"move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431)},
    **{"fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442)},
    **{"name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "quotactl": (179, 60)},
    # parts of Linux that have had the most holes
    **{"bpf": (321, 280), "userfaultfd": (323, 282), "fanotify_init": (300, 262)},
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426)},
    **{"io_uring_register": (427, 427), "modify_ldt": (154, -1), "personality": (135, 92)},
    # the machine itself
    **{"kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142)},
    **{"init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106)},
    **{"swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "iopl": (172, -1)},
    **{"ioperm": (173, -1), "settimeofday": (164, 170), "clock_settime": (227, 112)},
}
CLONE, CLONE3 = (56, 220), 435
NEW_NAMESPACES = 0x7E020000  # flags of clone(2)
X32 = 0x40000000  # calls of another interface of x86-64, by other numbers
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # places in struct seccomp_data
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000

Instruction = tuple[int, int, int, int]  # code, steps to jump if true and if false, operand


@cache
def call_filter() -> bytes:
    """The filter for this machine, struct sock_filter after struct sock_filter.

    Empty on architectures whose numbers we do not know.
    """
    if platform.machine() not in ARCHITECTURES:
        return b""
    place, architecture = ARCHITECTURES[platform.machine()]
    known = [numbers[place] for numbers in REFUSED.values() if numbers[place] >= 0]
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if platform.machine() == "x86_64":
        program += _if(AT_LEAST, X32, errno.EPERM)
    program += _if(EQUAL, CLONE3, errno.ENOSYS)  # its flags lie in memory: clone is used instead
    for number in known:
        program += _if(EQUAL, number, errno.EPERM)
    program += [
        (EQUAL, 0, 3, CLONE[place]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        *_if(ANY_BIT, NEW_NAMESPACES, errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _if(condition: int, operand: int, refusal: int) -> list[Instruction]:
    """Refuse with this error if the condition holds of what is loaded."""
    return [(condition, 0, 1, operand), (RETURN, 0, 0, REFUSE | refusal)]
