"""A control group for each hand-in: the kernel counts all its memory, also what no process shows.

Both versions of the kernel's interface are known. A group is made next to the grader's own, or as near above it as it
may be made: root may everywhere, other users where the system gives them a part of the tree, as systemd does.
Source: the kernel's Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_NAME = "hand-in-"
_COUNT = itertools.count()
_GONE = 2.0  # seconds in which the processes of a hand-in that was killed are gone


@dataclass(frozen=True)
class Group:
    """The folders of one hand-in's group; none where there can be no group."""

    folders: tuple[Path, ...] = ()

    def enter(self) -> list[str]:
        """The start of a command line: the program added to it, and all that it starts, is in the group."""
        steps = [f"echo 0 > {shlex.quote(str(folder / 'cgroup.procs'))}; " for folder in self.folders]
        return ["/bin/sh", "-c", f'{"".join(steps)}exec "$@"', "sh"] if steps else []

    def full(self) -> bool:
        """Whether the kernel has ended a process because the group held too much memory."""
        return any(_killed(folder) for folder in self.folders)


@contextlib.contextmanager
def group(memory: int, processes: int) -> Iterator[Group]:
    """A group for the time of one hand-in. memory: bytes of all of it together. processes: threads counted."""
    folders = []
    try:
        with contextlib.suppress(OSError):  # no more groups here now; the other fences stand
            for parent in _parents():
                folders.append(_made(parent, memory, processes))
        yield Group(tuple(folders))
    finally:
        for folder in folders:
            _remove(folder)


@cache
def missing() -> str:
    """Why there is no control group on this machine; empty if there is one."""
    if not _places():
        return "this system does not show any"
    return "" if _parents() else "this user may not make any"


@cache
def _parents() -> tuple[Path, ...]:
    """Where groups are made: one folder, or in the old interface one for memory and one for processes."""
    found = [next(filter(_can_hold, places), None) for places in _places()]
    if not found or found[0] is None:  # the first one counts memory
        return ()
    parents = tuple(filter(None, found))
    for parent in parents:
        _clear(parent)
    return parents


def _places() -> list[list[Path]]:
    """Folders in which a group could be made, the nearest first, for each tree that counts memory or processes."""
    try:
        lines = [line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return []
    own = {name: path for names, path in lines for name in names.split(",")}
    if (_ROOT / "cgroup.controllers").exists():
        trees = [(_ROOT, own.get("", "/"))]
    else:
        trees = [(_ROOT / name, own.get(name, "/")) for name in ("memory", "pids")]
    if not trees[0][0].is_dir():
        return []
    places = []
    for root, path in trees:
        here = root / path.strip("/")
        places.append([folder for folder in (here, *here.parents) if folder.is_relative_to(root) and folder.is_dir()])
    return places


def _can_hold(parent: Path) -> bool:
    """Whether a group can be made here and entered."""
    folder = None
    try:
        folder = _made(parent, 2**30, 100)
        enter = [*Group((folder,)).enter(), "/bin/cat", "/proc/self/cgroup"]
        return folder.name in subprocess.run(enter, capture_output=True, text=True).stdout
    except OSError:
        return False
    finally:
        if folder is not None:
            _remove(folder)


def _made(parent: Path, memory: int, processes: int) -> Path:
    folder = parent / f"{_NAME}{os.getpid()}-{next(_COUNT)}"
    folder.mkdir()
    try:
        new = (folder / "cgroup.controllers").exists()
        files = {"memory.max": memory, "memory.swap.max": 0, "pids.max": processes + 8}  # some are bubblewrap's own
        if not new:
            files |= {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory}
        known = {name: value for name, value in files.items() if (folder / name).exists()}
        if not known or (new and "memory.max" not in known):
            raise FileNotFoundError(f"{folder} counts nothing")
        for name, value in known.items():
            (folder / name).write_text(str(value))
    except OSError:
        folder.rmdir()
        raise
    return folder


def _killed(folder: Path) -> bool:
    for name in ("memory.events", "memory.oom_control"):
        with contextlib.suppress(OSError):
            counts = dict(line.split() for line in (folder / name).read_text().splitlines())
            return int(counts.get("oom_kill", 0)) > 0
    return False


def _remove(folder: Path) -> None:
    """End what is still in the group, and remove it."""
    end = time.monotonic() + _GONE
    while folder.is_dir() and time.monotonic() < end:
        with contextlib.suppress(OSError):
            for process in (folder / "cgroup.procs").read_text().split():
                os.kill(int(process), signal.SIGKILL)
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.01)


def _clear(parent: Path) -> None:
    """Remove the groups of graders that were killed."""
    for folder in parent.glob(f"{_NAME}*"):
        owner = folder.name.removeprefix(_NAME).partition("-")[0]
        if not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()
