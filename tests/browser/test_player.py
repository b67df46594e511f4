"""Play and Step, in every figure in which time matters: they move, they stop, and they respect who does not look."""

import re

import ipywidgets
import pytest
from playwright.sync_api import expect

from tests.widgets.figure_table import FIGURES

from .figure_page import write_page

PLAYERS = ("DescentSpectrum", "GradientStream", "NineAndOne", "PathExplorer", "RecordedRun")
STILL_HERE = "<div style='height: 3000px'></div>"


@pytest.fixture(params=PLAYERS)
def show(request, open_page, tmp_path):
    """show(**context options) opens a page with the figure whose clock stands still until the test moves it."""
    pages = []

    def open_figure(**options):
        page = open_page(**{"viewport": {"width": 1280, "height": 900}} | options)
        pages.append(page)
        page.clock.install(time=0)
        ipywidgets.Widget.close_all()
        page.goto(write_page(tmp_path, FIGURES[request.param]()))
        page.locator('.rms-figure[data-state="live"]').wait_for()
        page.clock.pause_at(600_000)
        page.clock.run_for(1000)  # lets the timers of drawing run out
        expect(page.locator(".rms-told")).not_to_be_empty()
        return page

    yield open_figure
    for page in pages:
        page.log.assert_clean(tmp_path.as_uri())


def drawn(page) -> str:
    page.clock.run_for(50)  # a frame or two
    return page.locator(".rms-live").evaluate("e => [...e.querySelectorAll('svg')].map((s) => s.outerHTML).join('')")


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def test_every_other_figure_has_no_play_button(open_page, tmp_path):
    page = open_page()
    others = [make() for name, make in FIGURES.items() if name not in PLAYERS]
    page.goto(write_page(tmp_path, *others))
    expect(page.locator(".rms-told").last).not_to_be_empty()
    expect(button(page, "Play")).to_have_count(0)


def test_play_runs_from_the_first_step_to_the_last_and_stops(show):
    page = show()
    whole = drawn(page)
    button(page, "Play").click()
    seen = {drawn(page)}
    for _ in range(5):
        page.clock.run_for(300)
        seen.add(drawn(page))
    assert len(seen) >= 4
    expect(button(page, "Pause")).to_be_visible()
    page.clock.run_for(30_000)
    expect(button(page, "Play")).to_be_visible()
    end = drawn(page)
    page.clock.run_for(2000)
    assert drawn(page) == end
    button(page, "Reset").click()
    assert drawn(page) == whole


def test_pause_holds_and_play_goes_on(show):
    page = show()
    button(page, "Play").click()
    page.clock.run_for(1000)
    button(page, "Pause").click()
    held = drawn(page)
    page.clock.run_for(2000)
    assert drawn(page) == held
    button(page, "Play").click()
    page.clock.run_for(500)
    assert drawn(page) != held


def test_step_goes_one_step_on_by_keyboard_and_the_arrows_there_and_back(show):
    page = show()
    step = button(page, "Step")
    step.press("Enter")
    first = drawn(page)
    step.press("ArrowRight")
    step.press("ArrowRight")
    third = drawn(page)
    assert third != first
    step.press("ArrowLeft")
    step.press("ArrowLeft")
    assert drawn(page) == first
    for _ in range(45):  # more steps than lie before
        step.press("ArrowLeft")
    least = drawn(page)
    step.press("ArrowLeft")
    assert drawn(page) == least
    step.press("Space")
    assert drawn(page) != least


def test_what_is_said_waits_until_the_run_stands_still(show):
    page = show()
    before = page.locator(".rms-told").inner_text()
    button(page, "Play").click()
    page.clock.run_for(600)
    expect(page.locator(".rms-told")).to_have_text(before)
    button(page, "Pause").click()
    page.clock.run_for(600)
    expect(page.locator(".rms-told")).not_to_have_text(before)


def test_where_less_motion_is_wanted_there_is_one_picture_a_second(show):
    page = show(reduced_motion="reduce")
    button(page, "Play").click()
    seen = []
    for _ in range(30):
        seen.append(drawn(page))
        page.clock.run_for(50)
    assert 2 <= len(set(seen)) <= 4  # three seconds
    page.clock.run_for(12_000)
    expect(button(page, "Play")).to_be_visible()


def test_it_pauses_off_the_screen_and_in_a_hidden_tab(show):
    page = show()
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `{STILL_HERE}`)")
    button(page, "Play").click()
    page.evaluate("scrollTo(0, 3000)")
    expect(page.locator(".rms-play button").first).to_have_text("Play")
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(".rms-play button").first).to_have_text("Play")  # it does not go on by itself
    button(page, "Play").click()
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    expect(page.locator(".rms-play button").first).to_have_text("Play")


def test_a_view_that_goes_away_takes_its_player_with_it(show):
    page = show()
    page.evaluate("""async () => {
      const saved = JSON.parse(document.querySelector('script[type*="widget-state"]').textContent).state;
      const { state, buffers } = Object.values(saved).find((m) => m.model_name === "AnyModel");
      for (const { path, data } of buffers ?? []) {
        const holder = path.slice(0, -1).reduce((object, key) => object[key], state);
        holder[path.at(-1)] = new DataView(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer);
      }
      const url = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
      const { default: figure } = await import(url);
      const model = { get: (name) => state[name], set() {}, save_changes() {}, on() {}, off() {} };
      const el = document.body.appendChild(document.createElement("div"));
      const end = figure.render({ model, el });
      el.querySelector(".rms-play button").click();
      end();
      window.frames_asked = 0;
      const ask = window.requestAnimationFrame;
      window.requestAnimationFrame = (f) => (window.frames_asked++, ask(f));
      el.querySelector(".rms-play button").click();
    }""")
    page.clock.run_for(500)
    assert page.evaluate("window.frames_asked") == 0


def test_the_step_shown_is_that_of_the_table_and_of_the_formula(open_page, tmp_path):
    page = open_page()
    page.clock.install()
    figure = FIGURES["DescentSpectrum"]()
    page.goto(write_page(tmp_path, figure))
    page.clock.run_for(1000)
    for _ in range(3):
        button(page, "Step").click()
    page.clock.run_for(1000)
    expect(page.locator(".rms-told")).to_contain_text("after 3 steps")
    figure.steps = 3
    worst = max(abs(figure.left))
    said = float(re.search(r"most error is left at \S+ = \S+: ([\d.]+)", page.locator(".rms-told").inner_text())[1])
    assert said == pytest.approx(worst, abs=0.01)
