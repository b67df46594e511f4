"""What is published tells nobody what an assignment keeps: hidden cases, known mistakes, the source of the exercises.

The assignments of today are the chapters' own exercises, whose solutions are folded in the page on purpose. Hidden
cases and what the check knows about mistakes are kept all the same.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib.grading import assignment, exercises
from rmsprop_lib.grading.compare import key
from rmsprop_lib.grading.student_notebook import write_notebooks

ROOT = Path(__file__).resolve().parent.parent.parent
TEXTS = {".html", ".md", ".txt", ".js", ".json", ".ipynb", ".py", ".xml", ".inv", ""}
ASKED = ("grad", "x", "H")
SOURCE = ("Misconception(", "misconceptions=(", "wrong=lambda", "lines={")


def secrets() -> dict[str, str]:
    """Text -> what it would give away."""
    found = dict.fromkeys(SOURCE, "the source of the exercises")
    answered_in_the_page = [exercise for exercise in exercises() if exercise.kind != "code"]
    said_there = "\n".join(m.sentence for exercise in answered_in_the_page for m in exercise.misconceptions)
    for exercise in exercises():
        if exercise in answered_in_the_page:
            continue
        for mistake in exercise.misconceptions:
            if len(mistake.sentence) > 25 and mistake.sentence not in said_there:
                found[mistake.sentence] = f"a mistake in {exercise.id}"
        for case in key(exercise.id).cases:
            if not case.public:
                drawn = [np.ravel(a) for n, a in zip(exercise.parameters, case.args, strict=True) if n in ASKED]
                for number in np.concatenate([*drawn, []]):  # what is drawn; θ and v after a step may be √10 or so
                    digits = re.sub(r"\D", "", f"{abs(number):.9e}"[:11])
                    if len(set(digits)) > 5:
                        found[f"{digits[0]}.{digits[1:9]}"] = f"a hidden case of {exercise.id}"
    return found


def leaks(folder: Path, marks: dict[str, str]) -> list[str]:
    """A sentence for each file under the folder that holds one of the marks."""
    told = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in TEXTS:
            text = path.read_text("utf8", errors="replace")
            text += json.dumps(text)  # as a script or a notebook would spell it
            told += [f"{path.relative_to(folder)} holds {what}: {mark}" for mark, what in marks.items() if mark in text]
    return told


def test_the_built_site_its_sources_and_its_index_keep_the_secrets(executed):
    site = ROOT / "_build" / "html"
    assert (site / "searchindex.js").exists()
    assert leaks(site, secrets()) == []
    assert leaks(executed, secrets()) == []


def test_student_notebooks_keep_the_secrets(tmp_path):
    marks = secrets()
    for name in assignment.names():
        write_notebooks(tmp_path, assignment.find(name))
    for exercise in exercises():
        marks[exercise.hint] = f"the hint of {exercise.id}"
        if exercise.kind == "code":
            marks[exercise.solution_text.split("\n", 1)[1]] = f"the solution of {exercise.id}"
        else:
            marks[exercise.solution_text] = f"the solution of {exercise.id}"
    assert len(marks) > 1000
    assert leaks(tmp_path, marks) == []


@pytest.mark.parametrize(
    "place", ["book/x.html", "_sources/book/x.md", "_sources/x.ipynb", "searchindex.js", "_static/x.js"]
)
def test_a_secret_is_found_wherever_it_is_planted(tmp_path, place):
    marks = secrets()
    mark = next(mark for mark, what in marks.items() if "hidden case" in what)
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [f"x = {mark}75"]}))
    assert leaks(tmp_path, marks) == [f"{place} holds {marks[mark]}: {mark}"]
