"""A process that opens strangers' files for us: what a file costs, it costs that process, and no more than it may."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from . import reading
from .inside.plain import printable

MEMORY = 512 * 2**20  # bytes
SECONDS = 10  # of the processor, for one file
CLOCK = 120  # seconds, on however busy a machine
MOST_REPLY = 8 * 2**20  # bytes
_PROGRAM = "\nmain(*map(int, sys.argv[1:]))"


@dataclass(frozen=True)
class Opened:
    """A notebook as it was found: the sources of its code cells and our marks in it, or a problem."""

    name: str
    cells: tuple[str, ...] = ()
    marks: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


class Reader:
    """Opens one file after another in a child process, and takes another child when one has died; a context manager."""

    _process: subprocess.Popen | None = None

    def open(self, name: str, data: bytes) -> list[Opened]:
        """The notebooks in a file, at least one, or a problem in its place. Never raises for what the file holds."""
        process = self._process = self._process or _start()
        stopped = threading.Timer(CLOCK, process.kill)
        stopped.start()
        try:
            first, *others = json.loads(_ask(process, name, data))
            return [_opened(part) for part in (first, *others)]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # dead, or no longer the program we know
            status = self._end()
            late = status in (-signal.SIGXCPU, -signal.SIGKILL)
            why = "it takes too much time or memory" if late else "it ends every program that reads it"
            return [Opened(printable(name), problem=f"the file cannot be read as a notebook: {why}")]
        finally:
            stopped.cancel()

    def _end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            return process.wait(1)  # it has nothing more to read
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()


def _start() -> subprocess.Popen:
    """The child: the program as text, as it could not open the file that it stands in."""
    program = Path(reading.__file__).read_text("utf8") + _PROGRAM
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", program, str(MEMORY), str(SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,  # an interrupt from the keyboard is ours to handle
    )


def _ask(process: subprocess.Popen, name: str, data: bytes) -> bytes:
    process.stdin.write(json.dumps([len(data), name]).encode() + b"\n")
    process.stdin.write(data)
    process.stdin.flush()
    return process.stdout.readline(MOST_REPLY)


def _opened(part: dict[str, Any]) -> Opened:
    """What the child says, as far as it is what it should say."""
    cells = tuple(part["cells"])
    if not all(isinstance(cell, str) for cell in cells) or not isinstance(part["marks"], dict):
        raise TypeError("texts and a table wanted")
    return Opened(printable(part["name"]), cells, part["marks"], printable(part["problem"]))
