"""What an instructor gets: grades.csv, results.json, a feedback page for each student and an overview of the class."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from .assignment import Assignment
from .files import CannotWrite, write
from .pages import draw_overview, feedback_page, overview_page

NO_ANSWER = {"empty", "missing", "no-answers"}  # not counted among the mistakes
COLUMNS = ("student", "exercise", "points", "maximum", "diagnosis")


def write_report(folder: Path, assignment: Assignment, records: Sequence[dict[str, Any]]) -> None:
    """Write all files of the report; each appears whole or not at all. Raises CannotWrite.

    records: as the journal holds them, one for each student.
    """
    try:
        (folder / "feedback").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(folder / "feedback", error) from error
    pages = {record["student"]: f"feedback/{page_name(record['student'])}" for record in records}
    for record in records:
        write(folder / pages[record["student"]], feedback_page(assignment, record))
    summary = summarise(assignment, records)
    write(folder / "overview.svg", draw_overview(summary))
    write(folder / "overview.html", overview_page(summary, pages))
    write(folder / "results.json", json.dumps(summary, ensure_ascii=False, indent=1))
    write(folder / "grades.csv", grades(records))


def grades(records: Sequence[dict[str, Any]]) -> str:
    """One row for each student and exercise, as CSV."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for record in records:
        for result in record["results"]:
            points, maximum = f"{result['score']:g}", f"{result['max_score']:g}"
            table.writerow([_cell(record["student"]), result["id"], points, maximum, _cell(result["diagnosis"])])
    return text.getvalue()


def summarise(assignment: Assignment, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All results as plain data: the students with their points, and how often each mistake was seen."""
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
        "students": [{**record, "points": points(record)} for record in records],
        "mistakes": [
            {"exercise": exercise, "mistake": mistake, "students": count}
            for (exercise, mistake), count in sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def points(record: dict[str, Any]) -> float:
    return sum(result["score"] for result in record["results"])


def page_name(student: str) -> str:
    """A file name for the student's page; two students never share one."""
    safe = re.sub(r"[^\w .@+-]", "_", student).lstrip(".")[:80]
    if safe == student:
        return f"{safe}.html"
    return f"{safe}-{hashlib.sha256(student.encode('utf8', 'backslashreplace')).hexdigest()[:8]}.html"


def _cell(text: str) -> str:
    """Text in one line that a spreadsheet does not take for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
