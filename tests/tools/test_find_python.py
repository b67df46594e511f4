"""The script that chooses a Python, among fakes that answer as such Pythons do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "tools/find_python.sh"
# Each fake runs the real Python on the script's probe, with one thing changed.
FAKES = {
    "good": f'exec {sys.executable} "$@"',
    "too old": f"exec {sys.executable} -c 'import sys; sys.version_info = (3, 10, 9); exec(sys.argv[1])' \"$2\"",
    "too new": f"exec {sys.executable} -c 'import sys; sys.version_info = (3, 14, 0); exec(sys.argv[1])' \"$2\"",
    "no venv": f'exec {sys.executable} -c \'import sys; sys.modules["ensurepip"] = None; exec(sys.argv[1])\' "$2"',
    "shim": 'echo "command not found: the command exists in these versions: 3.13.0" >&2; exit 127',
}


@pytest.fixture
def choose(tmp_path):
    def run(**pythons):
        named = {"PYTHON": str(tmp_path / pythons.pop("PYTHON"))} if "PYTHON" in pythons else {}
        for name, kind in pythons.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(f"#!/bin/sh\n{FAKES[kind]}\n")
            path.chmod(0o755)
        env = {"PATH": str(tmp_path), **named}
        done = subprocess.run(["/bin/sh", SCRIPT], cwd=tmp_path, env=env, capture_output=True, text=True)
        return done.stdout.strip().removeprefix(f"{tmp_path}{os.sep}") or done.stderr.strip()

    return run


def test_the_newest_python_that_runs_is_chosen(choose):
    assert choose(python3="good", python3_11="good", python3_12="good") == "python3.12"


def test_a_shim_and_unsupported_versions_are_passed_over(choose):
    assert choose(python3="good", python3_11="too old", python3_12="too new", python3_13="shim") == "python3"


def test_a_python_without_venv_is_passed_over(choose):
    assert choose(python3_13="no venv", python3_11="good") == "python3.11"


def test_the_python_of_an_existing_environment_is_kept(choose, tmp_path):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    assert choose(python3_13="good") == ".venv/bin/python"


def test_a_named_python_wins(choose):
    assert choose(PYTHON="python3.11", python3_11="good", python3_13="good") == "python3.11"


def test_a_named_python_that_will_not_do_is_refused_even_if_another_would(choose):
    answer = choose(PYTHON="python3.9", python3_9="too old", python3_13="good")
    assert answer.startswith("error: PYTHON=")
    assert answer.endswith("python3.9 is not a Python 3.11, 3.12 or 3.13 that runs")


def test_without_venv_one_line_says_what_to_install(choose):
    answer = choose(python3="no venv", python3_13="shim")
    assert answer == (
        "error: python3 cannot make virtual environments: install its venv module "
        "(on Debian or Ubuntu: apt-get install python3-venv)"
    )


def test_without_any_python_one_line_says_what_to_install(choose):
    answer = choose(python3="too old")
    assert answer.startswith("error: no Python 3.11, 3.12 or 3.13 found: install one")
    assert "\n" not in answer
