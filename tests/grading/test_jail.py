"""The jail: every limit bites, nothing of the grader's is in it, and it leaves nothing behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib.grading import bwrap, jail
from rmsprop_lib.grading.inside import plain
from tests.grading.looking import look

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("has_jail")


def question(name, *cases, results=("x",), parameters=("x",)):
    encoded = [[plain.write_argument(argument) for argument in case] for case in cases]
    return {"kind": "code", "answer": name, "cases": encoded, "parameters": parameters, "results": results}


def test_there_is_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):  # outside there is one
            pass
        body = f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 1)\nexcept OSError as e:\n"
        assert look(body + "    return e.errno") == "97"  # not even the loop-back
    assert look("import os\nreturn os.path.exists('/sys') or os.path.exists('/proc')") == "False"


@pytest.mark.parametrize("place", ["/", "/usr", "/usr/lib", "/inside", "/dev", "/dev/shm", "/etc", "/proc", "PACKAGES"])
def test_nothing_but_tmp_can_be_written(place):
    place = bwrap.inside(bwrap.packages()[0]) if place == "PACKAGES" else place
    body = f"try:\n    open({place!r} + '/x', 'w')\nexcept OSError as e:\n    return type(e).__name__"
    assert look(body) in ("OSError", "PermissionError", "FileNotFoundError")
    assert look("open('x', 'w').write('hello')\nreturn open('x').read()") == "hello"


def test_tmp_is_small_private_and_gone_afterwards():
    write = "try:\n    for i in range(99):\n        open(f'{i}', 'wb').write(bytes(2**20))\nexcept OSError as e:\n"
    assert look(write + "    return [i, e.errno]", disk=4 * 2**20) == "[4, 28]"
    assert look("import os\nreturn [n for n in os.listdir('.') if os.path.isfile(n) and n[0] != '.']") == "[]"


def test_a_file_has_a_largest_size():
    body = "try:\n    open('x', 'wb').write(bytes(2**21))\nexcept OSError as e:\n    return e.errno"
    assert look(body, file_size=2**20) == "27"


def test_memory_ends():
    assert look("try:\n    bytearray(4 * 2**30)\nexcept MemoryError:\n    return 'no'") == "no"


def test_the_memory_of_all_processes_together_ends():
    body = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        x = bytearray(200 * 2**20)
        time.sleep(20)
time.sleep(20)
"""
    began = time.monotonic()
    assert look(body, memory=700 * 2**20, cell_seconds=30) == "your notebook used too much memory"
    assert time.monotonic() - began < 15


def test_the_number_of_processes_ends():
    body = "import os, time\ntry:\n    for i in range(500):\n        if os.fork() == 0:\n            time.sleep(9)\n"
    body += "            os._exit(0)\nexcept OSError:\n    return i"
    assert int(look(body, processes=20)) < 20


def test_another_hand_in_has_its_processes_while_one_uses_up_its_own():
    bomb = ["import os, time\ntry:\n    while os.fork() or True: pass\nexcept OSError: time.sleep(3)"]
    others = [subprocess.Popen([sys.executable, "-c", _RUN, repr(bomb)], cwd=ROOT)]
    try:
        time.sleep(1)
        assert look("import os\nreturn os.waitpid(os.fork() or os._exit(0), 0)[1]") == "0"
    finally:
        others[0].wait()


_RUN = "import ast, sys\nfrom rmsprop_lib.grading import jail\njail.run(ast.literal_eval(sys.argv[1]), [])"


def test_limits_cannot_be_raised():
    body = "import resource as r\ntry:\n    r.setrlimit(r.RLIMIT_AS, (-1, -1))\nexcept ValueError:\n    return 'no'"
    assert look(body) == "no"


def test_processor_time_ends():
    reply = jail.run(["while True: pass"], [], jail.Limits(cpu_seconds=1))
    assert reply.problem == "your notebook ended Python before it could be asked"


def test_a_cell_that_does_not_end_is_stopped_and_the_next_one_runs():
    cells = ["a = 1\nwhile True: pass", "try:\n    while True: pass\nexcept Exception: pass", "b = a + 1"]
    reply = jail.run(cells, [{"kind": "number", "answer": "b"}], jail.Limits(cell_seconds=0.5))
    assert [cell.get("error") for cell in reply.cells] == ["TimeLimit", "TimeLimit", None]
    assert reply.answers == [{"value": 2.0}]


def test_all_cells_together_have_a_time():
    cells = ["while True: pass"] * 10
    reply = jail.run(cells, [], jail.Limits(cell_seconds=0.4, seconds=1))
    assert [cell["error"] for cell in reply.cells] == ["TimeLimit"] * 10
    assert "used up the time" in reply.cells[-1]["message"]


def test_a_notebook_that_swallows_every_limit_is_ended_from_outside():
    limits = jail.Limits(cell_seconds=0.1, seconds=0.1, grace=2)
    ignore = "import signal, time\nfor s in (signal.SIGALRM, signal.SIGPROF): signal.signal(s, signal.SIG_IGN)\n"
    for body in ("while True: pass", "while True: time.sleep(1)"):
        began = time.monotonic()
        assert jail.run([ignore + body], [], limits).problem == "your notebook did not end in time"
        assert 2 < time.monotonic() - began < 6


def test_output_that_floods_the_reply_is_cut():
    cell = "import os\nfor fd in range(3, 20):\n    try:\n        while True: os.write(fd, bytes(2**16))\n"
    assert jail.run([cell + "    except OSError: pass"], []).problem == "your notebook gave more than can be read"


def test_printing_costs_nothing():
    cell = "print('x' * 40_000_000)\nimport sys; sys.stderr.write('y' * 40_000_000); a = 1"
    assert jail.run([cell], [{"kind": "number", "answer": "a"}]).answers == [{"value": 1.0}]


HANGING = {
    "good": "def good(x): return 2 * x",
    "hang": "def hang(x):\n    while True: pass",
    "stuck": "def stuck(x): sum(range(10**12))",
    "stop": "def stop(x): os.kill(os.getpid(), signal.SIGSTOP)",
    "die": "def die(x): os._exit(0)",
    "leave": "def leave(x): sys.exit()",
    "stay": "def stay(x):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(60)\n    return x",
    "flood": "def flood(x): return [0.0] * 10**6",
    "bomb": "def bomb(x):\n    try:\n        while True: os.fork()\n    except OSError: time.sleep(60)",
}


def ask_all(*names, **limits):
    cells = ["import os, sys, signal, time", *HANGING.values()]
    return jail.run(cells, [question(name, (np.ones(2),)) for name in names], jail.Limits(**limits)).answers


def is_two(answer):
    return plain.read_replies(answer["replies"], 1, 1).first[0].parts[0].tolist() == [2, 2]


def test_a_question_that_hangs_dies_or_floods_costs_its_own_answer_alone():
    hang, stuck, stop, die, leave, _stay, flood, bomb, good = ask_all(*[*HANGING][1:], "good", question_seconds=1)
    assert hang == stuck == stop == bomb == {"late": True}
    assert die == flood == {"died": True}
    assert "leaves Python (exit)" in leave["replies"]["first"][0]["fault"]["sentence"]
    assert is_two(good)


@pytest.mark.parametrize(
    ("name", "answer"), [("hang", "late"), ("stuck", "late"), ("bomb", "late"), ("die", "died"), ("flood", "died")]
)
def test_a_last_question_that_hangs_dies_or_floods_costs_its_own_answer_alone(name, answer):
    began = time.monotonic()
    good, last = ask_all("good", name, question_seconds=2)
    assert is_two(good)
    assert last == {answer: True}
    assert time.monotonic() - began < 30  # far less than the 74 seconds of the whole hand-in


def test_a_last_question_that_cannot_be_interrupted_is_ended_from_outside():
    good, last = ask_all("good", "stop", question_seconds=1, seconds=1, grace=1)
    assert is_two(good)
    assert last == {"late": True}


def test_the_user_has_no_rights():
    assert look("import os\nreturn os.getuid() >= 65534") == "True"
    get = "import ctypes\nhead, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()\n"
    assert look(get + "return [ctypes.CDLL(None).capget(head, data), *data[:2], *data[3:5]]") == "[0, 0, 0, 0, 0]"
    for call in ("os.setuid(0)", "os.chroot('/tmp')", "os.mkdir('/proc/x')", "open('/proc/sys/kernel/hostname', 'w')"):
        assert look(f"import os\ntry:\n    {call}\nexcept OSError:\n    return 'no'") == "no"


def test_other_processes_and_the_environment_are_not_seen(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "hush")
    assert int(look("import os\nreturn os.getpid()")) <= 3
    assert "SECRET" not in look("import os\nreturn sorted(os.environ)")


def test_the_jail_holds_nothing_of_the_grader_but_what_runs_in_it():
    assert look("import os\nreturn os.path.exists('/inside/answer.py')") == "True"
    search = f"""
import os
marks = [part + end for part, end in {MARKS!r}]
found = []
for top, folders, files in os.walk('/'):
    folders[:] = [f for f in folders if os.path.join(top, f) not in ('/proc', '/usr/share', '/usr/lib', '/usr/bin')]
    if top.endswith({bwrap.__package__.partition(".")[0]!r}):
        found += [top + '/' + name for name in folders + files]
    for name in files:
        path = os.path.join(top, name)
        if name.endswith(('.py', '.md', '.ipynb', '.txt', '.pth')) and os.path.getsize(path) < 10**6:
            text = open(path, errors='replace').read()
            found += [path for mark in marks if mark in text]
return found[:3]
"""
    assert look(search, cell_seconds=60) == "[]"


# Cut in two, so that the search does not find itself.
MARKS = [("beta * v + (1 - ", "beta) * grad**2"), ("def rmsprop(theta, ", "grad, v"), ("mis", "conceptions=(")]


def test_no_other_copy_of_the_package_is_shown(tmp_path, monkeypatch):
    copy = tmp_path / "packages" / "rmsprop_lib"
    copy.mkdir(parents=True)
    (copy / "optimizers.py").write_text("the solution")
    monkeypatch.setattr(bwrap, "packages", lambda packages=bwrap.packages: (*packages(), str(copy.parent)))
    there = bwrap.inside(str(copy.parent))
    assert look(f"import os\nreturn [os.listdir({there!r} + '/rmsprop_lib'), os.listdir({there!r})]") == (
        "[[], ['rmsprop_lib']]"
    )
    body = f"try:\n    open({there!r} + '/rmsprop_lib/x', 'w')\nexcept OSError as e:\n    return e.errno"
    assert look(body) in ("30", "13")


def test_the_jail_dies_with_the_grader():
    code = "from rmsprop_lib.grading import jail\njail.run(['import time; time.sleep(50)'], [])"
    grader = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        family = _wait_for(lambda: _descendants(grader.pid) if len(_descendants(grader.pid)) >= 3 else None, 60)
    finally:
        grader.kill()
        grader.wait()
    assert _wait_for(lambda: not any(_alive(process) for process in family))


def test_no_process_is_left_behind():
    before = _descendants(os.getpid())
    jail.run(["import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)"], [])
    jail.run(["import time\ntime.sleep(60)"], [], jail.Limits(cell_seconds=0.2))
    assert _wait_for(lambda: _descendants(os.getpid()) == before)


def _descendants(root):
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family - {root}


def _alive(process):
    with contextlib.suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    return False


def _wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    return None


def test_without_bubblewrap_it_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(jail.NoJail, match=r"apt install bubblewrap.*--unsafe-no-jail"):
        jail.require_jail()


def test_a_bubblewrap_that_does_not_work_is_told(tmp_path, monkeypatch):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho No permissions to create new namespace >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(jail.NoJail, match=r"does not work here \(No permissions.*--unsafe-no-jail"):
        jail.require_jail()


def test_without_a_jail_the_limits_still_hold(monkeypatch):
    monkeypatch.setattr(jail, "require_another_user", lambda: None)  # this code is ours
    monkeypatch.setattr(jail, "_another_user", lambda: 0)
    cells = ["a = 1\nx = bytearray(4 * 2**30)", "while True: pass"]
    reply = jail.run(cells, [{"kind": "number", "answer": "a"}], jail.Limits(cell_seconds=0.3), jail=False)
    assert [cell["error"] for cell in reply.cells] == ["MemoryError", "TimeLimit"]
    assert reply.answers == [{"value": 1.0}]


def test_magics_and_shell_lines_run_as_in_a_notebook():
    cells = [
        "%matplotlib inline\n!touch x\nimport os\nthere = float(os.path.exists('x'))",
        "%%time\na = 2",
        "%time b = 3\n?print",
        "%%html\n<b>c = 4</b>",
        "files = !ls\nd = 5",
        "from IPython.display import display\ndisplay(d); get_ipython().run_line_magic('load_ext', 'x')",
        "def f(:\n    pass",
    ]
    questions = [{"kind": "number", "answer": name} for name in ("there", "a", "b", "c", "d")]
    reply = jail.run(cells, questions)
    assert reply.answers == [{"value": 0.0}, {"value": 2.0}, {"value": 3.0}, {"missing": True}, {"value": 5.0}]
    assert [cell.get("error") for cell in reply.cells] == [None] * 6 + ["SyntaxError"]


def test_pictures_can_be_drawn():
    cells = ["import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.savefig('x.png'); plt.show(); ok = 1"]
    reply = jail.run(cells, [{"kind": "number", "answer": "ok"}], jail.Limits(cell_seconds=60))
    assert reply.answers == [{"value": 1.0}], reply.cells


def test_numpy_is_whole_though_it_starts_with_less():
    cells = [
        "import numpy as np\nfrom numpy.typing import ArrayLike, NDArray\nimport gc",
        "def f(x: NDArray[np.float64] | ArrayLike) -> NDArray: return np.asarray(x) * 2.0",
        "parts = np.ma, np.polynomial, np.random, np.fft, np.linalg, np.char, np.rec, np.testing, np.emath, np.lib",
        "import numpy.ctypeslib, numpy.typing\nnumpy.testing.assert_allclose(f([1.0, 2.0]), [2.0, 4.0])",
        "w, (value, vector) = np.ma.array([1.0, 2.0]).sum(), np.linalg.eigh(np.eye(2))",
        "ok = float(gc.isenabled() and np.ndarray is type(vector) and str(NDArray).startswith('numpy.ndarray'))",
    ]
    reply = jail.run(cells, [{"kind": "number", "answer": "ok"}], jail.Limits(cell_seconds=60))
    assert reply.cells == [{}] * len(cells)
    assert reply.answers == [{"value": 1.0}]


def test_a_signal_to_everything_reaches_the_hand_in_alone():
    child = subprocess.Popen(["sleep", "30"])
    try:
        report = jail.run([f"import os\nos.kill(-1, {int(signal.SIGKILL)})"], []).cells[0]
        assert report["error"] == "ProcessLookupError"  # there is nobody else
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
