"""Measure every figure in a browser: python -m benchmarks.figures writes benchmarks/results/figures.json.

For each figure of the gallery, in a page of its own: the bytes of its bundle; the time from navigation until it lives;
the time that one redraw takes; and the time from a key press on its first slider to the next painted frame, over 100
presses, beside that of a page with a bare slider. Then what axe-core finds, and the largest relative difference between
what the figure computes in JavaScript and the library in Python, over all cases of tests/widgets.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import ipywidgets
from playwright.sync_api import Page, sync_playwright

from rmsprop_lib.widgets.examples import EXAMPLES
from tests.browser.figure_page import write_page
from tools.browser import arguments, find_or_install

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks/results/figures.json"
AXE = ROOT / "tests/browser/vendor/axe.min.js"
MOVES = 100
BARE = '<!doctype html><html lang="en"><title>Bare</title><input type="range" aria-label="bare" max="1000">'
# Times every callback of requestAnimationFrame, in which figures draw, and every key press until its frame is painted.
WATCH = """
window.draws = []; window.delays = []; window.lived = 0;
const frame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (draw) => frame((now) => {
  const start = performance.now();
  draw(now);
  window.draws.push(performance.now() - start);
});
addEventListener("keydown", (event) => frame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => window.delays.push(performance.now() - event.timeStamp);
  channel.port2.postMessage(0);
}), true);
new MutationObserver(() => {
  if (!window.lived && document.querySelector("[data-state=live]")) window.lived = performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def main() -> None:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=arguments())
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        bare = Path(folder, "bare.html")
        bare.write_text(BARE, "utf8")
        page.goto(bare.as_uri())
        rows = {"bare slider": _delays(page)}
        for name, make in EXAMPLES.items():
            rows[name] = _measure(page, Path(folder), make())
            print(name, rows[name], flush=True)
        machine = {"processors": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
        machine |= {"browser": f"Chromium {browser.version}", "drawing": "software, without a graphics card"}
        browser.close()
        for name, difference in _parity(Path(folder, "record.xml")).items():
            rows[name]["parity"] = difference
    RESULTS.write_text(json.dumps({"machine": machine, "moves": MOVES, "figures": rows}, indent=2) + "\n", "utf8")


def _measure(page: Page, folder: Path, figure: ipywidgets.Widget) -> dict:
    page.goto(write_page(folder, figure))
    page.wait_for_function("window.lived")
    row = {"bundle_bytes": len(str(figure.figure._esm).encode()), "alive_ms": round(page.evaluate("window.lived"))}
    page.evaluate("window.draws.length = 0")
    row |= _delays(page)
    row["draw_ms"] = round(statistics.median(page.evaluate("window.draws")), 1)
    page.evaluate(AXE.read_text("utf8"))
    row["axe_violations"] = page.evaluate("axe.run().then((result) => result.violations.length)")
    ipywidgets.Widget.close_all()
    return row


def _delays(page: Page) -> dict:
    """Median and 95th percentile of the times from key press to paint, in milliseconds."""
    page.locator("input[type=range]").first.focus()
    for i in range(MOVES):
        page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
        page.wait_for_timeout(30)
    page.wait_for_function(f"window.delays.length >= {MOVES}")
    delays = sorted(page.evaluate("window.delays"))
    return {"paint_ms": round(statistics.median(delays), 1), "paint_p95_ms": round(delays[int(0.95 * MOVES)], 1)}


def _parity(record: Path) -> dict[str, float]:
    """For each figure that computes in JavaScript: the largest difference that its tests found (see tests/widgets)."""
    command = [sys.executable, "-m", "pytest", "tests/widgets", "-q", f"--junitxml={record}"]
    subprocess.run([*command, "-o", "junit_family=xunit1"], cwd=ROOT, check=True)  # xunit2 holds no properties
    largest: dict[str, float] = {}
    for fact in ElementTree.parse(record).iter("property"):
        name = fact.get("name", "").removeprefix("parity of ")
        if name != fact.get("name"):
            largest[name] = max(float(fact.get("value", "nan")), largest.get(name, 0.0))
    return largest


if __name__ == "__main__":
    main()
