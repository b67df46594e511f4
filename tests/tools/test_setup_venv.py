"""The environment is made once, repaired when cut short and renewed when its inputs change; pip and venv are real."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import setup_venv

SCRIPT = Path(setup_venv.__file__)
SETTING_UP = "Setting up .venv"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project folder with its environment already made."""
    root = tmp_path_factory.mktemp("project")
    _write_project(root)
    first = _setup(root)
    assert first.returncode == 0, first.stderr
    assert SETTING_UP in first.stdout
    return root


def _write_project(root, requirement="./grain-1.0-py3-none-any.whl"):
    """A copy of the script, and a package small enough to install without a network."""
    (root / "tools").mkdir()
    shutil.copy(SCRIPT, root / "tools")
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "requirements.txt").write_text(f"{requirement}\n")
    info = "grain-1.0.dist-info"
    with zipfile.ZipFile(root / "grain-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("grain.py", "weight = 1\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: grain\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def _environment(**extra):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", **extra}


def _setup(root, **extra):
    command = [sys.executable, root / "tools" / SCRIPT.name]
    return subprocess.run(command, env=_environment(**extra), capture_output=True, text=True, timeout=120)


def _imports_grain(root):
    return subprocess.run([root / ".venv/bin/python", "-c", "import grain"], capture_output=True).returncode == 0


def test_what_is_pinned_is_installed_and_a_second_run_does_nothing(made):
    assert _imports_grain(made)
    again = _setup(made)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_new_metadata_is_installed_over_the_old(made):
    marker = made / ".venv/marker"
    marker.touch()
    (made / "pyproject.toml").write_text("[project]\n# changed\n")
    assert SETTING_UP in _setup(made).stdout
    assert marker.exists()
    assert _setup(made).stdout == ""


@pytest.mark.parametrize("change", ["pins", "python", "folder", "broken", "nothing"])
def test_nothing_else_is_installed_over(made, tmp_path, change):
    root = _copy(made, tmp_path / "project")
    python, stamp = root / ".venv/bin/python", root / ".venv/ready.txt"
    if change == "pins":
        (root / "requirements.txt").write_text("# changed\n")
    elif change == "python":
        stamp.write_text(stamp.read_text().replace("python 3", "python 2"))
    elif change == "folder":
        stamp.write_text((made / ".venv/ready.txt").read_text())
    elif change == "broken":
        python.unlink()
        python.symlink_to("gone")
    assert setup_venv.can_reuse(root) == setup_venv.is_ready(root) == (change == "nothing")


def test_new_pins_start_from_nothing(made, tmp_path):
    root = _copy(made, tmp_path / "project")
    (root / ".venv/marker").touch()
    (root / "requirements.txt").write_text("# changed\n./grain-1.0-py3-none-any.whl\n")
    assert SETTING_UP in _setup(root).stdout
    assert not (root / ".venv/marker").exists()
    assert _imports_grain(root)


def _copy(made, root):
    shutil.copytree(made, root, symlinks=True)
    (root / ".venv/ready.txt").write_text("\n".join(setup_venv.wanted_stamp(root)) + "\n")
    return root


def test_an_install_that_was_killed_is_begun_anew(tmp_path):
    _write_project(tmp_path)
    command = [sys.executable, tmp_path / "tools" / SCRIPT.name]
    with subprocess.Popen(
        command, env=_environment(), text=True, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert SETTING_UP in process.stdout.readline()  # .venv is there, its packages are not
        os.killpg(process.pid, signal.SIGKILL)
    assert (tmp_path / ".venv/bin/python").exists()
    assert not (tmp_path / ".venv/ready.txt").exists()
    assert SETTING_UP in _setup(tmp_path).stdout
    assert _imports_grain(tmp_path)


def test_of_two_at_once_one_installs_and_the_other_waits(tmp_path):
    _write_project(tmp_path)
    command = [sys.executable, tmp_path / "tools" / SCRIPT.name]
    both = [subprocess.Popen(command, env=_environment(), text=True, stdout=subprocess.PIPE) for _ in range(2)]
    said = "".join(process.communicate(timeout=120)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said.count(SETTING_UP) == 1


def test_an_index_that_cannot_be_reached_is_named(made):
    nobody = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_NO_INDEX": "0"}
    pip = [made / ".venv/bin/python", "-m", "pip", "install", "grain-that-is-nowhere"]
    done = subprocess.run(pip, env=_environment(**nobody), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode
    assert setup_venv.explain(done.stdout).startswith("could not reach the package index; check the network and pip's")


def test_a_pin_that_does_not_exist_is_named(tmp_path):
    _write_project(tmp_path, requirement="grain-that-is-nowhere==1.0")
    done = _setup(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: pip could not install requirements.txt.")
    assert "grain-that-is-nowhere==1.0" in done.stderr
    assert not (tmp_path / ".venv/ready.txt").exists()
