"""Run a hand-in where it can do no harm: cells and questions go in, plain data comes out.

The jail is bubblewrap: no network, a read-only system without the grader's package, an own small /tmp, a user without
rights. Round it stand a filter of system calls, an own keyring, and limits on memory, processor time, processes, files,
output and the clock; `fences` tells which of them there are on a machine. Whatever the code in it does, what it can
send out is an answer to a question, and answers are compared outside.

The program that asks runs in one process with the code that is asked. So the results are judged outside, but what is
told beside them comes from the hand-in itself: whether a function changed its arguments, remembered something, shared
its memory, or computed in single precision. A hand-in can hide these, at most half of a question's points, and no more.
"""

from __future__ import annotations

import base64
import compileall
import contextlib
import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bwrap, control_group, seccomp
from .converse import converse
from .inside import plain
from .watch import TOO_MUCH_MEMORY, Watch


@dataclass(frozen=True)
class Limits:
    """What one hand-in may use.

    cell_seconds, seconds, question_seconds: of the processor, for one cell, all cells, one question with all its
        cases; so that no points depend on what else the machine does.
    patience: how many times as long each may take by the clock, which ends what sleeps.
    grace: seconds that the whole may last beyond the sum of these, for the start and the end.
    cpu_seconds: of the processor, for each process. processes: how many at once, threads counted.
    memory: bytes, for each process and for all together. file_size, disk, output: bytes, for one file, for all of
        /tmp, and for the whole reply. files: how many in /tmp.
    """

    cell_seconds: float = 10.0
    seconds: float = 60.0
    question_seconds: float = 5.0
    patience: float = 4.0
    grace: float = 10.0
    cpu_seconds: int = 120
    processes: int = 64
    memory: int = 3 * 2**30
    file_size: int = 16 * 2**20
    disk: int = 64 * 2**20
    files: int = 10_000
    output: int = 8 * 2**20


MOST_VALUES = 500_000  # in a whole reply: each costs the grader far more memory than the reply's bytes


class NoJail(RuntimeError):
    """There is no bubblewrap that works on this machine; the message says why."""


@dataclass(frozen=True)
class Reply:
    """What came out: a report on each cell and an answer to each question (see `inside/answer.py`), or a problem."""

    cells: Sequence[dict[str, Any]] = ()
    answers: Sequence[dict[str, Any]] = ()
    problem: str = ""


def require_jail() -> None:
    """Raise NoJail, saying what to do, unless a hand-in can be run in a jail here."""
    if shutil.which("bwrap") is None:
        raise NoJail(
            "bubblewrap (bwrap) is not installed, and student code must not run outside a jail: install it "
            "(Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap), or give --unsafe-no-jail "
            "on a machine that you can afford to lose"
        )
    trial = subprocess.run([*bwrap.command(2**20), "true"], capture_output=True, text=True)
    if trial.returncode:
        raise NoJail(
            f"bubblewrap is installed but does not work here ({trial.stderr.strip() or trial.returncode}), and student "
            "code must not run outside a jail: allow it to make namespaces (in a container they are often switched "
            "off), or give --unsafe-no-jail on a machine that you can afford to lose"
        )
    compileall.compile_dir(bwrap.INSIDE, quiet=2, maxlevels=0)  # else every jail compiles its program anew
    reply = run(["share = 0.5"], [{"kind": "number", "answer": "share"}])
    if reply.problem or reply.answers != [{"value": 0.5}]:
        raise NoJail(f"a trial in the jail failed: {reply.problem or reply.answers}")


def require_another_user() -> None:
    """Raise NoJail if a hand-in without a jail would run as root."""
    if os.geteuid() == 0 and not _others_can_run_python():
        raise NoJail(
            f"student code would run as root: without a jail it needs another user, and others may not run Python here "
            f"({bwrap.python()}, {', '.join(bwrap.packages())}): use a Python that every user can run, such as the "
            "system's, or do not grade as root"
        )


def fences() -> dict[str, str]:
    """The fences beside bubblewrap: for each why it does not stand on this machine, and what it would have held.

    Empty text: it stands.
    """
    return {
        "filter of system calls": _told(
            seccomp.missing(),
            "a hand-in can read and leave keys in the grader's keyring, and hold memory that no limit counts",
        ),
        "control group": _told(
            control_group.missing(),
            "memory is looked at twice a second instead of counted by the kernel, and between two looks, "
            "or in pipes and sockets, a hand-in can hold up to about a gigabyte more",
        ),
    }


def warn_of_gaps() -> None:
    """Say on the error output which fences do not stand here."""
    for fence, missing in fences().items():
        if missing:
            print(f"warning: no {fence} here, {missing}", file=sys.stderr)


def _told(missing: str, held: str) -> str:
    return missing and f"{missing}: {held}"


def run(
    cells: Sequence[str], questions: Sequence[dict[str, Any]], limits: Limits | None = None, *, jail: bool = True
) -> Reply:
    """Run the cells in order in a jail, then ask the questions (see `inside/answer.py` for what they hold).

    Never raises for anything the hand-in does: a reply that is missing, late, too long or malformed is a `problem`.
    With jail=False the resource limits alone protect the machine, and for root another user where that is possible.
    """
    limits = limits or Limits()
    request = {
        "cells": list(cells),
        "questions": [{**question, "seconds": limits.question_seconds} for question in questions],
        "cell_seconds": limits.cell_seconds,
        "seconds": limits.seconds,
        "patience": limits.patience,
        "limits": _rlimits(limits),
        "calls": _calls(),
        "alone": jail,
    }
    seconds = limits.seconds + limits.question_seconds * len(questions)
    with contextlib.ExitStack() as stack:
        command, environment, folder = _in_jail(limits) if jail else stack.enter_context(_beside_us())
        group = stack.enter_context(control_group.group(limits.memory, limits.processes))
        data, problem, late = converse(
            [*group.enter(), *command],
            json.dumps(request).encode(),
            seconds=limits.patience * seconds + limits.grace,
            output=limits.output,
            look=Watch(limits.memory, limits.files, seconds + limits.grace, group.full).problem,
            environment=environment,
            folder=folder,
        )
        if group.full():
            return Reply(problem=TOO_MUCH_MEMORY)
    if b"\n" not in data:  # not even the report on the cells
        return Reply(problem=problem or "your notebook ended Python before it could be asked")
    return _read(data, len(cells), len(questions), {"late": True} if late else {"died": True})


Place = tuple[list[str], dict[str, str], str]  # a command, its environment and the folder it starts in


def _in_jail(limits: Limits) -> Place:
    packages = map(bwrap.inside, bwrap.packages())
    return [*bwrap.command(limits.disk), *_program(bwrap.inside(bwrap.python()), "/inside", packages)], {}, "/"


@contextlib.contextmanager
def _beside_us() -> Iterator[Place]:
    """A copy of the program, which the other user may read, and beside it a folder of that user's own."""
    require_another_user()
    with tempfile.TemporaryDirectory(prefix="hand-in-", ignore_cleanup_errors=True) as folder:
        inside, home = Path(folder, "inside"), Path(folder, "home")
        inside.mkdir()
        for source in bwrap.INSIDE.glob("*.py"):  # as new files: those of the grader may be closed to others
            (inside / source.name).write_bytes(source.read_bytes())
        home.mkdir()
        home.chmod(0o777)
        os.chmod(folder, 0o755)
        command = _program(bwrap.python(), str(inside), bwrap.packages())
        yield command, {"PATH": os.defpath, "HOME": str(home), **bwrap.QUIET}, str(home)


# Our part of the program, which another user may not be able to read. Then a user without a name, another one for each
# hand-in: the kernel counts processes by user. Then the hand-in.
# The start is most of what a hand-in costs. So no garbage is looked for while modules come in, and NumPy comes without
# the parts that only write docstrings and annotations: something empty stands there until it is imported.
START = """
import gc, os, sys, types
gc.disable()
user, folder, *packages = sys.argv[1:]
sys.path += packages
spared = "numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars", "numpy._typing"
for name in ("inside", *spared):
    sys.modules[name] = types.ModuleType(name)
sys.modules["inside"].__path__ = [folder]
sys.modules["numpy._typing"].__getattr__ = lambda name: list
import inside.answer
for name in spared:
    del sys.modules[name]
gc.freeze()
gc.enable()
if int(user):
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
inside.answer.main()
"""


def _program(python: str, folder: str, packages: Iterable[str]) -> list[str]:
    # No site, no user's folder, no environment, no compiled files.
    return [python, "-I", "-S", "-B", "-c", START, str(_another_user()), folder, *packages]


def _another_user() -> int:
    """The number of the user that a hand-in runs as; 0 means the grader's own, who may be no other."""
    return 2**30 + secrets.randbelow(2**30) if os.geteuid() == 0 else 0


def _others_can_run_python() -> bool:
    needed = [Path(path) for path in (bwrap.python(), *bwrap.packages())]
    return all(folder.stat().st_mode & 0o001 for path in needed for folder in path.parents)


def _rlimits(limits: Limits) -> dict[str, int]:
    return {
        "AS": limits.memory,
        "CPU": limits.cpu_seconds,
        "NPROC": limits.processes,
        "FSIZE": limits.file_size,
        "CORE": 1,  # with 0 a crash would still start the program that this system keeps for crashes
        "NOFILE": 64,  # each may be a pipe or a socket with a quarter of a megabyte in it
        "SIGPENDING": 1024,
        "MSGQUEUE": 0,
        "MEMLOCK": 0,
    }


def _calls() -> dict[str, Any] | None:
    """The filter of system calls, as `inside/fence.py` takes it; None where there is none."""
    if seccomp.missing():
        return None
    machine = platform.machine()
    number = seccomp.KEYCTL[seccomp.MACHINES[machine][0]]
    return {"filter": base64.b64encode(seccomp.program(machine)).decode(), "keyctl": number}


def _read(data: bytes, cells: int, questions: int, lost: dict[str, Any]) -> Reply:
    """The reply, line by line (see `inside/answer.py`); `lost` stands for each answer that did not come."""
    try:
        if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise ValueError("more values than can be read")
        reports, *lines = map(json.loads, data.split(b"\n")[:-1])  # what was cut off is no line
        answers = dict(lines)
        if not all(type(index) is int and 0 <= index < questions for index in answers):
            raise ValueError("an index of a question wanted")
        if not all(isinstance(answer, dict) for answer in answers.values()):
            raise ValueError("an answer is no table")
        return Reply(plain.read_reports(reports, cells), [answers.get(i, lost) for i in range(questions)])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Reply(problem="what your notebook sent is not an answer")
