"""The filter of system calls: what its program decides on both machines, and what the kernel then does."""

import ctypes
import errno
import platform
import re
import struct
from pathlib import Path

import pytest

from rmsprop_lib.grading import jail, seccomp
from tests.grading.looking import look

MACHINES = [*seccomp.MACHINES]
ALLOWED, KILLED = "allowed", "killed"
CALLS = [(machine, name) for machine in MACHINES for name in seccomp.REFUSED]


def decide(machine, number, *arguments, architecture=None):
    """What the kernel would do: the program run step by step, as in its Documentation/networking/filter.rst."""
    six = (*arguments, *[0] * 6)[:6]
    data = struct.pack("=iIQ6Q", number, architecture or seccomp.MACHINES[machine][1], 0, *six)
    steps = [*struct.iter_unpack("=HBBI", seccomp.program(machine))]
    here, register = 0, 0
    while True:
        code, if_true, if_false, value = steps[here]
        here += 1
        if code == 0x20:  # load a word
            register = struct.unpack_from("=I", data, value)[0]
        elif code == 0x06:  # return
            action, error = value & 0xFFFF0000, value & 0xFFFF
            return {0x7FFF0000: ALLOWED, 0x80000000: KILLED, 0x00050000: error}[action]
        else:  # jump if equal, greater, any bit
            holds = {0x15: register == value, 0x25: register > value, 0x45: bool(register & value)}[code]
            here += if_true if holds else if_false


def number(machine, name):
    column = seccomp.MACHINES[machine][0]
    return (seccomp.REFUSED | {name: row[0] for name, row in seccomp.SOMETIMES.items()})[name][column]


@pytest.mark.parametrize(("machine", "name"), [call for call in CALLS if number(*call) is not None])
def test_a_refused_call_is_refused_whatever_its_arguments(machine, name):
    for arguments in ((), (1, 2, 3), (2**64 - 1,) * 6):
        assert decide(machine, number(machine, name), *arguments) == errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_what_a_hand_in_needs_is_allowed(machine):
    tested = {number(machine, name) for name in (*seccomp.REFUSED, *seccomp.SOMETIMES)} | {seccomp.CLONE3}
    for call in set(range(seccomp.NEWEST + 1)) - tested:
        assert decide(machine, call) == ALLOWED
    thread = 0x3D0F00  # what the C library gives clone for a thread
    for name, arguments in (
        *(("clone", (thread,)), ("clone", (17,)), ("socket", (1, 1)), ("socketpair", (1, 2))),
        *(
            ("fcntl", (3, 1)),
            ("fcntl", (3, 5)),
            ("ioctl", (3, 0x5413)),
            ("mmap", (0, 4096, 3, 0x22)),
            ("prlimit64", (0, 7)),
        ),
    ):
        assert decide(machine, number(machine, name), *arguments) == ALLOWED


NAMESPACES = {"MNT": 17, "CGROUP": 25, "UTS": 26, "IPC": 27, "USER": 28, "PID": 29, "NET": 30}  # bits of clone's flags


@pytest.mark.parametrize("machine", MACHINES)
def test_some_arguments_are_refused(machine):
    for bit in NAMESPACES.values():
        assert decide(machine, number(machine, "clone"), 17 | 1 << bit) == errno.EPERM
    for name in ("socket", "socketpair"):
        for family in {*range(50)} - {1}:
            assert decide(machine, number(machine, name), family) == errno.EAFNOSUPPORT
    for command in (1024, 1026, 1031, 1036, 1038):  # lease, notify, size of a pipe, hints on writing
        assert decide(machine, number(machine, "fcntl"), 3, command, 2**20) == errno.EPERM
    assert decide(machine, number(machine, "mmap"), 0, 2**21, 3, 0x40022) == errno.ENOMEM
    assert decide(machine, number(machine, "prlimit64"), 0, 4) == errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_a_lock_is_granted_and_not_taken(machine):
    told = [decide(machine, number(machine, "fcntl"), 3, command) for command in (6, 7, 37, 38)]
    told += [decide(machine, number(machine, "flock"), 3, how) for how in (1, 2, 5, 6, 8)]
    assert {*told} == {0}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_of_another_kind_or_of_tomorrow_is_no_way_round(machine):
    for foreign in (0x40000003, 0x40000028, 0xC000003E, 0xC00000B7, 0):  # i386, arm, x86-64, aarch64, none
        if foreign != seccomp.MACHINES[machine][1]:
            assert decide(machine, 0, architecture=foreign or 1) == KILLED
    for call in (seccomp.CLONE3, seccomp.NEWEST + 1, 457, 458, 10**6, 0x40000000, 0x40000000 + 250, -1):
        assert decide(machine, call) == errno.ENOSYS


HEADERS = {"x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "/usr/include/asm-generic/unistd.h"}


@pytest.mark.parametrize("machine", [machine for machine in MACHINES if Path(HEADERS[machine]).exists()])
def test_the_numbers_are_the_kernels(machine):
    lines = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(HEADERS[machine]).read_text())
    theirs = {name: int(value) for name, value in lines}
    for name in (*seccomp.REFUSED, *seccomp.SOMETIMES):
        assert number(machine, name) == theirs.get(name), name


@pytest.mark.usefixtures("has_jail", "has_filter")
class TestInTheJail:
    """The kernel's answer on this machine, by the C library's own names of the calls."""

    WRAPPED = (
        *("memfd_create", "shmget", "shmat", "msgget", "semget", "mq_open", "vmsplice", "inotify_init1", "unshare"),
        *("setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsmount"),
        *("name_to_handle_at", "open_by_handle_at", "fanotify_init", "ptrace", "process_vm_readv", "process_madvise"),
        *("process_vm_writev", "pidfd_getfd", "init_module", "delete_module", "swapon", "quotactl", "acct", "vhangup"),
        *("personality", "clock_settime", "adjtimex", "sethostname", "setdomainname", "klogctl"),
    )

    def test_each_call_is_refused_by_its_name(self):
        here = [name for name in self.WRAPPED if hasattr(ctypes.CDLL(None), name)]
        assert len(here) > 25
        body = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
passed, zeros = [], ctypes.create_string_buffer(4096)
for name in {here}:
    arguments = [b'/x', 0o102, 0o600] if name == 'mq_open' else []
    arguments += [zeros] * (6 - len(arguments))
    ctypes.set_errno(0)
    if getattr(libc, name)(*arguments) != -1 or ctypes.get_errno() != 1:
        passed.append(name)
return passed
"""
        assert look(body) == "[]"

    def test_every_number_is_refused(self):
        numbers = [number(platform.machine(), name) for name in seccomp.REFUSED]
        body = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
return [n for n in {[n for n in numbers if n is not None]} if libc.syscall(n, 0, 0, 0, 0, 0, 0) != -1
    or ctypes.get_errno() != 1]
"""
        assert look(body) == "[]"

    def test_the_filter_is_on_all_processes_and_cannot_be_taken_away(self):
        body = """
import ctypes, os, subprocess, sys
code = "import ctypes; l = ctypes.CDLL(None); sys.exit(l.memfd_create(b'x', 0) != -1)"
child = subprocess.run([sys.executable, '-I', '-S', '-c', 'import sys; ' + code]).returncode
pid = os.fork()
if pid == 0:
    os._exit(ctypes.CDLL(None).memfd_create(b'x', 0) != -1)
libc = ctypes.CDLL(None)
return [child, os.waitpid(pid, 0)[1], *(libc.prctl(ask, 0, 0, 0, 0) for ask in (21, 22, 39))]
"""
        assert look(body) == "[0, 0, 2, -1, 1]"  # filtered, no way back, no new privileges

    @pytest.mark.skipif(platform.machine() != "x86_64", reason="int 0x80 is of x86-64")
    def test_the_calls_of_another_machine_end_the_process(self):
        body = """
import ctypes, mmap, os
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes.fromhex('b8 14 00 00 00 cd 80 c3'))  # mov eax, 20 (getpid of i386); int 0x80; ret
pid = os.fork()
if pid == 0:
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    os._exit(0)
return os.waitpid(pid, 0)[1] & 127
"""
        assert look(body) == "31"  # SIGSYS

    def test_what_homework_does_still_works(self):
        body = """
import ctypes, threading, subprocess, os, socket, tempfile, concurrent.futures, time
import numpy as np
out = []
t = threading.Thread(target=out.append, args=(1,)); t.start(); t.join()
out.append(subprocess.run(['echo', '2'], capture_output=True).stdout.decode().strip())
out.append(os.waitpid(os.fork() or os._exit(3), 0)[1] >> 8)
a, b = socket.socketpair(); a.send(b'4'); out.append(b.recv(1).decode())
out.append(list(concurrent.futures.ThreadPoolExecutor(2).map(abs, [-5]))[0])
out.append(ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 6)())
f = tempfile.TemporaryFile(); f.write(b'7'); f.seek(0); out.append(f.read().decode())
out.append(round(float(np.linalg.inv(np.eye(400) * 0.125)[3, 3])))
import asyncio; out.append(asyncio.run(asyncio.sleep(0, 9)))
import sqlite3
with sqlite3.connect('x') as c: c.execute('create table t(a)'); c.execute('insert into t values(10)')
out.append(sqlite3.connect('x').execute('select a from t').fetchone()[0])
import fcntl
with open('y', 'w') as f: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB); fcntl.lockf(f, fcntl.LOCK_EX); out.append(11)
import pathlib, shutil
pathlib.Path('z').touch(); shutil.copy2('z', 'zz')
open('/dev/null', 'w').write('x'); out.append(len(open('/dev/urandom', 'rb').read(12)))
return ''.join(map(str, out))
"""
        assert look(body) == "123456789101112"


@pytest.mark.usefixtures("has_filter")
def test_the_filter_stands_without_bubblewrap_too(monkeypatch):
    monkeypatch.setattr(jail, "require_another_user", lambda: None)  # this code is ours
    monkeypatch.setattr(jail, "_another_user", lambda: 0)
    cell = "import ctypes, os\na = ctypes.CDLL(None).memfd_create(b'x', 0)\nb = ctypes.CDLL(None).unshare(0x20000000)"
    questions = [{"kind": "number", "answer": name} for name in "ab"]
    assert jail.run([cell], questions, jail=False).answers == [{"value": -1.0}] * 2


def test_a_machine_whose_calls_are_not_known_has_no_filter_and_says_so(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert "riscv64" in jail.fences()["filter of system calls"]
    assert "keyring" in jail.fences()["filter of system calls"]
    assert jail._calls() is None
