"""Gradescope: an autograder as a zip file, and the program that runs in it.

Gradescope unpacks the file into /autograder/source, runs setup.sh once, and for each hand-in runs run_autograder,
which reads /autograder/submission and writes /autograder/results/results.json.
Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import jail
from .assignment import find
from .files import write
from .hand_in import read
from .judge import Graded, Task, grade

_PACKAGE = Path(__file__).parents[1]
_NEEDED = ("numpy", "matplotlib", "tqdm", "nbformat", "ipython")
_LEFT_OUT = {"__pycache__", "js", "static", "node_modules"}

_SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is uploaded.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
apt-get install -y bubblewrap || true  # the container is a jail already; two are better
for python in python3 python3.13 python3.12 python3.11; do
    if "$python" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then break; fi
    if [ "$python" = python3.11 ]; then apt-get install -y python3.11 python3.11-venv; fi
done
"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install -r "$root/source/requirements.txt"
chmod -R go-rwx "$root/source"  # hand-ins run as another user, and need not read this
"""
_RUN = """#!/usr/bin/env bash
# Gradescope runs this for each hand-in.
set -euo pipefail
root=${{AUTOGRADER_ROOT:-/autograder}}
cd "$root"
PYTHONPATH="$root/source" exec "${{AUTOGRADER_PYTHON:-$root/venv/bin/python}}" \\
    -m rmsprop_lib.grading gradescope --assignment {assignment} --root "$root"
"""


def export(path: Path, assignment: str) -> None:
    """Write the autograder of an assignment as a zip file."""
    find(assignment)
    files = {
        "setup.sh": _SETUP,
        "run_autograder": _RUN.format(assignment=assignment),
        "requirements.txt": "".join(f"{name}=={version(name)}\n" for name in _NEEDED),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, text)
        for source in sorted(_PACKAGE.rglob("*")):
            inner = source.relative_to(_PACKAGE.parent)
            if source.is_file() and not _LEFT_OUT & set(inner.parts):
                archive.write(source, inner)


def run(root: Path, assignment: str) -> None:
    """Grade what lies in root/submission and write root/results/results.json, as Gradescope asks."""
    files = sorted(path for path in (root / "submission").iterdir() if not path.name.startswith("."))
    notebooks = [path for path in files if path.suffix == ".ipynb"] or files
    mine = read("", notebooks)
    graded = grade(Task(assignment, mine.cells, mine.problem, jail=_has_jail()))
    (root / "results").mkdir(exist_ok=True)
    write(root / "results" / "results.json", json.dumps(results(graded), ensure_ascii=False, indent=1))


def results(graded: Graded) -> dict[str, Any]:
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
    told = [graded.problem, *graded.cells]
    return {"output": "\n".join(filter(None, told)), "visibility": "visible", "tests": tests}


def _has_jail() -> bool:
    """Whether a jail can be made in this container; if not, its walls and another user must do."""
    try:
        jail.require_jail()
    except jail.NoJail as error:
        print(f"no jail inside this container: {error}", file=sys.stderr)
        return False
    return True
