"""Gradescope: an autograder as a zip file, and the program that runs in it.

Gradescope unpacks the file into /autograder/source, runs setup.sh once, and for each hand-in runs run_autograder,
which reads /autograder/submission and writes /autograder/results/results.json; all of it as root.
Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from . import jail
from .assignment import find
from .files import write
from .hand_in import notebooks_in, read
from .identity import Owned, own
from .judge import Graded, Task, grade
from .seed import fresh_seed

_PACKAGE = Path(__file__).parents[1]
_NEEDED = ("numpy", "matplotlib", "tqdm", "ipython")
_LEFT_OUT = {"__pycache__", "js", "static", "node_modules"}
_COURSE = "course.json"
_NO_POINTS = "no_points.json"
NOT_FINISHED = "Grading did not finish, so there are no points yet. Submit again; if this stays, tell your instructor."
NOT_SAFE = "Nothing was graded: this autograder cannot run a notebook safely. Tell your instructor, who sees why."

_SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is uploaded.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
if [ -z "${AUTOGRADER_PYTHON:-}" ]; then  # a Python that has all it needs
    apt-get update || true
    apt-get install -y bubblewrap || true  # the container is a jail already; two are better
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then break; fi
        if [ "$python" = python3.11 ]; then apt-get install -y python3.11 python3.11-venv; fi
    done
    (umask 022 && "$python" -m venv "$root/venv")  # hand-ins run as another user, who needs it
    (umask 022 && "$root/venv/bin/python" -m pip install -r "$root/source/requirements.txt")
fi
chmod -R go-rwx "$root/source"  # the other user must not read the solutions, the seed and the key
chmod -R go+rX "$root/source/rmsprop_lib/grading/inside"  # but may read the program that runs a hand-in
"""
_RUN = """#!/usr/bin/env bash
# Gradescope runs this for each hand-in. Zeros stand there first: what stops the grader at any moment gives no points.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
python=${AUTOGRADER_PYTHON:-$root/venv/bin/python}
mkdir -p "$root/results"
cp "$root/source/no_points.json" "$root/results/results.json"
chmod -R go-rwx "$root/results" "$root/submission"*  # whose hand-in it is, is not for the hand-in
cd "$root/source"
"$python" -m rmsprop_lib.grading gradescope --root "$root" ||
    echo "the grader stopped with exit code $?" >&2
"""


def export(path: Path, assignment: str, key: bytes = b"", roster: Sequence[str] = (), seed: int | None = None) -> None:
    """Write the autograder of an assignment as a zip file, which only its owner can read.

    key, roster: of a class with own numbers. seed: of the hidden cases, the same for all; drawn if left out.
    """
    course = {
        "assignment": find(assignment).name,
        "seed": fresh_seed() if seed is None else seed,
        "key": key.hex(),
        "roster": list(roster),
    }
    files = {
        "setup.sh": _SETUP,
        "run_autograder": _RUN,
        "requirements.txt": "".join(f"{name}=={version(name)}\n" for name in _NEEDED),
        _COURSE: _json(course),
        _NO_POINTS: _json(_without_points(assignment, NOT_FINISHED)),
    }
    with _private(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, text)
        for source in sorted(_PACKAGE.rglob("*")):
            inner = source.relative_to(_PACKAGE.parent)
            if source.is_file() and not _LEFT_OUT & set(inner.parts):
                archive.write(source, inner)


def run(root: Path) -> None:
    """Grade what lies in root/submission and write root/results/results.json, as Gradescope asks.

    Raises NoJail if a hand-in could only run as root here, and CannotWrite. Then no points stand in results.json: those
    that run_autograder put there first.
    """
    course = json.loads((root / "source" / _COURSE).read_text("utf8"))
    place = root / "results" / "results.json"
    place.parent.mkdir(exist_ok=True)
    has_jail = _has_jail()
    if not has_jail:
        try:
            jail.require_another_user()
        except jail.NoJail:
            write(place, _json(_without_points(course["assignment"], NOT_SAFE)))
            raise
    jail.warn_of_gaps()  # in the log, which the instructor reads
    owned = _owned(root, course)
    mine, numbers = owned.mine, owned.numbers
    task = Task(course["assignment"], mine.cells, mine.problem, numbers, course["seed"], jail=has_jail)
    write(place, _json(results(grade(task), mine.choice, mine.note)))


def results(graded: Graded, *notes: str) -> dict[str, Any]:
    """The results in Gradescope's format: a test for each exercise, visible to the student."""
    tests = [
        {
            "name": result.id,
            "score": result.score,
            "max_score": result.max_score,
            "status": "passed" if result.passed else "failed",
            "output": f"{result.diagnosis}\n{result.hint}".strip(),
            "output_format": "text",
            "visibility": "visible",
            "tags": list(result.mistakes),
        }
        for result in graded.results
    ]
    told = [graded.problem, *notes, *graded.cells]
    return {"output": "\n".join(filter(None, told)), "visibility": "visible", "tests": tests}


def _without_points(assignment: str, problem: str) -> dict[str, Any]:
    return results(grade(Task(assignment, (), problem)))


def _owned(root: Path, course: dict[str, Any]) -> Owned:
    notebooks = notebooks_in(root / "submission", course["assignment"])
    mine = read(_submitters(root / "submission_metadata.json"), notebooks, course["assignment"])
    return own(mine, find(course["assignment"]), bytes.fromhex(course["key"]), course["roster"])


def _submitters(metadata: Path) -> str:
    """Names and addresses of those who submitted, as far as Gradescope tells."""
    try:
        users = json.loads(metadata.read_text("utf8"))["users"]
        return " ".join(f"{user.get('name', '')} {user.get('email', '')}" for user in users)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "somebody"


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def _private(path: Path) -> BinaryIO:
    """A new file that nobody else can read: the key and the seed are in it."""
    path.unlink(missing_ok=True)
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _has_jail() -> bool:
    """Whether a jail can be made in this container; if not, its walls and another user must do."""
    try:
        jail.require_jail()
    except jail.NoJail as error:
        print(f"no jail inside this container: {error}", file=sys.stderr)
        return False
    return True
