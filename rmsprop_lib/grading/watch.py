"""Look at what a running hand-in holds and uses, from outside: memory, files, processor time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

SMALL = 64 * 2**20  # bytes of a process that is not worth a closer look
TOO_LATE = "your notebook did not end in time"
TOO_MUCH_MEMORY = "your notebook used too much memory"
TOO_MANY_FILES = "your notebook made too many files"


@dataclass(frozen=True)
class Watch:
    """What a program and its descendants may hold together, and whether they hold more.

    memory: bytes. files: in its /tmp. seconds: of the processor. full: whether the kernel, which counts memory that no
    process shows as well, has found it too much (see `control_group`).
    """

    memory: int
    files: int
    seconds: float
    full: Callable[[], bool]

    def problem(self, root: int) -> str:
        """What the program with this number, or a descendant, has too much of; empty if nothing."""
        family = _family(root)
        if self.full() or sum(_own_part(process, seen.memory) for process, seen in family.items()) > self.memory:
            return TOO_MUCH_MEMORY
        if any(_files(process) > self.files for process in family if process != root):
            return TOO_MANY_FILES
        return TOO_LATE if sum(seen.seconds for seen in family.values()) > self.seconds else ""


class _Seen(NamedTuple):
    parent: int
    memory: int
    seconds: float


def _family(root: int) -> dict[int, _Seen]:
    """A process and its descendants; empty where the system does not tell."""
    page, ticks = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
    seen = {}
    for process in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{process}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
            # Its own time, and that of its children that have ended.
            seconds = sum(map(int, fields[11:15])) / ticks
            seen[int(process)] = _Seen(int(fields[1]), int(fields[21]) * page, seconds)
    family, found = {}, {root} & seen.keys()
    while found:
        family |= {process: seen[process] for process in found}
        found = {process for process, one in seen.items() if one.parent in found} - family.keys()
    return family


def _own_part(process: int, size: int) -> int:
    """The process's part of its memory: what it shares with others, as after a fork, is divided among them."""
    if size > SMALL:
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return size


def _files(process: int) -> int:
    """How many files, open or named, are in the /tmp of a process, where that is another one than ours."""
    with contextlib.suppress(OSError):
        there = f"/proc/{process}/root/tmp"
        if os.stat(there).st_dev != os.stat("/tmp").st_dev:
            found = os.statvfs(there)
            return found.f_files - found.f_ffree
    return 0
