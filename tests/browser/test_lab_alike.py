"""What a reader sees is the same in the page and in JupyterLab: every control that the host draws, and every figure."""

import json
import time

import ipywidgets
import pytest
from playwright.sync_api import expect

from rmsprop_lib.widgets.examples import EXAMPLES

from .figure_page import write_page
from .lab_server import lab_server, open_and_run

CONTROLS = """
import ipywidgets as w
names = "float", "log", "whole", "drop", "toggle", "tick"
controls = dict(zip(names, [
    w.FloatSlider(value=0.9, min=0, max=1, step=0.05, description="β float", readout_format=".2f"),
    w.FloatLogSlider(value=0.01, min=-4, max=0, step=0.5, description="α log", readout_format=".3g"),
    w.IntSlider(value=3, min=0, max=10, description="n whole"),
    w.Dropdown(options=["first", "second", "third"], description="drop"),
    w.ToggleButtons(options=["left", "right"], description="toggle"),
    w.Checkbox(description="tick"),
]))
both, one = w.IntSlider(max=10, description="both ways"), w.IntSlider(max=10, description="one way")
whole = controls["whole"]
links = w.jslink((whole, "value"), (both, "value")), w.jsdlink((whole, "value"), (one, "value"))
shown = w.VBox([w.HBox(list(controls.values())), w.Box([both, one]), w.Label("a label"), w.HTML("some <b>markup</b>")])
"""
REPORT = """
import json
from pathlib import Path
controls |= {"both": both, "one": one}
def report(change):
    Path("new.json").write_text(json.dumps({name: control.value for name, control in controls.items()}))
    Path("new.json").rename("values.json")  # at once, as a test reads it meanwhile
for control in controls.values():
    control.observe(report, "value")
shown
"""
FIGURE = """
from pathlib import Path
from rmsprop_lib.widgets.examples import EXAMPLES
figure = EXAMPLES[{name!r}]()
figure.figure.observe(lambda change: Path("{name}.json").write_text(str(change.new)), figure.figure.settings)
figure
"""
SLIDERS = "β float", "α log", "n whole", "both ways", "one way"


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """JupyterLab with the controls and every figure, all drawn; gives its page and the folder of its kernel."""
    cells = [CONTROLS + REPORT, *(FIGURE.format(name=name) for name in EXAMPLES)]
    with lab_server(tmp_path_factory.mktemp("lab"), {"try": cells}) as server:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        folder = open_and_run(page, server, "try.ipynb")
        expect(page.locator(".jp-OutputArea-output .widget-slider").first).to_be_visible(timeout=90_000)
        yield page, folder
        context.close()


class Static:
    """Labels, readouts and controls as the host draws them."""

    choice, tick = "select", "input[type=checkbox]"

    def __init__(self, page):
        self.page = page

    def labels(self):
        rows = self.page.locator(".rms-row:not(.rms-check) > :is(label, legend), .rms-check, .rms-text")
        return sorted(rows.all_inner_texts())

    def handle(self, label):
        return self.page.get_by_label(label, exact=True)

    def readout(self, label):
        return self.page.get_by_label(f"{label}, value").input_value()

    def toggle(self, name):
        self.page.get_by_label(name, exact=True).check(force=True)


class Live(Static):
    """The same as ipywidgets draws them in JupyterLab."""

    choice, tick = ".widget-dropdown select", ".widget-checkbox input"

    def __init__(self, page):
        super().__init__(page)
        page.locator(".jp-CodeCell").first.scroll_into_view_if_needed()  # JupyterLab draws what is in sight alone
        expect(self.handle("β float")).to_be_visible()

    def labels(self):
        texts = ".widget-label, .widget-html-content, .widget-label-basic, .widget-toggle-button"
        self._seen(self._row(SLIDERS[0]))
        found = self.page.locator(".jp-CodeCell").first.locator(texts).all_inner_texts()
        return sorted(text for text in found if text.strip("\u200b "))  # an empty label holds a space without width

    def handle(self, label):
        return self._row(label).locator(".noUi-handle")

    def readout(self, label):
        return self._seen(self._row(label).locator(".widget-readout")).inner_text()

    def _seen(self, place):
        """The place once it is drawn: JupyterLab takes cells away and puts them back while it lays out a notebook."""
        place.scroll_into_view_if_needed()
        expect(place).to_be_visible()
        return place

    def _row(self, label):
        return self.page.locator(".widget-slider", has_text=label).first

    def toggle(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()


def _play(view) -> list:
    """The labels, and what every slider shows at first and after the same keys."""
    seen = [view.labels(), [view.readout(label) for label in SLIDERS]]
    for label, key in [*((label, "ArrowRight") for label in SLIDERS), ("β float", "Home"), ("α log", "End")]:
        view.handle(label).focus()
        view.handle(label).press(key)
        seen.append((label, key, [view.readout(label) for label in SLIDERS]))
    view.page.locator(view.choice).first.select_option("third")
    view.page.locator(view.tick).first.check()
    view.toggle("right")
    return seen


def test_controls_have_the_same_labels_and_show_the_same_after_the_same_keys(lab, page, tmp_path):
    notebook, folder = lab
    ipywidgets.Widget.close_all()
    made = {}
    exec(CONTROLS, made)
    page.goto(write_page(tmp_path, made["shown"]))
    page.locator("[data-state=live]").wait_for()
    expected = _play(Static(page))
    assert _play(Live(notebook)) == expected
    last = dict(zip(SLIDERS, expected[-1][2], strict=True))
    wanted = {"float": 0.0, "log": 1.0, "whole": 5, "both": 5, "one": 6}
    assert [float(last[label]) for label in SLIDERS] == list(wanted.values())
    wanted |= {"drop": "third", "toggle": "right", "tick": True}
    _wait_until(lambda: json.loads((folder / "values.json").read_text()) == wanted)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_figure_is_drawn_in_jupyterlab_and_its_slider_reaches_python(lab, name):
    notebook, folder = lab
    cell = notebook.locator(".jp-CodeCell").nth(1 + list(EXAMPLES).index(name))
    cell.scroll_into_view_if_needed()
    told = cell.locator(".rms-told")
    expect(told).not_to_be_empty(timeout=60_000)
    before = told.inner_text()
    assert cell.locator(".rms-live svg path").count() > 3
    handle = cell.locator(".noUi-handle").first
    handle.focus()
    handle.press("Home")
    expect(told).not_to_have_text(before)
    _wait_until(lambda: (folder / f"{name}.json").exists())
    assert notebook.wrong == []


def _wait_until(true, limit: float = 20) -> None:
    end = time.monotonic() + limit
    while not true():
        assert time.monotonic() < end, "Python was not told"
        time.sleep(0.1)
