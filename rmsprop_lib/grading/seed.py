"""What a report keeps for `--resume`: its assignment, and the seed of its hidden cases.

The seed is drawn at random, because the one that `check` uses is known to all.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from .files import write

SEED = "seed.txt"
ASSIGNMENT = "assignment.txt"


def keep_assignment(folder: Path, name: str) -> None:
    """Keep which assignment the report in a folder is of. Raises ValueError if it is of another, and CannotWrite."""
    path = folder / ASSIGNMENT
    kept = path.read_text("utf8", errors="replace").strip() if path.exists() else ""
    if kept and kept != name:
        raise ValueError(f"{folder} holds a report of {kept[:40]}, got {name}: give another --out")
    if not kept:
        write(path, f"{name}\n")


def report_seed(folder: Path, wanted: int | None = None) -> int:
    """The seed of the report in a folder: the one wanted, else the one kept there, else a fresh one; kept from now on.

    Raises ValueError for a seed below zero and for a file that holds none, and CannotWrite.
    """
    path = folder / SEED
    if wanted is None and path.exists():
        text = path.read_text("utf8", errors="replace").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise ValueError(f"{path} must hold a number, got {text[:40]!r}: give --seed")
        return int(text)
    seed = fresh_seed() if wanted is None else wanted
    if seed < 0:
        raise ValueError(f"the seed must be 0 or more, got {seed}")
    write(path, f"{seed}\n")
    return seed


def fresh_seed() -> int:
    """A seed that nobody can guess, and that a person can read out."""
    return 1 + secrets.randbelow(10**9)
