"""Renew requirements.txt: the newest versions that pyproject.toml allows, every one pinned.

Run it with the oldest supported Python: that one also needs the backports, which the newer ones bear.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("widgets", "fast", "cluster", "book", "test")
OLDEST = (3, 11)
HEAD = """\
# The environment in which the book is built and tested, on Python 3.11 to 3.13.
# Written by: make lock PYTHON=python3.11
"""


def main() -> int:
    """Install what pyproject.toml asks for into an empty environment and write down what came."""
    if sys.version_info[:2] != OLDEST:
        print("error: make lock needs Python 3.11, the oldest supported: make lock PYTHON=python3.11", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        python = f"{folder}/bin/python"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "uninstall", "--yes", "setuptools"], check=True)  # 3.11 brings one too old for 3.13
        subprocess.run([*pip, "install", *sorted(asked_for())], check=True)
        frozen = subprocess.run([*pip, "freeze", "--all"], check=True, text=True, stdout=subprocess.PIPE).stdout
    (ROOT / "requirements.txt").write_text(requirements(frozen.splitlines()))
    return 0


def asked_for() -> set[str]:
    """The requirements named in pyproject.toml, save what needs a GPU."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in EXTRAS)]
    return {line for lines in lists for line in lines if not line.startswith(project["name"])}


def requirements(frozen: list[str]) -> str:
    """The text of requirements.txt: what we ask for, what that needs, and the package itself."""
    ours = {normal_name(line) for line in asked_for()}
    pins = sorted((line for line in frozen if "==" in line and normal_name(line) != "pip"), key=normal_name)
    direct = [pin for pin in pins if normal_name(pin) in ours]
    needed = [pin for pin in pins if normal_name(pin) not in ours]
    parts = [HEAD, "# what pyproject.toml asks for", *direct, "", "# what those need", *needed, ""]
    return "\n".join([*parts, "# the package itself, from this folder", "-e .", ""])


def normal_name(requirement: str) -> str:
    """The name that a requirement line starts with, spelled the way package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement)[0]).lower()


if __name__ == "__main__":
    sys.exit(main())
