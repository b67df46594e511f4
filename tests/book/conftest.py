"""What the chapters measured: the numbers that their cells glued, as the strict build recorded them."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
EXECUTED = ROOT / "_build/jupyter_execute/book"
BUILD_LIMIT = 1200  # seconds


@pytest.fixture(scope="session")
def executed() -> Path:
    """The folder of the executed notebooks. Building the book takes a moment when it is up to date, else minutes."""
    command = [sys.executable, ROOT / "tools/build_book.py"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_LIMIT)
    assert built.returncode == 0, f"the book does not build:\n{(built.stdout + built.stderr)[-4000:]}"
    return EXECUTED


@pytest.fixture
def glued(request, executed) -> dict[str, float | str]:
    """Name -> number or text, for all that the chapter of this test file glued: adagrad.md for test_adagrad.py."""
    chapter = request.path.stem.removeprefix("test_")
    return glued_values(json.loads((executed / f"{chapter}.glue.json").read_text("utf8")))


def glued_values(record: dict) -> dict[str, float | str]:
    """Name -> number, or text where it is none, from what MyST-NB writes beside an executed notebook."""
    return {name: ast.literal_eval(_text(entry["data"]["text/plain"])) for name, entry in record.items()}


def _text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)
