"""What a hand-in must not reach or hold although no file and no network is involved: the attacks, run in the jail."""

import contextlib
import ctypes
import os
import platform
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rmsprop_lib.grading import bwrap, control_group, jail, seccomp, watch
from tests.grading.looking import look

ROOT = Path(__file__).parents[2]
MEMORY = 600 * 2**20
pytestmark = pytest.mark.usefixtures("has_jail")

CALL = "import ctypes, os, time\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.shmat.restype = ctypes.c_void_p\n"

# Each tries to hold more than MEMORY, and says how much it holds when it has done what it could.
HOLDING = {
    "memory of its own": "x = []\nwhile len(x) < 9: x.append(bytearray(100 * 2**20))\nhold(900)",
    "memory of children": "for _ in range(9):\n    if os.fork() == 0:\n        x = bytearray(100 * 2**20)\n"
    "        time.sleep(5)\n        os._exit(0)\nhold(900)",
    "memory shared with children": "import mmap\nx = [mmap.mmap(-1, 100 * 2**20) for _ in range(9)]\n"
    "for m in x:\n    if os.fork() == 0:\n        m.write(bytes(100 * 2**20))\n        os._exit(0)\n    os.wait()\n"
    "hold(900)",
    "memory files": "fds = [os.memfd_create('x') for _ in range(9)]\n"
    "hold(sum(os.write(fd, bytes(10 * 2**20)) for fd in fds for _ in range(10)))",
    "shared memory": "for _ in range(9):\n    s = libc.shmget(0, 100 * 2**20, 0o1600)\n"
    "    if s < 0: raise OSError(1, '')\n    p = libc.shmat(s, None, 0)\n    ctypes.memset(p, 1, 100 * 2**20)\n"
    "hold(900)",
    "message queues": "hold(libc.mq_open(b'/x', 0o102, 0o600, 0))\nraise OSError(1, '')",
    "a file system of its own": "import subprocess\np = subprocess.run(['unshare', '-Urm', 'sh', '-c', 'mount -t tmpfs"
    " t . && cd $PWD && head -c 900M /dev/zero > x'])\nif p.returncode: raise OSError(1, '')\nhold(900)",
    "deleted files": "for i in range(90):\n    f = open('x', 'wb')\n    keep.append(f)\n"
    "    f.write(bytes(10 * 2**20))\n    f.flush()\n    os.remove('x')\nhold(900)",
    "many files": "for i in range(3_000_000): open(str(i), 'w').close()\nhold(900)",
    "many links": "open('x', 'w')\nfor i in range(3_000_000): os.symlink('x' * 50, str(i))\nhold(900)",
    "many folders": "for i in range(3_000_000): os.mkdir(str(i))\nhold(900)",
    "large pages": "import mmap\nx = [mmap.mmap(-1, 2**21, flags=0x40022) for _ in range(400)]\nhold(900)",
    "large pipes": "import fcntl\nr, w = os.pipe()\nfcntl.fcntl(w, 1031, 2**20)\nhold(900)",
    "/dev/shm": "open('/dev/shm/x', 'wb').write(bytes(900 * 2**20))\nhold(900)",
}


@pytest.mark.usefixtures("has_filter")
@pytest.mark.parametrize("group", [True, False], ids=["group", "no group"])
@pytest.mark.parametrize("way", HOLDING)
def test_no_way_of_holding_memory_escapes_the_limit(way, group, monkeypatch):
    if not group:
        monkeypatch.setattr(control_group, "_parents", lambda: ())
    elif jail.fences()["control group"]:
        pytest.skip(jail.fences()["control group"])
    lines = "\n".join("    " + line for line in HOLDING[way].splitlines())
    body = CALL + "keep = []\ndef hold(amount):\n    time.sleep(3)\n    return amount\n"
    body += f"try:\n{lines}\n    return 'held'\nexcept (OSError, MemoryError) as error:\n    return 'refused'"
    told = look(body, memory=MEMORY, cell_seconds=30, file_size=2**30, disk=64 * 2**20)
    assert told in ("refused", watch.TOO_MUCH_MEMORY, watch.TOO_MANY_FILES, "MemoryError", "OSError")


@pytest.mark.usefixtures("has_filter", "has_group")
def test_what_sockets_and_pipes_hold_is_counted():
    body = """
import os, socket, time
for _ in range(60):
    if os.fork() == 0:
        pairs = [socket.socketpair() for _ in range(25)]
        for s in (s for pair in pairs for s in pair):
            s.setblocking(False)
            try:
                while True: s.send(bytes(2**16))
            except OSError: pass
        time.sleep(30)
time.sleep(10)
"""
    assert look(body, memory=MEMORY, cell_seconds=40) == watch.TOO_MUCH_MEMORY


def test_a_control_group_is_gone_when_its_hand_in_is():
    def groups():
        return {folder for parent in control_group._parents() for folder in parent.glob(f"hand-in-{os.getpid()}-*")}

    jail.run(["import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)"], [])
    jail.run(["x = bytearray(10**9)"], [], jail.Limits(memory=MEMORY))
    assert not groups()


def test_without_a_control_group_it_says_what_that_would_hold(monkeypatch):
    monkeypatch.setattr(control_group, "missing", lambda: "this user may not make any")
    assert "this user may not make any: memory is looked at" in jail.fences()["control group"]


@pytest.mark.usefixtures("has_filter")
def test_no_key_comes_in_or_stays():
    """With a session keyring that holds a key, as every login has one."""
    number = seccomp.KEYCTL[seccomp.MACHINES[platform.machine()][0]]
    add = seccomp.REFUSED["add_key"][seccomp.MACHINES[platform.machine()][0]]
    search = f"[libc.syscall({number}, 10, ring, b'user', name, 0) for ring, name in ((-3, b'secret'), (-4, b'left'))]"
    leave = f"[libc.syscall({add}, b'user', b'left', b'x', 1, ring) for ring in (-1, -2, -3, -4, -5)]"
    code = f"""
import ctypes
from tests.grading.looking import look
libc = ctypes.CDLL(None)
libc.syscall({number}, 1, None)
if libc.syscall({add}, b'user', b'secret', b'hush', 4, -3) < 0:
    print('no keyrings here')
else:
    print(look("import ctypes\\nlibc = ctypes.CDLL(None)\\nreturn [{search}, {leave}]"))
    print({search})
"""
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    if "no keyrings" not in told:
        inside, outside = told.splitlines()
        assert inside == "[[-1, -1], [-1, -1, -1, -1, -1]]"
        assert eval(outside)[0] > 0
        assert eval(outside)[1] == -1


def test_the_keyring_is_another_one_even_where_keys_may_be_used(monkeypatch):
    """One fence alone: a filter that allows everything."""
    column, _ = seccomp.MACHINES[platform.machine()]
    monkeypatch.setattr(seccomp, "_steps", lambda *machine: iter([(0x06, 0, 0, 0x7FFF0000)]))
    body = f"import ctypes\nreturn ctypes.CDLL(None).syscall({seccomp.KEYCTL[column]}, 0, -3, 0)"
    mine = ctypes.CDLL(None).syscall(seccomp.KEYCTL[column], 0, -3, 0)
    assert mine < 0 or int(look(body)) != mine


def test_no_socket_of_this_machine_is_reached(tmp_path):
    with contextlib.ExitStack() as stack:
        addresses = ["\0abstract-of-the-grader", str(tmp_path / "socket")]
        for address in addresses:
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(address)
            server.listen()
        body = f"""
import socket
reached = []
for address in {addresses}:
    try:
        socket.socket(socket.AF_UNIX).connect(address)
        reached.append(address)
    except OSError:
        pass
for family in set(range(60)) - {{1}}:
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind)
            reached.append(family)
        except OSError:
            pass
return reached
"""
        assert look(body) == "[]"


# One hand-in does this to a file that all hand-ins see, and another looks whether it is done.
SIGNALS = {
    "a lock of the file": (
        "fcntl.flock(f, fcntl.LOCK_EX)",
        "not granted(fcntl.flock, f, fcntl.LOCK_EX | fcntl.LOCK_NB)",
    ),
    "a lock of a record": ("fcntl.lockf(f, fcntl.LOCK_SH)", "lock(fcntl.F_GETLK, fcntl.F_WRLCK) != fcntl.F_UNLCK"),
    "a lock of an open file": ("lock(fcntl.F_OFD_SETLK, fcntl.F_RDLCK)", "lock(36, fcntl.F_WRLCK) != fcntl.F_UNLCK"),
    "a lock of a device": ("fcntl.lockf(null, fcntl.LOCK_EX)", "not granted(fcntl.lockf, null, 2 | fcntl.LOCK_NB)"),
    "a time of a device": ("os.utime('/dev/null')", "time.time() - os.stat('/dev/null').st_mtime < 4"),
    "another time of a device": ("now('/dev/zero')", "time.time() - os.stat('/dev/zero').st_mtime < 4"),
    "news of a folder": ("(time.sleep(0.2), open('/usr/bin/env', 'rb').read(1))", "news()"),
}
LOOKING = """
import ctypes, fcntl, os, signal, struct, time
f, null, heard = open('/usr/bin/env'), open('/dev/null', 'r+b', 0), []
def granted(call, *arguments):
    try:
        call(*arguments)
        return True
    except OSError:
        return False
def lock(command, kind):
    return struct.unpack_from('h', fcntl.fcntl(f, command, struct.pack('hhqqi4x', kind, 0, 0, 0, 0)))[0]
def now(path):
    ctypes.CDLL(None).utimensat(-100, path.encode(), (ctypes.c_long * 4)(0, 2**30 - 1, 0, 2**30 - 1), 0)  # UTIME_NOW
def news():
    signal.signal(signal.SIGIO, lambda *_: heard.append(1))
    granted(fcntl.fcntl, os.open('/usr/bin', os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS | fcntl.DN_MULTISHOT)
    time.sleep(2)
    return bool(heard)
"""


@pytest.mark.usefixtures("has_filter")
@pytest.mark.parametrize("way", SIGNALS)
def test_no_signal_passes_between_two_hand_ins_at_a_time(way):
    do, seen = SIGNALS[way]
    doing = f"{LOOKING}\nend = time.time() + 4\nwhile time.time() < end: granted(lambda: {do}); time.sleep(0.1)"
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(look, doing)
        assert look(f"{LOOKING}\ntime.sleep(1)\nreturn {seen}") == "False"
        told.result()


def test_nothing_is_inherited_but_what_the_program_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "hush")
    body = """
import os
seen = []
for fd in range(3, 1024):
    try:
        seen.append(os.fstat(fd).st_mode >> 12)
    except OSError:
        pass
return seen
"""
    with open(tmp_path / "open", "w") as file:
        os.set_inheritable(file.fileno(), True)
        assert look(body) == "[1, 2]"  # the pipe of the reply, and /dev/null
    known = {"PATH", "HOME", "LANG", "PWD", "LC_CTYPE", "LD_LIBRARY_PATH", *bwrap.QUIET}
    assert look(f"import os\nreturn sorted(set(os.environ) - {known})") == "[]"


def test_no_path_tells_whose_machine_this_is():
    own = {str(ROOT), str(Path.home()), os.getcwd(), sys.base_prefix, *bwrap.packages()}
    own = [path + "/" for path in own if not path.startswith("/usr")]
    body = f"""
import os, sys, numpy
names = [top + '/' + name for top, folders, files in os.walk('/') for name in [*folders, *files]]
names += [*sys.path, *sys.argv, sys.executable, sys.prefix, sys.base_prefix, os.getcwd(), os.__file__, numpy.__file__]
return [name for name in (*names, *os.environ.values()) for mine in {own}
    if (name + '/').startswith(mine)][:3]
"""
    assert look(body) == "[]"


def test_the_kernel_shows_nothing_of_this_machine():
    body = """
import os
return [path for path in ('/proc', '/sys', '/proc/1/cmdline', '/proc/self/mountinfo', '/run', '/var', '/home',
    '/root', '/etc/passwd', '/etc/hostname', '/etc/machine-id', '/dev/mem', '/dev/kmsg', '/dev/kvm', '/dev/fuse',
    '/dev/userfaultfd', '/dev/fd/0', '/dev/core', '/boot', '/mnt', '/opt', '/srv') if os.path.exists(path)]
"""
    assert look(body) == "[]"
    assert look("import os\nreturn os.uname().nodename") == "jail"


def test_no_limit_is_raised_and_no_crash_starts_a_program_of_the_system():
    body = """
import os, resource as r
changed = []
for name in dir(r):
    if name.startswith('RLIMIT_'):
        try:
            soft, hard = r.getrlimit(getattr(r, name))
        except OSError:
            continue
        for wanted in [(-1, -1), (hard + 1, hard + 1)] * (hard != -1) + [(0, 0)] * (name == 'RLIMIT_CORE'):
            try:
                r.setrlimit(getattr(r, name), wanted)
                changed += [name] * (r.getrlimit(getattr(r, name)) != (soft, hard))
            except (OSError, ValueError):
                pass
return changed
"""
    assert look(body) == "[]"


def test_no_priority_is_raised():
    body = """
import os
changed = []
for call in ('os.nice(-1)', 'os.setpriority(os.PRIO_PROCESS, 0, -5)', 'os.setpriority(os.PRIO_USER, 0, -5)',
             'os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))',
             'os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(99))'):
    try:
        eval(call)
        changed.append(call)
    except OSError:
        pass
return changed
"""
    assert look(body) == "[]"


def test_a_hand_in_beside_us_is_never_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(jail, "_others_can_run_python", lambda: False)
    with pytest.raises(jail.NoJail, match="would run as root"):
        jail.run(["x = 1"], [], jail=False)
