"""Run the tests of the figures in Firefox and in WebKit, where they can be had: make test-browsers.

Playwright's own builds are tried first, then downloaded. Where downloads are blocked, a Firefox of the system does too:
Playwright drives it by WebDriver BiDi. WebKitGTK has tests of its own (test_webkit.py).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from .webdriver import missing

TESTS = Path(__file__).parent
FIGURES = [TESTS / name for name in ("test_every_figure.py", "test_host.py", "test_quiz.py")]
LIMIT = 300  # seconds for a download
START = ["-m", "pytest", "-q", "-n", "0"]


def main() -> int:
    codes = [_run("firefox", options)] if (options := _options("firefox")) is not None else []
    if (options := _options("webkit")) is not None:
        codes.append(_run("webkit", options))
    elif not missing():
        print("WebKit: Playwright's cannot be had; testing in WebKitGTK instead.", flush=True)
        codes.append(subprocess.run([sys.executable, *START, TESTS / "test_webkit.py"]).returncode)
    else:
        print(f"WebKit: not tested. Playwright's cannot be had, and WebKitGTK's {' and '.join(missing())} is not here "
              "(on Debian: apt-get install webkit2gtk-driver xvfb).")  # fmt: skip
    return max(codes, default=0)


def _options(engine: str) -> dict | None:
    """How Playwright can start this engine, or None."""
    if _starts(engine, {}):
        return {}
    with suppress(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-m", "playwright", "install", engine], timeout=LIMIT, capture_output=True)
    if _starts(engine, {}):
        return {}
    if engine == "firefox":
        for program in filter(None, map(shutil.which, ("firefox-esr", "firefox"))):
            if _starts(engine, options := {"channel": "moz-firefox", "executable_path": program}):
                return options
        print("Firefox: not tested, it cannot be had (on Debian: apt-get install firefox-esr).")
    return None


def _starts(engine: str, options: dict) -> bool:
    try:
        with sync_playwright() as playwright:
            browser = getattr(playwright, engine).launch(**options)
            browser.new_context().close()
            browser.close()
    except Error:
        return False
    return True


def _run(engine: str, options: dict) -> int:
    print(f"{engine.capitalize()}: {options.get('executable_path', 'from Playwright')}", flush=True)
    environment = os.environ | {"ENGINE": engine, "ENGINE_OPTIONS": json.dumps(options)}
    return subprocess.run([sys.executable, *START, *FIGURES], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
