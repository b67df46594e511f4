"""The hostile matrix: hand-ins that forge, break out, flood or hang, in one class with an honest one.

Each gets no point that it has not earned, changes nothing on this machine, and costs nobody else anything.
"""

import hashlib
import os
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib.grading import batch, jail
from rmsprop_lib.grading.journal import Journal
from tests.grading.hostile import hostile_hand_ins

pytestmark = pytest.mark.usefixtures("has_jail")
ROOT = Path(__file__).parents[2]
QUICK = jail.Limits(cell_seconds=1, seconds=2, question_seconds=1, patience=3, grace=2)
FULL = {"rmsprop-step": 4, "first-step-factor": 1, "loss-times-1000": 1, "two-cycle-amplitude": 1}
NAMES = list(hostile_hand_ins(ROOT, ROOT))
FILES = ["link", "device", "pipe", "huge", "deep", "tables", "bomb", "cells", "twice", "=cmd|' ∕C calc'!A0"]


@pytest.fixture(scope="module")
def matrix(tmp_path_factory, has_jail, solutions, notebook):
    """The class graded once: points by student and exercise, and what had changed on this machine."""
    folder = tmp_path_factory.mktemp("hostile")
    submissions = folder / "submissions"
    submissions.mkdir()
    (folder / "key").write_bytes(b"k" * 32)
    honest = notebook(*solutions("rmsprop"))
    (submissions / "honest.ipynb").write_text(honest)
    (submissions / "zz honest.ipynb").write_text(honest)
    for name, cells in hostile_hand_ins(ROOT, submissions).items():
        (submissions / f"{name.replace('/', '_')}.ipynb").write_text(notebook(*cells))
    (submissions / "=cmd|' ∕C calc'!A0.ipynb").write_text(notebook("x = 1"))
    for ending in ("ipynb", "py"):
        (submissions / f"twice.{ending}").write_text(honest)
    with zipfile.ZipFile(submissions / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", bytes(64 * 2**20))
    (submissions / "cells.ipynb").write_text(notebook(*["raise E"] * 10**5))
    (submissions / "link.ipynb").symlink_to(submissions / "honest.ipynb")
    (submissions / "device.ipynb").symlink_to("/dev/zero")
    os.mkfifo(submissions / "pipe.ipynb")
    (submissions / "huge.ipynb").write_text('{"cells": [' + " " * 33 * 2**20)
    (submissions / "deep.ipynb").write_text("[" * 10**6)
    (submissions / "tables.ipynb").write_text(
        '{"nbformat": 4, "nbformat_minor": 5, "cells": [' + '{"a": 1},' * 10**5 + "{}]}"
    )
    before = fingerprint(folder)
    limit = sys.getrecursionlimit(), np.geterr(), dict(os.environ)
    this = batch.Batch("rmsprop", limits=QUICK)
    with Journal(folder / "journal") as journal, ThreadPoolExecutor(2) as executor:
        outcome = batch.grade_class(this, submissions, journal, executor, 4)
    assert outcome.faults == {}
    records = outcome.records
    assert (sys.getrecursionlimit(), np.geterr(), dict(os.environ)) == limit
    points = {r["student"]: {result["id"]: result["score"] for result in r["results"]} for r in records}
    return points, before, fingerprint(folder), {r["student"]: r for r in records}


def fingerprint(folder):
    """Digests of the library, the hand-ins and the key, and the names around them."""
    found = {}
    for top in (ROOT / "rmsprop_lib" / "grading", ROOT / "rmsprop_lib" / "exercises", folder):
        for path in sorted(top.rglob("*")):
            if path.name != "journal" and "__pycache__" not in path.parts:
                regular = path.is_file() and not path.is_symlink()
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest() if regular else ""
    for top in (Path("/"), Path.home(), ROOT, Path("/etc")):
        found[str(top)] = sorted(name for name in os.listdir(top) if "PWNED" in name)
    return found


def test_the_honest_get_all_their_points_among_the_hostile(matrix):
    points, *_ = matrix
    assert points["honest"] == points["zz honest"] == FULL


@pytest.mark.parametrize("name", [*NAMES, *FILES])
def test_the_hostile_get_no_points_and_are_told_what_happened(matrix, name):
    points, _, _, records = matrix
    record = records[name.replace("/", "_")]
    assert sum(points[record["student"]].values()) == 0
    for result in record["results"]:
        assert result["diagnosis"].isprintable()
        assert "Traceback" not in result["diagnosis"]


def test_nothing_on_this_machine_has_changed(matrix):
    _, before, after, _ = matrix
    assert before == after


def test_every_hand_in_has_a_result(matrix):
    points, *_ = matrix
    assert len(points) == len(NAMES) + len(FILES) + 2
    assert all(set(scores) == set(FULL) for scores in points.values())


KEEPS = {
    "exit": "import sys\nsys.exit()",
    "loop": "while True: pass",
    "loop in another function": "def gd_step(theta, grad, lr):\n    while True: pass",
    "missing package": "import torch",
    "syntax error": "def f(:",
    "2 GiB": "x = bytearray(2 * 2**30)",
    "40 MB of output": "print('x' * 40_000_000)",
    "threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()",
    "a warning as an error": "import warnings\nwarnings.simplefilter('error')",
    "closed output": "import sys\nsys.stdout.close()",
}


@pytest.mark.parametrize("name", KEEPS)
def test_a_clumsy_cell_costs_no_other_answer(name, solutions):
    from rmsprop_lib.grading.judge import Task, grade

    limits = jail.Limits(cell_seconds=5, seconds=40, question_seconds=5)
    outcome = grade(Task("rmsprop", (KEEPS[name], *solutions("rmsprop"), KEEPS[name]), limits=limits))
    assert {result.id: result.score for result in outcome.results} == FULL, outcome
