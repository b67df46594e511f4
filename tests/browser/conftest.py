"""The built book, a server for it, and a page that remembers what it asked for and what went wrong."""

import functools
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tools.browser import arguments, find_or_install

from .figure_page import write_page

ROOT = Path(__file__).resolve().parent.parent.parent
ENGINE = os.environ.get("ENGINE", "chromium")
BUILD_LIMIT = 1200  # seconds
expect.set_options(timeout=20_000)  # milliseconds: what comes late on a busy machine is not wrong


@pytest.fixture(scope="session")
def built_book() -> Path:
    """The folder of the built book; building it takes a moment when it is up to date, minutes when not."""
    command = [sys.executable, ROOT / "tools/build_book.py"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_LIMIT)
    assert built.returncode == 0, f"the book does not build:\n{(built.stdout + built.stderr)[-4000:]}"
    return ROOT / "_build/html"


@pytest.fixture(scope="session")
def site(built_book) -> str:
    """The address of the book on a local server, without a slash at the end."""
    with serve(built_book) as address:
        yield address


@pytest.fixture(scope="session")
def site_files(built_book) -> str:
    """The address of the book as files on a disk, without a slash at the end."""
    return built_book.as_uri()


@pytest.fixture(scope="session")
def browser():
    """A headless browser for all tests: Chromium, or what ENGINE names (see tools/other_browsers.py)."""
    with sync_playwright() as playwright:
        if ENGINE == "chromium":
            started = playwright.chromium.launch(executable_path=find_or_install(), args=arguments())
        else:
            started = getattr(playwright, ENGINE).launch(**json.loads(os.environ["ENGINE_OPTIONS"]))
        yield started
        started.close()


@pytest.fixture
def open_page(browser):
    """Makes pages that share nothing: open_page(color_scheme="dark"), with the options of playwright's new_context."""
    contexts = []

    def make(**options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.log = PageLog(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page):
    """A fresh page at desktop width. `page.log` has its requests and errors."""
    return open_page(viewport={"width": 1280, "height": 800})


@pytest.fixture
def show(open_page, tmp_path):
    """show(figure, ..., **context options) opens a page with them alive; it must stay free of errors and requests."""
    pages = []

    def open_figures(*figures, **options):
        page = open_page(**{"viewport": {"width": 1280, "height": 900}} | options)
        pages.append(page)
        page.goto(write_page(tmp_path, *figures))
        for figure in page.locator(".rms-figure").all():
            figure.and_(page.locator("[data-state=live]")).wait_for()
        for told in page.locator(".rms-live .rms-told").all():
            expect(told).not_to_be_empty()
        return page

    yield open_figures
    for page in pages:
        page.log.assert_clean(tmp_path.as_uri())


def delays(page, slider, moves: int) -> list[float]:
    """Milliseconds from a key on the slider to the frame that shows its effect, the shortest first."""
    page.evaluate(TIMER)
    slider.focus()
    for i in range(moves):
        page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
        page.wait_for_timeout(30)
    page.wait_for_function(f"window.delays.length >= {moves}")
    return sorted(page.evaluate("window.delays"))


TIMER = """() => {
  window.delays = [];
  addEventListener("keydown", (event) => requestAnimationFrame(() => {
    const channel = new MessageChannel(); // its message arrives after the frame was painted
    channel.port1.onmessage = () => window.delays.push(performance.now() - event.timeStamp);
    channel.port2.postMessage(0);
  }), true);
}"""


class PageLog:
    """What a page asked for and what went wrong in it, from the moment it was made."""

    def __init__(self, page):
        self.requests, self.failed, self.console_errors, self.page_errors = [], [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.failed.append(f"{request.url}: {request.failure}"))
        page.on("response", lambda answer: answer.status < 400 or self.failed.append(f"{answer.url}: {answer.status}"))
        page.on("console", lambda message: message.type != "error" or self.console_errors.append(message.text))
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))

    def foreign(self, home: str) -> list[str]:
        """The requests that left `home`, the address of a site or of a folder; what a page makes itself is not one."""
        return [url for url in self.requests if not url.startswith((f"{home}/", "data:", "blob:"))]

    def assert_clean(self, home: str) -> None:
        """Fail unless every request stayed at `home` and was answered, and nothing went wrong."""
        reported = ENGINE == "chromium" or home.startswith("http")  # Firefox says nothing of files
        assert self.requests or not reported, "the page asked for nothing: was it opened?"
        assert self.foreign(home) == []
        assert self.failed == []
        assert self.console_errors == []
        assert self.page_errors == []


@contextmanager
def serve(folder: Path):
    """Serve a folder on a free local port; gives the address."""
    handler = functools.partial(_QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def serve_folder():
    """`serve`, for tests that show pages of their own: with serve_folder(folder) as address."""
    return serve
