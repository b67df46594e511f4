"""The figures of the built book: alive over http and from files, by mouse and keys; pictures without JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

FIGURE = ".rms-figure:not(.rms-question)"


@pytest.fixture(scope="module")
def pages(built_book: Path) -> list[str]:
    """The pages that have figures."""
    files = sorted((built_book / "book").glob("*.html"))
    found = [p.relative_to(built_book).as_posix() for p in files if 'class="rms-figure"' in p.read_text("utf8")]
    assert found, "no page of the book has a figure"
    return found


def open_figure(page, address):
    """Open the page, go to its first figure as a reader would, and wait until it lives."""
    page.goto(address)
    page.locator(FIGURE).first.scroll_into_view_if_needed()
    figure = page.locator(f'{FIGURE}[data-state="live"]').first
    expect(figure.locator(".rms-told")).not_to_be_empty(timeout=15_000)
    return figure


def sentence(figure) -> str:
    return figure.locator(".rms-told").inner_text()


def test_keys_typing_and_reset_move_a_figure(pages, page, site):
    figure = open_figure(page, f"{site}/{pages[0]}")
    before = sentence(figure)
    slider = figure.locator("input[type=range]").first
    slider.focus()
    slider.press("PageDown")
    expect(figure.locator(".rms-told")).not_to_have_text(before)
    figure.get_by_role("button", name="Reset").click()
    expect(figure.locator(".rms-told")).to_have_text(before)
    readout = figure.locator(".rms-readout").first
    readout.fill("0.003")
    readout.press("Enter")
    expect(figure.locator(".rms-told")).not_to_have_text(before)


def test_the_start_of_a_figure_is_dragged(pages, page, site):
    figure = open_figure(page, f"{site}/{pages[0]}")
    handle = figure.get_by_role("slider", name="start of the paths")
    handle.scroll_into_view_if_needed()
    before = handle.get_attribute("aria-valuetext")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 50)
    page.mouse.up()
    expect(handle).not_to_have_attribute("aria-valuetext", before)


def test_the_dark_theme_reaches_the_figures(pages, page, site):
    figure = open_figure(page, f"{site}/{pages[0]}")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(figure.locator(".rms-live")).to_have_class(re.compile("rms-dark"))


def test_a_phone_shows_figures_within_its_width(pages, open_page, site):
    page = open_page(viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True)
    for name in pages:
        figure = open_figure(page, f"{site}/{name}")
        box = figure.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 375
        assert figure.evaluate("f => f.scrollWidth <= f.clientWidth")


def test_without_javascript_there_is_a_picture_and_a_sentence(pages, open_page, site):
    page = open_page(java_script_enabled=False)
    for name in pages:
        page.goto(f"{site}/{name}")
        for figure in page.locator(FIGURE).all():
            figure.scroll_into_view_if_needed()
            assert len(figure.locator("img").get_attribute("alt")) > 40
            assert len(figure.locator("figcaption").inner_text()) > 20


@pytest.mark.parametrize("width", [1280, 375])
def test_a_question_comes_alive_without_pushing_the_text_away(open_page, site, width):
    heights = []
    for host in (False, True):
        page = open_page(viewport={"width": width, "height": 900})
        if not host:
            page.route("**/host.js*", lambda route: route.abort())
        page.goto(f"{site}/book/rmsprop.html")
        page.keyboard.press("Shift")  # loads the host
        questions = page.locator(".rms-question")
        if host:
            expect(page.locator(".rms-quiz")).to_have_count(questions.count(), timeout=15_000)
        heights.append(questions.evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().height)"))
    before, after = heights
    assert after
    assert [pair for pair in zip(before, after, strict=True) if abs(pair[0] - pair[1]) > 40] == []


SHIFTS = """() => {
  window.shifts = [];
  const what = ({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.data;
  const note = (entry) => window.shifts.push([entry.value, entry.sources.map(what)]);
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(note));
  const watch = () => observer.observe({ type: "layout-shift" });
  document.addEventListener("DOMContentLoaded", () => requestAnimationFrame(watch));
}"""


@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_moves_when_figures_come_alive(pages, open_page, site, width):
    """Layout shifts, as browsers measure them, from when the text has arrived until a reader has seen all of it."""
    moved = {}
    for name in pages:
        page = open_page(viewport={"width": width, "height": 812})
        page.add_init_script(f"({SHIFTS})()")
        page.goto(f"{site}/{name}")
        bottom = page.evaluate("document.documentElement.scrollHeight")
        for y in range(0, bottom, 600):
            page.evaluate(f"scrollTo({{top: {y}, behavior: 'instant'}})")
            page.wait_for_timeout(60)
        expect(page.locator('.rms-figure:not([data-state="live"])')).to_have_count(0, timeout=15_000)
        page.wait_for_timeout(300)
        shifts = page.evaluate("window.shifts")
        if sum(value for value, _ in shifts) >= 0.01:
            moved[name] = shifts
        page.close()
    assert moved == {}


@pytest.mark.parametrize("width", [1200, 1280, 1440])
def test_the_text_keeps_its_width_when_the_contents_beside_it_arrive(page, site, width):
    page.set_viewport_size({"width": width, "height": 812})
    page.goto(f"{site}/book/gradient_descent.html")
    text = page.locator(".bd-article-container")
    after = text.bounding_box()["width"]
    page.locator(".bd-sidebar-secondary").evaluate("contents => contents.remove()")
    assert text.bounding_box()["width"] == after


ALIVE = """new MutationObserver(() => {
  window.alive ||= document.querySelector(".rms-figure[data-state=live] .rms-told") && performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });"""


def test_the_first_figure_is_drawn_within_a_second_of_the_navigation(open_page, site):
    """The best of five, as other tests run beside this one."""
    times = []
    for _ in range(5):
        page = open_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(ALIVE)
        page.goto(f"{site}/book/intro.html")
        page.wait_for_function("window.alive")
        times.append(page.evaluate("window.alive"))
        page.close()
    assert min(times) < 1000, times
