"""The same figures and the same quiz in JupyterLab with a kernel: Python sees and sets the sliders and the answers, and
adds a reader's own rule.
"""

import time

import pytest
from playwright.sync_api import expect

from .lab_server import lab_server, open_and_run

CELL = """
from pathlib import Path
from rmsprop_lib.widgets import PathExplorer

explorer = PathExplorer("ravine", ("gd", "rmsprop"))

def my_rule(theta, grad, v, lr, beta):
    v = beta * v + (1 - beta) * grad**2
    return theta - lr * grad / v**0.5, v

explorer.add(my_rule)
explorer.figure.observe(lambda change: Path("beta.txt").write_text(str(explorer.beta)), "beta")
explorer.figure.observe(lambda change: setattr(explorer, "lr", {"rmsprop": 0.25}), "steps")
explorer
"""

QUIZ = """
from pathlib import Path
from rmsprop_lib.widgets import Quiz

quiz = Quiz("first-step-factor")

def seen(change):
    Path("answer.txt").write_text(str(quiz.answer))
    if not quiz.passed:
        quiz.answer = 3.16

quiz.observe(seen, "answer")
quiz
"""


RUNS = """
from pathlib import Path
from rmsprop_lib import RMSProp, problems, sweep
from rmsprop_lib.widgets import RecordedRun

runs = RecordedRun(sweep(RMSProp(), problems.ravine(), 80, lr=[0.01, 0.1, 0.5], beta=[0.5, 0.9, 0.99]))
runs.figure.observe(lambda change: Path("chosen.txt").write_text(str(runs.chosen["beta"])), "place1")
runs
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab with three notebooks; gives its address and folder."""
    notebooks = {name: [first, "1 + 1", "2 + 2"] for name, first in (("try", CELL), ("quiz", QUIZ), ("runs", RUNS))}
    with lab_server(tmp_path_factory.mktemp("lab"), notebooks) as server:
        yield server


def _wait_until_written(path, number, limit=20):
    """Wait until the kernel has written the number into the file."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if path.exists() and (text := path.read_text()) and float(text) == pytest.approx(number):
            return
        time.sleep(0.1)
    raise AssertionError(f"Python did not see {number}, but {path.read_text() if path.exists() else 'nothing'}")


def test_sliders_python_and_a_rule_of_the_reader_work_together(lab, page):
    folder = open_and_run(page, lab, "try.ipynb")
    figure = page.locator(".rms-live")
    legend = figure.locator(".rms-legend")
    expect(legend).to_contain_text("my_rule", timeout=60_000)
    before = legend.inner_text()

    handle = page.locator(".widget-slider", has_text="β RMSProp").locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowLeft")
    _wait_until_written(folder / "beta.txt", 0.899)
    expect(legend).not_to_have_text(before)
    expect(figure.locator(".rms-dim")).to_have_count(0)  # Python computed the reader's rule again

    # The observer on `steps` sets α from Python, and its slider follows.
    steps = page.locator(".widget-slider", has_text="steps").locator(".noUi-handle")
    steps.focus()
    steps.press("ArrowRight")
    expect(page.locator(".widget-slider", has_text="α RMSProp").locator(".widget-readout")).to_have_text("0.250")

    # The start moves by keys, which must not reach JupyterLab's own shortcuts.
    start = figure.get_by_role("slider", name="start of the paths")
    start.focus()
    page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    start.focus()
    start.press("ArrowDown")
    expect(start).to_have_attribute("aria-valuetext", "θ₁ -4.00, θ₂ 0.90")
    assert page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex") == 0
    figure.get_by_role("button", name="Reset").click()
    expect(page.locator(".widget-slider", has_text="β RMSProp").locator(".widget-readout")).to_have_text("0.900")
    expect(start).to_have_attribute("aria-valuetext", "θ₁ -4.00, θ₂ 1.00")
    assert page.log.page_errors == []


def test_an_answer_reaches_python_and_python_answers(lab, page):
    folder = open_and_run(page, lab, "quiz.ipynb")
    field = page.locator(".rms-quiz").get_by_role("textbox", name="Number")

    field.fill("10", timeout=60_000)
    field.press("Enter")
    _wait_until_written(folder / "answer.txt", 3.16)  # the observer put the right number in the place of 10
    expect(page.locator(".rms-quiz").get_by_role("status")).to_contain_text("✓ Right. 3.16 is right.")
    expect(field).to_have_value("3.16")

    # Keys that are commands of JupyterLab elsewhere (a new cell, a deleted one) only type here.
    field.fill("")
    field.press_sequentially("abdd")
    expect(field).to_have_value("abdd")
    assert page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length") == 3
    assert page.log.page_errors == []


def test_a_recorded_run_stops_at_the_values_of_its_grid_and_plays(lab, page):
    folder = open_and_run(page, lab, "runs.ipynb")
    told = page.locator(".rms-live .rms-told")
    expect(told).to_contain_text("RMSProp at α = 0.1, β = 0.9: the last loss is", timeout=60_000)
    handle = page.locator(".widget-slider", has_text="β").locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    _wait_until_written(folder / "chosen.txt", 0.99)
    expect(told).to_contain_text("RMSProp at α = 0.1, β = 0.99: the last loss is")
    page.locator(".rms-play button", has_text="Step").click()
    expect(told).to_contain_text("β = 0.99: the loss after step 1 is")
