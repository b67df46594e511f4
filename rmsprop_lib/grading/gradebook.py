"""grades.csv: a row for each student and exercise, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from .assignment import Assignment
from .records import remarks, status

COLUMNS = ("student", "exercise", "points", "maximum", "diagnosis", "status", "remarks", "file", "digest")
# What a spreadsheet takes for the begin of a formula: a sign where a cell begins, or where one would begin if another
# separator were in use; there a plain number is none.
_SIGNS = "=@+\\-＝＠＋－"
_FORMULA = re.compile(rf"""^(?=[{_SIGNS}])|(?<=[;,|"'])(\s*)(?=[{_SIGNS}])(?![-+][\d.]+(e[-+]?\d+)?([\s;,)\]]|$))""")


def grades(assignment: Assignment, records: Sequence[dict[str, Any]]) -> str:
    """The rows as CSV. Of a student who was not graded, the points are empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for record in records:
        about = [status(record), remarks(record), record["file"], record["digest"]]
        for score in _scores(assignment, record):
            table.writerow(map(_cell, (record["student"], *score, *about)))
    return text.getvalue()


def _scores(assignment: Assignment, record: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    if not record["results"]:
        return [(exercise.id, "", f"{exercise.points:g}", "") for exercise in assignment.exercises]
    return [(r["id"], f"{r['score']:g}", f"{r['max_score']:g}", r["diagnosis"]) for r in record["results"]]


def _cell(text: str) -> str:
    """Text in one printable line, with an apostrophe before whatever could be taken for a formula."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return _FORMULA.sub(r"\1'", " ".join(shown.split()))
