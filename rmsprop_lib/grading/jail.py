"""Run a hand-in where it can do no harm: cells and questions go in, plain data comes out.

The jail is bubblewrap: no network, a read-only system without the grader's package, an own small /tmp, a user without
rights, and limits on memory, processor time, processes, file size, output and the clock. Whatever the code in it does,
what it can send out is an answer to a question, and answers are compared outside.
"""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bwrap
from .converse import converse


@dataclass(frozen=True)
class Limits:
    """What one hand-in may use.

    cell_seconds, seconds, question_seconds: of the clock, for one cell, all cells, one question with all its cases.
    grace: seconds that the whole may last beyond the sum of these, for the start and the end.
    cpu_seconds: of the processor, for each process. processes: how many at once, threads counted.
    memory: bytes, for each process and for all together. file_size, disk, output: bytes, for one file, for all of
        /tmp, and for the whole reply.
    """

    cell_seconds: float = 10.0
    seconds: float = 60.0
    question_seconds: float = 5.0
    grace: float = 10.0
    cpu_seconds: int = 120
    processes: int = 64
    memory: int = 3 * 2**30
    file_size: int = 16 * 2**20
    disk: int = 64 * 2**20
    output: int = 8 * 2**20


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
        "limits": _rlimits(limits),
        "alone": jail,
    }
    seconds = limits.seconds + limits.question_seconds * len(questions) + limits.grace
    with contextlib.nullcontext(_in_jail(limits)) if jail else _beside_us() as (command, environment, folder):
        data, problem, late = converse(
            *(command, json.dumps(request).encode()),
            **{"seconds": seconds, "output": limits.output, "memory": limits.memory},
            **{"environment": environment, "folder": folder},
        )
    if b"\n" not in data:  # not even the report on the cells
        return Reply(problem=problem or "your notebook ended Python before it could be asked")
    return _read(data, len(cells), len(questions), {"late": True} if late else {"died": True})


Place = tuple[list[str], dict[str, str], str]  # a command, its environment and the folder it starts in


def _in_jail(limits: Limits) -> Place:
    return [*bwrap.command(limits.disk), *_program("/inside", another_user=os.geteuid() == 0)], {}, "/"


@contextlib.contextmanager
def _beside_us() -> Iterator[Place]:
    """A folder with a copy of the program: the grader's own folder may be closed to the other user."""
    with tempfile.TemporaryDirectory(prefix="hand-in-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o777)
        inside = shutil.copytree(bwrap.INSIDE, Path(folder, "inside"))
        command = _program(str(inside), another_user=os.geteuid() == 0 and _others_can_run_python())
        yield command, {"PATH": os.defpath, "HOME": folder, **bwrap.QUIET}, folder


# A user without a name, another one for each hand-in: the kernel counts processes by user. Then the program.
# The start is most of what a hand-in costs. So no garbage is looked for while modules come in, and NumPy comes without
# the parts that only write docstrings and annotations: something empty stands there until it is imported.
START = """
import gc, os, sys, types
gc.disable()
user, folder, *packages = sys.argv[1:]
if int(user):
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
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
inside.answer.main()
"""


def _program(folder: str, another_user: bool) -> list[str]:
    user = 2**30 + secrets.randbelow(2**30) if another_user else 0
    # No site, no user's folder, no environment, no compiled files.
    return [bwrap.python(), "-I", "-S", "-B", "-c", START, str(user), folder, *bwrap.packages()]


def _others_can_run_python() -> bool:
    needed = [Path(path) for path in (bwrap.python(), *bwrap.packages())]
    return all(folder.stat().st_mode & 0o001 for path in needed for folder in path.parents)


def _rlimits(limits: Limits) -> dict[str, int]:
    return {
        "AS": limits.memory,
        "CPU": limits.cpu_seconds,
        "NPROC": limits.processes,
        "FSIZE": limits.file_size,
        "CORE": 0,
        "NOFILE": 256,
    }


def _read(data: bytes, cells: int, questions: int, lost: dict[str, Any]) -> Reply:
    """The reply, line by line (see `inside/answer.py`); `lost` stands for each answer that did not come."""
    try:
        reports, *lines = map(json.loads, data.split(b"\n")[:-1])  # what was cut off is no line
        answers = dict(lines)
        reply = Reply(list(reports), [answers.get(i, lost) for i in range(questions)])
        if len(reply.cells) != cells or not answers.keys() <= set(range(questions)):
            raise ValueError("a report for each cell and at most an answer for each question wanted")
        if not all(isinstance(part, dict) for part in (*reply.cells, *reply.answers)):
            raise ValueError("a report is no table")
        return reply
    except (ValueError, KeyError, TypeError, RecursionError):
        return Reply(problem="what your notebook sent is not an answer")
