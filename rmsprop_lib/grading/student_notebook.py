"""The notebook that students fill in: questions, empty answers, checks; no solution and no hint.

Its cells carry nbgrader's metadata, so that a course on JupyterHub can release, collect and autograde it as it is: the
answers are cells to fill in, the checks are locked cells with points whose last line is the score.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..exercises import Exercise
from . import mark
from .assignment import Assignment, Numbers, personalise
from .files import write
from .reading import MARKS

_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
_SETUP = "import numpy as np"
_OWN = """# Made for {student}: run this cell before the checks, and keep it as it is.
from rmsprop_lib.grading import own_numbers

own_numbers("{mark}")"""
_HOW = (
    "Write your answers into the empty cells and keep the names that stand there: answers are found by them. "
    "Each check tells you what it sees; it may be asked as often as you like. When your work is graded, the whole "
    "notebook is run once from top to bottom, and what a name means at its end is your answer: an experiment below "
    "a check that defines the function again replaces it. An answer may not call `rmsprop_lib`: the lines must be "
    "yours."
)
_INSTALL = (
    "The checks need Python 3.11 or newer and the package `rmsprop_lib`. If it is missing, run "
    "`%pip install {package}` in a cell of its own"
)
_ASK = ("PACKAGE", ", with the file or the address that your instructor gives you in place of PACKAGE")


def write_notebooks(
    folder: Path, assignment: Assignment, students: Sequence[str] = (), key: bytes = b"", package: str = ""
) -> list[Path]:
    """Write one notebook for all, or one with own numbers for each of the students; the paths written.

    key: the instructor's, which the numbers are drawn and the notebooks signed with. package: where students get the
    library, as pip install takes it.

    The folders are those of nbgrader: folder/assignment/assignment.ipynb to release, and with students
    folder/student/assignment/assignment.ipynb.
    """
    paths = []
    for student in students or [""]:
        numbers = personalise(student, key, assignment.exercises) if student else {}
        signed = mark.make(mark.Claim(student, assignment.name, numbers), key) if student else ""
        path = Path(folder, student, assignment.name, f"{assignment.name}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, notebook_text(assignment, numbers, student=student, signed=signed, package=package))
        paths.append(path)
    return paths


def notebook_text(
    assignment: Assignment, numbers: Numbers | None = None, *, student: str = "", signed: str = "", package: str = ""
) -> str:
    """The notebook as JSON. numbers: the student's own, for each exercise that has any. signed: the mark of them."""
    numbers = numbers or {}
    cells = [_cell("markdown", "title", _title(assignment, package)), _cell("code", "setup", _SETUP)]
    metadata: dict[str, Any] = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    if signed:
        metadata[MARKS] = {"mark": signed}
        own = _cell("code", "own-numbers", _OWN.format(student=student, mark=signed))
        cells.append({**own, "metadata": {}})  # nbgrader keeps a cell that it does not know
    for exercise in assignment.with_numbers(numbers).exercises:
        check = _check(exercise, numbers.get(exercise.id, {}))
        cells += [
            _cell("markdown", f"{exercise.id}-question", _question(exercise)),
            _cell("code", exercise.id, _empty_answer(exercise), locked=False, solution=True),
            _cell("code", f"{exercise.id}-check", check, grade=True, points=exercise.points),
        ]
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _title(assignment: Assignment, package: str) -> str:
    package, more = (package, "") if package else _ASK
    name = assignment.name.replace("_", " ").capitalize()
    return f"# {name}\n\n{_HOW}\n\n{_INSTALL.format(package=package)}{more}."


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
    # No name in here is the student's but the answer: `check = …` or `display = …` above would stand in for ours.
    lines = ["from rmsprop_lib.grading import check", ""]
    lines += [f'result = check("{exercise.id}", {exercise.answer_name}{given}).show()', "result.score"]
    return "\n".join(lines)
