"""Write files so that a full disk or a killed program leaves the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class CannotWrite(OSError):
    """A file could not be written; the message says which, why, and what to do."""

    def __init__(self, path: Path, error: OSError):
        super().__init__(f"cannot write {path}: {error.strerror or error}. Make room, then continue with --resume")


def write(path: Path, text: str) -> None:
    """Put the text into the file in one move. Raises CannotWrite, and leaves an older file as it was."""
    draft = path.with_name(f".{path.name[:200]}.draft")
    try:
        draft.unlink(missing_ok=True)  # what a killed program left
        with open(draft, "x", encoding="utf8", errors="backslashreplace", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise CannotWrite(path, error) from error
