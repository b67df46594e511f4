"""Just enough of the W3C WebDriver protocol to drive WebKitGTK, which Playwright cannot."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

NEEDED = ("WebKitWebDriver", "Xvfb")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element in the protocol
# Its processes are put into a sandbox of namespaces, which a container may not make.
NO_SANDBOX = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}


def missing() -> list[str]:
    """The programs that are not here; on Debian they are in the packages webkit2gtk-driver and xvfb."""
    return [name for name in NEEDED if not shutil.which(name)]


class Session:
    """A browser window: go, run, keys."""

    def __init__(self, address: str):
        self._address = address
        self._id = ""
        self._id = "/" + self._send("POST", "", capabilities={"alwaysMatch": {}})["sessionId"]

    def _send(self, method: str, path: str, **body):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self._address}/session{self._id}{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def go(self, address: str) -> None:
        self._send("POST", "/url", url=address)

    def run(self, script: str):
        """The value of an expression in the page."""
        return self._send("POST", "/execute/sync", script=f"return {script}", args=[])

    def wait_for(self, script: str, limit: float = 20) -> None:
        end = time.monotonic() + limit
        while not self.run(script):
            assert time.monotonic() < end, f"this did not come true in {limit} s: {script}"
            time.sleep(0.1)

    def keys(self, selector: str, text: str) -> None:
        element = self._send("POST", "/element", using="css selector", value=selector)[ELEMENT]
        self._send("POST", f"/element/{element}/value", text=text)

    def close(self) -> None:
        self._send("DELETE", "")


@contextmanager
def webkit():
    """A session of WebKitGTK on a screen of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stderr": subprocess.DEVNULL}
    xvfb = ["Xvfb", "-displayfd", "1", "-nolisten", "tcp"]
    screen = subprocess.Popen(xvfb, stdout=subprocess.PIPE, text=True, **quiet)
    display = {"DISPLAY": f":{screen.stdout.readline().strip()}"}
    driver = subprocess.Popen(["WebKitWebDriver", f"--port={port}"], env=os.environ | display | NO_SANDBOX, **quiet)
    try:
        _wait_until_it_listens(port)
        session = Session(f"http://127.0.0.1:{port}")
        yield session
        session.close()
    finally:
        for process in (driver, screen):
            process.terminate()
            process.wait(timeout=30)
        screen.stdout.close()


def _wait_until_it_listens(port: int, limit: float = 30) -> None:
    end = time.monotonic() + limit
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end, "WebKitWebDriver did not start"
            time.sleep(0.1)
