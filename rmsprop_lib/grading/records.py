"""What a record of a hand-in says beyond its results (see `batch.Outcome` for what it holds)."""

from __future__ import annotations

from typing import Any

from .identity import ABSENT


def points(record: dict[str, Any]) -> float | None:
    """The sum of the points; None for a student who was not graded."""
    return sum(result["score"] for result in record["results"]) if record["results"] else None


def status(record: dict[str, Any]) -> str:
    """In two words: graded, missing, not read (no points, for a reason that `remarks` tells), or not graded."""
    if not record["results"]:
        return record["status"]
    if record["problem"] == ABSENT:
        return "missing"
    return "not read" if record["problem"] else "graded"


def was_graded(record: dict[str, Any]) -> bool:
    """Whether there was a hand-in and it has points, be they 0."""
    return status(record) in ("graded", "not read")


def remarks(record: dict[str, Any]) -> str:
    """Why there are no points, which file was taken, and what changed; empty where nothing is to be said."""
    return "; ".join(filter(None, (record["problem"], record["note"], record["changed"])))
