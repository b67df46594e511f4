"""The system calls that no hand-in may make, as a program for the kernel's filter (seccomp).

A hand-in needs files, memory, threads and processes. It needs nothing that holds data outside them, no new namespaces,
no other process's memory, no mark on a file that all see, and none of the parts of the kernel that are there for
administrators: these give EPERM.
Sources: seccomp(2), the kernel's include/uapi/linux/{filter,seccomp,audit}.h and its tables of system calls.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterator
from pathlib import Path

# Numbers by name, for x86-64 and for aarch64; from 424 on all machines count alike. None: there is no such call.
REFUSED = {
    # What holds data outside processes and files, for the next hand-in or beyond the limit on memory.
    **{"keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218)},
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "mq_open": (240, 180)},
    **{"shmget": (29, 194), "shmat": (30, 196), "msgget": (68, 186), "semget": (64, 190)},
    **{"io_setup": (206, 0), "vmsplice": (278, 75), "inotify_init": (253, None), "inotify_init1": (294, 26)},
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427)},
    **{"utime": (132, None), "utimes": (235, None), "futimesat": (261, None)},  # see utimensat below
    # New namespaces and mounts, and files that are reached without a path.
    **{"unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41)},
    **{"chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430)},
    **{"fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442)},
    **{"name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265)},
    **{"fanotify_init": (300, 262), "fanotify_mark": (301, 263)},
    # Other processes' memory.
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272)},
    **{"process_madvise": (440, 440), "process_mrelease": (448, 448), "pidfd_getfd": (438, 438)},
    **{"migrate_pages": (256, 238), "move_pages": (279, 239)},
    # What is there for the administrator alone.
    **{"bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "lookup_dcookie": (212, 18)},
    **{"init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106)},
    **{"kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "syslog": (103, 116)},
    **{"swapon": (167, 224), "swapoff": (168, 225), "quotactl": (179, 60), "quotactl_fd": (443, 443)},
    **{"acct": (163, 89), "vhangup": (153, 58), "nfsservctl": (180, 42), "personality": (135, 92)},
    **{"settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171)},
    **{"sethostname": (170, 161), "setdomainname": (171, 162), "sync": (162, 81), "syncfs": (306, 267)},
    **{"modify_ldt": (154, None), "iopl": (172, None), "ioperm": (173, None), "uselib": (134, None)},
    **{"ustat": (136, None), "sysfs": (139, None), "_sysctl": (156, None)},
    **{"create_module": (174, None), "query_module": (178, None), "get_kernel_syms": (177, None)},
}
_NAMESPACES = 0x7E020000  # every CLONE_NEW flag that clone takes
_MAP_HUGETLB = 0x40000  # large pages are counted by no limit
_RLIMIT_CORE = 4
_F_SETPIPE_SZ = 1031
# What fcntl does to a file that the next hand-in sees, too: F_SETLEASE, F_NOTIFY, F_SET_RW_HINT, F_SET_FILE_RW_HINT.
_F_SIGNALS = (1024, 1026, 1036, 1038)
_F_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
_FLOCKS = 1 | 2 | 4 | 8  # shared, exclusive, without waiting, unlock: each call has one of them
# Files that all hand-ins see, such as /dev/null, could be locked, or get a time, and another hand-in would see it. What
# homework does to its own files goes on: such a call does nothing and tells success. Nobody else locks these files.
_DONE = 0
# Calls that are refused for some values of one argument: numbers, which argument, a test of it, the error by value.
SOMETIMES = {
    "clone": ((56, 220), 0, "any bit of", {_NAMESPACES: errno.EPERM}),
    "socket": ((41, 198), 0, "not", {1: errno.EAFNOSUPPORT}),  # AF_UNIX alone
    "socketpair": ((53, 199), 0, "not", {1: errno.EAFNOSUPPORT}),
    "mmap": ((9, 222), 3, "any bit of", {_MAP_HUGETLB: errno.ENOMEM}),
    "fcntl": (
        (72, 25),
        1,
        "is",
        dict.fromkeys((_F_SETPIPE_SZ, *_F_SIGNALS), errno.EPERM) | dict.fromkeys(_F_LOCKS, _DONE),
    ),
    "flock": ((73, 32), 1, "any bit of", {_FLOCKS: _DONE}),
    # Any time is done; none, for now, is refused: `Path.touch` would take it for a file that is there.
    "utimensat": ((280, 88), 2, "not", {0: _DONE, 1: errno.EPERM}),
    "ioctl": ((16, 29), 1, "is", dict.fromkeys((0x5412, 0x541C), errno.EPERM)),  # TIOCSTI, TIOCLINUX: typing
    "setrlimit": ((160, 164), 0, "is", {_RLIMIT_CORE: errno.EPERM}),  # see `jail._rlimits`
    "prlimit64": ((302, 261), 1, "is", {_RLIMIT_CORE: errno.EPERM}),
}
CLONE3 = 435  # its flags lie in memory, where no filter sees them: without it the C library takes clone
NEWEST = 456  # what came later (statmount, listmount, …) is unknown here; x32 calls have greater numbers, too
KEYCTL = REFUSED["keyctl"]
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the tables, and the kernel's name

_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; of an argument its lower half


def missing() -> str:
    """Why there is no filter on this machine; empty if there is one."""
    if platform.machine() not in MACHINES:
        return f"its system calls are not known for {platform.machine() or 'this machine'}"
    if not Path("/proc/sys/kernel/seccomp").exists():
        return "this kernel has none"
    return ""


def program(machine: str) -> bytes:
    """The filter: an array of struct sock_filter. machine: one of MACHINES."""
    column, architecture = MACHINES[machine]
    return b"".join(struct.pack("=HBBI", *step) for step in _steps(column, architecture))


def _steps(column: int, architecture: int) -> Iterator[tuple[int, int, int, int]]:
    """Operation, steps to skip if true and if not, value. Each rule is a test that skips what it would return."""
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    yield _GREATER, 0, 1, NEWEST
    yield _RETURN, 0, 0, _ERROR | errno.ENOSYS
    yield _EQUAL, 0, 1, CLONE3
    yield _RETURN, 0, 0, _ERROR | errno.ENOSYS
    for numbers in REFUSED.values():
        if numbers[column] is not None:
            yield _EQUAL, 0, 1, numbers[column]
            yield _RETURN, 0, 0, _ERROR | errno.EPERM
    for numbers, argument, test, errors in SOMETIMES.values():
        yield _EQUAL, 0, 2 * len(errors) + 2, numbers[column]
        yield _LOAD, 0, 0, _ARGUMENTS + 8 * argument
        for value, error in errors.items():
            yield _test(test, value)
            yield _RETURN, 0, 0, _ERROR | error
        yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _ALLOW


def _test(test: str, value: int) -> tuple[int, int, int, int]:
    if test == "not":
        return _EQUAL, 1, 0, value
    return {"any bit of": _ANY_BIT, "is": _EQUAL}[test], 0, 1, value
