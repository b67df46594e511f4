"""Talk to a program that may be hostile: give it its input, read a bounded output, and end it in any case."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from .watch import TOO_LATE

LOOK = 0.5  # seconds between two looks at the program
LEAVE = 0.1  # seconds to end by itself after the last word, before it is ended
ALARMS = (signal.SIGALRM, signal.SIGPROF)
ALARMED = {status for alarm in ALARMS for status in (-alarm, 128 + alarm)}  # of the program; of bubblewrap around it


def converse(
    command: Sequence[str],
    text: bytes,
    *,
    seconds: float,
    output: int,
    look: Callable[[int], str],
    environment: Mapping[str, str],
    folder: str,
) -> tuple[bytes, str, bool]:
    """What the program wrote, why it was stopped (empty if it ended by itself), and whether it was late.

    seconds: of the clock. output: bytes it may write. look: gives, for the number of the process, why it must be
    stopped now; empty if it may go on.
    Of a program that had too much of anything but time, nothing is given. One that its own alarm ended was late, too.
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
            data, problem = _read(process, time.monotonic() + seconds, output, look)
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


def _read(process: subprocess.Popen, end: float, output: int, look: Callable[[int], str]) -> tuple[bytes, str]:
    parts, size, problem = [], 0, ""
    ready = select.poll()
    ready.register(process.stdout, select.POLLIN)
    next_look = min(time.monotonic() + LOOK, end)
    while not problem:
        now = time.monotonic()
        if now >= next_look:
            problem = TOO_LATE if now >= end else look(process.pid)
            next_look = min(time.monotonic() + LOOK, end)
        elif ready.poll(1000 * (next_look - now)):
            part = os.read(process.stdout.fileno(), 2**16)
            if not part:
                break
            parts.append(part)
            size += len(part)
            if size > output:
                problem = "your notebook gave more than can be read"
    return (b"".join(parts) if problem in ("", TOO_LATE) else b""), problem
