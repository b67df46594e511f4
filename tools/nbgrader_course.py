"""Run a course in nbgrader as it is: release our student notebooks, hand some in, autograde, compare the points.

Among them is one with own numbers, which was handed out beside nbgrader, one that forges the name `check` and one
that borrows the library's rule.

nbgrader lives in an environment of its own, .venv-nbgrader, which this makes.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from rmsprop_lib.grading import assignment, check
from rmsprop_lib.grading.assignment import Numbers, personalise
from rmsprop_lib.grading.student_notebook import write_notebooks

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv-nbgrader"
PIN = "nbgrader==0.9.6"
NAME = "rmsprop"
KEY = b"the key of a course that is none"


def main() -> int:
    """Grade a few students; 0 if nbgrader gives the points that the check gives."""
    python = make_environment()
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        wanted = set_up(course)
        for command in (("generate_assignment", "--create"), ("autograde", "--create"), ("generate_feedback",)):
            nbgrader(python, course, command[0], NAME, *command[1:])
        nbgrader(python, course, "export")
        with open(course / "grades.csv", newline="") as file:
            got = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    print(f"points wanted: {wanted}\npoints given:  {got}")
    return 0 if got == wanted and (got["forged"], got["borrowed"]) == (1, 0) and got["right"] > got["half"] > 1 else 1


def nbgrader(python: Path, course: Path, *command: str) -> None:
    """Run one command of nbgrader in the course. Raises SystemExit with its last words if it fails."""
    environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    run = [python, "-m", "nbgrader", *command]
    done = subprocess.run(run, cwd=course, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"nbgrader {' '.join(command)} failed: {done.stderr[-3000:]}")
    print(f"nbgrader {' '.join(command)}: ok", flush=True)


def make_environment() -> Path:
    """The Python of .venv-nbgrader, made when it is missing or of another version."""
    python = HOME / "bin" / "python"
    stamp = HOME / "ready.txt"
    if not (stamp.exists() and stamp.read_text() == PIN):
        print(f"Installing {PIN} into {HOME.name} ...", flush=True)
        venv.create(HOME, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PIN, "-e", str(ROOT)], check=True)
        stamp.write_text(PIN)
    return python


def set_up(course: Path) -> dict[str, float]:
    """Write the course and what the students hand in; the points they must get."""
    source = write_source(course)
    own = personalise("own", KEY, assignment.find(NAME).exercises)
    write_notebooks(course / "submitted", assignment.find(NAME), ["own"], KEY)
    students = {"right": _right({}), "half": _half(), "empty": {}, "forged": _forged(), "own": _right(own)}
    students["borrowed"] = {"rmsprop-step": "from rmsprop_lib import optimizers\nrmsprop_step = optimizers.rmsprop"}
    wanted = {}
    for student, answers in students.items():
        path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = json.loads(path.read_text("utf8")) if path.exists() else source
        path.write_text(json.dumps(filled_in(notebook, answers)), "utf8")
        wanted[student] = _points(answers, own if student == "own" else {})
    return wanted


def write_source(course: Path) -> dict:
    """Our student notebook as the source of the course, just as it is."""
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'rmsprop'\n")
    (path,) = write_notebooks(course / "source", assignment.find(NAME))
    return json.loads(path.read_text("utf8"))


def filled_in(notebook: dict, answers: dict[str, str]) -> dict:
    """The notebook with these answers in the cells of these exercises."""
    return {**notebook, "cells": [{**c, "source": answers.get(c["id"], c["source"])} for c in notebook["cells"]]}


def _right(numbers: Numbers) -> dict[str, str]:
    answers = {}
    for exercise in assignment.find(NAME).with_numbers(numbers).exercises:
        value = exercise.reference(**exercise.given) if exercise.kind == "number" else exercise.reference
        code = exercise.solution_text if exercise.kind == "code" else f"{exercise.answer_name} = {value!r}"
        answers[exercise.id] = code
    return answers


def _half() -> dict[str, str]:
    """The rule changes its argument, which costs half; one number is wrong."""
    in_place = (
        "def rmsprop_step(theta, grad, v, lr, beta, eps):\n    v *= beta\n    v += (1 - beta) * grad**2\n"
        "    return theta - lr * grad / np.sqrt(v + eps), v"
    )
    return {**_right({}), "rmsprop-step": in_place, "first-step-factor": "first_step_factor = 10"}


def _forged() -> dict[str, str]:
    """One right choice, and a check and a display of the student's own for all the rest."""
    check = "check = lambda *args, **numbers: type('Result', (), {'score': 1.0, 'show': lambda result: result})()"
    display = "display = lambda result: object.__setattr__(result, 'score', 1.0)"
    return {"rmsprop-step": f"{check}\n{display}", "loss-times-1000": _right({})["loss-times-1000"]}


def _points(answers: dict[str, str], numbers: Numbers) -> float:
    space: dict = {}
    exec("import numpy as np\n" + "\n".join(answers.values()), space)
    got = 0
    for exercise in assignment.find(NAME).exercises:
        got += check(exercise.id, space.get(exercise.answer_name, ...), **numbers.get(exercise.id, {})).score
    return got


if __name__ == "__main__":
    sys.exit(main())
