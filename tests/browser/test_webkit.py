"""Every figure in WebKitGTK, the nearest to Safari that runs on Linux: it lives, moves and follows links."""

import pytest

from rmsprop_lib.widgets.examples import EXAMPLES

from .figure_page import write_page
from .webdriver import missing, webkit

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}")

PAGE_DOWN = "\ue00f"
TOLD = "document.querySelector('.rms-told')?.textContent"
LIVE = f"document.querySelector('.rms-figure[data-state=live]') && {TOLD}"
READOUTS = "[...document.querySelectorAll('.rms-readout')].map((e) => e.value)"
WATCH = """<script>
wrong = [];
for (const kind of ["error", "unhandledrejection"]) {
  addEventListener(kind, (e) => wrong.push(String(e.message ?? e.reason)));
}
</script>"""


@pytest.fixture(scope="module")
def window():
    with webkit() as session:
        yield session


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_figure_lives_moves_by_keys_and_comes_back_from_its_link(window, tmp_path, serve_folder, name):
    figure = EXAMPLES[name]()
    write_page(tmp_path, figure)
    page = tmp_path / "page.html"
    page.write_text(page.read_text("utf8").replace("<title>", f"{WATCH}<title>", 1), "utf8")
    with serve_folder(tmp_path) as address:
        window.go(f"{address}/page.html")
        window.wait_for(LIVE)
        before = window.run(TOLD)
        window.keys("input[type=range]", PAGE_DOWN)
        window.wait_for(f"{TOLD} !== {before!r}")
        wanted = window.run(READOUTS)
        window.run("document.querySelector('.rms-link').click()")
        link = window.run("location.href")
        assert f"#fig-{figure.figure.name}=" in link
        window.go("about:blank")
        window.go(link)
        window.wait_for(LIVE)
        assert window.run(READOUTS) == wanted
        # a notice, no fault: a figure that learns its width may change its own height
        assert [text for text in window.run("wrong") if "ResizeObserver loop" not in text] == []
