"""Make .venv hold exactly the pinned environment; do nothing when it already does.

The stamp is written last, so an install that was killed is begun anew. It names everything the environment follows
from: the Python, the folder (a virtual environment cannot be moved), the pins and the package's metadata.
Standard library only: this runs before anything is installed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEARTBEAT = 20  # seconds between signs of life
UNREACHABLE = ("Retrying (Retry(", "NewConnectionError", "ConnectTimeout", "ReadTimeoutError", "ProxyError")


class SetupError(Exception):
    """The environment could not be made; the message is for the person who typed make."""


def main(root: Path = ROOT) -> int:
    """Bring root/.venv up to date and return the exit status."""
    if is_ready(root):
        return 0
    with open(root / ".venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second make waits here, then finds the work done
        if is_ready(root):
            return 0
        try:
            _install(root)
        except SetupError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    return 0


def is_ready(root: Path) -> bool:
    """Whether root/.venv is complete, follows from today's inputs, and runs."""
    return _stamp(root) == wanted_stamp(root) and _runs(root / ".venv/bin/python")


def can_reuse(root: Path) -> bool:
    """Whether pip may install over what is there: only metadata changed. Else an old package could stay behind."""
    return _stamp(root)[:3] == wanted_stamp(root)[:3] and _runs(root / ".venv/bin/python")


def wanted_stamp(root: Path) -> list[str]:
    """What .venv/ready.txt says when .venv is complete: one line for each thing that the environment follows from."""
    inputs = ("requirements.txt", "pyproject.toml")
    digests = [f"{name} {hashlib.sha256((root / name).read_bytes()).hexdigest()}" for name in inputs]
    return [f"python {_version()}", f"folder {root}", *digests]


def _stamp(root: Path) -> list[str]:
    path = root / ".venv/ready.txt"
    return path.read_text().splitlines() if path.is_file() else []


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _runs(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def _install(root: Path) -> None:
    venv, started = root / ".venv", time.monotonic()
    if can_reuse(root):
        (venv / "ready.txt").unlink()
    else:
        _create(venv)
    print(f"Setting up .venv for Python {_version()} (the first time takes a few minutes) ...", flush=True)
    pip = [venv / "bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off"]
    code, log = _run_with_signs_of_life([*pip, "--requirement", "requirements.txt"], root)
    if code:
        raise SetupError(explain(log))
    (venv / "ready.txt").write_text("\n".join(wanted_stamp(root)) + "\n")
    print(f"Set up .venv in {time.monotonic() - started:.0f} s.", flush=True)


def _create(venv: Path) -> None:
    # sys.executable may lie in the .venv that is removed here; the Python it was made from does not.
    base = os.path.join(sys.base_exec_prefix, "bin", f"python{_version()}")
    python = base if os.access(base, os.X_OK) else sys.executable
    shutil.rmtree(venv, ignore_errors=True)
    made = subprocess.run([python, "-m", "venv", venv], capture_output=True, text=True)
    if made.returncode:
        raise SetupError(f"{python} could not make {venv}:\n  {_last_lines(made.stdout + made.stderr)}")


def _run_with_signs_of_life(command: list, folder: Path) -> tuple[int, str]:
    started = said = time.monotonic()
    lines = []
    with subprocess.Popen(
        command, cwd=folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout:
            lines.append(line)
            if time.monotonic() - said > HEARTBEAT:
                said = time.monotonic()
                print(f"  {said - started:.0f} s: {line.strip()[:90]}", flush=True)
    return process.returncode, "".join(lines)


def explain(log: str) -> str:
    """One message from pip's whole output: what failed and what to do about it."""
    if any(sign in log for sign in UNREACHABLE):
        advice = "check the network and pip's settings (python3 -m pip config list)"
        return f"could not reach the package index; {advice}. pip's last words:\n  {_last_lines(log, 2)}"
    return f"pip could not install requirements.txt. Its last words:\n  {_last_lines(log)}"


def _last_lines(text: str, count: int = 8) -> str:
    return "\n  ".join(text.strip().splitlines()[-count:])


if __name__ == "__main__":
    sys.exit(main())
