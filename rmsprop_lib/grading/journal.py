"""The journal of a batch: one line of JSON for each hand-in that is done, on the disk before the next one is taken.

A batch may be killed at any moment. A line that is only half there is cut off, and its hand-in graded again.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from .files import CannotWrite

JOURNAL = "journal.jsonl"


class InUse(RuntimeError):
    """Another batch is writing this journal."""


class Journal:
    """An append-only file of records, each under a key; a context manager that holds the file for itself alone."""

    def __init__(self, path: Path):
        """Open or begin the journal. Raises InUse, or CannotWrite."""
        self.path = path
        try:
            self._file = open(path, "a+b", buffering=0)  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise CannotWrite(path, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise InUse(f"another batch is writing {path}: wait for its end") from None
        self.records = self._read()

    def add(self, key: str, record: dict[str, Any]) -> None:
        """Keep a record for good before returning. Raises CannotWrite, and leaves no half line behind."""
        line = json.dumps({"key": key, **record}, ensure_ascii=False).encode("utf8", "backslashreplace") + b"\n"
        end = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(line) < len(line):  # a disk that is full takes what fits
                raise OSError(28, "No space left on device")
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(end)
            raise CannotWrite(self.path, error) from error
        self.records[key] = record

    def _read(self) -> dict[str, dict[str, Any]]:
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            self._file.truncate(whole)
        records = {}
        for line in data[:whole].splitlines():
            record = json.loads(line)
            records[record.pop("key")] = record
        return records

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
