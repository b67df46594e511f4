"""What an instructor gets: grades.csv, results.json, a feedback page for each student and an overview of the class."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from .assignment import Assignment
from .files import CannotWrite, write
from .gradebook import grades
from .page_names import page_names
from .pages import draw_overview, feedback_page, overview_page
from .records import points, remarks, status, was_graded

NO_ANSWER = {"empty", "missing", "no-answers"}  # not counted among the mistakes
BOM = "\ufeff"  # else a spreadsheet takes β for two letters


def write_report(folder: Path, assignment: Assignment, records: Sequence[dict[str, Any]]) -> list[str]:
    """Write all files of the report, the grades first; each appears whole or not at all.

    records: as `batch.Outcome` holds them, one for each student. Returns a sentence for each file that could not be
    written; the others are there. Raises CannotWrite if there cannot be a report at all.
    """
    try:
        (folder / "feedback").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(folder / "feedback", error) from error
    summary = summarise(assignment, records)
    pages = {s: f"feedback/{name}" for s, name in page_names([r["student"] for r in records]).items()}
    texts: dict[str, Callable[[], str]] = {
        "grades.csv": lambda: BOM + grades(assignment, records),
        "results.json": lambda: json.dumps(summary, ensure_ascii=False, indent=1),
        "overview.svg": lambda: draw_overview(summary),
        "overview.html": lambda: overview_page(summary, pages),
        **{pages[r["student"]]: lambda r=r: feedback_page(assignment, r) for r in records},
    }
    return list(filter(None, (_try(folder / name, text) for name, text in texts.items())))


def summarise(assignment: Assignment, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All results as plain data: the students with their points, and how often each mistake was seen.

    The points of a student who was not graded are None.
    """
    mistakes = Counter(
        (result["id"], mistake)
        for record in records
        for result in record["results"]
        for mistake in result["mistakes"]
        if mistake not in NO_ANSWER
    )
    return {
        "assignment": assignment.name,
        "maximum": assignment.maximum,
        "version": __version__,
        "students": [
            {
                **record,
                "points": points(record),
                "status": status(record),
                "remarks": remarks(record),
                "graded": was_graded(record),
            }
            for record in records
        ],
        "mistakes": [
            {"exercise": exercise, "mistake": mistake, "students": count}
            for (exercise, mistake), count in sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def told(records: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line for each student of whom more is to be said than points."""
    for record in records:
        if words := remarks(record):
            head = "note" if status(record) == "graded" else "no points" if record["results"] else "not graded"
            yield f"{head}: {record['student']}: {words}"


def _try(path: Path, text: Callable[[], str]) -> str:
    """Write a file; what was wrong with it, if anything: one page costs nobody else theirs."""
    try:
        write(path, text())
    except CannotWrite as error:
        return f"error: {error}"
    except Exception as error:
        return f"error: cannot write {path}: {type(error).__name__}: {error}"
    return ""
