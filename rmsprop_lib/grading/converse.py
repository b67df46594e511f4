"""Talk to a program that may be hostile: give it its input, read a bounded output, and end it in any case."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LOOK = 0.5  # seconds between two looks at the memory
LEAVE = 0.1  # seconds to end by itself after the last word, before it is ended
TOO_LATE = "your notebook did not end in time"
ALARMED = (-signal.SIGALRM, 128 + signal.SIGALRM)  # exit status of the program; of bubblewrap around it
SMALL = 64 * 2**20  # bytes of a process that is not worth a closer look


def converse(
    command: Sequence[str],
    text: bytes,
    *,
    seconds: float,
    output: int,
    memory: int,
    environment: Mapping[str, str],
    folder: str,
) -> tuple[bytes, str, bool]:
    """What the program wrote, why it was stopped (empty if it ended by itself), and whether it was late.

    seconds: of the clock. output: bytes it may write. memory: bytes it and its descendants may hold together.
    Of a program that wrote or held too much, nothing is given. One that its own alarm ended was late, too.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
    ) as process:
        feeder = threading.Thread(target=_feed, args=(process.stdin, text), daemon=True)
        feeder.start()
        try:
            data, problem = _read(process, time.monotonic() + seconds, output, memory)
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LEAVE)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            feeder.join()
    return data, problem, problem == TOO_LATE or status in ALARMED


def _feed(pipe, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(data)


def _read(process: subprocess.Popen, end: float, output: int, memory: int) -> tuple[bytes, str]:
    parts, size = [], 0
    ready = select.poll()
    ready.register(process.stdout, select.POLLIN)
    next_look = time.monotonic() + LOOK
    while (now := time.monotonic()) < end:
        if now > next_look:
            if _memory(process.pid) > memory:
                return b"", "your notebook used too much memory"
            next_look = time.monotonic() + LOOK
        if not ready.poll(1000 * min(end - now, LOOK)):
            continue
        part = os.read(process.stdout.fileno(), 2**16)
        if not part:
            return b"".join(parts), ""
        parts.append(part)
        size += len(part)
        if size > output:
            return b"", "your notebook gave more than can be read"
    return b"".join(parts), TOO_LATE


def _memory(root: int) -> int:
    """Bytes of memory that a process and its descendants hold; 0 where the system does not tell."""
    parents, sizes = {}, {}
    page = os.sysconf("SC_PAGE_SIZE")
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{process}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
            parents[int(process)] = int(fields[1])
            sizes[int(process)] = int(fields[21]) * page
    family, found = set(), {root}
    while found:
        family |= found
        found = {process for process, parent in parents.items() if parent in found} - family
    return sum(_own_part(process, sizes.get(process, 0)) for process in family)


def _own_part(process: int, size: int) -> int:
    """The process's part of its memory: what it shares with others, as after a fork, is divided among them."""
    if size > SMALL:
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return size
