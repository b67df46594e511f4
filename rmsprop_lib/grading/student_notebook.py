"""The notebook that students fill in: questions, empty answers, checks; no solution and no hint.

Its cells carry nbgrader's metadata, so that a course on JupyterHub can release, collect and autograde it as it is: the
answers are cells to fill in, the checks are locked cells with points whose last line is the score.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..exercises import Exercise
from .assignment import Assignment
from .files import write

_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
_SETUP = "import numpy as np\n\nfrom rmsprop_lib.grading import check"
_HOW = (
    "Write your answers into the empty cells and keep the names that stand there: answers are found by them. "
    "Each check tells you what it sees; it may be asked as often as you like. When your work is graded, the whole "
    "notebook is run once from top to bottom. An answer may not call `rmsprop_lib`: the lines must be yours."
)


def write_notebooks(folder: Path, assignment: Assignment, numbers: Mapping[str, Mapping] | None = None) -> list[Path]:
    """Write one notebook, or one for each student whose own numbers are given; the paths written.

    The folders are those of nbgrader: folder/assignment/assignment.ipynb to release, and with students
    folder/student/assignment/assignment.ipynb.
    """
    paths = []
    for student, drawn in (numbers or {"": {}}).items():
        path = Path(folder, student, assignment.name, f"{assignment.name}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, notebook_text(assignment, drawn))
        paths.append(path)
    return paths


def notebook_text(assignment: Assignment, numbers: Mapping[str, Mapping[str, float]] | None = None) -> str:
    """The notebook as JSON. numbers: the student's own, for each exercise that has any."""
    numbers = numbers or {}
    title = assignment.name.replace("_", " ").capitalize()
    cells = [_cell("markdown", "title", f"# {title}\n\n{_HOW}"), _cell("code", "setup", _SETUP)]
    for exercise in assignment.with_numbers(numbers).exercises:
        check = _check(exercise, numbers.get(exercise.id, {}))
        cells += [
            _cell("markdown", f"{exercise.id}-question", _question(exercise)),
            _cell("code", exercise.id, _empty_answer(exercise), locked=False, solution=True),
            _cell("code", f"{exercise.id}-check", check, grade=True, points=exercise.points),
        ]
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(kind: str, name: str, source: str, **options) -> dict[str, Any]:
    """A cell that students cannot change, unless it is said otherwise."""
    marks = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": True, "task": False}
    cell = {"cell_type": kind, "id": name, "metadata": {"nbgrader": {**marks, **options}}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return {**cell, "source": source.splitlines(keepends=True)}


def _question(exercise: Exercise) -> str:
    points = f"{exercise.points} point{'s' if exercise.points > 1 else ''}"
    lines = exercise.question.replace("\n", "\n\n")
    signature = f"\n\n```\n{exercise.signature}\n```" if exercise.signature else ""
    return f"## {exercise.id} ({points})\n\n{lines}{signature}"


def _empty_answer(exercise: Exercise) -> str:
    if exercise.kind == "code":
        return f"def {exercise.signature.partition(' -> ')[0]}:\n    ...  # your lines here"
    if exercise.kind == "number":
        return f"{exercise.answer_name} = ...  # your number in place of the dots"
    return f'{exercise.answer_name} = ""  # your letter between the quotes'


def _check(exercise: Exercise, own: Mapping[str, float]) -> str:
    given = "".join(f", {name}={value!r}" for name, value in own.items())
    return f'result = check("{exercise.id}", {exercise.answer_name}{given})\ndisplay(result)\nresult.score'
