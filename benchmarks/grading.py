"""Grade a class of 300 notebooks, right, wrong and hostile, and those that are not hostile with nbgrader.

    python -m benchmarks.grading [--students 300] [--nbgrader N] [--out benchmarks/results/grading.json]

Speed is told in notebooks per minute and core: 60 over the processor seconds that a notebook takes, start and report
included, which other work on the machine disturbs least; wall-clock time beside it. Both grade the same assignment on
the same machine in one run. nbgrader is asked to autograde only, for the whole class at once, and gets no hostile
notebook; it grades one after the other, for it has no parallel mode.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np

from rmsprop_lib.grading import assignment, student_notebook
from tests.grading.hostile import hostile_hand_ins
from tools import nbgrader_course
from tools.nbgrader_course import PIN

ROOT = Path(__file__).resolve().parent.parent
NAME = "rmsprop"
PR_SET_CHILD_SUBREAPER = 36
HEAD = "def rmsprop_step(theta, grad, v, lr, beta, eps):\n    "
# The first line of each is right. Every other pair of lines is a wrong answer.
V_LINES = (
    "v = beta * v + (1 - beta) * grad**2",
    "v = (1 - beta) * v + beta * grad**2",
    "v = beta * v + grad**2",
    "v = v + grad**2",
    "v = beta * v + (1 - beta) * grad",
    "v = beta * v + (1 - beta) * np.abs(grad)",
)
STEPS = (
    "theta = theta - lr * grad / np.sqrt(v + eps)",
    "theta = theta + lr * grad / np.sqrt(v + eps)",
    "theta = theta - lr * grad / (np.sqrt(v) + eps)",
    "theta = theta - lr * grad / (v + eps)",
    "theta = theta - lr * grad / np.sqrt(v)",
    "theta = theta - grad / np.sqrt(v + eps)",
    "theta = theta - lr * grad * np.sqrt(v + eps)",
)
STYLES = (
    "v = v + (1 - beta) * (grad**2 - v)\n    return theta - lr * grad * (v + eps) ** -0.5, v",
    "v = [beta * a + (1 - beta) * g * g for a, g in zip(v, grad)]\n"
    "    return [p - lr * g / np.sqrt(a + eps) for p, g, a in zip(theta, grad, v)], v",
    "new = np.array(v)\n    new *= beta\n    new += (1 - beta) * np.square(grad)\n"
    "    return np.stack([theta - lr * grad / np.sqrt(new + eps), new])",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--nbgrader", type=int, metavar="N", help="give nbgrader no more than N notebooks (0: none)")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "grading.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = grade_with_ours(Path(folder), options.students)
        theirs = {} if options.nbgrader == 0 else grade_with_nbgrader(Path(folder), options.nbgrader)
    figures = {
        "machine": f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, shared with other work",
        "versions": {"Python": platform.python_version(), "NumPy": np.__version__, "nbgrader": PIN.partition("==")[2]},
        "date": time.strftime("%Y-%m-%d"),
        "assignment": NAME,
        "ours": ours,
        "nbgrader": theirs,
    }
    if theirs:
        speeds = [side["notebooks per minute and core"] for side in (ours["honest class alone"], theirs)]
        figures["times as fast per core"] = round(speeds[0] / speeds[1], 1)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


def right_and_wrong(count: int) -> Iterator[tuple[str, dict[str, str], set[str]]]:
    """Students: a name, the answers, and the ids of those that are right."""
    draw = random.Random(0)
    exercises = {exercise.id: exercise for exercise in assignment.find(NAME).exercises}
    wrong_codes = [f"{HEAD}{v}\n    {step}\n    return theta, v" for v, step in product(V_LINES, STEPS)][1:]
    right_codes = [f"{HEAD}{V_LINES[0]}\n    {STEPS[0]}\n    return theta, v", *(HEAD + style for style in STYLES)]
    for i in range(count):
        answers, right = {}, set()
        for id, exercise in exercises.items():
            good = draw.random() < 0.6
            right |= {id} if good else set()
            if exercise.kind == "code":
                answers[id] = draw.choice(right_codes) if good else wrong_codes[i % len(wrong_codes)]
                continue
            value = exercise.reference
            if exercise.kind == "number":
                value = float(f"{value(**exercise.given):.4g}")
            if not good:
                value = exercise.wrong_answer(draw.choice(exercise.misconceptions))
            answers[id] = f"{exercise.answer_name} = {value!r}"
        yield f"student{i:03}", answers, right


def grade_with_ours(folder: Path, students: int) -> dict:
    """Two classes: one with the hostile among the others, and the others alone, as nbgrader gets them."""
    honest, mixed = folder / "honest", folder / "mixed"
    empty = json.loads(student_notebook.notebook_text(assignment.find(NAME)))
    right = {}
    hostile = hostile_hand_ins(ROOT, mixed)
    for name, answers, good in right_and_wrong(students - len(hostile)):
        right[name] = good
        text = json.dumps(nbgrader_course.filled_in(empty, answers))
        for place in (honest, mixed):
            place.mkdir(exist_ok=True)
            (place / f"{name}.ipynb").write_text(text, "utf8")
    for name, cells in hostile.items():
        code = [{"cell_type": "code", "metadata": {}, "source": cell, "outputs": []} for cell in cells]
        text = json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        (mixed / f"{name.replace('/', '_')}.ipynb").write_text(text)
    runs = {}
    for title, place in (("whole class", mixed), ("honest class alone", honest)):
        command = [sys.executable, "-m", "rmsprop_lib.grading", "grade", place, "--assignment", NAME]
        runs[title] = measure([*command, "--out", folder / f"report {place.name}"], ROOT, len(list(place.iterdir())))
    mixed_results, honest_results = (
        {s["student"]: s for s in json.loads((folder / f"report {place}" / "results.json").read_text())["students"]}
        for place in ("mixed", "honest")
    )
    return {**runs, **count_faults(mixed_results, honest_results, right)}


def count_faults(mixed: dict[str, dict], alone: dict[str, dict], right: dict[str, set[str]]) -> dict:
    """What a grader must not do, counted; and how many of the wrong answers were named.

    mixed, alone: results by student, with the hostile and without. right: the answers that are right, by student.
    """
    answers = [
        (result, result["id"] in good) for student, good in right.items() for result in mixed[student]["results"]
    ]
    wrong = [result for result, good in answers if not good]
    return {
        "hand-ins": len(mixed),
        "hostile": len(mixed) - len(right),
        "points of the hostile": sum(mixed[student]["points"] for student in mixed.keys() - right.keys()),
        "grades changed by the hostile": sum(
            mixed[student]["results"] != alone[student]["results"] for student in right
        ),
        "false passes": sum(result["passed"] for result in wrong),
        "false fails": sum(good and not result["passed"] for result, good in answers),
        "wrong answers": len(wrong),
        "of them named": sum("unknown" not in result["mistakes"] for result in wrong),
    }


def grade_with_nbgrader(folder: Path, most: int | None) -> dict:
    """The honest class, autograded; the release and the start of the database come before."""
    python = nbgrader_course.make_environment()
    course = folder / "course"
    course.mkdir()
    nbgrader_course.write_source(course)
    notebooks = sorted((folder / "honest").iterdir())[:most]
    for path in notebooks:
        place = course / "submitted" / path.stem / NAME
        place.mkdir(parents=True)
        (place / f"{NAME}.ipynb").write_bytes(path.read_bytes())
    nbgrader_course.nbgrader(python, course, "generate_assignment", NAME, "--create")
    command = [python, "-m", "nbgrader", "autograde", NAME, "--create"]
    return measure(command, course, len(notebooks), PATH=f"{python.parent}{os.pathsep}{os.environ['PATH']}")


def measure(command: list, folder: Path, notebooks: int, **environment: str) -> dict:
    """Run a command; processor time is that of all processes it started, those in jails too."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # what a jail leaves becomes our child, to be waited for below
    environment = {**os.environ, **environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else all that is imported is compiled again and again
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    wall = time.monotonic() - began
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stderr[-2000:]}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "notebooks": notebooks,
        "seconds": round(wall, 1),
        "processor seconds per notebook": round(processor / notebooks, 4),
        "notebooks per minute": round(60 * notebooks / wall),
        "notebooks per minute and core": round(60 * notebooks / processor),
    }


if __name__ == "__main__":
    main()
