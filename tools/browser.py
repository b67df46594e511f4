"""Find a Chromium for the browser tests; install one when there is none.

First $CHROME_PATH or $BROWSER_PATH, then Chromium or Chrome on the PATH, then the one that Playwright has downloaded;
else Playwright downloads one; else, as root on Debian, the distribution's package. A browser counts only if it runs:
the name on the PATH can be a stub, and a downloaded one can miss system libraries.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
DOWNLOAD_LIMIT = 300  # seconds
APT_LIMIT = 600
ADVICE = (
    "no Chromium or Chrome found, and none could be installed: install one (on Debian: apt-get install chromium), "
    "or set CHROME_PATH to its program"
)
# Playwright is asked in a process of its own: its synchronous interface may be used only once in a thread.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class NoBrowserError(Exception):
    """No browser is here and none can be installed; the message says what to install."""


def find_or_install(python: str = sys.executable) -> str:
    """The path of a Chromium that runs. Raises NoBrowserError when there is none to be had."""
    found = find(python)
    if not found:
        print("No Chromium or Chrome found: installing one for the browser tests ...", flush=True)
        for install in (_download, _apt_install):
            if install(python) and (found := find(python)):
                break
    if not found:
        raise NoBrowserError(ADVICE)
    return found


def find(python: str = sys.executable) -> str | None:
    """The path of a Chromium that is already here and runs, or None. Raises NoBrowserError for a wrong $CHROME_PATH."""
    for variable in ("CHROME_PATH", "BROWSER_PATH"):
        if path := os.environ.get(variable):
            if runs(path):
                return path
            raise NoBrowserError(f"{variable} must be the path of a Chromium or Chrome that runs, got {path!r}")
    for path in filter(None, [*map(shutil.which, NAMES), MAC]):
        if runs(path):
            return path
    path = _output([python, "-c", ASK_PLAYWRIGHT], limit=60)
    return path if path and runs(path) else None


def runs(path: str) -> bool:
    """Whether the program at `path` starts and says that it is a Chromium or a Chrome."""
    return "Chrom" in (_output([path, "--version"], limit=60) or "")


def arguments() -> list[str]:
    """Command-line switches for tests: quiet towards the network, and able to start for root (as in containers)."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    return [*quiet, "--no-first-run", "--disable-gpu", *(["--no-sandbox"] if _is_root() else [])]


def _download(python: str) -> bool:
    return _output([python, "-m", "playwright", "install", "chromium"], limit=DOWNLOAD_LIMIT) is not None


def _apt_install(python: str) -> bool:
    if not (_is_root() and shutil.which("apt-get")):
        return False
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    _output(["apt-get", "update"], limit=APT_LIMIT)  # stale lists may still do
    return _output(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], limit=APT_LIMIT) is not None


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _output(command: list[str], limit: float) -> str | None:
    """What the command prints, or None when it is missing, fails or takes more than `limit` seconds."""
    try:
        process = subprocess.Popen(
            command,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None
    with process:
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with its children, which would hold the pipe open
            return None
    return output.strip() if process.returncode == 0 else None


if __name__ == "__main__":
    try:
        print(f"Browser for the tests: {Path(find_or_install())}")
    except NoBrowserError as error:
        sys.exit(f"error: {error}")
